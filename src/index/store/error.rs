//! What can be wrong with a store.

use std::io;
use std::path::Path;

use super::FORMAT;
use crate::report::shown_name;

/// Why a store can't be used. Each names the file.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no file.
    #[error("{file} is not there")]
    Missing {
        /// The file.
        file: String,
    },
    /// The file is something else.
    #[error("{file} is no index that tikrar made")]
    NotAStore {
        /// The file.
        file: String,
    },
    /// It was made by a tikrar that keeps indexes another way.
    #[error("{file} is an index of format {found}, and this tikrar reads and writes format {FORMAT}: make it anew")]
    OtherFormat {
        /// The file.
        file: String,
        /// The number of its format.
        found: String,
    },
    /// Its keys are of another version.
    #[error(
        "{file} was made with {theirs} and this run has {ours}: an index holds keys of one kind only; give the same \
         options, or another file"
    )]
    OtherKeys {
        /// The file.
        file: String,
        /// What it was made with, as far as it differs.
        theirs: String,
        /// What is wanted instead.
        ours: String,
    },
    /// Another process has it.
    #[error("{file} is in use by another run: wait until that is done")]
    InUse {
        /// The file.
        file: String,
    },
    /// It is not what was written.
    #[error("{file} is damaged: {what}; take a copy of it, or make it anew")]
    Damaged {
        /// The file.
        file: String,
        /// What was found.
        what: String,
    },
    /// It can't be read or written.
    #[error("{file} cannot be read or written")]
    Io {
        /// The file.
        file: String,
        /// What went wrong.
        source: io::Error,
    },
    /// It was opened to be read only.
    #[error("{file} was opened to be read only")]
    ReadOnly {
        /// The file.
        file: String,
    },
    /// What was to be added does not fit on what is there; nothing was added.
    #[error("nothing was added to {file}: {what}")]
    Misplaced {
        /// The file.
        file: String,
        /// What does not fit.
        what: String,
    },
}

/// What went wrong inside, before it is known of which file.
#[derive(Debug)]
pub(super) enum Fault {
    Redb(Box<redb::Error>),
    Io(io::Error),
    /// What is there can't be.
    Wrong(String),
    /// What was to be added can't be.
    Misplaced(String),
}

impl StoreError {
    pub(super) fn of(path: &Path, fault: Fault) -> StoreError {
        let file = shown_name(path);
        match fault {
            Fault::Io(source) => StoreError::of_io(file, source),
            Fault::Redb(error) => match *error {
                redb::Error::DatabaseAlreadyOpen => StoreError::InUse { file },
                redb::Error::Io(source) => StoreError::of_io(file, source),
                error => StoreError::Damaged { file, what: error.to_string() },
            },
            Fault::Wrong(what) => StoreError::Damaged { file, what },
            Fault::Misplaced(what) => StoreError::Misplaced { file, what },
        }
    }
}

impl StoreError {
    fn of_io(file: String, source: io::Error) -> StoreError {
        match source.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                StoreError::Damaged { file, what: "a part of it is missing, or is something else".to_owned() }
            }
            io::ErrorKind::WouldBlock => StoreError::InUse { file },
            io::ErrorKind::NotFound => StoreError::Missing { file },
            _ => StoreError::Io { file, source },
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Io(error)
    }
}

impl From<crate::guard::Panicked> for Fault {
    fn from(panicked: crate::guard::Panicked) -> Fault {
        Fault::Wrong(format!("what is read of it makes no sense ({})", panicked.0))
    }
}

macro_rules! from_redb {
    ($($error:ident)*) => {
        $(impl From<redb::$error> for Fault {
            fn from(error: redb::$error) -> Fault {
                Fault::Redb(Box::new(error.into()))
            }
        })*
    };
}

from_redb!(DatabaseError TransactionError TableError StorageError CommitError);

/// Why nothing was added.
#[derive(Debug, thiserror::Error)]
pub enum AddError<E> {
    /// It is the store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was to be added could not be had.
    #[error("what was to be added to the index could not be had")]
    Given(#[source] E),
}

/// The same before it is known of which file.
pub(super) enum AddFault<E> {
    Fault(Fault),
    Given(E),
}

impl<E, F: Into<Fault>> From<F> for AddFault<E> {
    fn from(fault: F) -> AddFault<E> {
        AddFault::Fault(fault.into())
    }
}

impl<E> AddError<E> {
    pub(super) fn of(path: &Path, fault: AddFault<E>) -> AddError<E> {
        match fault {
            AddFault::Fault(fault) => AddError::Store(StoreError::of(path, fault)),
            AddFault::Given(error) => AddError::Given(error),
        }
    }
}
