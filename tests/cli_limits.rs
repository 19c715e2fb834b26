//! What the system does not let a run do is an error, and never an end without a word.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::fs;
use std::process::{Command, Output};

use assert_cmd::cargo::cargo_bin;
use command::{folder, run, text};
use tempfile::TempDir;

const LINE: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن\n";

/// Runs the program, as `$tikrar`, from a shell.
fn shell(folder: &TempDir, script: &str) -> Output {
    let mut shell = Command::new("bash");
    shell.args(["-c", script]).env("tikrar", cargo_bin!("tikrar")).current_dir(folder.path()).output().unwrap()
}

fn names(folder: &TempDir) -> Vec<String> {
    let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn a_file_that_would_be_longer_than_it_may_be_is_left_as_it_was() {
    let long: String = (0..4000).map(|n| format!("{n} {LINE}")).collect::<String>().repeat(2);
    let folder = folder(&[("a.txt", long.as_bytes())]);
    let output = shell(&folder, "ulimit -f 100; exec \"$tikrar\" clean -i a.txt");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = text(&output.stderr);
    assert!(said.contains("a.txt: ") && said.contains("File too large"), "{said}");
    assert_eq!(fs::read_to_string(folder.path().join("a.txt")).unwrap(), long);
    assert_eq!(names(&folder), ["a.txt"]);
}

#[test]
#[cfg(target_os = "linux")]
fn help_that_can_not_be_written_is_an_error() {
    let folder = folder(&[]);
    for command in ["--help", "clean --help", "--version"] {
        let output = shell(&folder, &format!("exec \"$tikrar\" {command} > /dev/full"));
        assert_eq!(output.status.code(), Some(2), "{command}");
        assert!(text(&output.stderr).contains("No space left on device"), "{command}");
        let output = shell(&folder, &format!("\"$tikrar\" {command} | true; exit ${{PIPESTATUS[0]}}"));
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()), "{command}");
    }
}

#[test]
fn names_of_columns_are_told_in_part_where_they_are_no_names() {
    let header = format!("{}{}\n1\n", "x".repeat(100_000), ",c".repeat(1000));
    let folder = folder(&[("a.csv", header.as_bytes())]);
    let output = run(&folder, &["clean", "a.csv"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.len() < 600, "{said}");
    let start = "x".repeat(60);
    assert!(
        said.contains(&format!("its columns are {start}…, c, c,")) && said.contains(", c, and 961 more: name"),
        "{said}"
    );
}
