//! The lines of the file, read and written.

use std::io::{self, BufRead, Write};
use std::ops::Range;

use super::{Ending, Line, Removal};
use crate::format::text::InsertError;

/// Writes a line.
///
/// # Errors
/// `out` can't be written.
pub fn write(line: &Line, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// Why there is no telling what was removed.
#[derive(Debug, thiserror::Error)]
pub enum RemovedError {
    /// The file can't be read.
    #[error("cannot be read")]
    Io(#[from] io::Error),
    /// A line of it is wrong, or can't be done.
    #[error("line {line}: {problem}")]
    Line {
        /// The number of the line, from 1.
        line: u64,
        /// What is wrong.
        problem: Problem,
    },
    /// No copy is in a block that was asked for.
    #[error("there is no block {block} in it")]
    NoBlock {
        /// The number of the block, or the first of several.
        block: u64,
    },
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It is no JSON object, or one of other things.
    #[error("column {column}: {reason}")]
    NotJson {
        /// Where, in bytes from 1.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// It says neither what was removed nor what was written.
    #[error("it has neither \"removed\" nor \"cleaned\", so it is no line that tells of what was removed")]
    Unknown,
    /// What went is not what the line has.
    #[error("its \"removed\" was altered: it has another hash than the line says")]
    Altered,
    /// It belongs before another line, or is that line again.
    #[error(
        "it belongs before a line that stands before it, or is there twice: lines may be left out, and not moved or doubled"
    )]
    Unordered,
    /// The output that it speaks of had ended.
    #[error("its output had ended on line {ending}: what two runs have removed can't be put back at once")]
    AfterEnd {
        /// The line with the end.
        ending: u64,
    },
    /// Some lines of an output are of rows, and some are not, or of other columns, or only some of a part of it.
    #[error("it has another row, field or part than the other lines of its output")]
    Mixed,
    /// Copies that can only be put back together are not all there, or not all chosen.
    #[error(
        "only {chosen} of {count} copies are to be put back that can only be put back together{}",
        if blocks.is_empty() { ": not all of their lines are there".to_owned() } else { belong(blocks) }
    )]
    Together {
        /// How many are chosen.
        chosen: u64,
        /// How many there are.
        count: u64,
        /// The blocks of those, if all their lines are there.
        blocks: Vec<u64>,
    },
    /// It doesn't fit the text.
    #[error(transparent)]
    Insert(#[from] InsertError),
    /// It doesn't fit the table.
    #[error("{0}")]
    Unfit(String),
}

fn belong(blocks: &[u64]) -> String {
    match blocks {
        [block] => format!(": all of block {block} has to be"),
        [blocks @ .., last] => {
            let blocks: Vec<String> = blocks.iter().map(u64::to_string).collect();
            format!(": blocks {} and {last} belong together", blocks.join(", "))
        }
        [] => String::new(),
    }
}

/// A line, and where it is in the file.
#[derive(Debug)]
pub struct LineAt {
    /// Its number, from 1.
    pub number: u64,
    /// Its bytes in the file.
    pub bytes: Range<u64>,
    /// What it says.
    pub line: Line,
}

/// Reads the lines of the file. Blank ones are none.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    number: u64,
    at: u64,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Reads from the start of the file.
    pub fn new(reader: R) -> Lines<R> {
        Lines::from(reader, 0, 0)
    }

    /// Goes on at the start of a line, with so many lines and bytes before it.
    pub(super) fn from(reader: R, lines: u64, at: u64) -> Lines<R> {
        Lines { reader, number: lines, at, line: Vec::new() }
    }

    /// The next line; none at the end.
    ///
    /// # Errors
    /// The file can't be read, or the line can't be told.
    pub fn read(&mut self) -> Result<Option<LineAt>, RemovedError> {
        loop {
            self.line.clear();
            let read = self.reader.read_until(b'\n', &mut self.line)? as u64;
            if read == 0 {
                return Ok(None);
            }
            let bytes = self.at..self.at + read;
            self.at = bytes.end;
            self.number += 1;
            if self.line.trim_ascii().is_empty() {
                continue;
            }
            let number = self.number;
            let line =
                parse(self.line.trim_ascii_end()).map_err(|problem| RemovedError::Line { line: number, problem })?;
            return Ok(Some(LineAt { number, bytes, line }));
        }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<LineAt, RemovedError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

fn parse(line: &[u8]) -> Result<Line, Problem> {
    let error = match serde_json::from_slice::<Removal>(line) {
        Ok(removal) if removal.hash.as_ref().is_some_and(|hash| *hash != removal.hash_of_pieces()) => {
            return Err(Problem::Altered);
        }
        Ok(removal) => return Ok(Line::Removal(Box::new(removal))),
        Err(error) => error,
    };
    let is_without =
        |error: &serde_json::Error, name: &str| error.to_string().starts_with(&format!("missing field `{name}`"));
    let error = match error {
        error if is_without(&error, "removed") => match serde_json::from_slice::<Ending>(line) {
            Ok(ending) => return Ok(Line::Ending(ending)),
            Err(error) if is_without(&error, "cleaned") => return Err(Problem::Unknown),
            Err(error) => error,
        },
        error => error,
    };
    let reason = error.to_string();
    let reason = reason.rsplit_once(" at line ").map_or(&*reason, |(reason, _)| reason).to_owned();
    Err(Problem::NotJson { column: error.column(), reason })
}
