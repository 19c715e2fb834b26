//! What goes, unit by unit, and why: as far as it is known before anything is written.

use std::io;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::repeats::{Origin, Place};
use super::{Examined, Options};
use crate::format::{Chunk, Portion, Stretch, Value};
use crate::key::Key;
use crate::source::Document;
use crate::unit::Unit;
use crate::{cut, fold, report};

/// A unit that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// The number of its record in the file, from 1, if the file has records.
    pub record: Option<u64>,
    /// What the record is called by itself.
    pub id: Option<String>,
    /// The number of the block that it stands in, in the run, from 1.
    pub block: u64,
    /// The number of the unit in its document, from 1.
    pub unit: u64,
    /// Its first and last line in its document, counted from 1.
    pub lines: (u64, u64),
    /// The number of its words.
    pub words: u32,
    /// Its key.
    pub key: Key,
    /// Why it goes.
    pub why: Why,
    /// What goes with it: stretches of the file, counted as those of [`crate::cut::FileCuts`]. They are apart from those of
    /// all other units, and together they are what goes of the file. Of a record that goes whole, the first has it all.
    pub stretches: Vec<Stretch>,
    /// Units of a document with the same number here can only be put back together.
    pub together: Option<u64>,
    /// Whether it goes with its record, which goes whole.
    pub with_record: bool,
}

impl Gone {
    /// Of a unit, which is number `at` of its document from 0: its key and words, its block and why it goes, and what goes with
    /// it. What its record is, is not said.
    pub(super) fn new(
        unit: &Unit,
        at: u64,
        (key, words): (Key, u32),
        (block, why): (u64, Why),
        Portion { gone: stretches, together }: Portion,
    ) -> Gone {
        let lines = (unit.first_line(), unit.last_line());
        let (record, id, with_record) = (None, None, false);
        Gone { record, id, block, unit: at + 1, lines, words, key, why, stretches, together, with_record }
    }
}

/// Why a unit goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// It is a copy.
    Copy {
        /// The document of its original.
        document: Origin,
        /// Where in it.
        original: At,
        /// What makes the two equal; none where that was not looked at.
        folds: Option<String>,
    },
    /// It stands in so many documents that it goes everywhere.
    Boilerplate {
        /// The number of documents.
        documents: u64,
    },
}

impl Why {
    /// The same in a record with this number, if that is where the original is.
    #[must_use]
    pub fn in_record(self, record: Option<u64>) -> Why {
        match self {
            Why::Copy { document, original, folds } => {
                Why::Copy { document: document.map(|place| Place { record, ..place }), original, folds }
            }
            other => other,
        }
    }

    /// The same in a file with this number, if that is where the original is.
    #[must_use]
    pub fn in_file(self, file: usize) -> Why {
        match self {
            Why::Copy { document, original, folds } => {
                Why::Copy { document: document.map(|place| Place { file, ..place }), original, folds }
            }
            other => other,
        }
    }
}

/// Where an original is in its document, in lines counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum At {
    /// It is on these lines, the first and the last.
    Lines(u64, u64),
    /// It begins on this line.
    Line(u64),
    /// In a run that begins on line `original` there, and on line `copy` here.
    Run {
        /// The first line of the run that the copy lies in.
        copy: u64,
        /// The first line of the run that that repeats.
        original: u64,
    },
}

/// What goes of a document that was looked at by itself: `cuts` of it, which are `written` so in the chunk that it lies in, if
/// it is a record. Blocks are numbered through the document.
///
/// # Errors
/// A spooled document can't be read back.
pub fn of_document(
    examined: &Examined,
    document: &Document,
    options: &Options,
    cuts: &[Range<u64>],
    value: Option<(&Chunk, &Value)>,
) -> io::Result<Vec<Gone>> {
    let Examined { units, items, plan } = examined;
    let mut portions = portions(document, units, &|at| plan.is_copy(at), cuts, value).into_iter();
    let mut gone = Vec::new();
    for (number, block) in plan.blocks().enumerate() {
        for at in block.first..block.first + block.len {
            let (unit, original) = (&units[at], &units[block.original + (at - block.first)]);
            let (copy, text) = (document.body.bytes(unit.range())?, document.body.bytes(original.range())?);
            let folds = fold::folds_needed(options.folds, &[(&copy, &text)]);
            let document = Origin::Here(Place { file: 0, record: None });
            let original = At::Lines(original.first_line(), original.last_line());
            let why = Why::Copy { document, original, folds: Some(report::how_equal(folds)) };
            let (hash, portion) = ((items[at].key, items[at].words), portions.next().unwrap_or_default());
            gone.push(Gone::new(unit, at as u64, hash, (number as u64 + 1, why), portion));
        }
    }
    Ok(gone)
}

/// Parts `cuts` of a document among the units that go. Of a record the places are those in the chunk that it lies in.
pub(super) fn portions(
    document: &Document,
    units: &[Unit],
    is_gone: &dyn Fn(usize) -> bool,
    cuts: &[Range<u64>],
    value: Option<(&Chunk, &Value)>,
) -> Vec<Portion> {
    match value {
        Some((chunk, value)) => chunk.portions(value, document.body.held_bytes(), units, is_gone, cuts),
        None => cut::portions(units, is_gone, cuts).into_iter().map(Portion::of_text).collect(),
    }
}

/// Completes what is known of the units that go of some records: stretches that are in no unit's, because they stand between
/// records, go with the unit before them, or the first. All places become those of the file, `before` which there are so
/// many bytes.
pub(crate) fn complete(gone: &mut [Gone], stretches: &[Range<u64>], before: u64) {
    if gone.is_empty() {
        return;
    }
    let mut of_units: Vec<(Range<u64>, usize)> = Vec::new();
    for (at, unit) in gone.iter_mut().enumerate() {
        for Stretch { range, .. } in &mut unit.stretches {
            *range = range.start + before..range.end + before;
            of_units.push((range.clone(), at));
        }
    }
    of_units.sort_by_key(|(span, at)| (span.start, span.end, *at));
    let (mut next, mut last, mut owned) = (0, 0, 0);
    for stretch in stretches {
        // What is one stretch of a unit may be several here, side by side.
        let mut at = stretch.start.max(owned);
        let mut left = |from: u64, to: u64, owner: usize| {
            if from < to {
                gone[owner].stretches.push(Stretch { range: from..to, in_row: None });
            }
        };
        while let Some((span, owner)) = of_units.get(next)
            && span.start < stretch.end
        {
            left(at, span.start, last);
            (at, last) = (span.end.max(at), *owner);
            owned = at;
            next += 1;
        }
        left(at, stretch.end, last);
    }
    for unit in gone {
        unit.stretches.sort_by_key(|stretch| stretch.range.start);
    }
}
