//! What goes, unit by unit, and why: as far as it is known before anything is written.

use std::io;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::repeats::Place;
use super::{Examined, Options};
use crate::format::{Chunk, Value};
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
    /// all other units, and together they are what goes of the file. Of a document that goes whole, the first has it all.
    pub spans: Vec<Range<u64>>,
    /// Whether all that goes of its document can be put back only together.
    pub with_document: bool,
}

/// Why a unit goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// It is a copy.
    Copy {
        /// The document of its original.
        document: Place,
        /// Where in it.
        original: At,
        /// The names of the smallest set of folds that makes the two equal; none where that was not looked at.
        folds: Option<String>,
    },
}

impl Why {
    /// The same in a record with this number, if that is where the original is.
    #[must_use]
    pub fn in_record(self, record: Option<u64>) -> Why {
        let Why::Copy { document, original, folds } = self;
        Why::Copy { document: Place { record, ..document }, original, folds }
    }

    /// The same in a file with this number, if that is where the original is.
    #[must_use]
    pub fn in_file(self, file: usize) -> Why {
        let Why::Copy { document, original, folds } = self;
        Why::Copy { document: Place { file, ..document }, original, folds }
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
    value: Option<(&Chunk, &Value, &[Range<u64>])>,
) -> io::Result<Vec<Gone>> {
    let Examined { units, items, plan } = examined;
    let (spans, with_document) = parted(document, units, &|at| plan.is_copy(at), cuts, value);
    let mut spans = spans.into_iter();
    let mut gone = Vec::new();
    for (number, block) in plan.blocks().enumerate() {
        for at in block.first..block.first + block.len {
            let (unit, original) = (&units[at], &units[block.original + (at - block.first)]);
            let (copy, text) = (document.body.bytes(unit.range())?, document.body.bytes(original.range())?);
            let folds = fold::folds_needed(options.folds, &[(&copy, &text)]);
            let document = Place { file: 0, record: None };
            let original = At::Lines(original.first_line(), original.last_line());
            gone.push(Gone {
                record: None,
                id: None,
                block: number as u64 + 1,
                unit: at as u64 + 1,
                lines: (unit.first_line(), unit.last_line()),
                words: items[at].words,
                key: items[at].key,
                why: Why::Copy { document, original, folds: Some(report::how_equal(folds)) },
                spans: spans.next().unwrap_or_default(),
                with_document,
            });
        }
    }
    Ok(gone)
}

/// Parts `cuts` among the units that go. Returns for each of these what goes with it, counted as `written` is; where that can be
/// put back only together, the first has it all.
pub(super) fn parted(
    document: &Document,
    units: &[Unit],
    is_gone: &dyn Fn(usize) -> bool,
    cuts: &[Range<u64>],
    value: Option<(&Chunk, &Value, &[Range<u64>])>,
) -> (Vec<Vec<Range<u64>>>, bool) {
    let portions = cut::portions(units, is_gone, cuts);
    let Some((chunk, value, written)) = value else { return (portions, false) };
    match value.portions(document.body.held_bytes(), &chunk.bytes, &portions) {
        Some(portions) => (portions, false),
        None => (vec![written.to_vec()], true),
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
        for span in &mut unit.spans {
            *span = span.start + before..span.end + before;
            of_units.push((span.clone(), at));
        }
    }
    of_units.sort_by_key(|(span, at)| (span.start, span.end, *at));
    let mut next = 0;
    let mut last = 0;
    for stretch in stretches {
        let mut at = stretch.start;
        let mut left = |from: u64, to: u64, owner: usize| {
            if from < to {
                gone[owner].spans.push(from..to);
            }
        };
        while let Some((span, owner)) = of_units.get(next)
            && span.start < stretch.end
        {
            left(at, span.start, last);
            (at, last) = (span.end.max(at), *owner);
            next += 1;
        }
        left(at, stretch.end, last);
    }
    for unit in gone {
        unit.spans.sort_by_key(|span| span.start);
    }
}
