//! Options from a `tikrar.toml`: where it is found, what stands over what, what is wrong in it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;
#[allow(dead_code, reason = "not all of it is used")]
mod options;

use std::fs;

use command::{run, text, tikrar};
use options::{SHORT, finds, run_in, said, twice, with_options};

#[test]
fn it_is_found_in_the_working_folder_and_above_it() {
    let folder = with_options("min-words = 4\n");
    assert!(finds(&folder, "", &["a.txt"]));
    assert!(finds(&folder, "sub/below", &["a.txt"]));
    assert!(finds(&folder, "sub/below", &["../../a.txt"]));
    assert!(!finds(&folder, "sub/below", &["--no-config", "a.txt"]));
    // The nearest holds, and alone.
    fs::write(folder.path().join("sub/tikrar.toml"), "level = \"loose\"\n").unwrap();
    assert!(!finds(&folder, "sub/below", &["a.txt"]));
    assert!(finds(&folder, "sub/below", &["--config", "../../tikrar.toml", "a.txt"]));
    // It is of the working folder, not of the text.
    let elsewhere = folder.path().join("a.txt");
    assert!(!finds(&command::folder(&[]), "", &[elsewhere.to_str().unwrap()]));
    let both = run(&folder, &["check", "--config", "tikrar.toml", "--no-config", "a.txt"]);
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn every_command_that_looks_at_texts_takes_it() {
    let folder = with_options("min-words = 4\nlevel = \"loose\"\n");
    assert_eq!(text(&run(&folder, &["clean", "a.txt"]).stdout), format!("{SHORT}\nنعم\n"));
    assert_eq!(run(&folder, &["diff", "a.txt"]).status.code(), Some(1));
    assert!(text(&run(&folder, &["explain", "a.txt:3"]).stdout).contains("goes: line 3 repeats line 1"));
    let folded = run(&folder, &["fold", "a.txt"]);
    assert_eq!(text(&folded.stdout), text(&run(&folder, &["fold", "--no-config", "--level", "loose", "a.txt"]).stdout));
    // One that is not as it should be is no matter to those that do not.
    fs::write(folder.path().join("tikrar.toml"), "no = such").unwrap();
    for arguments in [&["completions", "bash"][..], &["man"], &["restore", "--removed", "none.jsonl", "a.txt"]] {
        let output = run(&folder, arguments);
        assert!(!text(&output.stderr).contains("tikrar.toml"), "{arguments:?}");
    }
}

#[test]
fn standard_input_takes_only_what_is_named() {
    let folder = with_options("min-words = 4\n");
    let of =
        |arguments: &[&str]| tikrar(arguments).current_dir(folder.path()).write_stdin(twice(SHORT)).output().unwrap();
    for (arguments, takes) in [
        (&["check"][..], false),
        (&["check", "-"], false),
        (&["check", "--stdin-filename", "a.txt"], false),
        (&["check", "--config", "tikrar.toml"], true),
        (&["check", "--config=tikrar.toml", "-"], true),
    ] {
        let output = of(arguments);
        assert_eq!(output.status.code(), Some(i32::from(takes)), "{arguments:?}");
        assert_eq!(text(&output.stderr).contains("options from"), takes, "{arguments:?}");
    }
    // With a file among the others too.
    assert!(!text(&of(&["check", "-", "a.txt"]).stderr).contains("options from"));
    for (arguments, takes) in [
        (&["explain", "-:3"][..], false),
        (&["explain", ":3"], false),
        (&["explain", "--config", "tikrar.toml", "-:3"], true),
    ] {
        let output = of(arguments);
        assert_eq!(text(&output.stdout).contains("goes: "), takes, "{arguments:?}: {}", text(&output.stderr));
    }
    // A list is no text.
    let listed = tikrar(&["check", "--files-from", "-"]).current_dir(folder.path()).write_stdin("a.txt\n").output();
    assert_eq!(listed.unwrap().status.code(), Some(1));
}

#[test]
fn it_is_named_when_it_changes_something() {
    let named = |options: &str, arguments: &[&str]| {
        let folder = with_options(options);
        let output = run(&folder, arguments);
        assert_ne!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
        said(&folder, &output).contains("tikrar: options from FOLDER/tikrar.toml\n")
    };
    assert!(named("min-words = 4", &["check", "a.txt"]));
    assert!(named("exclude = [\"drafts/**\"]", &["check", "a.txt"]));
    assert!(named("min-words = 4", &["explain", "a.txt:3"]));
    assert!(named("strict = true", &["fold", "a.txt"]));
    // As it is without it.
    for options in ["", "# none\n", "min-words = 10", "level = \"typography\"", "keep = []", "strict = false"] {
        assert!(!named(options, &["check", "a.txt"]), "{options}");
    }
    assert!(!named("min-words = 4", &["check", "-q", "a.txt"]));
    assert!(!named("quiet = true\nmin-words = 4", &["check", "a.txt"]));
    assert!(!named("min-words = 4", &["check", "--no-config", "a.txt"]));
    // The command line stands over it, or the command has no such option, or it is for a corpus.
    assert!(!named("min-words = 4", &["check", "--min-words", "5", "a.txt"]));
    assert!(!named("min-words = 4\nempty = \"drop\"", &["fold", "a.txt"]));
    assert!(!named("verify = true\nboilerplate = 5\nmemory = \"1G\"\nindex = \"x\"", &["check", "a.txt"]));
    assert!(named("verify = true", &["check", "--scope", "corpus", "a.txt"]));
    // Only for some paths.
    let poems = "[[override]]\npaths = [\"poems/**\"]\nmin-words = 4\n";
    assert!(named(poems, &["check", "poems/p.txt"]));
    assert!(named(poems, &["check", "."]));
    assert!(!named(poems, &["check", "a.txt"]));
    assert!(!named(&poems.replace('4', "10"), &["check", "poems/p.txt"]));
    assert!(named(poems, &["explain", "poems/p.txt:3"]));
    assert!(!named(poems, &["explain", "a.txt:3"]));
}

#[test]
fn the_command_line_stands_over_it() {
    let options =
        format!("min-words = 4\nlevel = \"loose\"\nfold = \"+hamza\"\nkeep = \"^{SHORT}$\"\ninclude = [\"*.txt\"]\n");
    let folder = with_options(&options);
    let shown = |arguments: &[&str]| text(&run(&folder, &[&["config", "show"], arguments].concat()).stdout);
    let all = shown(&["--level", "exact", "--fold=-digits", "--keep", "نعم", "--include", "*.md", "--exclude", "x"]);
    for line in [
        "level = \"exact\"   # command line",
        "fold = [\"-digits\"]   # command line",
        "min-words = 4   # tikrar.toml:1",
        "include = [\"*.md\"]   # command line",
        "exclude = [\"x\"]   # command line",
        &format!("    \"^{SHORT}$\",   # tikrar.toml:4\n    \"نعم\",   # command line"),
    ] {
        assert!(all.contains(line), "{line}: {all}");
    }
    // Kept by the file, whatever else is kept.
    assert!(!finds(&folder, "", &["a.txt"]));
    assert!(!finds(&folder, "", &["--keep", "x", "a.txt"]));
    assert!(finds(&folder, "", &["--no-config", "--min-words", "4", "a.txt"]));
    // What is left out adds up, what is taken does not.
    fs::write(folder.path().join("tikrar.toml"), "min-words = 4\nexclude = [\"poems\"]\ninclude = [\"*.text\"]")
        .unwrap();
    let checked = |arguments: &[&str]| {
        let output = run(&folder, &[&["check", "--min-words", "1"], arguments].concat());
        text(&output.stdout)
            .lines()
            .filter_map(|line| line.split_once(".txt:").map(|(name, _)| name.to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(checked(&["--allow-empty", "."]), [""; 0]);
    assert_eq!(checked(&["--include", "*.txt", "."]), ["./a", "./sub/below/a", "./sub/long"]);
    assert_eq!(checked(&["--include", "*.txt", "--exclude", "sub", "."]), ["./a"]);
    // With an option that can't be together with one of the file, that of the file is left.
    fs::write(folder.path().join("tikrar.toml"), "scope = \"corpus\"\nindex = \"none/x\"\nempty = \"drop\"\n").unwrap();
    let verified = run(&folder, &["check", "--verify", "a.txt"]);
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stderr));
    fs::write(folder.path().join("a.jsonl"), "{\"text\":\"x\"}\n").unwrap();
    let annotated = run(&folder, &["clean", "--scope", "document", "--annotate", "a.jsonl"]);
    assert_eq!(text(&annotated.stdout), "{\"text\":\"x\",\"repeats\":[]}\n");
}

#[test]
fn options_of_a_corpus_hold_for_one() {
    let folder = with_options("scope = \"corpus\"\nmin-words = 4\nboilerplate = 2\n");
    let cleaned = |arguments: &[&str]| {
        let output = run(&folder, &[&["clean", "a.txt", "poems/p.txt"], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    assert_eq!(cleaned(&[]), "");
    assert_eq!(cleaned(&["--scope", "document"]), format!("{SHORT}\nنعم\n").repeat(2));
    assert_eq!(cleaned(&["--boilerplate", "3"]), format!("{SHORT}\nنعم\n"));
    // `explain` looks at one document.
    assert_eq!(run(&folder, &["explain", "a.txt:3"]).status.code(), Some(0));
}

#[test]
fn paths_in_it_are_from_its_folder() {
    let folder = with_options("min-words = 4\nkeep-file = \"lists/kept.txt\"\n");
    let missing = run(&folder, &["check", "a.txt"]);
    assert_eq!(missing.status.code(), Some(2));
    let wanted = "tikrar: FOLDER/tikrar.toml:2:13: keep-file: lists/kept.txt cannot be read: No such file or directory (os error 2)\n";
    assert_eq!(said(&folder, &missing), wanted);
    fs::create_dir(folder.path().join("lists")).unwrap();
    fs::write(folder.path().join("lists/kept.txt"), SHORT).unwrap();
    for below in ["", "sub", "sub/below"] {
        let of = "../".repeat(below.split('/').filter(|part| !part.is_empty()).count());
        assert!(!finds(&folder, below, &[&format!("{of}a.txt")]), "{below}");
        assert!(!finds(&folder, below, &["--config", &format!("{of}tikrar.toml"), &format!("{of}a.txt")]), "{below}");
    }
    let index = "scope = \"corpus\"\nindex = \"lists/x.index\"\n";
    fs::write(folder.path().join("tikrar.toml"), index).unwrap();
    assert_eq!(run_in(&folder, "sub", &["clean", "long.txt", "-o", "out.txt"]).status.code(), Some(0));
    assert!(folder.path().join("lists/x.index").exists());
}

#[test]
fn what_is_excluded_is_so_however_it_is_reached() {
    for pattern in ["poems/**", "poems/", "poems", "/poems", "./poems/*", "p.txt", "**/p.txt", "poems/p.*"] {
        let folder = with_options(&format!("min-words = 4\nexclude = [\"{pattern}\"]\n"));
        let whole = fs::canonicalize(folder.path().join("poems/p.txt")).unwrap();
        for (below, path) in [
            ("", "."),
            ("", "poems"),
            ("", "poems/"),
            ("", "poems/p.txt"),
            ("", "./poems/p.txt"),
            ("", "sub/../poems/p.txt"),
            ("", whole.to_str().unwrap()),
            ("poems", "."),
            ("poems", "p.txt"),
            ("sub", ".."),
            ("sub", "../poems/p.txt"),
        ] {
            let output = run_in(&folder, below, &["check", "--allow-empty", path]);
            assert!(!text(&output.stdout).contains("p.txt"), "{pattern} {below} {path}: {}", text(&output.stdout));
            assert_ne!(output.status.code(), Some(2), "{pattern} {below} {path}: {}", text(&output.stderr));
        }
    }
    #[cfg(unix)]
    {
        let folder = with_options("min-words = 4\nexclude = [\"/poems/**\"]\n");
        let elsewhere = command::folder(&[]);
        let link = elsewhere.path().join("link");
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        let link = link.to_str().unwrap();
        for path in [&format!("{link}/poems"), &format!("{link}/poems/p.txt")] {
            assert!(!finds(&folder, "", &["--allow-empty", path]), "{path}");
        }
        assert!(finds(&folder, "", &[&format!("{link}/a.txt")]));
    }
    // From its folder, and not from anywhere.
    let folder = with_options("min-words = 4\nexclude = [\"below/**\", \"/a.txt\"]\n");
    assert!(finds(&folder, "sub", &["below"]));
    assert!(finds(&folder, "", &["sub/below/a.txt"]));
    assert!(!finds(&folder, "", &["--allow-empty", "a.txt"]));
}

#[test]
fn what_is_included_is_from_its_folder() {
    let folder = with_options("min-words = 4\ninclude = [\"poems/*\", \"*.text\"]\n");
    for (below, path, is_found) in [("", ".", true), ("sub", "..", true), ("", "a.txt", false), ("poems", ".", true)] {
        let output = run_in(&folder, below, &["check", "--allow-empty", path]);
        assert_eq!(text(&output.stdout).matches(": line 3").count(), usize::from(is_found), "{below} {path}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let mut all = String::new();
    for options in [
        "min_words = 5",
        "level = \"loose\"\nminwords = 5",
        "exlude = []",
        "something = 1",
        "--level = 1",
        "level = 5",
        "level = \"orthografy\"",
        "unit = \"sentences\"",
        "min-words = \"5\"",
        "min-words = 0",
        "min-words = 99999999999999999999999999999999999999999",
        "strict = \"yes\"",
        "keep = [\"a\", 1]",
        "keep = [\n  \"^نعم\", \"(\",\n]",
        "fold = \"+hamsa\"",
        "fold = [\"+hamza\", \"digits\"]",
        "exclude = [\"[a\"]",
        "encoding = \"windows-12566\"",
        "format = \"sarif\"",
        "delimiter = \"ab\"",
        "memory = \"lots\"",
        "drop-document-above = 1.5",
        "level = \"loose",
        "level = \"loose\"\nlevel = \"exact\"",
        "x = = 1",
        "output = \"x\"",
        "in-place = true",
        "report = \"json\"",
        "[override]\npaths = \"x\"",
        "[[override]]\nlevel = \"loose\"",
        "[[override]]\npaths = [\"{a\"]",
        "[[override]]\npaths = []",
        "[[override]]\npaths = [\"\"]",
        "[[override]]\npaths = \"x\"\nscope = \"corpus\"",
        "[[override]]\npath = \"x\"",
        "[[overrides]]\npaths = \"x\"",
        "paths = \"x\"",
        "scope = \"corpus\"\nverify = true\nindex = \"x\"",
        "[check]\nlevel = \"loose\"",
        "min-words = -1",
        "threads = 0",
        "threads = -3",
        "scope = \"corpus\"\nboilerplate = 1",
        "fold = \"\"",
        "drop-document-above = 1e-7",
        "keep-file = [\n  \"a.txt\",\n  \"none.txt\",\n]",
        "keep-file = \"sub\"",
    ] {
        let folder = with_options(options);
        let output = run(&folder, &["check", "a.txt"]);
        let stderr = said(&folder, &output);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{options}: {stderr}");
        assert!(stderr.starts_with("tikrar: FOLDER/tikrar.toml:"), "{options}: {stderr}");
        all.push_str(&format!("{options}\n  {}\n\n", stderr.trim_end().replace("tikrar: FOLDER/", "")));
    }
    insta::assert_snapshot!("wrong_options", all);
}

#[test]
fn what_is_no_file_of_options_is_an_error() {
    let folder = with_options("");
    fs::write(folder.path().join("latin.toml"), b"level = \"loose\"\nkeep = \"\xE9\"\n").unwrap();
    for (path, wanted) in [
        ("none.toml", "none.toml: cannot be read: "),
        ("sub", "sub: is a folder, and options come from a file"),
        ("latin.toml", "latin.toml:2:9: is not UTF-8"),
    ] {
        let output = run(&folder, &["check", "--config", path, "a.txt"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(wanted), "{}", text(&output.stderr));
    }
    fs::remove_file(folder.path().join("tikrar.toml")).unwrap();
    fs::create_dir(folder.path().join("tikrar.toml")).unwrap();
    assert_eq!(run(&folder, &["check", "a.txt"]).status.code(), Some(2));
    // A byte order mark is no part of the text.
    fs::write(folder.path().join("bom.toml"), "\u{FEFF}min_words = 4\n").unwrap();
    let output = run(&folder, &["check", "--config", "bom.toml", "a.txt"]);
    assert!(text(&output.stderr).contains("bom.toml:1:1: there is no option `min_words`"), "{}", text(&output.stderr));
}

#[test]
fn what_a_file_holds_is_said_on_one_line_and_spelled() {
    let hostile = "x\\n::error::p\\u001b[31m\\u202e";
    for options in [
        format!("\"{hostile}\" = 1"),
        format!("level = \"{hostile}\""),
        format!("keep = \"({hostile}\""),
        format!("fold = \"+{hostile}\""),
        format!("encoding = \"{hostile}\""),
        format!("memory = \"{hostile}\""),
        format!("exclude = \"[{hostile}\""),
        format!("keep-file = \"{hostile}\""),
        format!("baseline = \"{hostile}\""),
        format!("scope = \"corpus\"\nindex = \"{hostile}/x\""),
        format!("text-field = \"{hostile}\""),
        format!("[[override]]\npaths = \"{hostile}{{\"\nlevel = \"loose\""),
        format!("[[override]]\npaths = \"*\"\ntext-field = \"{hostile}\""),
        format!("[[override]]\npaths = \"*\"\n\"{hostile}\" = 1"),
    ] {
        let folder = with_options(&options);
        fs::write(folder.path().join("t.csv"), "id,\"c\n::error::c\u{1b}[31m\"\n1,x\n").unwrap();
        fs::write(folder.path().join("t.jsonl"), "{\"body\":\"x\"}\n").unwrap();
        let output = run(&folder, &["check", "t.jsonl", "t.csv"]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{options}: {said}");
        for c in ['\u{1b}', '\u{202e}'] {
            assert!(!said.contains(c), "{options}: {said}");
        }
        assert!(!said.contains("\n::"), "{options}: {said}");
    }
}

#[test]
#[cfg(unix)]
fn a_pipe_that_is_found_is_no_file_of_options() {
    let folder = with_options("");
    let path = folder.path().join("tikrar.toml");
    fs::remove_file(&path).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let output = run(&folder, &["check", "a.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("tikrar.toml: is no file, but a pipe"), "{}", text(&output.stderr));
    assert_eq!(run(&folder, &["check", "--no-config", "a.txt"]).status.code(), Some(0));
    // By name it is read.
    let other = std::thread::spawn(move || fs::write(path, "min-words = 4\n"));
    assert_eq!(run(&folder, &["check", "--config", "tikrar.toml", "a.txt"]).status.code(), Some(1));
    other.join().unwrap().unwrap();
}

#[test]
fn it_is_not_written_over() {
    let folder = with_options("min-words = 4\n");
    for output in ["tikrar.toml", "./sub/../tikrar.toml"] {
        let output = run(&folder, &["clean", "a.txt", "-o", output]);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(fs::read_to_string(folder.path().join("tikrar.toml")).unwrap(), "min-words = 4\n");
    }
}
