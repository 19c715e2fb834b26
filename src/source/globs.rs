//! Patterns of paths, and from where a path is looked at.

use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{env, fs, io};

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

/// Patterns of paths: `*` and `?` for what is no slash, `**` for folders, `[a-z]`, `{a,b}`. A pattern without a slash is of
/// names.
#[derive(Clone, Debug)]
pub struct Globs(Vec<Patterns>);

#[derive(Clone, Debug)]
struct Patterns {
    set: GlobSet,
    /// The folder that they are from; none means as a path is given.
    anchor: Option<Anchor>,
}

impl Globs {
    /// The patterns; none where there is no pattern.
    ///
    /// # Errors
    /// A pattern is not one.
    pub fn new(patterns: &[String]) -> Result<Option<Globs>, globset::Error> {
        if patterns.is_empty() {
            return Ok(None);
        }
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            let pattern = pattern.strip_prefix("./").unwrap_or(pattern).trim_end_matches('/');
            set.add(glob(pattern)?);
            if !pattern.contains('/') {
                set.add(glob(&format!("**/{pattern}"))?);
            }
        }
        Ok(Some(Globs(vec![Patterns { set: set.build()?, anchor: None }])))
    }

    /// Patterns that stand in a file in this folder: one with a slash that is not at its end is of the path from there,
    /// however that is reached. None where there is no pattern.
    ///
    /// # Errors
    /// A pattern is not one, or the working folder is gone.
    pub fn from_folder(patterns: &[String], folder: &Path) -> Result<Option<Globs>, FolderGlobsError> {
        if patterns.is_empty() {
            return Ok(None);
        }
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            let pattern = pattern.trim_end_matches('/');
            let from_here = pattern.strip_prefix("./").or_else(|| pattern.strip_prefix('/'));
            set.add(glob(from_here.unwrap_or(pattern))?);
            if from_here.is_none() && !pattern.contains('/') {
                set.add(glob(&format!("**/{pattern}"))?);
            }
        }
        Ok(Some(Globs(vec![Patterns { set: set.build()?, anchor: Some(Anchor::new(folder)?) }])))
    }

    /// The pattern in a file in this folder that one path fits, and what is in it; none if it is not UTF-8.
    ///
    /// # Errors
    /// It can't be told where the working folder is.
    pub fn pattern_of(path: &Path, folder: &Path) -> io::Result<Option<String>> {
        let seen = Anchor::new(folder)?.seen(path);
        let pattern = seen.to_str().map(globset::escape);
        Ok(pattern.map(|pattern| if seen.is_absolute() { format!("**{pattern}") } else { format!("/{pattern}") }))
    }

    /// These patterns, and others.
    #[must_use]
    pub fn and(mut self, others: Globs) -> Globs {
        self.0.extend(others.0);
        self
    }

    /// Whether a path fits: as it is given, from the folder that was named, or from where the patterns stand.
    #[must_use]
    pub fn fit(&self, path: &Path, from: &Path) -> bool {
        let plain = path.strip_prefix(".").unwrap_or(path);
        self.0.iter().any(|Patterns { set, anchor }| match anchor {
            None => set.is_match(plain) || plain.strip_prefix(from).is_ok_and(|path| set.is_match(path)),
            Some(anchor) => set.is_match(anchor.seen(path)),
        })
    }

    /// As [`Globs::fit`]; patterns of a folder also where one fits a folder below it that the path is in.
    #[must_use]
    pub fn fit_or_hold(&self, path: &Path, from: &Path) -> bool {
        self.fit(path, from)
            || self.0.iter().any(|Patterns { set, anchor }| {
                let seen = anchor.as_ref().map(|anchor| anchor.seen(path)).filter(|path| path.is_relative());
                seen.is_some_and(|path| path.ancestors().skip(1).any(|folder| set.is_match(folder)))
            })
    }
}

fn glob(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(true).build()
}

/// Why there are no patterns from a folder.
#[derive(Debug, thiserror::Error)]
pub enum FolderGlobsError {
    /// A pattern is not one.
    #[error(transparent)]
    Glob(#[from] globset::Error),
    /// It can't be told where the working folder is.
    #[error("the working folder can't be told")]
    Working(#[from] io::Error),
}

/// A folder from which paths are looked at that are given from the working folder.
#[derive(Clone, Debug)]
struct Anchor {
    folder: PathBuf,
    /// The same without symbolic links.
    canonical: PathBuf,
    working: PathBuf,
    /// The folder elsewhere that was looked at last, and where it is without symbolic links: files of a folder come together.
    last: Arc<Mutex<Option<(PathBuf, PathBuf)>>>,
}

impl Anchor {
    fn new(folder: &Path) -> io::Result<Anchor> {
        let working = env::current_dir()?;
        let folder = plain(&working.join(folder));
        let canonical = fs::canonicalize(&folder).unwrap_or_else(|_| folder.clone());
        Ok(Anchor { folder, canonical, working, last: Arc::default() })
    }

    /// The path from the folder; of one that is not below it, the whole path.
    fn seen(&self, path: &Path) -> PathBuf {
        let whole = plain(&self.working.join(path));
        if let Ok(below) = whole.strip_prefix(&self.folder) {
            return below.to_owned();
        }
        // A folder may have been reached by another name.
        let (Some(parent), Some(name)) = (whole.parent(), whole.file_name()) else { return whole };
        let path = self.canonical(parent).join(name);
        path.strip_prefix(&self.canonical).map_or(whole, Path::to_owned)
    }

    /// A folder without symbolic links, if it is there.
    fn canonical(&self, folder: &Path) -> PathBuf {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((of, canonical)) if of == folder => canonical.clone(),
            _ => {
                let canonical = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
                *last = Some((folder.to_owned(), canonical.clone()));
                canonical
            }
        }
    }
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_a_folder_are_from_there_however_a_path_is_given() {
        let working = env::current_dir().unwrap();
        let (here, above) = (working.file_name().unwrap().to_owned(), working.parent().unwrap());
        let globs = |pattern: &str, folder: &Path| Globs::from_folder(&[pattern.to_owned()], folder).unwrap().unwrap();
        let fits = |pattern: &str, path: &str| globs(pattern, &working).fit_or_hold(Path::new(path), Path::new(path));
        for path in ["drafts/a.txt", "./drafts/a.txt", "drafts/b/a.txt", "x/../drafts/a.txt"] {
            for pattern in ["drafts/**", "./drafts", "drafts", "drafts/", "/drafts/", "**/a.txt", "a.txt", "*.txt"] {
                assert!(fits(pattern, path), "{pattern} {path}");
            }
            assert!(fits("drafts/**", working.join(path).to_str().unwrap()), "{path}");
        }
        for pattern in ["drafts/*", "/a.txt", "./a.txt", "b/**", "draft"] {
            assert!(!fits(pattern, "sub/drafts/a.txt"), "{pattern}");
        }
        let pattern = format!("{}/drafts/**", here.to_str().unwrap());
        assert!(globs(&pattern, above).fit(Path::new("drafts/a.txt"), Path::new("")));
        // What is elsewhere has a name too.
        assert!(fits("*.txt", "/elsewhere/a.txt") && !fits("elsewhere/**", "/elsewhere/a.txt"));
    }
}
