//! From the paths of the command line to the documents of the run, in corpus order.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ignore::WalkBuilder;
use same_file::Handle;

use super::{Globs, Input};
use crate::format::Format;

/// Which files of those that are found are taken.
#[derive(Clone, Debug, Default)]
pub struct WalkOptions {
    /// Leave out of folders what git would ignore.
    pub gitignore: bool,
    /// Take only what fits one of these, by whatever extension.
    pub include: Option<Globs>,
    /// Leave out what fits one of these.
    pub exclude: Option<Globs>,
    /// Files and folders that are left out of folders: what is written there is not to be read.
    pub leave_out: Vec<PathBuf>,
}

impl WalkOptions {
    /// Whether a file is taken that an argument names, or that lies in a folder which one names.
    #[must_use]
    pub fn takes(&self, path: &Path, folder: Option<&Path>) -> bool {
        self.wants(path, folder) && !self.excludes(path, folder)
    }

    /// Whether a file is taken unless it is excluded.
    fn wants(&self, path: &Path, folder: Option<&Path>) -> bool {
        let included = self.include.as_ref().map(|globs| globs.fit(path, folder.unwrap_or(Path::new(""))));
        included.unwrap_or_else(|| folder.is_none() || Format::of_path(path).is_some())
    }

    fn excludes(&self, path: &Path, folder: Option<&Path>) -> bool {
        self.exclude.as_ref().is_some_and(|globs| globs.fit_or_hold(path, folder.unwrap_or(Path::new(""))))
    }

    fn excludes_folder(&self, path: &Path, folder: &Path) -> bool {
        self.exclude.as_ref().is_some_and(|globs| globs.fit_or_hold_folder(path, folder))
    }
}

/// A file of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Where it is read.
    pub input: Input,
    /// Where it is in a folder that mirrors what was found.
    pub target: PathBuf,
}

/// The files of a run, and what was left out of its folders.
#[derive(Debug, Default)]
pub struct Walk {
    /// The files: arguments in the order given, a folder's files in the byte order of their paths.
    pub files: Vec<Located>,
    /// Whether an argument was a folder.
    pub folders: bool,
    /// What was left out.
    pub skipped: Skipped,
    /// Whether `exclude` left out files that would have been taken otherwise, or folders.
    pub has_excluded: bool,
    /// Files that would have been taken, but are left out because something is written there.
    pub left_out: Vec<PathBuf>,
    /// Arguments and folders that can't be read. The rest can still be done.
    pub errors: Vec<WalkError>,
}

/// Files of folders that were left out, by extension.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped(BTreeMap<String, u64>);

impl Skipped {
    fn add(&mut self, kind: &str) {
        *self.0.entry(kind.to_owned()).or_default() += 1;
    }

    /// How many files there were of each kind.
    #[must_use]
    pub fn kinds(&self) -> &BTreeMap<String, u64> {
        &self.0
    }

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

/// Finds the files that the arguments name, and then those of a list. `-` is standard input. Hidden files are left out of
/// folders, and symbolic links in them are not followed.
#[must_use]
pub fn walk(paths: &[PathBuf], listed: &[PathBuf], options: &WalkOptions) -> Walk {
    let mut walk = Walk::default();
    for (path, target) in named(paths, listed) {
        match path {
            None => walk.files.push(Located { input: Input::Stdin, target }),
            Some(path) => walk.add(path, target, options),
        }
    }
    walk
}

/// The arguments and those of a list, none where one is standard input, with what each is called in a folder that mirrors it.
pub fn named<'a>(paths: &'a [PathBuf], listed: &'a [PathBuf]) -> impl Iterator<Item = (Option<&'a Path>, PathBuf)> {
    let of_path = |path: &'a PathBuf| match path.as_os_str() == "-" {
        true => (None, PathBuf::new()),
        false => (Some(&**path), own_name(path)),
    };
    // A list has no folders of its own, so the names alone might be those of several files.
    let is_name = |part: &Component<'_>| matches!(part, Component::Normal(_));
    let of_listed = move |path: &'a PathBuf| (Some(&**path), path.components().filter(is_name).collect());
    paths.iter().map(of_path).chain(listed.iter().map(of_listed))
}

/// What an argument is called in a folder that mirrors it: its last name, or nothing for the working folder.
fn own_name(path: &Path) -> PathBuf {
    match path.components().next_back() {
        Some(Component::Normal(name)) => PathBuf::from(name),
        Some(Component::CurDir) | None => PathBuf::new(),
        Some(_) => {
            std::fs::canonicalize(path).ok().and_then(|path| path.file_name().map(PathBuf::from)).unwrap_or_default()
        }
    }
}

impl Walk {
    fn add(&mut self, path: &Path, target: PathBuf, options: &WalkOptions) {
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                self.folders = true;
                folder(path, &target, options, self);
            }
            Ok(_) => {
                if options.takes(path, None) {
                    self.files.push(Located { input: Input::File(path.to_owned()), target });
                } else {
                    self.has_excluded |= options.wants(path, None);
                    self.skipped.add("left out by --include or --exclude");
                }
            }
            Err(error) => self.errors.push(WalkError { path: path.to_owned(), reason: error.to_string() }),
        }
    }
}

/// What is wrong within a folder, at the path where it is.
fn of_folder(folder: &Path, error: &ignore::Error) -> WalkError {
    let io_error = error.io_error();
    let said_by_system = io_error.into_iter().flat_map(|error| {
        let first: &(dyn std::error::Error + 'static) = error;
        std::iter::successors(Some(first), |error| error.source())
    });
    let code = said_by_system
        .filter_map(|error| error.downcast_ref::<std::io::Error>())
        .find_map(std::io::Error::raw_os_error);
    // The text of the error repeats the path.
    let reason = match (code, io_error.map(std::io::Error::kind)) {
        (Some(code), _) => std::io::Error::from_raw_os_error(code).to_string(),
        (None, Some(kind)) if kind != std::io::ErrorKind::Other => std::io::Error::from(kind).to_string(),
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

fn folder(path: &Path, target: &Path, options: &WalkOptions, walk: &mut Walk) {
    let mut files = Vec::new();
    let named = |path: &PathBuf| Some((path.file_name()?.to_owned(), Handle::from_path(path).ok()?));
    let written: Arc<[_]> = options.leave_out.iter().filter_map(named).collect();
    let is_written = move |entry: &ignore::DirEntry| {
        let mut named = written.iter().filter(|(name, _)| entry.file_name() == name);
        named.any(|(_, handle)| Handle::from_path(entry.path()).is_ok_and(|own| own == *handle))
    };
    let is_written_folder = is_written.clone();
    let (walk_options, root) = (options.clone(), path.to_owned());
    let has_excluded = Arc::new(AtomicBool::new(false));
    let excludes = Arc::clone(&has_excluded);
    let entries = WalkBuilder::new(path)
        .standard_filters(false)
        .hidden(true)
        .git_ignore(options.gitignore)
        .git_exclude(options.gitignore)
        .parents(options.gitignore)
        .require_git(false)
        .filter_entry(move |entry| {
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            let is_excluded = || is_folder && walk_options.excludes_folder(entry.path(), &root);
            if entry.depth() > 0 && is_excluded() {
                excludes.store(true, Ordering::Relaxed);
                return false;
            }
            entry.depth() == 0 || !is_folder || !is_written_folder(entry)
        })
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
        let is_wanted = options.wants(entry.path(), Some(path));
        let is_excluded = options.excludes(entry.path(), Some(path));
        if is_written(&entry) {
            if kind.is_file() && is_wanted && !is_excluded {
                walk.left_out.push(entry.into_path());
            }
            continue;
        }
        if kind.is_file() && (is_excluded || options.include.is_some() && !is_wanted) {
            walk.has_excluded |= is_wanted;
            walk.skipped.add("left out by --include or --exclude");
        } else if kind.is_file() && is_wanted {
            files.push(entry.into_path());
        } else {
            let extension = entry.path().extension().map(OsStr::to_ascii_lowercase);
            walk.skipped.add(&match extension {
                _ if kind.is_symlink() => "symlink".to_owned(),
                _ if !kind.is_file() => "device or pipe".to_owned(),
                Some(extension) => format!(".{}", extension.to_string_lossy()),
                None => "without extension".to_owned(),
            });
        }
    }
    walk.has_excluded |= has_excluded.load(Ordering::Relaxed);
    files.sort_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
    walk.files.extend(files.into_iter().map(|file| {
        let below = file.strip_prefix(path).unwrap_or(&file);
        Located { target: target.join(below), input: Input::File(file) }
    }));
}
