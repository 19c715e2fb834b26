//! A folder that patterns are from, and where a path lies from there.

use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{env, fs, io};

/// A folder from which paths are looked at that are given from the working folder.
#[derive(Clone, Debug)]
pub(super) struct Anchor {
    folder: PathBuf,
    /// The same without symbolic links.
    canonical: PathBuf,
    working: PathBuf,
    /// The folder that was looked at last, and where it is without symbolic links: files of a folder come together.
    last: Arc<Mutex<Option<(PathBuf, PathBuf)>>>,
}

impl Anchor {
    pub(super) fn new(folder: &Path) -> io::Result<Anchor> {
        let working = env::current_dir()?;
        let whole = working.join(folder);
        let canonical = fs::canonicalize(&whole);
        let folder = match (plain(&whole), &canonical) {
            (Some(folder), _) => folder,
            (None, Ok(canonical)) => canonical.clone(),
            (None, Err(_)) => whole,
        };
        let canonical = canonical.unwrap_or_else(|_| folder.clone());
        Ok(Anchor { folder, canonical, working, last: Arc::default() })
    }

    /// Whether a path fits, by its name from here: as it is given, or as it lies.
    pub(super) fn ways(&self, path: &Path, fits: impl Fn(&Path) -> bool) -> bool {
        let given = self.given(path);
        if given.as_deref().is_some_and(&fits) {
            return true;
        }
        let real = self.real(path);
        given.is_none_or(|given| given != real) && fits(&real)
    }

    /// The path from the folder, as it is given; of one that is not below it, the whole path. None where it goes up from a
    /// symbolic link, which leads elsewhere than it looks.
    pub(super) fn given(&self, path: &Path) -> Option<PathBuf> {
        let whole = plain(&self.working.join(path))?;
        Some(self.seen(&whole))
    }

    /// The path from the folder, with the place where the folder that it is in really lies.
    pub(super) fn real(&self, path: &Path) -> PathBuf {
        let whole = self.working.join(path);
        match (whole.parent(), whole.file_name()) {
            (Some(parent), Some(name)) => self.seen(&self.canonical(parent).join(name)),
            _ => self.seen(&self.canonical(&whole)),
        }
    }

    /// The working folder from here, if it is in it.
    pub(super) fn working_below(&self) -> Option<PathBuf> {
        let below = self.working.strip_prefix(&self.folder).or_else(|_| self.working.strip_prefix(&self.canonical));
        below.ok().map(Path::to_owned)
    }

    fn seen(&self, whole: &Path) -> PathBuf {
        let below = whole.strip_prefix(&self.folder).or_else(|_| whole.strip_prefix(&self.canonical));
        below.unwrap_or(whole).to_owned()
    }

    /// A folder without symbolic links, if it is there.
    fn canonical(&self, folder: &Path) -> PathBuf {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((of, canonical)) if of == folder => canonical.clone(),
            _ => {
                // Of what is not there, as far as it is.
                let there = folder.ancestors().find_map(|above| Some((above, fs::canonicalize(above).ok()?)));
                let canonical = there.and_then(|(above, canonical)| {
                    let rest = folder.strip_prefix(above).ok()?;
                    Some(if rest.as_os_str().is_empty() { canonical } else { canonical.join(rest) })
                });
                let canonical = canonical.unwrap_or_else(|| folder.to_owned());
                *last = Some((folder.to_owned(), canonical.clone()));
                canonical
            }
        }
    }
}

/// The path without `.` and `..`; none where it goes up from a symbolic link.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if plain.is_symlink() {
                    return None;
                }
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    Some(plain)
}
