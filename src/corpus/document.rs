//! One document, looked at as a whole: folded in pieces, confirmed by text, planned.

use std::collections::BTreeMap;
use std::io;
use std::ops::{ControlFlow, Range};

use hashbrown::hash_map::Entry;
use hashbrown::{HashMap, HashSet};

use super::Options;
use super::collided::Collided;
use super::kinds::{Kind, Kinds};
use super::ordered::{Threads, ordered};
use super::piece::{Hashed, HashedUnit, Hasher, Marks, PIECE, Piece, pieces};
use crate::cut;
use crate::fold::{Folder, Folds};
use crate::key::Key;
use crate::longest::TooLong;
use crate::near::Nearness;
use crate::plan::{Item, Plan, TooManyUnits};
use crate::source::{Body, Document, Spooling};
use crate::unit::Unit;

/// A document that has been looked at.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The units, in order.
    pub units: Vec<Unit>,
    /// What the plan was made of, unit by unit.
    pub items: Vec<Item>,
    /// Which units are copies, and of what.
    pub plan: Plan,
    /// How many units are the same text twice, of which each has enough words.
    pub twice: u64,
    /// The units that have the key of another, which they are nearly the same as.
    pub near: BTreeMap<usize, NearUnit>,
}

/// A unit that is nearly the same as an earlier one.
#[derive(Clone, Debug)]
pub struct NearUnit {
    /// The number of its own folded text.
    pub class: u32,
    /// How near it is to the first unit of its kind.
    pub nearness: Nearness,
}

/// Looks at documents, one after the other, under the same options.
#[derive(Clone, Debug)]
pub struct Examiner<'a> {
    options: &'a Options,
    hasher: Hasher<'a>,
    threads: Threads,
    piece: u64,
    spooling: Spooling,
}

impl<'a> Examiner<'a> {
    /// An examiner under these options.
    #[must_use]
    pub fn new(options: &'a Options) -> Examiner<'a> {
        let spooling = Spooling::default();
        Examiner { options, hasher: Hasher::new(options), threads: Threads::ONE, piece: PIECE as u64, spooling }
    }

    /// Looks at the pieces of a long document side by side.
    #[must_use]
    pub fn with_threads(mut self, threads: Threads) -> Examiner<'a> {
        self.threads = threads;
        self
    }

    /// Where texts wait that are compared for near copies, when they are too many to hold.
    #[must_use]
    pub fn with_spooling(mut self, spooling: Spooling) -> Examiner<'a> {
        self.spooling = spooling;
        self
    }

    /// Takes documents in pieces of so many bytes, if no unit is longer. What is found is the same for any length.
    #[must_use]
    pub fn with_pieces_of(mut self, bytes: u64) -> Examiner<'a> {
        self.piece = bytes.max(1);
        self
    }

    /// Splits, folds and hashes a document, and plans what of it goes.
    ///
    /// # Errors
    /// A spooled document can't be read back, or there are more units than can be numbered.
    pub fn examine(&mut self, document: &Document) -> Result<Examined, ExamineError> {
        let mut classes = Classes::new(self.options.folds);
        let mut nearly = Nearly::new(self.options, &self.spooling);
        let (mut units, mut items, mut near) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut read = 0;
        let mut lines = 0;
        let mut twice = 0;
        let mut result = Ok(());
        let body = &document.body;
        let mut finish = |piece: io::Result<(Piece<'_>, Hashed)>| {
            let taken = piece.and_then(|(Piece { bytes, .. }, piece)| {
                twice += piece.twice;
                units.reserve(piece.units.len());
                items.reserve(piece.units.len());
                let mut marks = piece.marks();
                for (at, HashedUnit { unit, key, words, protected, .. }) in piece.units.iter().enumerate() {
                    let (key, mut words, protected) = (*key, *words, *protected);
                    let text = &bytes[unit.range().start as usize..unit.range().end as usize];
                    let unit = unit.clone().moved(read, lines);
                    let (mut class, mut key) = classes.of(key, text, unit.range(), body)?;
                    if let Some((_, marks)) = marks.next_if(|(marked, _)| *marked == at)
                        && let Some(kind) = nearly.kind((key, words, class), marks, text)?
                    {
                        near.insert(units.len(), NearUnit { class, nearness: kind.nearness.clone() });
                        (class, key, words) = (kind.number, kind.key, kind.words);
                    }
                    items.push(Item { key, class, words, protected });
                    units.push(unit);
                }
                read += piece.len;
                lines += piece.lines;
                Ok(())
            });
            match taken {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    result = Err(error);
                    ControlFlow::Break(())
                }
            }
        };
        let mut pieces = pieces(body, self.options.unit, self.piece);
        if body.len() <= self.piece {
            // Nothing to do side by side.
            for piece in pieces {
                if finish(piece.map(|piece| self.hasher.hash_piece(piece))).is_break() {
                    break;
                }
            }
        } else {
            let hash = |hasher: &mut Hasher<'_>, piece: io::Result<_>| piece.map(|piece| hasher.hash_piece(piece));
            ordered(self.threads, || self.hasher.clone(), || pieces.next(), hash, finish);
        }
        result?;
        let plan = Plan::of_document(&items, self.options.min_words.get())?;
        Ok(Examined { units, items, plan, twice, near })
    }
}

/// Why a document can't be examined.
#[derive(Debug, thiserror::Error)]
pub enum ExamineError {
    /// Its temporary file can't be read.
    #[error("cannot be read back from its temporary file")]
    Io(#[source] io::Error),
    /// A unit is longer than any can be.
    #[error(transparent)]
    TooLong(TooLong),
    /// It has too many units.
    #[error(transparent)]
    TooManyUnits(#[from] TooManyUnits),
}

impl From<io::Error> for ExamineError {
    fn from(error: io::Error) -> ExamineError {
        TooLong::of(error).map_or_else(ExamineError::Io, ExamineError::TooLong)
    }
}

impl Examined {
    /// Looks at one document. For more than one make an [`Examiner`].
    ///
    /// # Errors
    /// A spooled document can't be read back, or there are more units than can be numbered.
    pub fn new(document: &Document, options: &Options) -> Result<Examined, ExamineError> {
        Examiner::new(options).examine(document)
    }

    /// The stretches of the document that are left out when it is written.
    ///
    /// # Errors
    /// A spooled document can't be read back.
    pub fn cuts(&self, body: &Body) -> io::Result<Vec<Range<u64>>> {
        if self.plan.copies() == 0 {
            return Ok(Vec::new());
        }
        cut::stretches(body, &self.units, |at| self.plan.is_copy(at))
    }

    /// The stretches that are left out of a document that is a value in a file, and not a file.
    ///
    /// # Errors
    /// A spooled document can't be read back.
    pub fn cuts_of_value(&self, body: &Body) -> io::Result<Vec<Range<u64>>> {
        if self.plan.copies() == 0 {
            return Ok(Vec::new());
        }
        cut::stretches_of_value(body, &self.units, |at| self.plan.is_copy(at))
    }

    /// How near a copy is to its original, if they are not the same.
    #[must_use]
    pub fn nearness(&self, copy: usize, original: usize) -> Option<&Nearness> {
        let own = |unit: usize| self.near.get(&unit).map_or(self.items[unit].class, |near| near.class);
        let near = || self.near.get(&copy).or_else(|| self.near.get(&original)).map(|near| &near.nearness);
        if own(copy) == own(original) { None } else { near() }
    }

    /// The number of copies that are not the same as their originals.
    #[must_use]
    pub fn near_copies(&self) -> usize {
        if self.near.is_empty() {
            return 0;
        }
        let original = |copy: usize| self.plan.original(copy).and_then(|original| self.nearness(copy, original));
        (0..self.units.len()).filter(|&copy| original(copy).is_some()).count()
    }

    /// The number of distinct folded texts, where those that are nearly the same are one.
    #[must_use]
    pub fn texts(&self) -> usize {
        self.items.iter().map(|item| item.class as usize + 1).max().unwrap_or(0)
    }

    /// How many units stay although an earlier one that stays has the same text.
    #[must_use]
    pub fn let_pass(&self) -> LetPass {
        let mut seen = HashSet::new();
        let mut passed = LetPass { twice: self.twice, ..LetPass::default() };
        for (at, item) in self.items.iter().enumerate() {
            if self.plan.is_copy(at) || seen.insert(item.class) {
                continue;
            }
            if item.protected {
                passed.protected += 1;
            } else if item.words > 0 {
                passed.short += 1;
            }
        }
        passed
    }
}

/// Repeats that stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LetPass {
    /// Units with too few words, in no block. Units without words are not counted.
    pub short: u64,
    /// Units that were to be kept.
    pub protected: u64,
    /// Units that are the same text twice: what repeats is within them.
    pub twice: u64,
}

/// Finds the kinds of the texts of a document, if near copies are looked for.
struct Nearly<'a> {
    options: &'a Options,
    spooling: &'a Spooling,
    /// Made when there is a text that can be a near copy.
    kinds: Option<Kinds>,
    /// Of classes that were looked at, the kinds of those that are not first in their own.
    of_classes: HashMap<u32, Option<Kind>>,
}

impl<'a> Nearly<'a> {
    fn new(options: &'a Options, spooling: &'a Spooling) -> Nearly<'a> {
        Nearly { options, spooling, kinds: None, of_classes: HashMap::default() }
    }

    /// The kind of a text with this key, words and class, and these marks, if it is not the first of its own.
    fn kind(&mut self, unit: (Key, u32, u32), marks: Marks<'_>, text: &[u8]) -> io::Result<Option<&Kind>> {
        let Some(near) = self.options.near else { return Ok(None) };
        let kinds = match &mut self.kinds {
            Some(kinds) => kinds,
            none => none.insert(Kinds::new(near, self.options.folds, None, self.spooling).map_err(io::Error::other)?),
        };
        Ok(match self.of_classes.entry(unit.2) {
            Entry::Occupied(known) => known.into_mut().as_ref(),
            Entry::Vacant(new) => new.insert(kinds.of(marks, unit, text)?).as_ref(),
        })
    }
}

/// Numbers the distinct folded texts of a document. Keys find them, texts confirm them.
struct Classes {
    /// Fold the two texts that are compared.
    folders: [Folder; 2],
    by_key: HashMap<Key, u32>,
    /// Where each class first stands.
    first: Vec<Range<u64>>,
    /// Classes whose key another text had before.
    collided: Collided,
}

impl Classes {
    fn new(folds: Folds) -> Classes {
        Classes {
            folders: [Folder::new(folds), Folder::new(folds)],
            by_key: HashMap::default(),
            first: Vec::new(),
            collided: Collided::default(),
        }
    }

    /// The class of `unit`, which stands at `place`, and the key that the class goes by.
    fn of(&mut self, key: Key, unit: &[u8], place: Range<u64>, body: &Body) -> io::Result<(u32, Key)> {
        let new = self.first.len() as u32;
        let known = *self.by_key.entry(key).or_insert(new);
        if known == new {
            self.first.push(place);
            return Ok((new, key));
        }
        let [one, other] = &mut self.folders;
        let first = body.bytes(self.first[known as usize].clone())?;
        if *first == *unit {
            return Ok((known, key));
        }
        let text = other.fold(unit).text();
        if one.fold(&first).text() == text {
            return Ok((known, key));
        }
        for &class in self.collided.candidates(key, text) {
            let first = body.bytes(self.first[class as usize].clone())?;
            if one.fold(&first).text() == text {
                return Ok((class, key.numbered(class)));
            }
        }
        self.collided.add(key, text, new);
        self.first.push(place);
        Ok((new, key.numbered(new)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::{Splitter, UnitKind};

    #[test]
    fn texts_whose_keys_collide_stay_apart() {
        let body = Body::held("أول\nثان\nأول\nثالث\nثان\nأول".as_bytes().to_vec());
        let mut classes = Classes::new(Folds::NONE);
        let weak = Key::from(7_u128);
        let mut found = Vec::new();
        Splitter::new(UnitKind::Line).split(&body.bytes(0..body.len()).unwrap(), true, |unit, bytes| {
            found.push(classes.of(weak, bytes, unit.range(), &body).unwrap());
        });
        let numbers: Vec<u32> = found.iter().map(|&(class, _)| class).collect();
        assert_eq!(numbers, [0, 1, 0, 2, 1, 0]);
        assert_eq!(found[1].1, found[4].1);
        assert_ne!(found[0].1, found[1].1);
        assert_ne!(found[1].1, found[3].1);
    }
}
