//! The command, run in a folder of files.

use std::fs;
use std::process::Output;

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;
use tempfile::TempDir;

pub(crate) fn tikrar(arguments: &[&str]) -> Command {
    let mut command = cargo_bin_cmd!("tikrar");
    // Help is as wide as the terminal, which is whoever runs the tests.
    command.args(arguments).env_remove("COLUMNS").env_remove("GITHUB_STEP_SUMMARY");
    command
}

/// A folder with these files.
pub(crate) fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

pub(crate) fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    tikrar(arguments).current_dir(folder.path()).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
