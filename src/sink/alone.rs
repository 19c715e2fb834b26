//! One run at a time: what a run has to itself as long as it lasts.
//!
//! The locks are advisory and go with the process, however it ends, so nothing has to be cleared away. Where the system or the
//! file system has none, runs go on without; so nothing is safe by a lock alone.

use std::fs::File;
use std::io;
use std::path::Path;

/// A file or folder that no other run has meanwhile.
#[derive(Debug)]
pub struct Alone {
    /// The lock goes when this is closed; none where there can be no lock.
    _file: Option<File>,
}

impl Alone {
    /// Keeps other runs off a folder that asks for it too. None where another run has it.
    ///
    /// # Errors
    /// The folder can't be opened or locked, though it may be read and there are locks.
    pub fn in_folder(folder: &Path) -> io::Result<Option<Alone>> {
        let file = match File::open(folder) {
            // It may be written all the same.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(Some(Alone { _file: None })),
            file => file?,
        };
        Ok(try_lock(&file)?.then_some(Alone { _file: Some(file) }))
    }
}

/// Locks a file until it is closed. Not so if another run has it.
#[cfg(unix)]
pub(super) fn try_lock(file: &File) -> io::Result<bool> {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;

    loop {
        return match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(true),
            Err(Errno::WOULDBLOCK) => Ok(false),
            Err(Errno::INTR) => continue,
            // There are no locks here: file systems in a network say so in several ways, of folders and of files that are only read.
            Err(Errno::NOLCK | Errno::NOSYS | Errno::OPNOTSUPP | Errno::INVAL | Errno::BADF) => Ok(true),
            Err(error) => Err(error.into()),
        };
    }
}

#[cfg(not(unix))]
pub(super) fn try_lock(_: &File) -> io::Result<bool> {
    Ok(true)
}
