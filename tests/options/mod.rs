//! Folders with a `tikrar.toml`, and what comes of them.

use std::fs;
use std::process::Output;

use tempfile::TempDir;

use crate::command::{folder, text, tikrar};

pub(crate) const LONG: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";
pub(crate) const SHORT: &str = "وقال ثلاث كلمات هنا";

pub(crate) fn twice(line: &str) -> String {
    format!("{line}\nنعم\n{line}\n")
}

pub(crate) fn run_in(folder: &TempDir, below: &str, arguments: &[&str]) -> Output {
    tikrar(arguments).current_dir(folder.path().join(below)).output().unwrap()
}

/// Whether `check` finds something, with what else it is given.
pub(crate) fn finds(folder: &TempDir, below: &str, arguments: &[&str]) -> bool {
    let output = run_in(folder, below, &[&["check"], arguments].concat());
    match output.status.code() {
        Some(0) => false,
        Some(1) => true,
        _ => panic!("{arguments:?}: {}", text(&output.stderr)),
    }
}

/// A folder with a text that repeats a short line, in it and below, and this file of options.
pub(crate) fn with_options(options: &str) -> TempDir {
    let (short, long) = (twice(SHORT), twice(LONG));
    folder(&[
        ("tikrar.toml", options.as_bytes()),
        ("a.txt", short.as_bytes()),
        ("sub/below/a.txt", short.as_bytes()),
        ("sub/long.txt", long.as_bytes()),
        ("poems/p.txt", short.as_bytes()),
    ])
}

/// What is said on standard error, where the folder is called `FOLDER`.
pub(crate) fn said(folder: &TempDir, output: &Output) -> String {
    let path = fs::canonicalize(folder.path()).unwrap();
    text(&output.stderr).replace(path.to_str().unwrap(), "FOLDER")
}
