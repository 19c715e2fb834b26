//! Where the reports of `check` and `diff` go: several at once, to files and to standard output.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod command;

use std::fs;
use std::path::Path;

use command::{folder, run, text};

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
        (
            &["check", "--report", "html5", "a.txt"][..],
            "there is no report 'html5'; there are text, unified, json, github, gitlab, sarif, html",
        ),
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
    for file in ["/dev/stdout", "out"] {
        let out = fs::File::create(folder.path().join("out")).unwrap();
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("tikrar"));
        command.args(["check", "--report", "text", "--report", &format!("unified={file}"), "a.txt"]);
        let output = command.current_dir(folder.path()).stdout(out).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("would both go to standard output"), "{}", text(&output.stderr));
        assert_eq!(fs::read(folder.path().join("out")).unwrap(), b"");
    }
}

#[test]
fn a_run_that_is_refused_has_written_nothing() {
    let folder = folder(&[("a.txt", twice().as_bytes())]);
    let index = ["clean", "--scope", "corpus", "--index", "i", "-o", "out", "a.txt"];
    assert!(run(&folder, &index).status.success());
    for report in ["json", "gitlab", "sarif"] {
        let options = ["--scope", "corpus", "--index", "i", "--level", "loose", "a.txt"];
        let output = run(&folder, &[&["check", "--report", report][..], &options].concat());
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{report}");
    }
}

#[test]
fn a_report_appears_whole_or_not_at_all() {
    let folder = folder(&[("a.txt", twice().as_bytes()), ("old", b"old\n")]);
    let output = run(&folder, &["check", "--report", "text=old", "missing.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read(folder.path().join("old")).unwrap(), b"old\n");
}

#[test]
fn a_report_in_a_folder_of_texts_replaces_one_without_text_and_no_text() {
    let everything = "looked at 1 document and 3 lines: 1 is a copy, in 1 block\n";
    for name in ["json=found.json", "json=found.jsonl", "html=found.html", "gitlab=issues.json", "sarif=sarif.json"] {
        let folder = folder(&[("a.txt", twice().as_bytes())]);
        for _ in 0..2 {
            let output = run(&folder, &["check", "--report", name, "--report", "text", "."]);
            assert_eq!(output.status.code(), Some(1), "{name}: {}", text(&output.stderr));
            assert!(text(&output.stdout).ends_with(everything));
            let report = fs::read(folder.path().join(name.split_once('=').unwrap().1)).unwrap();
            assert!(text(&report).contains("a.txt"), "{name}");
        }
    }
    let folder = folder(&[("a.txt", twice().as_bytes())]);
    let found = |name: &str| text(&fs::read(folder.path().join(name)).unwrap());
    // A report that is a text itself is looked at by the next run, so it can't be told from an article.
    let again = ["check", "--report", "text=found.txt", "."];
    assert_eq!(run(&folder, &again).status.code(), Some(1));
    assert!(found("found.txt").ends_with(everything));
    let before = found("found.txt");
    let refused = run(&folder, &again);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        text(&refused.stderr).contains(
            "--report text: found.txt is there already, with text that this run would look at: give another file, or leave it out by --exclude"
        ),
        "{}",
        text(&refused.stderr)
    );
    assert_eq!(found("found.txt"), before);
    let left_out = run(&folder, &[&again[..], &["--exclude", "found.txt"]].concat());
    assert_eq!(left_out.status.code(), Some(1));
}

#[test]
fn no_article_of_a_folder_is_overwritten() {
    let record = format!("{{\"text\":\"{LONG}\"}}\n");
    let rows = format!("id,text\n1,{LONG}\n");
    let files = [
        ("p/a.txt", twice()),
        ("p/b.jsonl", record.clone()),
        ("p/c.json", format!("[{record}]")),
        ("p/d.csv", rows),
        ("p/empty.txt", String::new()),
    ];
    let folder = folder(&files.each_ref().map(|(name, text)| (*name, text.as_bytes())));
    for (name, content) in &files[..4] {
        for option in [&["--report", &format!("json={name}")][..], &["--summary", name], &["--failed", name]] {
            for scope in ["document", "corpus"] {
                let output = run(&folder, &[&["check", "--scope", scope, "p"], option].concat());
                assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{option:?}");
                assert!(text(&output.stderr).contains("is there already, with text"), "{}", text(&output.stderr));
                assert_eq!(&text(&fs::read(folder.path().join(name)).unwrap()), content);
            }
        }
    }
    for option in ["--summary", "--removed"] {
        let cleaned = run(&folder, &["clean", "--output-dir", "out", option, "p/a.txt", "p"]);
        assert_eq!((cleaned.status.code(), folder.path().join("out").exists()), (Some(2), false), "{option}");
        assert_eq!(text(&fs::read(folder.path().join("p/a.txt")).unwrap()), twice());
    }
    // What an earlier run has told of is no text.
    let in_place = ["clean", "-q", "-i", "--removed", "q/gone.jsonl", "q"];
    fs::create_dir(folder.path().join("q")).unwrap();
    for _ in 0..2 {
        fs::write(folder.path().join("q/a.txt"), twice()).unwrap();
        assert_eq!(run(&folder, &in_place).status.code(), Some(0));
    }
    // Where there is no text nothing is lost.
    assert_eq!(run(&folder, &["check", "--report", "text=p/empty.txt", "p"]).status.code(), Some(1));
}

#[test]
fn accounts_are_of_all_that_was_looked_at() {
    let folder =
        folder(&[("a.txt", twice().as_bytes()), ("b.jsonl", format!("{{\"text\":\"{LONG}\\n{LONG}\"}}\n").as_bytes())]);
    let totals = |arguments: &[&str]| {
        let output = run(&folder, &[&["check", "-q", "--summary", "s.json", "a.txt", "b.jsonl"], arguments].concat());
        assert_eq!(text(&output.stderr), "");
        let summary: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.path().join("s.json")).unwrap()).unwrap();
        ["documents", "units", "kept", "copies", "blocks"].map(|sum| summary["total"][sum].as_u64().unwrap())
    };
    assert_eq!(totals(&[]), [2, 5, 3, 2, 2]);
    assert_eq!(totals(&["--scope", "corpus"]), [2, 5, 2, 3, 3]);
    // What is known was looked at as well.
    assert_eq!(totals(&["--baseline", "k.jsonl", "--update-baseline"]), [2, 5, 3, 2, 2]);
    assert_eq!(totals(&["--baseline", "k.jsonl"]), [2, 5, 3, 2, 2]);
}

#[test]
#[cfg(unix)]
fn a_closed_pipe_ends_every_report_quietly() {
    let article = format!("{LONG}\n").repeat(20_000);
    let folder = folder(&[("a.txt", article.as_bytes())]);
    for report in ["text", "unified", "json", "github", "gitlab", "sarif", "html"] {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("tikrar"));
        command.args(["check", "-q", "--report", report, "a.txt"]).current_dir(folder.path());
        let mut child =
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), String::new()), "{report}");
    }
}
