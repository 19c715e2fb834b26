//! Where bytes go: standard output, a file, a file in place.

mod alone;
mod appended;
mod atomic;
mod decisions;
mod journal;
mod packer;
mod strung;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use same_file::Handle;

pub use alone::Alone;
pub use atomic::{
    AtomicFile, PlaceError, backup, discard_unfinished, is_there, remove, remove_left_behind, replace, unchanged,
};
pub use decisions::{Collected, Decisions, DecisionsError, Kept};
pub use journal::{ContentHash, Entry, FileName, Hashing, JOURNAL, Journal, JournalError, Settings, refuse_unfinished};
pub use packer::Packer;
pub use strung::Strung;

use crate::report::shown_name;
use crate::source::{Codec, Input, Located};

/// Where a run writes.
pub enum Output {
    /// Standard output.
    Stdout(BufWriter<io::Stdout>),
    /// A file that appears, whole, when the run is done; compressed if its name says so.
    File {
        /// What it is called.
        name: String,
        /// Where it is written until then.
        out: Box<BufWriter<Packer<AtomicFile>>>,
    },
    /// A device or a pipe, which can't be replaced, or a file that is added to.
    Device(BufWriter<File>),
    /// Nowhere: what would be written is only counted.
    Nowhere,
}

/// An output that can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The output is one of the inputs.
    #[error("{output} is also an input, {input}: it would be written while it is read; give another output")]
    IsInput {
        /// The output.
        output: String,
        /// The input that is the same file.
        input: String,
    },
    /// The file can't be written.
    #[error("{}", crate::report::shown_name(path))]
    Place {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: PlaceError,
    },
}

impl Output {
    /// Opens the output, a path or standard output. Nothing is written yet.
    ///
    /// # Errors
    /// It is one of the inputs, by whatever name, or can't be written.
    pub fn open(path: Option<&Path>, inputs: &[Located]) -> Result<Output, OutputError> {
        let path = path.filter(|path| path.as_os_str() != "-");
        refuse_input(path, inputs)?;
        let Some(path) = path else {
            return Ok(Output::Stdout(BufWriter::with_capacity(64 << 10, io::stdout())));
        };
        if is_stdout(path) {
            return Ok(Output::Stdout(BufWriter::with_capacity(64 << 10, io::stdout())));
        }
        let error = |source| OutputError::Place { path: path.to_owned(), source };
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => Err(error(io::Error::from(io::ErrorKind::IsADirectory).into())),
            Ok(metadata) if !metadata.is_file() || is_descriptor(path) => {
                let device = File::options().append(true).open(path).map_err(|source| error(source.into()))?;
                Ok(Output::Device(BufWriter::new(device)))
            }
            _ => {
                let codec = Codec::of_path(path).map(|(codec, _)| codec);
                let file = AtomicFile::beside(path).and_then(|file| Ok(Packer::new(codec, file)?)).map_err(error)?;
                let out = Box::new(BufWriter::with_capacity(64 << 10, file));
                Ok(Output::File { name: shown_name(path), out })
            }
        }
    }

    /// Opens a file to write behind what is in it.
    ///
    /// # Errors
    /// It is one of the inputs, by whatever name, or can't be written.
    pub fn append(path: &Path, inputs: &[Located]) -> Result<Output, OutputError> {
        refuse_input(Some(path), inputs)?;
        let file = File::options().append(true).create(true).open(path);
        let file = file.map_err(|source| OutputError::Place { path: path.to_owned(), source: source.into() })?;
        Ok(Output::Device(BufWriter::new(file)))
    }

    /// Whether this is standard output.
    #[must_use]
    pub fn is_stdout(&self) -> bool {
        matches!(self, Output::Stdout(_))
    }

    /// Writes what is still held back, and lets a file appear.
    ///
    /// # Errors
    /// It can't be written.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Output::Stdout(mut out) => out.flush(),
            Output::Device(mut out) => out.flush(),
            Output::Nowhere => Ok(()),
            Output::File { out, .. } => out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?.finish(),
        }
    }
}

/// An error that says of which file it is.
fn named(name: &str, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{name}: {error}"))
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Stdout(out) => out.write(bytes),
            Output::Device(out) => out.write(bytes),
            Output::Nowhere => Ok(bytes.len()),
            Output::File { name, out } => out.write(bytes).map_err(|error| named(name, error)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Stdout(out) => out.flush(),
            Output::Device(out) => out.flush(),
            Output::Nowhere => Ok(()),
            Output::File { name, out } => out.flush().map_err(|error| named(name, error)),
        }
    }
}

/// A path by which it can be told whether two are the same; neither the file nor its folders need be there. Of a link to a
/// file that is not there yet it is the place where the file would be written.
#[must_use]
pub fn resolved(path: &Path) -> PathBuf {
    let path = match std::fs::canonicalize(path) {
        Ok(resolved) => return resolved,
        Err(_) => &*atomic::followed(path).unwrap_or_else(|_| path.to_owned()),
    };
    let by_folder = |folder: &Path| {
        let is_here = folder.as_os_str().is_empty();
        let resolved = std::fs::canonicalize(if is_here { Path::new(".") } else { folder }).ok()?;
        let below = path.strip_prefix(folder).ok()?;
        Some(if below.as_os_str().is_empty() { resolved } else { resolved.join(below) })
    };
    path.ancestors().find_map(by_folder).unwrap_or_else(|| path.to_owned())
}

/// Whether a path leads to the file that standard output is redirected to, by whatever name.
#[must_use]
pub fn is_where_stdout_goes(path: &Path) -> bool {
    regular(stdout()).is_some_and(|stdout| of_path(path) == Some(stdout))
}

/// Whether a path leads to standard output, as `/dev/stdout` does. It is written on from where it is, never replaced.
fn is_stdout(path: &Path) -> bool {
    is_descriptor(path) && is_where_stdout_goes(path)
}

/// Whether a path names an open file of a process rather than a place for one.
fn is_descriptor(path: &Path) -> bool {
    let is_stream = ["/dev/stdout", "/dev/stderr"].iter().any(|name| path == Path::new(name));
    let in_process = path.starts_with("/proc") && path.parent().is_some_and(|folder| folder.ends_with("fd"));
    is_stream || path.starts_with("/dev/fd") || in_process
}

/// Refuses an output that is one of the inputs: the same device and inode, redirected or by name.
fn refuse_input(path: Option<&Path>, inputs: &[Located]) -> Result<(), OutputError> {
    let output = match path {
        None => regular(stdout()),
        Some(path) => match of_path_if_any(path) {
            Ok(handle) => handle,
            Err(source) => return Err(OutputError::Place { path: path.to_owned(), source: source.into() }),
        },
    };
    // What does not exist yet is no input, and a device or pipe may well be both.
    let Some(output) = output else { return Ok(()) };
    for Located { input, .. } in inputs {
        let (handle, name) = match input {
            Input::Stdin => (regular(stdin()), "standard input".to_owned()),
            Input::File(path) => (of_path(path), crate::report::shown_name(path)),
        };
        if handle.is_some_and(|handle| handle == output) {
            let output = path.map_or_else(|| "standard output".to_owned(), crate::report::shown_name);
            return Err(OutputError::IsInput { output, input: name });
        }
    }
    Ok(())
}

/// The file at a path, if it is a regular one. Opening a pipe would wait for its other end.
fn of_path(path: &Path) -> Option<Handle> {
    of_path_if_any(path).ok().flatten()
}

fn of_path_if_any(path: &Path) -> io::Result<Option<Handle>> {
    let opened = std::fs::metadata(path).and_then(|metadata| match metadata.is_file() {
        true => Handle::from_path(path).map(Some),
        false => Ok(None),
    });
    match opened {
        // What may not be read is no input, and may be written all the same.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => Ok(None),
        opened => opened,
    }
}

/// Standard output. By a descriptor of its own, because what `Handle` takes it closes where it can't be looked at; then all that
/// is written there would be lost without an error.
fn stdout() -> io::Result<Handle> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd as _;
        Handle::from_file(io::stdout().as_fd().try_clone_to_owned()?.into())
    }
    #[cfg(not(unix))]
    Handle::stdout()
}

/// Standard input, in the same way.
fn stdin() -> io::Result<Handle> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd as _;
        Handle::from_file(io::stdin().as_fd().try_clone_to_owned()?.into())
    }
    #[cfg(not(unix))]
    Handle::stdin()
}

fn regular(handle: io::Result<Handle>) -> Option<Handle> {
    handle.ok().filter(|handle| handle.as_file().metadata().is_ok_and(|metadata| metadata.is_file()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_files_are_told_from_files_below_dev() {
        for path in ["/dev/stdout", "/dev/stderr", "/dev/fd/3", "/proc/self/fd/1", "/proc/12/fd/1"] {
            assert!(is_descriptor(Path::new(path)), "{path}");
        }
        for path in ["/dev/shm/out.txt", "/dev/shm/fd/out.txt", "out.txt", "/srv/fd/out.txt"] {
            assert!(!is_descriptor(Path::new(path)), "{path}");
        }
    }
}
