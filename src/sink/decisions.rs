//! What a run has decided about its files, before it writes the first of them.
//!
//! Where files depend on each other they are decided about together and written after. In their places that can't be
//! begun anew: what is written already would be decided about as it is then. So the decisions are kept in a file until all
//! of them are carried out, and a run that was stopped finishes the same ones.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use super::appended::Appended;
use super::{AtomicFile, ContentHash, FileName, PlaceError, Settings};
use crate::source::{Body, BodyWriter, SharedReader, Spooling};

/// What the file with the decisions is called.
const NAME: &str = ".tikrar-decisions.jsonl";

/// Decisions, one a file at most, as they come.
pub struct Collected<'a, T> {
    lines: BodyWriter<'a>,
    kind: PhantomData<fn(T)>,
}

impl<'a, T: Serialize + DeserializeOwned> Collected<'a, T> {
    /// None yet. When there are many they wait as `spooling` says.
    #[must_use]
    pub fn new(spooling: &'a Spooling) -> Collected<'a, T> {
        Collected { lines: BodyWriter::new(spooling), kind: PhantomData }
    }

    /// Takes the next one.
    ///
    /// # Errors
    /// The temporary file can't be written.
    pub fn add(&mut self, decided: &T) -> io::Result<()> {
        serde_json::to_writer(&mut self.lines, &Line::<&T>::Decided(decided))?;
        self.lines.write_all(b"\n")
    }

    /// That was all.
    ///
    /// # Errors
    /// The temporary file can't be written.
    pub fn finish(self) -> io::Result<Decisions<T>> {
        Ok(Decisions { lines: Arc::new(self.lines.finish()?), kind: PhantomData })
    }
}

/// All decisions of a run.
pub struct Decisions<T> {
    lines: Arc<Body>,
    kind: PhantomData<fn(T)>,
}

impl<T: Serialize + DeserializeOwned> Decisions<T> {
    /// The decisions, in order.
    ///
    /// # Errors
    /// The temporary file can't be read.
    pub fn read(&self) -> io::Result<impl Iterator<Item = io::Result<T>> + Send + use<T>> {
        Ok(decided(BufReader::new(SharedReader::new(Arc::clone(&self.lines)))))
    }

    /// Keeps them in this folder until they are carried out. They are of these files.
    ///
    /// # Errors
    /// The file can't be written, or another run keeps its decisions there.
    pub fn keep(&self, folder: &Path, files: &[&Path], settings: &Settings) -> Result<Kept, DecisionsError> {
        let path = folder.join(NAME);
        let error = |source: PlaceError| DecisionsError::Place { path: path.clone(), source };
        let write = || -> Result<(), PlaceError> {
            let mut out = io::BufWriter::with_capacity(64 << 10, AtomicFile::beside(&path)?);
            let header = Header { settings: settings.clone(), files: names(files) };
            serde_json::to_writer(&mut out, &Line::<()>::Of(header)).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
            self.lines.write(0..self.lines.len(), &mut out)?;
            // Not in the place of what another run has decided meanwhile.
            out.into_inner().map_err(io::IntoInnerError::into_error)?.appear()?;
            Ok(())
        };
        write().map_err(|failed| match failed {
            PlaceError::Io(failed) if failed.kind() == io::ErrorKind::AlreadyExists => {
                DecisionsError::Running { folder: folder.to_owned() }
            }
            failed => error(failed),
        })?;
        let file = File::options().append(true).open(&path);
        let lines = file.and_then(|file| Appended::behind(file.metadata()?.len(), file));
        let lines = lines.map_err(|source| error(source.into()))?;
        Ok(Kept { path, lines, files: names(files), written: HashMap::new() })
    }
}

/// Decisions that are kept in a file until they are carried out.
pub struct Kept {
    path: PathBuf,
    lines: Appended,
    files: Vec<FileName>,
    /// Of files that were about to be written when the run was stopped: what they were to be; none where they were to go.
    written: HashMap<usize, Option<ContentHash>>,
}

impl Kept {
    /// The files that a run with decisions in this folder was to remove, and has removed. Nothing is refused here.
    #[must_use]
    pub fn removed(folder: &Path) -> Vec<PathBuf> {
        let Ok(file) = File::open(folder.join(NAME)) else { return Vec::new() };
        let (mut files, mut removed) = (Vec::new(), Vec::new());
        for line in BufReader::new(file).split(b'\n').map_while(Result::ok) {
            match serde_json::from_slice(&line) {
                Ok(Line::<IgnoredAny>::Of(header)) => files = header.files,
                Ok(Line::Written { file, hash: None }) => removed.extend(files.get(file).and_then(FileName::path)),
                _ => {}
            }
        }
        removed.retain(|path| is_gone(path));
        removed
    }

    /// Goes on with a run over the same files that was stopped, if there is one with decisions in this folder. Files that it has
    /// removed need not be among them.
    ///
    /// # Errors
    /// The file can't be read, or the run had other files or settings.
    #[allow(clippy::type_complexity, reason = "an iterator has no shorter name")]
    pub fn of_stopped_run<T: Serialize + DeserializeOwned>(
        folder: &Path,
        files: &[&Path],
        settings: &Settings,
    ) -> Result<Option<(Kept, impl Iterator<Item = io::Result<T>> + Send + use<T>)>, DecisionsError> {
        let path = folder.join(NAME);
        let error = |source: io::Error| DecisionsError::Place { path: path.clone(), source: source.into() };
        let mut lines = match File::open(&path) {
            Ok(file) => BufReader::new(file),
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(other) => return Err(error(other)),
        };
        let mut line = Vec::new();
        let mut whole = lines.read_until(b'\n', &mut line).map_err(error)? as u64;
        let Ok(Line::<T>::Of(header)) = serde_json::from_slice(&line) else {
            return Err(DecisionsError::NoDecisions { path });
        };
        if let Some((name, before, now)) = super::journal::difference(&header.settings, settings) {
            return Err(DecisionsError::OtherSettings { path, name, before, now });
        }
        let mut written: HashMap<usize, Option<ContentHash>> = HashMap::new();
        loop {
            line.clear();
            let read = lines.read_until(b'\n', &mut line).map_err(error)?;
            if read == 0 || !line.ends_with(b"\n") {
                break;
            }
            if let Ok(Line::<IgnoredAny>::Written { file, hash }) = serde_json::from_slice(&line) {
                written.insert(file, hash);
            }
            whole += read as u64;
        }
        let is_removed = |(number, name): &(usize, &FileName)| {
            written.get(number) == Some(&None) && name.path().is_some_and(|path| is_gone(&path))
        };
        let there = header.files.iter().enumerate().filter(|file| !is_removed(file)).map(|(_, name)| name);
        if !there.eq(&names(files)) {
            return Err(DecisionsError::OtherFiles { path, files: header.files.len() });
        }
        let file = File::options().append(true).open(&path);
        let lines = file.and_then(|file| Appended::behind(whole, file)).map_err(error)?;
        let mut again = BufReader::new(File::open(&path).map_err(error)?);
        line.clear();
        again.read_until(b'\n', &mut line).map_err(error)?;
        let decided = decided(again);
        Ok(Some((Kept { path, lines, files: header.files, written }, decided)))
    }

    /// The file that they are kept in.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The files that are decided about, by their numbers.
    #[must_use]
    pub fn files(&self) -> &[FileName] {
        &self.files
    }

    /// What a file was to be when it was about to be written; none of the inner kind where it was to go.
    #[must_use]
    pub fn written(&self, file: usize) -> Option<&Option<ContentHash>> {
        self.written.get(&file)
    }

    /// Tells what a file is about to be; none where it is about to go.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn about_to_appear(&self, file: usize, hash: Option<ContentHash>) -> io::Result<()> {
        let line = serde_json::to_vec(&Line::<()>::Written { file, hash })?;
        self.lines.add(line, true).map_err(|source| {
            let error = DecisionsError::Place { path: self.path.clone(), source: source.into() };
            io::Error::other(error)
        })
    }

    /// All is carried out.
    ///
    /// # Errors
    /// The file can't be removed.
    pub fn finish(self) -> Result<(), DecisionsError> {
        let error = |source: io::Error| DecisionsError::Left { path: self.path.clone(), source };
        fs::remove_file(&self.path).map_err(error)
    }
}

/// A line of the file. The first says what the decisions are of.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line<T> {
    Of(Header),
    Decided(T),
    Written { file: usize, hash: Option<ContentHash> },
}

#[derive(Serialize, Deserialize)]
struct Header {
    settings: Settings,
    files: Vec<FileName>,
}

fn names(files: &[&Path]) -> Vec<FileName> {
    files.iter().copied().map(FileName::from).collect()
}

fn is_gone(path: &Path) -> bool {
    matches!(fs::symlink_metadata(path), Err(error) if error.kind() == io::ErrorKind::NotFound)
}

fn decided<T: DeserializeOwned>(mut lines: BufReader<impl Read + Send>) -> impl Iterator<Item = io::Result<T>> + Send {
    let mut line = Vec::new();
    std::iter::from_fn(move || {
        loop {
            line.clear();
            match lines.read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(error) => return Some(Err(error)),
            }
            match serde_json::from_slice(&line) {
                Ok(Line::Decided(decided)) => return Some(Ok(decided)),
                Ok(Line::Of(_) | Line::Written { .. }) => {}
                Err(error) => return Some(Err(error.into())),
            }
        }
    })
}

/// Why decisions can't be kept or carried out.
#[derive(Debug, thiserror::Error)]
pub enum DecisionsError {
    /// The file can't be read or written.
    #[error("{}: what was decided can't be kept", crate::report::shown_name(path))]
    Place {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: PlaceError,
    },
    /// It can't be removed, though all is carried out.
    #[error("{}: what was decided is carried out, and this can't be removed", crate::report::shown_name(path))]
    Left {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// Another run is changing files there.
    #[error("another run is writing in {}: wait until that is done", crate::report::shown_name(folder))]
    Running {
        /// The folder.
        folder: PathBuf,
    },
    /// Its first line can't be read.
    #[error("{} does not say what a run has decided: move it away", crate::report::shown_name(path))]
    NoDecisions {
        /// The file.
        path: PathBuf,
    },
    /// The run that was stopped had other options.
    #[error(
        "a run that was stopped had {name} {before}, and now it is {now}: give the same to finish it, or move {} away \
         to decide anew about the files as they are",
        crate::report::shown_name(path)
    )]
    OtherSettings {
        /// The file.
        path: PathBuf,
        /// What differs.
        name: String,
        /// What it was.
        before: String,
        /// What it is.
        now: String,
    },
    /// The run that was stopped had other files.
    #[error(
        "a run over {files} files that was stopped had others than these: name the same to finish it, or move {} away to \
         decide anew about the files as they are",
        crate::report::shown_name(path)
    )]
    OtherFiles {
        /// The file.
        path: PathBuf,
        /// How many files it had.
        files: usize,
    },
}
