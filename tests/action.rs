//! The script that the GitHub action runs: what a workflow passes in comes to `tikrar check` as it is.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use command::{folder, run, text, tikrar};
use tempfile::TempDir;

const LONG: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";

/// The script in a folder, with this tikrar and these inputs.
fn action(folder: &TempDir, tikrar: &Path, inputs: &[(&str, &str)]) -> Output {
    let mut path = tikrar.parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/contrib/action"));
    command.current_dir(folder.path()).env("PATH", path).env_remove("GITHUB_STEP_SUMMARY");
    command.envs(inputs.iter().map(|(name, value)| (format!("TIKRAR_{name}"), value))).output().unwrap()
}

/// The arguments that tikrar is run with.
fn arguments(inputs: &[(&str, &str)]) -> Vec<String> {
    let folder = folder(&[("bin/tikrar", b"#!/bin/sh\nprintf '%s\\0' \"$@\"\n")]);
    let tikrar = folder.path().join("bin/tikrar");
    fs::set_permissions(&tikrar, fs::Permissions::from_mode(0o755)).unwrap();
    let output = action(&folder, &tikrar, inputs);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).split_terminator('\0').map(str::to_owned).collect()
}

#[test]
fn without_inputs_all_is_looked_at() {
    let usual = ["check", "--report", "github", "--", "."];
    assert_eq!(arguments(&[]), usual);
    let empty = ["PATHS", "ARGUMENTS", "BASELINE", "DIFF_BASE", "SARIF"].map(|name| (name, ""));
    assert_eq!(arguments(&empty), usual);
    assert_eq!(arguments(&[("PATHS", "\n\r\n")]), usual);
}

#[test]
fn what_is_passed_in_is_passed_on_as_it_is() {
    let inputs = [
        ("PATHS", "a b.txt\n\n-c.txt\r\n$(touch x)\n*\n"),
        ("ARGUMENTS", "--level=loose\n--keep=قال `touch x` \"\n--exclude\n*.md"),
        ("BASELINE", "known one.jsonl"),
        ("DIFF_BASE", "-x; touch x"),
        ("SARIF", "out put.sarif"),
    ];
    let wanted = [
        "check",
        "--report",
        "github",
        "--baseline=known one.jsonl",
        "--diff-base=-x; touch x",
        "--report",
        "sarif=out put.sarif",
        "--level=loose",
        "--keep=قال `touch x` \"",
        "--exclude",
        "*.md",
        "--",
        "a b.txt",
        "-c.txt",
        "$(touch x)",
        "*",
    ];
    assert_eq!(arguments(&inputs), wanted);
}

#[test]
fn it_ends_as_tikrar_does() {
    let tikrar_file = Path::new(assert_cmd::cargo::cargo_bin!("tikrar"));
    let folder = folder(&[("-خبر واحد.txt", format!("{LONG}\nنعم\n{LONG}\n").as_bytes())]);
    let check = run(&folder, &["check", "--report", "github", "--", "-خبر واحد.txt"]);
    let found = action(&folder, tikrar_file, &[("PATHS", "-خبر واحد.txt"), ("SARIF", "a.sarif")]);
    assert_eq!((found.status.code(), &found.stdout), (Some(1), &check.stdout));
    assert!(folder.path().join("a.sarif").exists());
    let update =
        tikrar(&["check", "--baseline", "known.jsonl", "--update-baseline", "."]).current_dir(folder.path()).output();
    assert!(update.unwrap().status.success());
    assert_eq!(action(&folder, tikrar_file, &[("BASELINE", "known.jsonl")]).status.code(), Some(0));
    assert_eq!(action(&folder, tikrar_file, &[("PATHS", "missing")]).status.code(), Some(2));
    let from_stdin = action(&folder, tikrar_file, &[("PATHS", "a.txt\n-\n")]);
    assert_eq!(from_stdin.status.code(), Some(2));
    assert!(text(&from_stdin.stderr).contains("the path - is standard input, and a workflow has none"));
}
