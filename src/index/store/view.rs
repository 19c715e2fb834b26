//! A store at one moment, to look things up.

use std::path::Path;
use std::sync::Arc;

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable as _};

use super::error::Fault;
use super::sorted::Entry;
use super::{DOCUMENTS, DocumentRow, IDENTITIES, SEGMENTS, StoreError, guard, read_segments, segment};
use crate::index::IndexError;
use crate::index::earlier::{Earlier, KnownDocument, Own, TextHash, file_of, identity, places};
use crate::key::Key;

type SegmentTable = ReadOnlyTable<&'static [u8; 16], &'static [u8]>;

/// A store at one moment. It can be looked at from several threads.
pub struct View {
    pub(super) path: Arc<Path>,
    pub(super) lines: u64,
    /// None where there is no file.
    pub(super) tables: Option<Tables>,
}

pub(super) struct Tables {
    pub(super) segments: Vec<SegmentTable>,
    /// How many there are in all segments.
    pub(super) windows: u64,
    pub(super) documents: ReadOnlyTable<u64, DocumentRow>,
    pub(super) identities: ReadOnlyTable<(u128, u64), ()>,
}

impl Tables {
    pub(super) fn open(transaction: &ReadTransaction) -> Result<Tables, Fault> {
        let numbers = read_segments(&transaction.open_table(SEGMENTS)?)?;
        let mut segments = Vec::new();
        for number in numbers.keys() {
            segments.push(transaction.open_table(segment::definition(&segment::name(*number)))?);
        }
        Ok(Tables {
            segments,
            windows: numbers.values().fold(0, |sum, windows| sum.saturating_add(*windows)),
            documents: transaction.open_table(DOCUMENTS)?,
            identities: transaction.open_table(IDENTITIES)?,
        })
    }

    /// All windows, in order of their keys.
    pub(super) fn windows(&self) -> Result<impl Iterator<Item = Result<Entry, Fault>> + '_, Fault> {
        let mut sources: Vec<Box<dyn Iterator<Item = _> + '_>> = Vec::new();
        for segment in &self.segments {
            sources.push(Box::new(segment::all(segment)?));
        }
        Ok(segment::merged(sources))
    }

    pub(super) fn documents(&self) -> Result<impl Iterator<Item = Result<KnownDocument, Fault>> + '_, Fault> {
        Ok(self.documents.iter()?.map(|document| {
            let (first, value) = document?;
            Ok(known(first.value(), value.value()))
        }))
    }

    /// Whether this is what the file of the document behind so many lines is recognised by.
    pub(super) fn is_file(&self, link: u128, first: u64) -> Result<bool, Fault> {
        let document = self.documents.get(first)?;
        Ok(document.is_some_and(|document| link == identity(file_of(document.value().1), TextHash::Any)))
    }

    /// Each identity, with the first place of a document that has it.
    pub(super) fn links(&self) -> Result<impl Iterator<Item = Result<(u128, u64), Fault>> + '_, Fault> {
        Ok(self.identities.iter()?.map(|link| Ok(link?.0.value())))
    }
}

fn known(first: u64, (lines, name, as_read, as_left): (u64, &str, u128, u128)) -> KnownDocument {
    KnownDocument { first, lines, name: name.to_owned(), as_read, as_left }
}

impl View {
    /// The place of the line where a window first began.
    ///
    /// # Errors
    /// The file is damaged, or can't be read.
    pub fn first(&self, key: Key) -> Result<Option<u64>, StoreError> {
        let Some(tables) = &self.tables else { return Ok(None) };
        let [low, high] = key.halves();
        let key = segment::key_bytes(&[high, low, 0]);
        // The largest segment is the first, and has most of what is there.
        let find = || {
            for segment in &tables.segments {
                if let Some(place) = segment::first(segment, &key)? {
                    return Ok(Some(place));
                }
            }
            Ok(None)
        };
        guard(&self.path, find)
    }

    /// The document that a place lies in.
    ///
    /// # Errors
    /// The file is damaged, or can't be read.
    pub fn document(&self, place: u64) -> Result<Option<KnownDocument>, StoreError> {
        let Some(tables) = &self.tables else { return Ok(None) };
        let find = || {
            let Some(document) = tables.documents.range(..place)?.next_back() else { return Ok(None) };
            let (first, value) = document?;
            let (first, value) = (first.value(), value.value());
            let is_in_it = places(first, value.0).contains(&place);
            Ok(is_in_it.then(|| known(first, value)))
        };
        guard(&self.path, find)
    }

    /// The lines before the first document with this identity, if there is one.
    ///
    /// # Errors
    /// The file is damaged, or can't be read.
    pub fn first_with(&self, identity: u128) -> Result<Option<u64>, StoreError> {
        let Some(tables) = &self.tables else { return Ok(None) };
        guard(&self.path, || match tables.identities.range((identity, 0)..=(identity, u64::MAX))?.next() {
            Some(link) => Ok(Some(link?.0.value().1)),
            None => Ok(None),
        })
    }

    /// The places of the document with this identity: what first began there is no original of it.
    ///
    /// # Errors
    /// The file is damaged, or can't be read.
    pub fn own(&self, identity: u128) -> Result<Own, StoreError> {
        let Some(tables) = &self.tables else { return Ok(Own::default()) };
        let find = || {
            let mut ranges = Vec::new();
            for link in tables.identities.range((identity, 0)..=(identity, u64::MAX))? {
                let (_, first) = link?.0.value();
                let Some(document) = tables.documents.get(first)? else {
                    return Err(Fault::Wrong(format!("no document begins behind line {first}, and one should")));
                };
                ranges.push(places(first, document.value().0));
            }
            Ok(Own::new(ranges))
        };
        guard(&self.path, find)
    }
}

impl Earlier for View {
    fn lines(&self) -> u64 {
        self.lines
    }

    fn first(&self, key: Key) -> Result<Option<u64>, IndexError> {
        Ok(View::first(self, key)?)
    }

    fn document(&self, place: u64) -> Result<KnownDocument, IndexError> {
        let missing = || StoreError::of(&self.path, Fault::Wrong(format!("no document has its line {place}")));
        Ok(View::document(self, place)?.ok_or_else(missing)?)
    }

    fn own(&self, identity: u128) -> Result<Own, IndexError> {
        Ok(View::own(self, identity)?)
    }

    fn first_with(&self, identity: u128) -> Result<Option<u64>, IndexError> {
        Ok(View::first_with(self, identity)?)
    }
}

impl From<StoreError> for IndexError {
    fn from(error: StoreError) -> IndexError {
        IndexError::Kept(Box::new(error))
    }
}
