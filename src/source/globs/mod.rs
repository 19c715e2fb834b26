//! Patterns of paths, and from where a path is looked at.

mod anchor;
mod pattern;

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use regex::bytes::{RegexSet, RegexSetBuilder};

use self::anchor::Anchor;
pub use self::pattern::PatternError;

/// How many bytes the patterns of one list may take when they are compiled.
const LARGEST: usize = 100 << 20;

/// Patterns of paths: `*` and `?` for what is no slash, `**` for folders, `[a-z]`, `{a,b}`. A pattern without a slash is of
/// names, and one with a slash at its end of folders.
#[derive(Clone, Debug)]
pub struct Globs(Vec<Patterns>);

#[derive(Clone, Debug)]
struct Patterns {
    /// Of files and folders.
    of_all: RegexSet,
    /// Of folders only.
    of_folders: RegexSet,
    /// The folder that they are from; none means as a path is given.
    anchor: Option<Anchor>,
}

/// What a path leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
}

impl Globs {
    /// The patterns; none where there is no pattern.
    ///
    /// # Errors
    /// A pattern is not one.
    pub fn new(patterns: &[String]) -> Result<Option<Globs>, PatternError> {
        if patterns.is_empty() {
            return Ok(None);
        }
        Ok(Some(Globs(vec![Patterns::new(patterns, None)?])))
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
        Ok(Some(Globs(vec![Patterns::new(patterns, Some(Anchor::new(folder)?))?])))
    }

    /// Refuses patterns that are of folders alone, where files are to be taken.
    ///
    /// # Errors
    /// One is.
    pub fn refuse_folders(patterns: &[String]) -> Result<(), PatternError> {
        let of_folders =
            patterns.iter().find(|pattern| pattern.ends_with('/') && !pattern.trim_matches('/').is_empty());
        of_folders.map_or(Ok(()), |pattern| {
            let name = pattern.trim_end_matches('/');
            let why = format!("is of folders, and files are taken by it: '{name}/**' is of what is in them");
            Err(PatternError { pattern: pattern.clone(), why })
        })
    }

    /// The pattern in a file in this folder that one path fits, and what is in it; none if it is not UTF-8.
    ///
    /// # Errors
    /// It can't be told where the working folder is.
    pub fn pattern_of(path: &Path, folder: &Path) -> io::Result<Option<String>> {
        let anchor = Anchor::new(folder)?;
        let seen = anchor.given(path).unwrap_or_else(|| anchor.real(path));
        let pattern = seen.to_str().map(pattern::escaped);
        Ok(pattern.map(|pattern| if seen.is_absolute() { format!("**{pattern}") } else { format!("/{pattern}") }))
    }

    /// The pattern of the command line as it has to stand in a file in this folder; none where it can't.
    ///
    /// # Errors
    /// It can't be told where the working folder is.
    pub fn pattern_from<'a>(pattern: &'a str, folder: &Path) -> io::Result<Option<Cow<'a, str>>> {
        let plain = pattern.strip_prefix("./").unwrap_or(pattern);
        if !plain.trim_end_matches('/').contains('/') {
            return Ok(Some(Cow::Borrowed(plain)));
        }
        // From any folder it means the same.
        if plain.starts_with("**/") {
            return Ok(Some(Cow::Borrowed(plain)));
        }
        let Some(working) = Anchor::new(folder)?.working_below() else { return Ok(None) };
        let leads_out = plain.starts_with('/') || plain.split('/').any(|name| name == "..");
        let Some(working) = working.to_str().filter(|_| !leads_out) else { return Ok(None) };
        Ok(Some(match working {
            "" => Cow::Borrowed(plain),
            working => Cow::Owned(format!("{}/{plain}", pattern::escaped(working))),
        }))
    }

    /// These patterns, and others.
    #[must_use]
    pub fn and(mut self, others: Globs) -> Globs {
        self.0.extend(others.0);
        self
    }

    /// Whether a file fits: as it is given, from the folder that was named, or from where the patterns stand.
    #[must_use]
    pub fn fit(&self, path: &Path, from: &Path) -> bool {
        self.0.iter().any(|patterns| match &patterns.anchor {
            None => patterns.fit_given(path, from, Kind::File),
            Some(anchor) => anchor.ways(path, |path| patterns.fit(path, Kind::File)),
        })
    }

    /// As [`Globs::fit`]; patterns of a folder also where one fits a folder below it that the path is in.
    #[must_use]
    pub fn fit_or_hold(&self, path: &Path, from: &Path) -> bool {
        self.hold(path, from, Kind::File)
    }

    /// As [`Globs::fit_or_hold`], for a folder.
    #[must_use]
    pub fn fit_or_hold_folder(&self, path: &Path, from: &Path) -> bool {
        self.hold(path, from, Kind::Folder)
    }

    fn hold(&self, path: &Path, from: &Path, kind: Kind) -> bool {
        self.0.iter().any(|patterns| match &patterns.anchor {
            None => patterns.fit_given(path, from, kind),
            Some(anchor) => anchor.ways(path, |path| {
                let above = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
                patterns.fit(path, kind)
                    || path.is_relative() && { above }.any(|folder| patterns.fit(folder, Kind::Folder))
            }),
        })
    }
}

impl Patterns {
    fn new(patterns: &[String], anchor: Option<Anchor>) -> Result<Patterns, PatternError> {
        let (mut of_all, mut of_folders) = (Vec::new(), Vec::new());
        for pattern in patterns {
            let wrong = |why: String| PatternError { pattern: pattern.clone(), why };
            let plain = pattern.trim_end_matches('/');
            let from_here = plain.strip_prefix("./").or_else(|| plain.strip_prefix('/').filter(|_| anchor.is_some()));
            let plain = match from_here {
                Some(plain) => plain,
                None if plain == "." => "",
                None => plain,
            };
            if plain.is_empty() {
                return Err(wrong("is empty, and no path fits it".to_owned()));
            }
            if plain.contains("//") || pattern.ends_with("//") || from_here.is_some_and(|plain| plain.starts_with('/'))
            {
                return Err(wrong("has two slashes with nothing between, and no path fits it".to_owned()));
            }
            if anchor.is_some() && plain.split('/').any(|name| name == "..") {
                return Err(wrong(
                    "leads out with '..', and patterns of a file are of what is in its folder".to_owned(),
                ));
            }
            if anchor.is_some() && plain.split('/').any(|name| name == ".") {
                return Err(wrong("has a '.' between slashes, and no path fits it".to_owned()));
            }
            let to = if pattern.ends_with('/') { &mut of_folders } else { &mut of_all };
            to.push(pattern::regex(plain).map_err(wrong)?);
            let is_of_names = !plain.contains('/') && (from_here.is_none() || anchor.is_none());
            if is_of_names {
                to.push(pattern::regex(&format!("**/{plain}")).map_err(wrong)?);
            }
        }
        let set = |regexes: Vec<String>| {
            let set = RegexSetBuilder::new(regexes).size_limit(LARGEST).build();
            set.map_err(|_| PatternError {
                pattern: patterns.iter().max_by_key(|pattern| pattern.len()).cloned().unwrap_or_default(),
                why: "is too large, alone or with the others".to_owned(),
            })
        };
        Ok(Patterns { of_all: set(of_all)?, of_folders: set(of_folders)?, anchor })
    }

    fn fit(&self, path: &Path, kind: Kind) -> bool {
        let path = with_slashes(path.as_os_str().as_encoded_bytes());
        self.of_all.is_match(&path) || kind == Kind::Folder && self.of_folders.is_match(&path)
    }

    /// Whether a path fits as it is given, or from the folder that was named.
    fn fit_given(&self, path: &Path, from: &Path, kind: Kind) -> bool {
        // Without what means nothing: the `.` in front, and slashes that are several.
        let plain: PathBuf = path.strip_prefix(".").unwrap_or(path).components().collect();
        self.fit(&plain, kind) || path.strip_prefix(from).is_ok_and(|path| self.fit(path, kind))
    }
}

/// A path with the slashes that patterns have.
fn with_slashes(path: &[u8]) -> Cow<'_, [u8]> {
    match cfg!(windows) && path.contains(&b'\\') {
        true => Cow::Owned(path.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect()),
        false => Cow::Borrowed(path),
    }
}

/// Why there are no patterns from a folder.
#[derive(Debug, thiserror::Error)]
pub enum FolderGlobsError {
    /// A pattern is not one.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// It can't be told where the working folder is.
    #[error("the working folder can't be told")]
    Working(#[from] io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::env;

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
