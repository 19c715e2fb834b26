//! Why a unit goes, or is still here, and why two units are equal, or not: first what there is to say, as data, and in
//! `text` the words for it.

mod apart;
mod corpus;
mod document;
mod runs;
mod text;

use std::fmt;
use std::io;
use std::ops::Range;

use super::{Finding, Lines};
use crate::corpus::KeptBy;
use crate::fold::{Folds, Level, Sign};
use crate::key::Key;
use crate::near::Nearness;
use crate::source::Document;
use crate::unit::{Splitter, Unit, UnitKind};

pub use super::visible::{code_point, visible};
pub use apart::{Apart, Compared};
pub use corpus::{InCorpus, UnitAt, units_on_line};
pub use document::Explainer;
pub use text::{said_of_two, said_of_unit};

/// What there is to say of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The lines that it stands on.
    pub lines: Lines,
    /// The number of its words.
    pub words: u32,
    /// Its key.
    pub key: Key,
    /// Its folded text.
    pub folded: Vec<Sign>,
    /// In what it was looked for.
    pub within: Within,
    /// Why it goes, or stays.
    pub verdict: Verdict,
}

/// In what what is equal to a unit is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// In its document.
    Document,
    /// In all documents of a corpus.
    Corpus,
}

/// Where a unit stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Its lines.
    pub lines: Lines,
    /// What its document is called, if it is another one than that of the unit that is explained.
    pub document: Option<String>,
}

impl fmt::Display for Spot {
    /// As in `line 4` and `line 4 of a.txt`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.document {
            None => self.lines.fmt(f),
            Some(document) => write!(f, "{} of {document}", self.lines),
        }
    }
}

/// Where units stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spots {
    /// The first of them.
    pub named: Vec<Spot>,
    /// How many there are behind those.
    pub more: u64,
}

impl Spots {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.named.len() as u64 + self.more
    }
}

/// Whether a unit goes, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is a copy, and goes.
    Copy(Box<Copied>),
    /// It stays.
    Stays(Box<Staying>),
}

/// Of what a unit is a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its original.
    pub original: Spot,
    /// What makes the two equal, as [`crate::fold::folds_needed`] says it.
    pub folds: Option<Folds>,
    /// How near they are, where they are only nearly the same.
    pub near: Option<Nearness>,
    /// The block that it stands in, as `check` finds it.
    pub block: Finding,
    /// How many words the longest run around it has that repeats an earlier one, as it is read. Where that is
    /// fewer than a copy takes, the run has formed when other copies had gone.
    pub run_words: u64,
}

/// What there is to say of a unit that stays. Where nothing is, nothing else is equal to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Staying {
    /// What keeps it, if something was asked to.
    pub kept_by: Vec<KeptBy>,
    /// If it is kept: of what it would be a copy if it were not.
    pub would_repeat: Option<Spot>,
    /// Its copies.
    pub copies: Spots,
    /// The longest run around it that repeats an earlier one.
    pub repeat: Option<Repeat>,
    /// Where its text stands again, in units behind it that stay too.
    pub again: Spots,
    /// What a later level says.
    pub later: Option<Later>,
}

/// A run of units that stands twice, and has too few words for copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// The unit that is the same as the one that is explained.
    pub of: Spot,
    /// What makes the two equal, as [`crate::fold::folds_needed`] says it.
    pub folds: Option<Folds>,
    /// How near they are, where they are only nearly the same.
    pub near: Option<Nearness>,
    /// How many units the run has.
    pub units: usize,
    /// How many words it has.
    pub words: u64,
}

/// What holds of a unit at a later level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later {
    /// The level.
    pub level: Level,
    /// A unit that is equal to it there.
    pub other: Spot,
    /// What makes the two equal, as [`crate::fold::folds_needed`] says it.
    pub folds: Option<Folds>,
    /// How near they are, where they are only nearly the same.
    pub near: Option<Nearness>,
    /// Whether it is a copy of that one there.
    pub is_copy: bool,
}

/// Why there is no unit on a line.
#[derive(Debug, thiserror::Error)]
pub enum NoUnit {
    /// The line is blank.
    #[error("line {line} is blank: it is no unit, and is compared with nothing")]
    Blank {
        /// The line.
        line: u64,
    },
    /// There is no such line.
    #[error("there is no line {line}: {}", match lines { 0 => "it is empty".to_owned(), 1 => "it has 1 line".to_owned(), lines => format!("it has {lines} lines") })]
    NotThere {
        /// The line.
        line: u64,
        /// How many lines there are.
        lines: u64,
    },
    /// A spooled document can't be read back.
    #[error("cannot be read back from its temporary file")]
    Io(#[from] io::Error),
}

/// Those of these units of a document that are on a line, counted from 1. It is one, but where form feeds end paragraphs
/// within the line.
///
/// # Errors
/// There is none.
fn units_on(document: &Document, units: &[Unit], line: u64) -> Result<Range<usize>, NoUnit> {
    let first = units.partition_point(|unit| unit.last_line() < line);
    let on = units[first..].iter().take_while(|unit| unit.first_line() <= line).count();
    if on > 0 {
        return Ok(first..first + on);
    }
    let lines = lines_of(document)?;
    Err(if (1..=lines).contains(&line) { NoUnit::Blank { line } } else { NoUnit::NotThere { line, lines } })
}

/// The number of lines of a document.
fn lines_of(document: &Document) -> io::Result<u64> {
    let mut splitter = Splitter::new(UnitKind::Line);
    document.body.pieces::<io::Error>(|piece, last| Ok(splitter.split(piece, last, |_, _| {})))?;
    Ok(splitter.lines())
}
