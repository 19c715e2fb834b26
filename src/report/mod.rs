//! Findings, which are data, and what people read of them: one file a report.

pub mod account;
pub mod check;
mod excerpt;
pub mod explain;
pub mod summary;
pub mod unified;

use std::fmt;
use std::io;

use crate::corpus::{Examined, Options};
use crate::fold::{self, Folds};
use crate::plan::Block;
use crate::source::Body;

pub use excerpt::{excerpt, shown_name};

/// One finding: a block of a document that repeats an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The lines of the copy.
    pub copy: Lines,
    /// The lines of the original.
    pub original: Lines,
    /// The number of units that go.
    pub units: usize,
    /// What makes copy and original equal: none where they are equal byte for byte, no fold where only line ends, outer
    /// white space or canonical equivalence differ.
    pub folds: Option<Folds>,
    /// How the copy starts.
    pub excerpt: String,
}

/// What makes a copy equal to its original, in words.
#[must_use]
pub fn how_equal(folds: Option<Folds>) -> String {
    match folds {
        None => "byte for byte".to_owned(),
        Some(folds) if folds == Folds::NONE => "exact".to_owned(),
        Some(folds) => folds.to_string(),
    }
}

/// Lines of a document, first and last, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The first line.
    pub first: u64,
    /// The last line.
    pub last: u64,
}

impl Lines {
    fn of(examined: &Examined, first: usize, len: usize) -> Lines {
        let units = &examined.units[first..first + len];
        let lines = |at: Option<&crate::unit::Unit>| at.map_or((0, 0), |unit| (unit.first_line(), unit.last_line()));
        Lines { first: lines(units.first()).0, last: lines(units.last()).1 }
    }

    fn are_one(self) -> bool {
        self.first == self.last
    }

    /// What lines do that are copies: `repeat`, or one `repeats`.
    pub(crate) fn repeat(self) -> &'static str {
        if self.are_one() { "repeats" } else { "repeat" }
    }
}

impl fmt::Display for Lines {
    /// As in `line 3` and `lines 9-13`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.are_one() { write!(f, "line {}", self.first) } else { write!(f, "lines {}-{}", self.first, self.last) }
    }
}

/// What a block is a copy of, in words: `lines 9-13 repeat lines 4-8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repetition {
    /// The lines of the copy.
    pub copy: Lines,
    /// The lines of the original.
    pub original: Lines,
}

impl Repetition {
    /// What a block of a document says.
    #[must_use]
    pub fn of(examined: &Examined, block: Block) -> Repetition {
        Repetition {
            copy: Lines::of(examined, block.first, block.len),
            original: Lines::of(examined, block.original, block.len),
        }
    }
}

impl fmt::Display for Repetition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.copy, self.copy.repeat(), self.original)
    }
}

impl Finding {
    /// What there is to say of a block of a document.
    ///
    /// # Errors
    /// A spooled document can't be read back.
    pub fn of(body: &Body, examined: &Examined, block: Block, options: &Options) -> io::Result<Finding> {
        let mut pairs = Vec::new();
        for at in 0..block.len {
            let text = |unit: usize| body.bytes(examined.units[unit].range());
            pairs.push((text(block.first + at)?, text(block.original + at)?));
        }
        let pairs: Vec<(&[u8], &[u8])> = pairs.iter().map(|(a, b)| (&**a, &**b)).collect();
        let Repetition { copy, original } = Repetition::of(examined, block);
        Ok(Finding {
            copy,
            original,
            units: block.len,
            folds: fold::folds_needed(options.folds, &pairs),
            excerpt: excerpt(pairs.first().map_or(&[], |(copy, _)| copy)),
        })
    }

    /// What the block repeats, in words.
    #[must_use]
    pub fn repetition(&self) -> Repetition {
        Repetition { copy: self.copy, original: self.original }
    }
}
