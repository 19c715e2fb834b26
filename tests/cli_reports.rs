//! The reports of `check` and `diff`: the same findings, written for people and for programs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::fs;
use std::path::Path;

use command::{folder, run, text, tikrar};

const LONG: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";

fn twice() -> String {
    format!("{LONG}\nنعم\n{LONG}\n")
}

/// The names of the files of a folder, which are all that is in it.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn several_reports_are_written_at_once() {
    let folder = folder(&[("a.txt", twice().as_bytes())]);
    let check = run(&folder, &["check", "a.txt"]);
    let diff = run(&folder, &["diff", "a.txt"]);
    for command in ["check", "diff"] {
        let both = run(&folder, &[command, "--report", "text", "--report", "unified=copies.patch", "a.txt"]);
        assert_eq!((both.status.code(), text(&both.stderr)), (Some(1), String::new()));
        assert_eq!(both.stdout, check.stdout);
        assert_eq!(fs::read(folder.path().join("copies.patch")).unwrap(), diff.stdout);
        let one = run(&folder, &[command, "--report=unified", "-o", "out", "a.txt"]);
        assert_eq!((one.status.code(), text(&one.stdout)), (Some(1), String::new()));
        assert_eq!(fs::read(folder.path().join("out")).unwrap(), diff.stdout);
    }
}

#[test]
fn what_is_wrong_about_reports_is_said_before_anything_is_written() {
    let folder = folder(&[("a.txt", twice().as_bytes()), ("keep.txt", b"x\n")]);
    for (arguments, said) in [
        (&["check", "--report", "html5", "a.txt"][..], "there is no report 'html5'; there are text, unified"),
        (&["check", "--report", "text=", "a.txt"], "there is no file behind text="),
        (&["check", "--report", "text", "--report", "unified", "a.txt"], "give one of them a file"),
        (&["check", "--report", "text", "--report", "unified=-", "a.txt"], "give one of them a file"),
        (&["check", "--report", "text=x", "--report", "unified=./x", "a.txt"], "--report and --report are both x"),
        (&["check", "--report", "text=x", "--report", "unified", "-o", "x", "a.txt"], "-o and --report are both x"),
        (&["check", "--report", "text=x", "-o", "y", "a.txt"], "-o is for the report without a file"),
        (&["check", "--report", "text=x", "--summary", "x", "a.txt"], "--summary and --report are both x"),
        (&["check", "--report", "text=a.txt", "a.txt"], "a.txt is also an input"),
        (
            &["check", "--scope", "corpus", "--index", "x", "--report", "text=x", "a.txt"],
            "--index and --report are both x",
        ),
        (&["check", "--keep-file", "keep.txt", "--report", "text=keep.txt", "a.txt"], "are both keep.txt"),
        (&["check", "--format", "unified", "a.txt"], "is a report of diff and check: --report unified"),
        (&["clean", "--format", "unified", "a.txt"], "is a report of diff and check: --report unified"),
        (&["check", "--format", "word", "a.txt"], "[possible values: auto, text, jsonl, json, csv, tsv, parquet]"),
        (&["clean", "--report", "text", "a.txt"], "unexpected argument '--report'"),
    ] {
        let output = run(&folder, arguments);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{arguments:?}");
        let stderr = text(&output.stderr);
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
        assert_eq!(names(folder.path()), ["a.txt", "keep.txt"], "{arguments:?}");
    }
}

#[test]
#[cfg(unix)]
fn two_reports_to_standard_output_by_different_names_are_refused() {
    let folder = folder(&[("a.txt", twice().as_bytes())]);
    let out = fs::File::create(folder.path().join("out")).unwrap();
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("tikrar"));
    command.args(["check", "--report", "text", "--report", "unified=/dev/stdout", "a.txt"]);
    let output = command.current_dir(folder.path()).stdout(out).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("would both go to standard output"), "{}", text(&output.stderr));
}

#[test]
fn a_report_appears_whole_or_not_at_all() {
    let folder = folder(&[("a.txt", twice().as_bytes()), ("old", b"old\n")]);
    let output = run(&folder, &["check", "--report", "text=old", "missing.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read(folder.path().join("old")).unwrap(), b"old\n");
    // It is no text of its folder.
    for _ in 0..2 {
        let output = run(&folder, &["check", "--report", "text=found.txt", "."]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        let found = text(&fs::read(folder.path().join("found.txt")).unwrap());
        assert!(found.ends_with("looked at 1 document and 3 lines: 1 is a copy, in 1 block\n"), "{found}");
    }
}

#[test]
fn colours_are_as_asked_for() {
    let with = |color: &str, no_color: &str| {
        let mut command = tikrar(&["check", "--color", color, "-q"]);
        text(&command.env("NO_COLOR", no_color).write_stdin(twice()).output().unwrap().stdout)
    };
    insta::assert_snapshot!(with("always", "1").replace('\u{1B}', "ESC"), @r"
    ESC[1mstandard input:3:ESC[0m line 3 repeats line 1 (byte for byte)
        ESC[36mقال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدنESC[0m
    ");
    assert!(!with("never", "").contains('\u{1B}'));
    assert!(!with("auto", "").contains('\u{1B}'));
}
