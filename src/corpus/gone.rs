//! What goes, unit by unit, and why: as far as it is known before anything is written.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::repeats::Place;
use crate::key::Key;

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

/// Completes what is known of the units that go of some records: stretches that are in no unit's, because they stand between
/// records, go with the unit before them, or the first. All places become those of the file, `before` which there are so
/// many bytes.
pub(super) fn complete(gone: &mut [Gone], stretches: &[Range<u64>], before: u64) {
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
