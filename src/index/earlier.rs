//! What earlier runs have found, as far as a run needs to know it.

use std::ops::Range;

use xxhash_rust::xxh3::Xxh3;

use super::IndexError;
use crate::key::Key;

/// What earlier runs have found: where windows first began, and in which documents. The lines of these are numbered through, from
/// 1; a place is such a number.
pub trait Earlier: Send + Sync {
    /// How many lines there are. The places of a run go on behind them.
    fn lines(&self) -> u64;

    /// The place where a window first began, if it did.
    ///
    /// # Errors
    /// What is kept can't be read.
    fn first(&self, key: Key) -> Result<Option<u64>, IndexError>;

    /// The document that a place lies in.
    ///
    /// # Errors
    /// What is kept can't be read, or has no such place.
    fn document(&self, place: u64) -> Result<KnownDocument, IndexError>;

    /// The places of the document with this identity, in order.
    ///
    /// # Errors
    /// What is kept can't be read.
    fn own(&self, identity: u128) -> Result<Own, IndexError>;

    /// The lines before the first document with this identity, if there is one.
    ///
    /// # Errors
    /// What is kept can't be read.
    fn first_with(&self, identity: u128) -> Result<Option<u64>, IndexError>;
}

/// How a run recognises the documents of earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// By name and text, as it was read or, if none was read so, as it was left.
    ByText,
    /// By the file alone. That is for files that are replaced by what is left of them: where a text was changed since, or is called
    /// something else, there is no other place any more where it stands.
    ByFile,
}

/// What of its text an identity of a document is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextHash {
    /// Nothing: of any document of a file, by the name of that.
    Any,
    /// The hash of the text as it was read.
    AsRead(u128),
    /// The hash of the text as it was left after cleaning.
    AsLeft(u128),
}

/// What a document is recognised by in a later run: its name and a text, or its file. It is the XXH3 hash (128 bits, seed 0) of a byte that is 0
/// for any text, 1 for one as it was read and 2 for one as it was left; the hash of the text (16 bytes, least significant first)
/// or zeros; and the name.
#[must_use]
pub fn identity(name: &str, text: TextHash) -> u128 {
    let (kind, hash) = match text {
        TextHash::Any => (0, 0),
        TextHash::AsRead(hash) => (1, hash),
        TextHash::AsLeft(hash) => (2, hash),
    };
    let mut hasher = Xxh3::new();
    hasher.update(&[kind]);
    hasher.update(&hash.to_le_bytes());
    hasher.update(name.as_bytes());
    hasher.digest128()
}

/// What a document is called by its file, and of a record, behind a NUL, by its number in that or what it is called by itself.
#[must_use]
pub fn document_name(file: &str, record: Option<(u64, Option<&str>)>) -> String {
    match record {
        None => file.to_owned(),
        // With what it is called by itself, it may stand anywhere in the file.
        Some((_, Some(id))) => format!("{file}\0, record ({id})"),
        Some((number, None)) => format!("{file}\0, record {number}"),
    }
}

/// The file of a document that is called so.
pub(super) fn file_of(name: &str) -> &str {
    name.split('\0').next().unwrap_or(name)
}

/// A document that earlier runs have found, or one that is to be kept for later runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDocument {
    /// The number of lines before it, of all that there are. Its own are those from the next one on.
    pub first: u64,
    /// How many lines it has.
    pub lines: u64,
    /// What it is called: see [`document_name`].
    pub name: String,
    /// The hash of its text as it was read.
    pub as_read: u128,
    /// The hash of its text as it was left after cleaning.
    pub as_left: u128,
}

impl KnownDocument {
    /// The places of its lines.
    #[must_use]
    pub fn places(&self) -> Range<u64> {
        places(self.first, self.lines)
    }

    /// What it will be recognised by, but for the name alone.
    pub fn identities(&self) -> impl Iterator<Item = u128> + '_ {
        let as_left = (self.as_left != self.as_read).then_some(TextHash::AsLeft(self.as_left));
        std::iter::once(TextHash::AsRead(self.as_read)).chain(as_left).map(|text| identity(&self.name, text))
    }

    /// What it is recognised by itself, by its text: the first of these that an earlier run knows.
    #[must_use]
    pub fn recognised_by(&self) -> [u128; 2] {
        [TextHash::AsRead(self.as_read), TextHash::AsLeft(self.as_read)].map(|text| identity(&self.name, text))
    }

    /// What its file is recognised by.
    #[must_use]
    pub fn by_file(&self) -> u128 {
        identity(file_of(&self.name), TextHash::Any)
    }

    /// What it is called in words.
    #[must_use]
    pub fn shown_name(&self) -> String {
        self.name.replace('\0', "")
    }
}

pub(super) fn places(first: u64, lines: u64) -> Range<u64> {
    first.saturating_add(1)..first.saturating_add(lines).saturating_add(1)
}

/// The places of a document, which may have been found more than once: as it was at first, and as it was left then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own(Vec<Range<u64>>);

impl Own {
    /// These places.
    #[must_use]
    pub fn new(ranges: Vec<Range<u64>>) -> Own {
        Own(ranges)
    }

    /// Whether the document is not known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The places, in order.
    #[must_use]
    pub fn ranges(&self) -> &[Range<u64>] {
        &self.0
    }
}
