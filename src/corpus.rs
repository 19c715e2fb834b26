//! The walk itself: a document's units, folded, hashed and planned.

use std::collections::{HashMap, HashSet};
use std::io;
use std::num::NonZeroU32;
use std::ops::Range;

use regex::bytes::RegexSet;

use crate::cut;
use crate::fold::{Folder, Folds, Level};
use crate::key::{self, Key, KeyVersion};
use crate::plan::{Item, Plan, TooManyUnits};
use crate::source::{Body, Document};
use crate::unit::{Splitter, Unit, UnitKind};

/// What counts as a copy.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folds in force.
    pub folds: Folds,
    /// What a unit is.
    pub unit: UnitKind,
    /// The fewest words of a run that can be a copy.
    pub min_words: NonZeroU32,
    /// What is never removed.
    pub keep: Keep,
}

/// The fewest words of a run that can be a copy, where nothing else is said.
///
/// In 35,000 news articles lone repeated lines of up to 9 words are nearly all meant, and nearly all longer ones faults.
pub const MIN_WORDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

impl Default for Options {
    fn default() -> Options {
        Options {
            folds: Level::default().folds(),
            unit: UnitKind::default(),
            min_words: MIN_WORDS,
            keep: Keep::default(),
        }
    }
}

impl Options {
    /// What keys made under these options may be compared with.
    #[must_use]
    pub fn key_version(&self) -> KeyVersion {
        KeyVersion::new(self.folds, self.unit, self.min_words.get())
    }
}

/// Units that are never removed: refrains, formulas, basmalas.
#[derive(Clone, Debug, Default)]
pub struct Keep {
    patterns: Option<RegexSet>,
    /// The texts of keep files, as given: which key they have depends on the folds.
    texts: Vec<Vec<u8>>,
}

impl Keep {
    /// Keeps the units in which one of the patterns is found, and those that fold as one of the texts does.
    ///
    /// # Errors
    /// A pattern is no regular expression.
    pub fn new(patterns: &[String], texts: Vec<Vec<u8>>) -> Result<Keep, regex::Error> {
        let patterns = if patterns.is_empty() { None } else { Some(RegexSet::new(patterns)?) };
        Ok(Keep { patterns, texts })
    }

    fn keys(&self, folder: &mut Folder) -> HashSet<Key> {
        self.texts.iter().map(|text| Key::of(folder.fold(text))).collect()
    }

    fn has_pattern_in(&self, unit: &[u8]) -> bool {
        self.patterns.as_ref().is_some_and(|patterns| {
            let text = std::str::from_utf8(unit);
            patterns.is_match(text.map_or_else(|_| unit.trim_ascii(), |text| text.trim().as_bytes()))
        })
    }
}

/// A document that has been looked at.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The units, in order.
    pub units: Vec<Unit>,
    /// What the plan was made of, unit by unit.
    pub items: Vec<Item>,
    /// Which units are copies, and of what.
    pub plan: Plan,
}

/// Looks at documents, one after the other, under the same options.
#[derive(Clone, Debug)]
pub struct Examiner<'a> {
    options: &'a Options,
    folder: Folder,
    /// The keys of the units that are kept.
    kept: HashSet<Key>,
}

impl<'a> Examiner<'a> {
    /// An examiner under these options.
    #[must_use]
    pub fn new(options: &'a Options) -> Examiner<'a> {
        let mut folder = Folder::new(options.folds);
        let kept = options.keep.keys(&mut folder);
        Examiner { options, folder, kept }
    }

    /// Splits, folds and hashes a document, and plans what of it goes.
    ///
    /// # Errors
    /// A spooled document can't be read back, or there are more units than can be numbered.
    pub fn examine(&mut self, document: &Document) -> Result<Examined, ExamineError> {
        let Examiner { options, folder, kept } = self;
        let mut classes = Classes::new(options.folds);
        let mut splitter = Splitter::new(options.unit);
        let (mut units, mut items) = (Vec::new(), Vec::new());
        let mut failed = None;
        document.body.pieces::<io::Error>(|piece, last| {
            let done = splitter.split(piece, last, |unit, bytes| {
                let folded = folder.fold(bytes);
                let words = key::words(folded);
                let key = Key::of(folded);
                let protected = kept.contains(&key) || options.keep.has_pattern_in(bytes);
                match classes.of(key, bytes, folded.text(), unit.range(), &document.body) {
                    Ok((class, key)) => items.push(Item { key, class, words, protected }),
                    Err(error) => failed = Some(error),
                }
                units.push(unit);
            });
            failed.take().map_or(Ok(done), Err)
        })?;
        let plan = Plan::of_document(&items, options.min_words.get())?;
        Ok(Examined { units, items, plan })
    }
}

/// Why a document can't be examined.
#[derive(Debug, thiserror::Error)]
pub enum ExamineError {
    /// Its temporary file can't be read.
    #[error("cannot be read back from its temporary file")]
    Io(#[from] io::Error),
    /// It has too many units.
    #[error(transparent)]
    TooManyUnits(#[from] TooManyUnits),
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
        cut::stretches(body, &self.units, &self.plan)
    }

    /// The number of distinct folded texts.
    #[must_use]
    pub fn texts(&self) -> usize {
        self.items.iter().map(|item| item.class as usize + 1).max().unwrap_or(0)
    }

    /// How many units stay although an earlier one that stays has the same text.
    #[must_use]
    pub fn let_pass(&self) -> LetPass {
        let mut seen = HashSet::new();
        let mut passed = LetPass::default();
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
}

/// Numbers the distinct folded texts of a document. Keys find them, texts confirm them.
struct Classes {
    folder: Folder,
    by_key: HashMap<Key, u32>,
    /// Where each class first stands.
    first: Vec<Range<u64>>,
    /// Classes whose key another text had before.
    collided: Vec<(Key, u32)>,
}

impl Classes {
    fn new(folds: Folds) -> Classes {
        Classes { folder: Folder::new(folds), by_key: HashMap::new(), first: Vec::new(), collided: Vec::new() }
    }

    /// The class of a unit, and the key that the class goes by.
    fn of(&mut self, key: Key, unit: &[u8], folded: &[u8], place: Range<u64>, body: &Body) -> io::Result<(u32, Key)> {
        let new = self.first.len() as u32;
        let known = *self.by_key.entry(key).or_insert(new);
        if known == new {
            self.first.push(place);
            return Ok((new, key));
        }
        let candidates = std::iter::once((known, key)).chain(
            self.collided
                .iter()
                .filter(|(collided, _)| *collided == key)
                .map(|&(_, class)| (class, key.numbered(class))),
        );
        for (class, key) in candidates {
            let first = body.bytes(self.first[class as usize].clone())?;
            if *first == *unit || self.folder.fold(&first).text() == folded {
                return Ok((class, key));
            }
        }
        self.collided.push((key, new));
        self.first.push(place);
        Ok((new, key.numbered(new)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_whose_keys_collide_stay_apart() {
        let body = Body::held("أول\nثان\nأول\nثالث\nثان\nأول".as_bytes().to_vec());
        let mut classes = Classes::new(Folds::NONE);
        let weak = Key::from(7);
        let mut found = Vec::new();
        Splitter::new(UnitKind::Line).split(&body.bytes(0..body.len()).unwrap(), true, |unit, bytes| {
            found.push(classes.of(weak, bytes, bytes, unit.range(), &body).unwrap());
        });
        let numbers: Vec<u32> = found.iter().map(|&(class, _)| class).collect();
        assert_eq!(numbers, [0, 1, 0, 2, 1, 0]);
        assert_eq!(found[1].1, found[4].1);
        assert_ne!(found[0].1, found[1].1);
        assert_ne!(found[1].1, found[3].1);
    }
}
