//! From the paths of the command line to the documents of the run, in corpus order.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::Input;

/// Extensions of files that a folder is searched for. Those that are not text yet are counted, not read.
const TEXT: [&str; 2] = ["txt", "text"];

/// The documents of a run, and what was left out of its folders.
#[derive(Debug, Default)]
pub struct Walk {
    /// The documents: arguments in the order given, a folder's files in the byte order of their paths.
    pub inputs: Vec<Input>,
    /// Whether an argument was a folder.
    pub folders: bool,
    /// What was left out.
    pub skipped: Skipped,
    /// Arguments and folders that can't be read. The rest can still be done.
    pub errors: Vec<WalkError>,
}

/// Files of folders that were left out, by extension.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped(BTreeMap<String, u64>);

impl Skipped {
    /// How many files were left out.
    #[must_use]
    pub fn files(&self) -> u64 {
        self.0.values().sum()
    }
}

impl std::fmt::Display for Skipped {
    /// As in `3 .jsonl, 1 .pdf`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, (kind, files)) in self.0.iter().enumerate() {
            write!(f, "{}{files} {kind}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// A path that can't be walked.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct WalkError {
    /// The path.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

/// Finds the documents that the arguments name. `-` is standard input. Hidden files are left out of folders, and
/// symbolic links in them are not followed; with `gitignore`, what git would ignore is left out too.
#[must_use]
pub fn walk(paths: &[PathBuf], gitignore: bool) -> Walk {
    let mut walk = Walk::default();
    for path in paths {
        if path.as_os_str() == "-" {
            walk.inputs.push(Input::Stdin);
            continue;
        }
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                walk.folders = true;
                folder(path, gitignore, &mut walk);
            }
            Ok(_) => walk.inputs.push(Input::File(path.clone())),
            Err(error) => walk.errors.push(WalkError { path: path.clone(), reason: error.to_string() }),
        }
    }
    walk
}

/// What is wrong within a folder, at the path where it is.
fn of_folder(folder: &Path, error: &ignore::Error) -> WalkError {
    let reason = match error.io_error().map(std::io::Error::kind) {
        // The text of the error repeats the path.
        Some(kind) if kind != std::io::ErrorKind::Other => std::io::Error::from(kind).to_string(),
        _ => error.to_string(),
    };
    WalkError { path: path_of(error).unwrap_or(folder).to_owned(), reason }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

fn folder(path: &Path, gitignore: bool, walk: &mut Walk) {
    let mut files = Vec::new();
    let entries = WalkBuilder::new(path)
        .standard_filters(false)
        .hidden(true)
        .git_ignore(gitignore)
        .git_exclude(gitignore)
        .parents(gitignore)
        .require_git(false)
        .build();
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                walk.errors.push(of_folder(path, &error));
                continue;
            }
        };
        let Some(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            continue;
        }
        let extension = entry.path().extension().map(OsStr::to_ascii_lowercase);
        if kind.is_file() && extension.as_ref().is_some_and(|extension| TEXT.iter().any(|known| extension == known)) {
            files.push(entry.into_path());
        } else {
            let kind = match extension {
                _ if kind.is_symlink() => "symlink".to_owned(),
                _ if !kind.is_file() => "device or pipe".to_owned(),
                Some(extension) => format!(".{}", extension.to_string_lossy()),
                None => "without extension".to_owned(),
            };
            *walk.skipped.0.entry(kind).or_default() += 1;
        }
    }
    files.sort_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
    walk.inputs.extend(files.into_iter().map(Input::File));
}
