//! The walk itself: documents in order, folded side by side, decided in order.
//!
//! An [`Examiner`] walks one document in its own scope, a [`Stream`] all of them in one. Both take documents in pieces.

mod aside;
mod collided;
mod confirm;
mod desk;
mod document;
mod dropping;
pub mod gone;
mod kinds;
mod most;
pub(crate) mod ordered;
mod parting;
mod pending;
mod piece;
mod reader;
mod recognised;
pub mod records;
mod repairs;
mod repeats;
pub mod spans;
mod stream;
mod survey;
mod texts;

use std::num::NonZeroU32;
use std::sync::Arc;

use hashbrown::HashSet;
use regex::bytes::RegexSet;

pub use document::{ExamineError, Examined, Examiner, LetPass};
pub use dropping::Repeating;
pub use gone::{At, Gone, Why};
pub use most::Most;
pub use ordered::Threads;
pub(crate) use piece::{Hashed, HashedUnit, Hasher, PIECE, pieces};
pub use reader::Documents;
pub use recognised::Before;
pub(crate) use repairs::Mended;
pub use repairs::Repairs;
pub use repeats::{Origin, Originals, Place, Repeated};
pub use spans::{Names, Span};
pub use stream::{Boilerplate, Commonest, Empty, Finished, Stream, StreamError, Strict, Totals};
pub use survey::{Surveyed, Wanted};

use crate::fold::{Folder, Folds, Level};
use crate::key::{Key, KeyVersion};
use crate::near::Near;
use crate::unit::UnitKind;

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
    /// When a unit is a copy of one that is nearly the same; none means never.
    pub near: Option<Near>,
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
            near: None,
        }
    }
}

impl Options {
    /// What keys made under these options may be compared with.
    #[must_use]
    pub fn key_version(&self) -> KeyVersion {
        KeyVersion { near: self.near, ..KeyVersion::new(self.folds, self.unit, self.min_words.get()) }
    }

    /// The levels that look past more than the folds in force, the strictest first, each with these options at it.
    #[must_use]
    pub fn further_levels(&self) -> Vec<(Level, Options)> {
        let folds = |level: Level| self.folds.union(level.folds());
        let levels = Level::ALL.into_iter().filter(|&level| folds(level) != self.folds);
        levels.map(|level| (level, Options { folds: folds(level), ..self.clone() })).collect()
    }
}

/// Units that are never removed: refrains, formulas, basmalas.
#[derive(Clone, Debug, Default)]
pub struct Keep {
    patterns: Vec<RegexSet>,
    /// The texts of keep files, as given: which key they have depends on the folds.
    texts: Vec<Vec<u8>>,
    /// Where each text stands, as far as that was told.
    places: Vec<KeepPlace>,
}

/// Where a text stands that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepPlace {
    /// What its file is called.
    pub file: Arc<str>,
    /// Its line there, counted from 1.
    pub line: u64,
}

/// Why a unit is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptBy {
    /// This pattern is found in it.
    Pattern(String),
    /// It folds as one of the texts does, which stands here, if that was told.
    Text(Option<KeepPlace>),
}

impl Keep {
    /// Keeps the units in which one of the patterns is found, and those that fold as one of the texts does.
    ///
    /// # Errors
    /// A pattern is no regular expression.
    pub fn new(patterns: &[String], texts: Vec<Vec<u8>>) -> Result<Keep, regex::Error> {
        let patterns = if patterns.is_empty() { Vec::new() } else { vec![RegexSet::new(patterns)?] };
        Ok(Keep { patterns, texts, places: Vec::new() })
    }

    /// Tells where the texts stand, one after the other.
    #[must_use]
    pub fn with_places(self, places: Vec<KeepPlace>) -> Keep {
        Keep { places, ..self }
    }

    /// What this keeps, and what the other does.
    #[must_use]
    pub fn and(&self, other: &Keep) -> Keep {
        let places = match (self.places.len() == self.texts.len(), other.places.len() == other.texts.len()) {
            (true, true) => [&*self.places, &*other.places].concat(),
            // A place is that of the text with its number.
            _ => Vec::new(),
        };
        Keep {
            patterns: [&*self.patterns, &*other.patterns].concat(),
            texts: [&*self.texts, &*other.texts].concat(),
            places,
        }
    }

    /// What of it keeps this unit: the patterns first, then the texts.
    #[must_use]
    pub fn what_keeps(&self, unit: &[u8], folds: Folds) -> Vec<KeptBy> {
        let patterns = self.patterns.iter().flat_map(|patterns| {
            let found = patterns.matches(trimmed(unit)).into_iter();
            found.map(|at| KeptBy::Pattern(patterns.patterns()[at].clone()))
        });
        let mut folder = Folder::new(folds);
        let key = Key::of(folder.fold(unit));
        let is_equal = |text: &Vec<u8>| Key::of(folder.fold(text)) == key;
        let texts = self.texts.iter().map(is_equal).enumerate().filter(|(_, is_equal)| *is_equal);
        let texts = texts.map(|(at, _)| KeptBy::Text(self.places.get(at).cloned()));
        patterns.chain(texts).collect()
    }

    /// What tells one from another: the patterns and texts, or their hash where they are long.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut all = Vec::new();
        let patterns = self.patterns.iter().flat_map(RegexSet::patterns).map(String::as_bytes);
        for (kind, text) in patterns.map(|text| (b'/', text)).chain(self.texts.iter().map(|text| (b'=', &**text))) {
            all.push(kind);
            all.extend_from_slice(text);
            all.push(b'\n');
        }
        if all.is_empty() { "none".to_owned() } else { format!("set {}", Key::from(xxhash_rust::xxh3::xxh3_128(&all))) }
    }

    pub(crate) fn keys(&self, folder: &mut Folder) -> HashSet<Key> {
        self.texts.iter().map(|text| Key::of(folder.fold(text))).collect()
    }

    pub(crate) fn has_pattern_in(&self, unit: &[u8]) -> bool {
        self.patterns.iter().any(|patterns| patterns.is_match(trimmed(unit)))
    }
}

/// What patterns are looked for in.
fn trimmed(unit: &[u8]) -> &[u8] {
    std::str::from_utf8(unit).map_or_else(|_| unit.trim_ascii(), |text| text.trim().as_bytes())
}
