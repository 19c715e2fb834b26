//! The journal of a run that fills a folder: what was written of what, so that a run that was stopped can go on.
//!
//! A line is written before the file it tells of appears. So a file that is there without its line was not made by the
//! run, and a line without its file, or whose file has other bytes, tells of nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::alone::try_lock;
use super::appended::Appended;

/// The journal's name in the folder.
pub const JOURNAL: &str = ".tikrar-journal.jsonl";

/// What decides about what is written, by name. A run can go on only with the same.
pub type Settings = BTreeMap<String, String>;

/// What was written of a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry<T> {
    /// The file in the folder, by its path from there.
    pub file: FileName,
    /// The bytes of the file that was read.
    pub read: ContentHash,
    /// The bytes of the file that was written.
    pub written: ContentHash,
    /// What was decided about it, where that depends on other files too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<ContentHash>,
    /// What is to be said of it.
    pub account: T,
}

/// A path, which need not be text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FileName {
    /// A path that is UTF-8.
    Text(String),
    /// The bytes of one that is not.
    Bytes(Vec<u8>),
}

impl FileName {
    /// The path; none of one that this system has no way to name.
    #[must_use]
    pub fn path(&self) -> Option<PathBuf> {
        match self {
            FileName::Text(text) => Some(PathBuf::from(text)),
            #[cfg(unix)]
            FileName::Bytes(bytes) => {
                use std::os::unix::ffi::OsStrExt as _;
                Some(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
            }
            #[cfg(not(unix))]
            FileName::Bytes(_) => None,
        }
    }
}

impl From<&Path> for FileName {
    fn from(path: &Path) -> FileName {
        match path.to_str() {
            Some(text) => FileName::Text(text.to_owned()),
            None => FileName::Bytes(path.as_os_str().as_encoded_bytes().to_vec()),
        }
    }
}

/// The 128-bit XXH3 of a file's bytes, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentHash(String);

impl ContentHash {
    /// Of the bytes that were hashed.
    #[must_use]
    pub fn of(hasher: &Xxh3) -> ContentHash {
        ContentHash(format!("{:032x}", hasher.digest128()))
    }

    /// Of bytes.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> ContentHash {
        ContentHash(format!("{:032x}", xxhash_rust::xxh3::xxh3_128(bytes)))
    }

    /// Of a file.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn of_file(path: &Path) -> io::Result<ContentHash> {
        let mut hashing = Hashing::new(io::sink());
        io::copy(&mut BufReader::with_capacity(256 << 10, File::open(path)?), &mut hashing)?;
        Ok(hashing.hash())
    }
}

/// Hashes what is written.
pub struct Hashing<W> {
    out: W,
    hasher: Box<Xxh3>,
}

impl<W: Write> Hashing<W> {
    /// Passes on to `out`.
    pub fn new(out: W) -> Hashing<W> {
        Hashing { out, hasher: Box::default() }
    }

    /// The hash of what was written.
    #[must_use]
    pub fn hash(&self) -> ContentHash {
        ContentHash::of(&self.hasher)
    }

    /// What it was passed on to.
    pub fn into_inner(self) -> W {
        self.out
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Why a journal can't be begun or gone on with.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It can't be read or written.
    #[error("{}: the journal of the run can't be kept", crate::report::shown_name(path))]
    Io {
        /// The journal.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// There is one, and nobody said to go on.
    #[error(
        "a run into {} did not come to its end, or could not do all files: --resume goes on with it; to begin anew give \
         another folder",
        crate::report::shown_name(folder)
    )]
    Unfinished {
        /// The folder.
        folder: PathBuf,
    },
    /// The run that was stopped had other options.
    #[error("the run that was stopped had {name} {before}, and now it is {now}: go on with the same, or begin anew")]
    OtherSettings {
        /// What differs.
        name: String,
        /// What it was.
        before: String,
        /// What it is.
        now: String,
    },
    /// Another run is filling the folder.
    #[error("another run is writing into {}: wait until that is done", crate::report::shown_name(folder))]
    Running {
        /// The folder.
        folder: PathBuf,
    },
    /// The first line can't be read.
    #[error("{} is no journal: remove it to begin anew", crate::report::shown_name(path))]
    NoJournal {
        /// The file.
        path: PathBuf,
    },
}

/// A journal that is being kept.
pub struct Journal<T> {
    path: PathBuf,
    lines: Appended,
    entries: HashMap<FileName, Entry<T>>,
}

/// Refuses a folder with the journal of another run, whether that was stopped or is still there.
///
/// # Errors
/// There is one, or it can't be looked at.
pub fn refuse_unfinished(folder: &Path) -> Result<(), JournalError> {
    let path = folder.join(JOURNAL);
    let is_free = match File::open(&path) {
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file.and_then(|file| try_lock(&file)),
    };
    let folder = folder.to_owned();
    match is_free {
        Ok(true) => Err(JournalError::Unfinished { folder }),
        Ok(false) => Err(JournalError::Running { folder }),
        Err(source) => Err(JournalError::Io { path, source }),
    }
}

impl<T: Serialize + DeserializeOwned> Journal<T> {
    /// Begins the journal of a folder, or goes on with the one that is there. No other run can do so until it is dropped.
    ///
    /// # Errors
    /// It can't be kept, is of a run with other settings, or another run has it.
    pub fn open(folder: &Path, settings: &Settings) -> Result<Journal<T>, JournalError> {
        let path = folder.join(JOURNAL);
        let error = |source| JournalError::Io { path: path.clone(), source };
        let mut entries = HashMap::new();
        let Some(file) = alone(&path).map_err(error)? else {
            return Err(JournalError::Running { folder: folder.to_owned() });
        };
        let mut whole = 0;
        let mut lines = BufReader::new(&file);
        let mut line = Vec::new();
        let mut is_first = true;
        while lines.read_until(b'\n', &mut line).map_err(error)? > 0 && line.ends_with(b"\n") {
            if is_first {
                let of_before: Settings =
                    serde_json::from_slice(&line).map_err(|_| JournalError::NoJournal { path: path.clone() })?;
                same(&of_before, settings)?;
                is_first = false;
            } else if let Ok(entry) = serde_json::from_slice::<Entry<T>>(&line) {
                entries.insert(entry.file.clone(), entry);
            }
            whole += line.len() as u64;
            line.clear();
        }
        let lines = Appended::behind(whole, file).map_err(error)?;
        if whole == 0 {
            let line = serde_json::to_vec(settings).map_err(|failed| error(failed.into()))?;
            lines.add(line, false).map_err(error)?;
        }
        Ok(Journal { path, lines, entries })
    }

    /// What the run that was stopped wrote of a file.
    #[must_use]
    pub fn entry(&self, file: &Path) -> Option<&Entry<T>> {
        self.entries.get(&FileName::from(file))
    }

    /// Whether the run that was stopped wrote no other files than these.
    pub fn tells_only_of<'a>(&self, files: impl Iterator<Item = &'a Path>) -> bool {
        let files: HashSet<FileName> = files.map(FileName::from).collect();
        self.entries.keys().all(|file| files.contains(file))
    }

    /// Tells of a file that is about to appear.
    ///
    /// # Errors
    /// The journal can't be written.
    pub fn add(&self, entry: &Entry<T>) -> Result<(), JournalError> {
        let added = serde_json::to_vec(entry).map_err(io::Error::from).and_then(|line| self.lines.add(line, false));
        added.map_err(|source| JournalError::Io { path: self.path.clone(), source })
    }

    /// The run has come to its end with nothing left to do.
    ///
    /// # Errors
    /// The journal can't be removed.
    pub fn finish(self) -> Result<(), JournalError> {
        fs::remove_file(&self.path).map_err(|source| JournalError::Io { path: self.path, source })
    }
}

/// Opens the journal at a path and locks it. None if another run has it.
fn alone(path: &Path) -> io::Result<Option<File>> {
    loop {
        let file = File::options().read(true).create(true).append(true).open(path)?;
        if !try_lock(&file)? {
            return Ok(None);
        }
        // The run that had it may have come to its end in between, and then it is no journal any more.
        let is_same = match same_file::Handle::from_path(path) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => false,
            there => there? == same_file::Handle::from_file(file.try_clone()?)?,
        };
        if is_same {
            return Ok(Some(file));
        }
    }
}

fn same(before: &Settings, now: &Settings) -> Result<(), JournalError> {
    match difference(before, now) {
        Some((name, before, now)) => Err(JournalError::OtherSettings { name, before, now }),
        None => Ok(()),
    }
}

/// The first setting that differs: its name, what it was, and what it is.
pub(super) fn difference(before: &Settings, now: &Settings) -> Option<(String, String, String)> {
    let names = before.keys().chain(now.keys());
    let of = |settings: &Settings, name: &String| settings.get(name).cloned().unwrap_or_else(|| "nothing".to_owned());
    let mut differing = names.filter(|name| before.get(*name) != now.get(*name));
    differing.next().map(|name| (name.clone(), of(before, name), of(now, name)))
}
