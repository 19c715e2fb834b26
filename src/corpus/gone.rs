//! What goes, unit by unit, and why: as far as it is known before anything is written.

use std::io;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::dropping::Repeating;
use super::repeats::{Origin, Place};
use super::{Examined, Options};
use crate::format::{Chunk, Portion, Stretch, Value};
use crate::key::Key;
use crate::near::Nearness;
use crate::report::Equality;
use crate::source::Document;
use crate::unit::Unit;
use crate::{cut, fold};

/// A unit that goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// all other units, and together they are what goes of the file. Of a record that goes whole, the first has it all,
    /// and the separators that [`part_separators`] gives it.
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Why {
    /// It is a copy.
    Copy {
        /// The document of its original.
        document: Origin,
        /// Where in it.
        original: At,
        /// What makes the two equal; none where that was not looked at, and where they are not.
        folds: Option<String>,
        /// How near they are, where they are only nearly the same.
        near: Option<Nearness>,
    },
    /// It stands in so many documents that it goes everywhere.
    Boilerplate {
        /// The number of documents.
        documents: u64,
    },
    /// Its document goes as a whole.
    Document(Repeating),
}

impl Why {
    /// How near a copy is to its original, if it is only nearly the same.
    #[must_use]
    pub fn near(&self) -> Option<&Nearness> {
        match self {
            Why::Copy { near, .. } => near.as_ref(),
            Why::Boilerplate { .. } | Why::Document(_) => None,
        }
    }

    /// The same in a record with this number, if that is where the original is.
    #[must_use]
    pub fn in_record(self, record: Option<u64>) -> Why {
        match self {
            Why::Copy { document, original, folds, near } => {
                Why::Copy { document: document.map(|place| Place { record, ..place }), original, folds, near }
            }
            other => other,
        }
    }

    /// The same in a file with this number, if that is where the original is.
    #[must_use]
    pub fn in_file(self, file: usize) -> Why {
        match self {
            Why::Copy { document, original, folds, near } => {
                Why::Copy { document: document.map(|place| Place { file, ..place }), original, folds, near }
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

impl At {
    /// The line that it begins on; of a run, that of the run.
    #[must_use]
    pub fn line(self) -> u64 {
        let (At::Lines(line, _) | At::Line(line) | At::Run { original: line, .. }) = self;
        line
    }
}

/// The original of a unit that begins on a line, or in a run that does, among the units of its document that have the key of
/// that unit, in order, by their first lines: the first of them from there on.
pub fn original_from<T>(with_key: &[T], line: u64, first_line: impl Fn(&T) -> u64) -> Option<&T> {
    with_key.get(with_key.partition_point(|unit| first_line(unit) < line))
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
    let Examined { units, items, plan, .. } = examined;
    let mut portions = portions(document, units, &|at| plan.is_copy(at), cuts, value).into_iter();
    let mut gone = Vec::new();
    for (number, block) in plan.blocks().enumerate() {
        for at in block.first..block.first + block.len {
            let (unit, original) = (&units[at], &units[block.original + (at - block.first)]);
            let (copy, text) = (document.body.bytes(unit.range())?, document.body.bytes(original.range())?);
            let near = examined.nearness(at, block.original + (at - block.first)).cloned();
            let equality = || Equality::from(fold::folds_needed(options.folds, &[(&copy, &text)])).to_string();
            let folds = near.is_none().then(equality);
            let document = Origin::Here(Place { file: 0, record: None });
            let original = At::Lines(original.first_line(), original.last_line());
            let why = Why::Copy { document, original, folds, near };
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
        None => Portion::of_texts(cut::portions(units, is_gone, cuts), 0).collect(),
    }
}

/// Makes places in a part of a file, which so many bytes stand before, those of the file.
pub(crate) fn moved(gone: &mut [Gone], before: u64) {
    for Stretch { range, .. } in gone.iter_mut().flat_map(|gone| &mut gone.stretches) {
        *range = range.start + before..range.end + before;
    }
}

/// Parts what goes of an array between its records, which are all of `stretches` that are in no unit's, among those that go
/// whole. It goes with the record before it where no record stays before that, and else with the one behind it, so that an array
/// is left whichever of them are put back. Returns whether no record stays at all: then that is so of none of them alone.
///
/// This is asked of a file, since what stands between two of its parts is known with the later one.
pub fn part_separators(gone: &mut [Gone], stretches: &[Range<u64>]) -> bool {
    let owned = owned(gone);
    let mut owned = owned.iter().peekable();
    let mut none_stays = false;
    // One stretch that goes may be several here, side by side.
    for run in stretches.chunk_by(|one, other| one.end == other.start) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let begins_with_record = owned.peek().is_some_and(|(range, _)| range.start == first.start);
        let (mut at, mut before, mut separators) = (first.start, None, Vec::new());
        while let Some((range, owner)) = owned.next_if(|(range, _)| range.start < last.end) {
            separators.push((at..range.start, if begins_with_record { before } else { Some(*owner) }));
            (at, before) = (range.end, Some(*owner));
        }
        let has_separators = separators.iter().any(|(range, _)| !range.is_empty());
        let is_of_record = before.is_some_and(|owner| gone[owner].with_record);
        none_stays |= begins_with_record && has_separators && at == last.end && is_of_record;
        separators.push((at..last.end, before));
        take(gone, separators);
    }
    none_stays
}

/// All that there is of a file goes, so many bytes: what is in no unit's goes with the unit before it, or with the first.
pub fn complete(gone: &mut [Gone], bytes: u64) {
    let (mut at, mut before, mut rest) = (0, 0, Vec::new());
    for (range, owner) in owned(gone) {
        rest.push((at..range.start, Some(before)));
        (at, before) = (range.end, owner);
    }
    rest.push((at..bytes, Some(before)));
    take(gone, rest);
}

/// What goes with each unit, in order.
fn owned(gone: &[Gone]) -> Vec<(Range<u64>, usize)> {
    let of_unit =
        |(at, unit): (usize, &Gone)| unit.stretches.iter().map(|it| (it.range.clone(), at)).collect::<Vec<_>>();
    let mut owned: Vec<_> = gone.iter().enumerate().flat_map(of_unit).collect();
    owned.sort_by_key(|(range, at)| (range.start, range.end, *at));
    owned
}

/// Gives ranges to the units that they go with.
fn take(gone: &mut [Gone], ranges: Vec<(Range<u64>, Option<usize>)>) {
    for (range, owner) in ranges.into_iter().filter(|(range, _)| !range.is_empty()) {
        if let Some(unit) = owner.and_then(|owner| gone.get_mut(owner)) {
            let at = unit.stretches.partition_point(|other| other.range.start < range.start);
            unit.stretches.insert(at, Stretch { range, in_row: None });
        }
    }
}
