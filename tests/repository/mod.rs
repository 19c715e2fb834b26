//! The command, run in a git repository of its own.

#![allow(dead_code, reason = "no test uses all of it")]

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::command::{folder, text, tikrar};

pub(crate) const ONE: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";
pub(crate) const TWO: &str = "وأضاف أن الفرق الطبية ستواصل زياراتها إلى القرى البعيدة حتى نهاية العام";

pub(crate) fn twice(line: &str) -> String {
    format!("{line}\nنعم\n{line}\n")
}

/// Runs git, with nobody's configuration.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = std::process::Command::new("git");
    command.args(["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "protocol.file.allow=always"]);
    command.args(["-c", "init.defaultBranch=main", "-c", "commit.gpgSign=false"]);
    command.args(arguments).current_dir(folder).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", folder);
    command.env("GIT_CEILING_DIRECTORIES", std::env::temp_dir());
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn write(folder: &TempDir, name: impl AsRef<OsStr>, content: impl AsRef<[u8]>) {
    let path = folder.path().join(name.as_ref());
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

pub(crate) fn commit(folder: &TempDir) {
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "--allow-empty", "-m", "x"]);
}

/// A repository in which these files are committed.
pub(crate) fn repository(files: &[(&str, &str)]) -> TempDir {
    let folder = folder(&[]);
    git(folder.path(), &["init", "-q"]);
    files.iter().for_each(|(name, content)| write(&folder, name, content));
    commit(&folder);
    folder
}

/// What `check` comes to in a folder: its status, and what it says on either output.
pub(crate) fn check_in(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = tikrar(&[&["check"], arguments].concat());
    command.current_dir(folder).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", folder);
    command.env("GIT_CEILING_DIRECTORIES", std::env::temp_dir());
    let output = command.output().unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

pub(crate) fn check(folder: &TempDir, arguments: &[&str]) -> (i32, String, String) {
    check_in(folder.path(), &[&["--diff-base", "HEAD"], arguments].concat())
}

/// The places that are found, each a file and a line.
pub(crate) fn places(stdout: &str) -> Vec<&str> {
    stdout.lines().filter_map(|line| line.split_once(": line")).map(|(place, _)| place).collect()
}

#[track_caller]
pub(crate) fn assert_found(folder: &TempDir, arguments: &[&str], wanted: &[&str]) {
    let (status, stdout, stderr) = check(folder, arguments);
    assert_eq!(places(&stdout), wanted, "{stdout}{stderr}");
    let note =
        if stdout.starts_with("looked at nothing") { "tikrar: nothing was looked at: no text was added\n" } else { "" };
    assert_eq!((status, &*stderr), (i32::from(!wanted.is_empty()), note), "{stdout}");
}
