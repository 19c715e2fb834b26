//! Options of a `tikrar.toml` that are otherwise for some paths.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;
#[allow(dead_code, reason = "not all of it is used")]
mod options;

use std::fs;

use command::{folder, run, text, tikrar};
use options::{LONG, SHORT, finds, said, twice, with_options};

/// Poems may repeat short lines; everywhere else these are copies.
const POEMS: &str = "min-words = 4\n\n[[override]]\npaths = [\"poems/**\"]\nmin-words = 20\n";

#[test]
fn overrides_hold_for_every_command() {
    let folder = with_options(POEMS);
    let (cleaned, poem) = (format!("{SHORT}\nنعم\n"), twice(SHORT));
    let both = ["a.txt", "poems/p.txt"];
    let of = |arguments: &[&str]| {
        let output = run(&folder, &[arguments, &both].concat());
        assert_ne!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    assert_eq!(of(&["clean"]), format!("{cleaned}{poem}"));
    of(&["clean", "-o", "out.txt"]);
    assert_eq!(fs::read_to_string(folder.path().join("out.txt")).unwrap(), format!("{cleaned}{poem}"));
    assert!(!of(&["diff"]).contains("poems"));
    let checked = of(&["check"]);
    assert!(checked.contains("a.txt:3: ") && !checked.contains("p.txt:3"), "{checked}");
    assert!(
        checked.contains(
            "looked at 2 documents and 6 units: 1 is a copy, in 1 block\nlet pass: 1 repeat with too few words\n"
        ),
        "{checked}"
    );
    let explained = |place: &str| text(&run(&folder, &["explain", place]).stdout);
    assert!(explained("a.txt:3").contains("goes: ") && explained("poems/p.txt:3").contains("a copy takes 20"));
    let two = run(&folder, &["explain", "a.txt:1", "poems/p.txt:1"]);
    assert_eq!((two.status.code(), text(&two.stdout)), (Some(2), String::new()));
    assert!(text(&two.stderr).contains("have different options"));
    for place in [&["--output-dir", "out"][..], &["--max-removed", "50%", "--output-dir", "out2"], &["-i"]] {
        let dry = of(&[&["clean", "--dry-run"], place].concat());
        assert_eq!(dry, "");
        of(&[&["clean", "--removed", "gone.jsonl"], place].concat());
        let gone = fs::read_to_string(folder.path().join("gone.jsonl")).unwrap();
        assert!(gone.contains("\"a.txt\"") && !gone.contains("p.txt"), "{gone}");
        fs::remove_file(folder.path().join("gone.jsonl")).unwrap();
    }
    for (name, wanted) in [
        ("out/a.txt", &cleaned),
        ("out/p.txt", &poem),
        ("out2/a.txt", &cleaned),
        ("a.txt", &cleaned),
        ("poems/p.txt", &poem),
    ] {
        assert_eq!(&fs::read_to_string(folder.path().join(name)).unwrap(), wanted, "{name}");
    }
    assert!(of(&["clean", "-i"]).is_empty());
    let fold = "[[override]]\npaths = [\"p.txt\"]\nlevel = \"loose\"\n";
    fs::write(folder.path().join("tikrar.toml"), fold).unwrap();
    let folded = of(&["fold"]);
    let (plain, loose) = (SHORT, SHORT.replace(' ', ""));
    assert_eq!(folded, format!("{plain}\nنعم\n{loose}\nنعم\n{loose}\n"));
}

#[test]
fn later_overrides_stand_over_earlier_ones_and_the_command_line_over_all() {
    let options = "\
        keep = \"^نعم\"\n[[override]]\npaths = \"*.txt\"\nmin-words = 4\nkeep = \"^أول\"\n\
        [[override]]\npaths = [\"poems/\", \"none\"]\nmin-words = 20\nkeep = [\"^ثان\"]\n\
        [[override]]\npaths = [\"below/**\"]\nmin-words = 30\n";
    let folder = with_options(options);
    assert!(finds(&folder, "", &["a.txt"]));
    assert!(finds(&folder, "", &["sub/below/a.txt"]));
    assert!(!finds(&folder, "", &["poems/p.txt"]));
    assert!(!finds(&folder, "poems", &["p.txt"]));
    assert!(finds(&folder, "", &["--min-words", "4", "poems/p.txt"]));
    assert!(!finds(&folder, "", &["--min-words", "5", "a.txt"]));
    let shown = text(&run(&folder, &["config", "show", "--keep", "^ثالث", "a.txt", "poems/p.txt"]).stdout);
    let (_, behind) = shown.split_once("# poems/p.txt\n").unwrap();
    for line in [
        "min-words = 20   # tikrar.toml:8",
        "\"^نعم\",   # tikrar.toml:1",
        "\"^أول\",   # tikrar.toml:5",
        "\"^ثان\",   # tikrar.toml:9",
        "\"^ثالث\",   # command line",
    ] {
        assert!(behind.contains(line), "{line}: {behind}");
    }
    // What is kept adds up.
    let kept = format!("أول {SHORT}\nثان {SHORT}\nنعم {SHORT}\n").repeat(2);
    fs::write(folder.path().join("poems/p.txt"), &kept).unwrap();
    fs::write(folder.path().join("a.txt"), &kept).unwrap();
    let left = |path: &str| text(&run(&folder, &["clean", "--min-words", "4", path]).stdout).lines().count();
    assert_eq!((left("poems/p.txt"), left("a.txt")), (6, 5));
}

#[test]
fn standard_input_has_the_options_of_its_name() {
    let folder = with_options(POEMS);
    for (name, is_found) in [("a.txt", true), ("poems/x.txt", false), ("./poems/x.txt", false)] {
        let arguments = ["check", "--config", "tikrar.toml", "--stdin-filename", name];
        let output = tikrar(&arguments).current_dir(folder.path()).write_stdin(twice(SHORT)).output().unwrap();
        assert_eq!(output.status.code(), Some(i32::from(is_found)), "{name}");
    }
}

#[test]
fn files_are_read_as_overrides_say() {
    let (short, long) = (twice(SHORT), twice(LONG));
    let (windows, _, _) = encoding_rs::WINDOWS_1256.encode(&long);
    let table = format!("id;body\n1;\"{LONG}\n{LONG}\"\n");
    let line = format!("{{\"body\":\"{LONG}\\n{LONG}\",\"text\":\"x\"}}\n");
    let mut damaged = long.clone().into_bytes();
    damaged.push(0xFF);
    let options = "\
        [[override]]\npaths = \"old/**\"\nencoding = [\"utf-8\", \"windows-1256\"]\n\
        [[override]]\npaths = \"*.data\"\nformat = \"csv\"\ntext-field = \"body\"\ndelimiter = \";\"\n\
        [[override]]\npaths = \"lines.jsonl\"\ntext-field = \"body\"\n\
        [[override]]\npaths = \"strict.txt\"\nstrict = true\n";
    let folder = folder(&[
        ("tikrar.toml", options.as_bytes()),
        ("old/a.txt", &windows),
        ("t.data", table.as_bytes()),
        ("lines.jsonl", line.as_bytes()),
        ("strict.txt", &damaged),
        ("loose.txt", &damaged),
        ("a.txt", short.as_bytes()),
    ]);
    for scope in ["document", "corpus"] {
        for (name, status) in
            [("old/a.txt", 1), ("t.data", 1), ("lines.jsonl", 1), ("strict.txt", 2), ("loose.txt", 1), ("a.txt", 0)]
        {
            let output = run(&folder, &["check", "--scope", scope, name]);
            assert_eq!(output.status.code(), Some(status), "{scope} {name}: {}", text(&output.stderr));
            let without = run(&folder, &["check", "--no-config", "--scope", scope, name]);
            assert_ne!((name, without.status.code()), ("old/a.txt", Some(1)), "{scope}");
        }
    }
    let arguments = ["clean", "--output-dir", "out", "old", "t.data", "lines.jsonl", "loose.txt", "a.txt"];
    let output = run(&folder, &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let written = |name: &str| fs::read(folder.path().join("out").join(name)).unwrap();
    assert_eq!(text(&written("old/a.txt")), format!("{LONG}\nنعم\n"));
    assert_eq!(text(&written("t.data")), format!("id;body\n1;\"{LONG}\"\n"));
    assert_eq!(text(&written("lines.jsonl")), line.replace(&format!("\\n{LONG}"), ""));
    let in_corpus = ["clean", "--scope", "corpus", "-i", "old", "t.data", "lines.jsonl", "loose.txt", "a.txt"];
    let output = run(&folder, &in_corpus);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(fs::read_to_string(folder.path().join("t.data")).unwrap(), "id;body\n1;\"\"\n");
}

#[test]
fn in_a_corpus_all_documents_are_compared_in_one_way() {
    for (line, why) in [
        (
            "level = \"loose\"",
            "`level` can't differ by path with --scope corpus, where all documents are compared in one way",
        ),
        ("fold = \"+hamza\"", "`fold` can't differ"),
        ("unit = \"paragraph\"", "`unit` can't differ"),
        ("min-words = 3", "`min-words` can't differ"),
        (
            "keep = \"x\"",
            "`keep` can't differ by path with --scope corpus, where what is kept is kept in all documents",
        ),
    ] {
        let folder = with_options(&format!("[[override]]\npaths = [\"*\"]\n{line}\n"));
        for command in [&["clean"][..], &["diff"], &["check"], &["clean", "-i"]] {
            let output = run(&folder, &[command, &["--scope", "corpus", "a.txt"]].concat());
            assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{command:?}");
            assert!(
                said(&folder, &output).contains(&format!("FOLDER/tikrar.toml:3:1: {why}")),
                "{}",
                text(&output.stderr)
            );
        }
        assert_ne!(run(&folder, &["check", "a.txt"]).status.code(), Some(2));
    }
    // What the command line says holds for all.
    let folder = with_options("scope = \"corpus\"\n[[override]]\npaths = [\"*\"]\nmin-words = 3\n");
    assert_eq!(run(&folder, &["check", "--min-words", "4", "a.txt"]).status.code(), Some(1));
}

#[test]
fn a_run_goes_on_only_under_the_same_overrides() {
    let folder = with_options(POEMS);
    // A file that can't be done keeps the journal.
    let arguments = ["clean", "--output-dir", "out", "a.txt", "poems/p.txt", "none.txt"];
    assert_eq!(run(&folder, &arguments).status.code(), Some(2));
    fs::write(folder.path().join("none.txt"), "x\n").unwrap();
    let resumed = || run(&folder, &[&arguments[..], &["--resume"]].concat());
    fs::write(folder.path().join("tikrar.toml"), POEMS.replace("20", "30")).unwrap();
    let other = resumed();
    assert_eq!(other.status.code(), Some(2), "{}", text(&other.stderr));
    assert!(text(&other.stderr).contains("override 1"), "{}", text(&other.stderr));
    fs::write(folder.path().join("tikrar.toml"), POEMS).unwrap();
    assert_eq!(resumed().status.code(), Some(0));
}

#[test]
fn the_same_comes_out_for_any_number_of_threads() {
    let folder = with_options(POEMS);
    for at in 0..60 {
        let kind = ["poems", "sub", "sub/below"][at % 3];
        fs::write(folder.path().join(format!("{kind}/{at}.txt")), twice(if at % 2 == 0 { SHORT } else { LONG }))
            .unwrap();
    }
    let of = |threads: &str| {
        let output = run(&folder, &["check", "-j", threads, "."]);
        (text(&output.stdout), text(&output.stderr))
    };
    let one = of("1");
    assert!(one.0.contains("looked at 64 documents"), "{}", one.0);
    for threads in ["2", "3", "8"] {
        assert_eq!(of(threads), one);
    }
}
