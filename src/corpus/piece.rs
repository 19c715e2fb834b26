//! Pieces of documents: what is folded and hashed at a time. A piece ends where a unit can't go on.

use std::borrow::Cow;
use std::io;
use std::num::NonZeroU64;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use super::{Mended, Options};
use crate::fold::Folder;
use crate::key::{self, Key};
use crate::longest::LONGEST;
use crate::near::{Marker, Nearness, Sketch};
use crate::source::Body;
use crate::unit::{Splitter, Unit, UnitKind, last_end};

/// How long a piece is, in bytes, if no unit is longer.
pub(crate) const PIECE: usize = 256 << 10;

/// A piece of a document.
pub(crate) struct Piece<'a> {
    pub(crate) bytes: Cow<'a, [u8]>,
    /// Whether the document begins with it.
    pub(crate) begins: bool,
}

/// The pieces of a document that is at hand, `len` bytes each where no unit is longer.
pub(crate) fn pieces(body: &Body, kind: UnitKind, len: u64) -> impl Iterator<Item = io::Result<Piece<'_>>> + Send {
    let wanted = len;
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= body.len() {
            return None;
        }
        let begins = at == 0;
        let mut len = wanted;
        loop {
            let bytes = match body.bytes(at..at + len) {
                Ok(bytes) => bytes,
                Err(error) => {
                    at = body.len();
                    return Some(Err(error));
                }
            };
            let last = at + bytes.len() as u64 == body.len();
            let end = if last { Some(bytes.len()) } else { last_end(kind, &bytes) };
            if let Some(end) = end {
                at += end as u64;
                let bytes = match bytes {
                    Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[..end]),
                    Cow::Owned(mut bytes) => {
                        bytes.truncate(end);
                        Cow::Owned(bytes)
                    }
                };
                return Some(Ok(Piece { bytes, begins }));
            }
            if bytes.len() as u64 > LONGEST {
                let error = body.too_long(at, at + bytes.len() as u64).map_or_else(|error| error, io::Error::from);
                at = body.len();
                return Some(Err(error));
            }
            // A unit of any length is looked at few times.
            len = (len * 2).min(LONGEST.max(wanted) + 1);
        }
    })
}

/// The units of a piece.
pub(crate) struct Hashed {
    pub(crate) units: Vec<HashedUnit>,
    /// The length of the piece in bytes, and in line ends.
    pub(crate) len: u64,
    pub(crate) lines: u64,
    /// Whether a unit is not valid UTF-8. What is not in units is white space, and valid.
    pub(crate) is_damaged: bool,
    /// How many units are the same text twice, of which each has enough words.
    pub(crate) twice: u64,
    /// The units that can be near copies, by their numbers, each with a sketch of its words, and the keys that each is looked
    /// for by, as many for each.
    pub(crate) marked: Vec<(usize, Sketch)>,
    pub(crate) marks: Vec<Key>,
    /// Those that have the key of a unit that they are nearly the same as, once that is known.
    pub(crate) near: Vec<(usize, Nearness)>,
    /// What would be repaired in them, if that was looked for.
    pub(crate) mended: Option<Mended>,
}

impl Hashed {
    /// The units that can be near copies, by their numbers, each with what it is looked for by.
    pub(crate) fn marks(&self) -> std::iter::Peekable<impl Iterator<Item = (usize, Marks<'_>)>> {
        let of_unit = self.marks.len() / self.marked.len().max(1);
        let marks = self.marked.iter().zip(self.marks.chunks(of_unit.max(1)));
        marks.map(|(&(unit, sketch), keys)| (unit, Marks { keys, sketch })).peekable()
    }
}

/// What a unit is looked for by.
#[derive(Clone, Copy)]
pub(crate) struct Marks<'a> {
    /// Those that it may be nearly the same as have one of these as well.
    pub(crate) keys: &'a [Key],
    pub(crate) sketch: Sketch,
}

/// A unit, its place counted from the start of its piece.
pub(crate) struct HashedUnit {
    pub(crate) unit: Unit,
    pub(crate) key: Key,
    pub(crate) words: u32,
    pub(crate) protected: bool,
    /// Whether it goes wherever it stands: if so, in how many documents it does.
    pub(crate) boilerplate: Option<NonZeroU64>,
}

/// Folds and hashes the units of pieces.
#[derive(Clone, Debug)]
pub(crate) struct Hasher<'a> {
    options: &'a Options,
    folder: Folder,
    /// The keys of the units that are kept.
    kept: Arc<HashSet<Key>>,
    /// The keys of the units that go everywhere, and in how many documents they stand.
    boilerplate: Option<&'a HashMap<Key, u64>>,
    marker: Option<Marker>,
}

impl<'a> Hasher<'a> {
    pub(crate) fn new(options: &'a Options) -> Hasher<'a> {
        let mut folder = Folder::new(options.folds);
        let kept = Arc::new(options.keep.keys(&mut folder));
        Hasher { options, folder, kept, boilerplate: None, marker: options.near.map(Marker::new) }
    }

    pub(crate) fn unit_kind(&self) -> UnitKind {
        self.options.unit
    }

    /// Marks units with these keys, which stand in so many documents.
    pub(crate) fn with_boilerplate(self, boilerplate: &'a HashMap<Key, u64>) -> Hasher<'a> {
        Hasher { boilerplate: Some(boilerplate).filter(|keys| !keys.is_empty()), ..self }
    }

    /// Hashes the units of a piece, and gives it back.
    pub(crate) fn hash_piece<'b>(&mut self, piece: Piece<'b>) -> (Piece<'b>, Hashed) {
        let hashed = self.hash(&piece.bytes, piece.begins);
        (piece, hashed)
    }

    /// Hashes the units of a piece.
    pub(crate) fn hash(&mut self, piece: &[u8], begins: bool) -> Hashed {
        let Hasher { options, folder, kept, boilerplate, marker } = self;
        let mut splitter = if begins { Splitter::new(options.unit) } else { Splitter::within(options.unit) };
        let enough = options.min_words.get().saturating_mul(2);
        let (mut units, mut is_damaged, mut twice) = (Vec::new(), false, 0);
        let (mut marked, mut marks) = (Vec::new(), Vec::new());
        splitter.split(piece, true, |unit, bytes| {
            let range = unit.range();
            let folded = folder.fold_in(piece, range.start as usize..range.end as usize);
            is_damaged |= !folded.is_known_valid() && simdutf8::basic::from_utf8(bytes).is_err();
            let words = key::words(folded);
            twice += u64::from(words >= enough && is_twice(folded.text()));
            let key = Key::of(folded);
            let protected = (!kept.is_empty() && kept.contains(&key)) || options.keep.has_pattern_in(bytes);
            let boilerplate = boilerplate.filter(|_| !protected).and_then(|keys| keys.get(&key).copied());
            let boilerplate = boilerplate.and_then(NonZeroU64::new);
            if let Some(marker) = marker
                && let Some(sketch) = marker.mark(piece, range.start as usize..range.end as usize, &mut marks)
            {
                marked.push((units.len(), sketch));
            }
            units.push(HashedUnit { unit, key, words, protected, boilerplate });
        });
        let (len, lines) = (piece.len() as u64, splitter.lines());
        Hashed { units, len, lines, is_damaged, twice, marked, marks, near: Vec::new(), mended: None }
    }
}

/// Whether a folded text is another one twice, with a space between or none.
fn is_twice(text: &[u8]) -> bool {
    let (first, second) = text.split_at(text.len() / 2);
    first == second || second.strip_prefix(b" ") == Some(first)
}
