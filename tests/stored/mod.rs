//! Indexes in files, with what is known of each.

#![allow(dead_code, reason = "no test uses all of it")]

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tikrar::fold::Level;
use tikrar::index::store::{AddError, Store, verify};
use tikrar::index::{KnownDocument, Recognised};
use tikrar::key::{Key, KeyVersion};
use tikrar::unit::UnitKind;
use xxhash_rust::xxh3::xxh3_128;

pub(crate) const CACHE: usize = 4 << 20;

pub(crate) fn version() -> KeyVersion {
    KeyVersion::new(Level::Typography.folds(), UnitKind::Line, 10)
}

pub(crate) fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("news.index");
    (folder, path)
}

pub(crate) fn open(path: &Path) -> Store {
    Store::open(path, &version(), CACHE).unwrap()
}

pub(crate) fn look(path: &Path) -> Store {
    Store::open_read_only(path, &version(), CACHE).unwrap()
}

pub(crate) fn key(n: u64) -> Key {
    Key::from(xxh3_128(&n.to_le_bytes()))
}

pub(crate) fn document(first: u64, lines: u64, name: &str) -> KnownDocument {
    let text = xxh3_128(name.as_bytes());
    KnownDocument { first, lines, name: name.to_owned(), as_read: text, as_left: text }
}

pub(crate) fn add(
    store: &Store,
    windows: &[(u64, u64)],
    documents: &[KnownDocument],
    lines: u64,
) -> Result<(), AddError<Infallible>> {
    store.add(
        windows.iter().map(|&(n, place)| Ok((key(n), place))),
        documents.iter().cloned().map(Ok),
        lines,
        Recognised::ByText,
    )
}

#[track_caller]
pub(crate) fn assert_sound(path: &Path) {
    let (_, faults) = verify(path, CACHE).unwrap();
    assert_eq!(faults, []);
}
