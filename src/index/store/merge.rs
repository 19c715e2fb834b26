//! One store of several.

use std::io;
use std::path::{Path, PathBuf};

use super::add::{Links, link, sorted};
use super::error::{AddError, AddFault, Fault, StoreError};
use super::{Access, Contents, Meta, Store, Tables, fill, guard};
use crate::index::Recognised;
use crate::report::shown_name;
use crate::sink::{AtomicFile, PlaceError};

/// Why stores are not merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// One of them can't be read, or the new one not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// They hold keys of different kinds.
    #[error(
        "{first} was made with {of_first} and {other} with {of_other}: an index holds keys of one kind only, so these can't \
         be merged"
    )]
    OtherKeys {
        /// The first store.
        first: String,
        /// What it was made with, as far as the other differs.
        of_first: String,
        /// The other.
        other: String,
        /// What that was made with instead.
        of_other: String,
    },
    /// There is something at the new one's place.
    #[error("{file} is already there, and merging replaces nothing: give another file, or move it away")]
    Exists {
        /// The place.
        file: String,
    },
}

/// Makes a store at `target` of those at `paths`, as if the runs of each had been made after those of the one before: the
/// lines of the second go on behind those of the first, and a window keeps the place that it has in the first store that has it.
/// A document that several have is kept once, and once more only if a window first began there that those before do not have;
/// so every place lies in a document. The new store appears whole or not at all.
///
/// # Errors
/// There is a file at `target`; the stores hold keys of different kinds, or can't be read; or the new one can't be written.
pub fn merge(paths: &[PathBuf], target: &Path, cache: usize) -> Result<Contents, MergeError> {
    let exists = || MergeError::Exists { file: shown_name(target) };
    if std::fs::symlink_metadata(target).is_ok() {
        return Err(exists());
    }
    // All are looked at before anything is written.
    let mut version = None;
    for path in paths {
        let store = Store::look(path, cache)?;
        let (first, kept) = version.get_or_insert_with(|| (path, store.version().clone()));
        if let Some((of_first, of_other)) = kept.differences(store.version()) {
            let (first, other) = (shown_name(first), shown_name(path));
            return Err(MergeError::OtherKeys { first, of_first, other, of_other });
        }
    }
    let Some((_, version)) = version else {
        return Err(StoreError::Missing { file: "an index to merge".to_owned() }.into());
    };
    let io = |source: io::Error| StoreError::Io { file: shown_name(target), source };
    let file = AtomicFile::beside(target).map_err(|error| match error {
        PlaceError::Io(error) => io(error),
        error => io(io::Error::other(error)),
    })?;
    guard(target, || fill(&file, &Meta::new(version), cache))?;
    let merged = Store::open_any(file.path(), Access::Write, cache).map_err(|error| named(error, target))?;
    for path in paths {
        append(&merged, &Store::look(path, cache)?).map_err(|error| named(error, target))?;
    }
    let mut contents = merged.contents().map_err(|error| named(error, target))?;
    drop(merged);
    contents.bytes = std::fs::metadata(file.path()).map_err(io)?.len();
    match file.appear() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists()),
        result => Ok(result.map(|()| contents).map_err(io)?),
    }
}

/// An error of the file that is being written names its place, not the file with a passing name.
fn named(error: StoreError, target: &Path) -> StoreError {
    match error {
        StoreError::Io { source, .. } => StoreError::Io { file: shown_name(target), source },
        error => error,
    }
}

/// Appends what one store holds to another.
fn append(to: &Store, from: &Store) -> Result<(), StoreError> {
    let Contents { lines, runs, .. } = from.contents()?;
    let before = to.lines();
    let read = || {
        let Some(database) = &from.database else { return Ok(None) };
        Tables::open(&database.begin_read()?).map(Some)
    };
    let Some(tables) = guard(&from.path, read)? else { return Ok(()) };
    let of_source = |fault: Fault| AddFault::Given(fault);
    let tables = &tables;
    let links = || {
        let with_text = tables.links().map_err(of_source)?.map(move |link| {
            let (identity, first) = link?;
            Ok((!tables.is_file(identity, first)?).then_some((identity, first)))
        });
        Ok::<_, AddFault<Fault>>(with_text.filter_map(Result::transpose).map(move |shifted| {
            let (identity, first) = shifted.map_err(of_source)?;
            Ok(link(identity, moved(first, before).map_err(of_source)?))
        }))
    };
    let total = guard(&from.path, || moved(lines, before))?;
    let appended = to.change(total, runs, |adding| {
        let mut recognised = Links::new(to, Recognised::ByText);
        for document in tables.documents().map_err(of_source)? {
            let mut document = document.map_err(of_source)?;
            document.first = moved(document.first, before).map_err(of_source)?;
            adding.document(&document)?;
            recognised.push(&document)?;
        }
        let files = recognised.recognise(adding)?;
        let windows = tables.windows().map_err(of_source)?;
        let windows = windows.map(|window| {
            let [high, low, place] = window.map_err(of_source)?;
            Ok([high, low, moved(place, before).map_err(of_source)?])
        });
        adding.windows(windows, to.sorter())?;
        adding.identities(links()?)?;
        adding.files(files.iter()?.map(sorted))
    });
    appended.map_err(|error| match error {
        // What does not fit is what the other holds.
        AddError::Store(StoreError::Misplaced { what, .. }) => {
            StoreError::Damaged { file: shown_name(&from.path), what }
        }
        AddError::Store(error) => error,
        AddError::Given(fault) => StoreError::of(&from.path, fault),
    })
}

fn moved(place: u64, by: u64) -> Result<u64, Fault> {
    place.checked_add(by).ok_or_else(|| Fault::Wrong(format!("it has a line {place}")))
}
