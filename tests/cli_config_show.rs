//! `config show`: what holds, where it comes from, and that it says the same again.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;
#[allow(dead_code, reason = "not all of it is used")]
mod options;

use std::fs;

use command::{folder, run, text, tikrar};
use options::{SHORT, twice, with_options};
use tempfile::TempDir;

/// What `config show` shows, where the folder is called `FOLDER`.
fn shown(folder: &TempDir, arguments: &[&str]) -> String {
    shown_in(folder, "", arguments)
}

fn shown_in(folder: &TempDir, below: &str, arguments: &[&str]) -> String {
    let arguments = [&["config", "show"], arguments].concat();
    let output = tikrar(&arguments).current_dir(folder.path().join(below)).output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()), "{arguments:?}");
    text(&output.stdout).replace(fs::canonicalize(folder.path()).unwrap().to_str().unwrap(), "FOLDER")
}

const MANY: &str = "\
# What holds here.
level = \"orthography\"
fold = \"+teh,-digits\"
min-words = 8
keep = ['^\\d+ \"', \"بسم الله\\u200F\", \"it's\\n\"]
exclude = [\"drafts/**\"]
encoding = [\"utf-8\", \"windows-1256\"]
memory = \"512M\"
drop-document-above = 0.8
threads = 2
empty = \"drop\"

[[override]]
paths = [\"poems/**\", \"*.poem.txt\"]
min-words = 20
keep = \"^يا \"
strict = true
";

#[test]
fn what_holds_is_shown_with_where_it_comes_from() {
    let folder = with_options(MANY);
    insta::assert_snapshot!("shown", shown(&folder, &[]));
    insta::assert_snapshot!(
        "shown_of_paths",
        shown(
            &folder,
            &["--min-words", "5", "--delimiter", "\\t", "--scope", "document", "a.txt", "poems/p.txt", "drafts/d.txt"]
        )
    );
    insta::assert_snapshot!("shown_of_none", shown(&folder, &["--no-config"]));
    let empty = command::folder(&[]);
    assert!(shown(&empty, &[]).starts_with("# Options from no file: there is no tikrar.toml in FOLDER or above it.\n"));
    assert_eq!(run(&folder, &["config"]).status.code(), Some(2));
    for (arguments, why) in [
        (&["--report", "json"][..], "--report is for a run"),
        (&["-o", "x"], "--output is for a run"),
        (&["-"], "standard input has no name"),
        (&["--keep", "("], "--keep"),
        (&["--verify"], "give --scope corpus with it"),
    ] {
        let output = run(&folder, &[&["config", "show"], arguments].concat());
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{arguments:?}");
        assert!(text(&output.stderr).contains(why), "{arguments:?}: {}", text(&output.stderr));
    }
}

/// The options that are shown, without where they come from.
fn values(shown: &str) -> Vec<String> {
    let is_option = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let value = |line: &str| line.rsplit_once("   # ").map_or(line, |(value, _)| value).to_owned();
    // Of a list that has several sources each is on a line of its own.
    let joined = shown.lines().filter(is_option).map(value).collect::<Vec<_>>().join("\n");
    joined
        .replace("= [\n    ", "= [")
        .replace(",\n    ", ", ")
        .replace(",\n]", "]")
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn what_is_shown_says_the_same_again() {
    for (options, arguments) in [
        ("", &[][..]),
        (
            "",
            &[
                "--level",
                "loose",
                "--fold=-digits",
                "--keep",
                "^\"'\\\\ ب\t\u{1}",
                "--scope",
                "corpus",
                "--verify",
                "--memory",
                "07M",
                "--strict",
            ],
        ),
        (MANY, &[]),
        (MANY, &["--keep", "^و", "--min-words", "5"]),
        (MANY, &["a.txt", "poems/p.txt"]),
        (MANY, &["--scope", "corpus", "--fold", "+hamza", "--min-words", "3", "--keep", "x"]),
    ] {
        let options = if arguments.contains(&"corpus") { options.split("\n[[").next().unwrap() } else { options };
        let folder = with_options(options);
        let first = shown(&folder, arguments);
        fs::write(folder.path().join("tikrar.toml"), &first).unwrap();
        let again = shown(&folder, &[]);
        assert_eq!(values(&again), values(&first), "{first}\n{again}");
        assert!(!again.contains("command line"));
    }
    let folder = with_options(MANY);
    let before = run(&folder, &["check", "."]).stdout;
    let shown = shown(&folder, &["a.txt", "poems/p.txt"]);
    fs::write(folder.path().join("tikrar.toml"), shown).unwrap();
    assert_eq!(text(&run(&folder, &["check", "."]).stdout), text(&before));
}

#[test]
fn with_a_path_the_other_overrides_stay() {
    let folder = with_options(MANY);
    let all = shown(&folder, &["a.txt"]);
    let (tables, of_path) = all.split_once("# a.txt\n").unwrap();
    assert!(tables.contains("paths = [\"poems/**\", \"*.poem.txt\"]\nmin-words = 20"), "{tables}");
    assert!(of_path.contains("min-words = 8"), "{of_path}");
}

#[test]
fn patterns_of_the_command_line_mean_the_same_in_the_file() {
    let folder = with_options("min-words = 4\n");
    let line = |below: &str, pattern: &str| {
        let all = shown_in(&folder, below, &["--exclude", pattern]);
        let lines = all.lines().filter(|line| line.contains("exclude"));
        lines.map(|line| line.trim_end_matches("   # command line").to_owned()).collect::<Vec<_>>().join("\n")
    };
    for (below, pattern, wanted) in [
        ("", "below/*.txt", "exclude = [\"below/*.txt\"]"),
        ("sub", "below/*.txt", "exclude = [\"sub/below/*.txt\"]"),
        ("sub", "./below/a.txt", "exclude = [\"sub/below/a.txt\"]"),
        ("sub", "./a.txt", "exclude = [\"a.txt\"]"),
        ("sub", "below/", "exclude = [\"below/\"]"),
        ("sub", "*.txt", "exclude = [\"*.txt\"]"),
        ("sub", "**/a.txt", "exclude = [\"**/a.txt\"]"),
        (
            "sub",
            "../a.txt",
            "exclude = []\n# exclude: \"../a.txt\" of the command line is of paths that are not below this folder, or may not be, so it can't stand here",
        ),
    ] {
        assert_eq!(line(below, pattern), wanted, "{below} {pattern}");
    }
    // The folder of the file is elsewhere.
    let elsewhere = command::folder(&[("tikrar.toml", b"min-words = 4\n")]);
    let config = elsewhere.path().join("tikrar.toml");
    let all = shown(&folder, &["--config", config.to_str().unwrap(), "--include", "sub/*", "--include", "*.md"]);
    assert!(all.contains("include = [\"*.md\"]   # command line\n# include: \"sub/*\" of the command line"), "{all}");
    // What is printed leaves out the same.
    let printed = shown_in(&folder, "sub", &["--exclude", "below/*", "--min-words", "3"]);
    fs::write(folder.path().join("tikrar.toml"), printed).unwrap();
    assert_eq!(text(&run(&folder, &["check", "sub"]).stdout).matches("a.txt:3").count(), 0);
}

#[test]
#[cfg(unix)]
fn the_pattern_of_a_name_fits_it() {
    for name in ["q\\x.txt", "[a]{b,c}*?.txt", "it's \\.txt", "قص\u{64B}\n.txt", "-a.txt"] {
        let folder = folder(&[(name, twice(SHORT).as_bytes()), ("a.txt", twice(SHORT).as_bytes())]);
        let printed = shown(&folder, &["--min-words", "4", "--", name]);
        fs::write(
            folder.path().join("tikrar.toml"),
            printed.replace("# exclude =", "").replacen("min-words = 4", "min-words = 50", 1),
        )
        .unwrap();
        let checked = text(&run(&folder, &["check", "."]).stdout);
        assert_eq!(checked.matches(":3: ").count(), 1, "{printed}{checked}");
        assert!(!checked.contains("./a.txt:3"), "{checked}");
    }
}
