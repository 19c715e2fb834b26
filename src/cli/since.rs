//! What of the files of a run was added since a revision, in the numbers that findings have: lines of a text, records of a file.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::ops::Range;

use anyhow::{Context as _, Result};
use memchr::memchr_iter;

use super::batch;
use super::decide::units;
use super::feed::{self, Open};
use super::names::file_name;
use crate::config::{Config, Scope};
use crate::corpus::Originals;
use crate::format::{Chunk, Format};
use crate::report::{self, DocumentName, Finding, Lines, OriginalIn, Reason, shown_name};
use crate::sink::FileName;
use crate::source::{Added, AddedLines, Body, Input, ReadOptions, Source, Walk, WalkError};

/// What was added since a revision.
pub(super) struct Since<'a> {
    config: &'a Config,
    revision: &'a str,
    added: Added,
    /// The files of the run to which something was.
    files: HashMap<FileName, Fresh>,
}

/// What of a file was added.
enum Fresh {
    All,
    /// The units on these lines of a text, the first and the last of each, in order.
    Units(Vec<(u64, u64)>),
    /// The records with these numbers, from 1.
    Records(BTreeSet<u64>),
}

impl<'a> Since<'a> {
    /// What was added since the revision that is asked for, if one is.
    pub(super) fn of(config: &'a Config) -> Result<Option<Since<'a>>> {
        let Some(revision) = config.diff_base.as_deref() else { return Ok(None) };
        let added = Added::since(revision).with_context(|| format!("--diff-base {}", shown_name(revision.as_ref())))?;
        Ok(Some(Since { config, revision, added, files: HashMap::new() }))
    }

    /// Whether findings elsewhere tell which of those in added text count, so that all files have to be read.
    fn needs_all(&self) -> bool {
        self.config.scope == Scope::Corpus || self.config.baseline.is_some()
    }

    /// Leaves out the files that need not be read, and those outside of the repository, which are errors.
    pub(super) fn leave_out(&mut self, found: &mut Walk) {
        let mut errors = Vec::new();
        let (config, needs_all) = (self.config, self.needs_all());
        found.files.retain(|file| {
            let Input::File(path) = &file.input else { return true };
            let lines = match self.added.to(path) {
                Ok(Some(lines)) => lines,
                Ok(None) => return needs_all,
                Err(error) => {
                    errors.push(WalkError { path: path.clone(), reason: error.to_string() });
                    return false;
                }
            };
            let fresh = match lines {
                AddedLines::All => Fresh::All,
                // That a file can't be read is said where it is looked at.
                AddedLines::Some(lines) => fresh(config, &file.input, lines).unwrap_or(Fresh::All),
            };
            if let Some(name) = file_name(config, &file.input) {
                self.files.insert(name, fresh);
            }
            true
        });
        found.errors.append(&mut errors);
        if self.files.is_empty() {
            found.files.clear();
        }
    }

    /// As it is told of at the end.
    pub(super) fn told(&self) -> report::Since {
        report::Since { revision: self.revision.to_owned(), counts_added: self.config.scope == Scope::Document }
    }

    /// How many of so many units of a document were added; none where the document has no text that was.
    pub(super) fn units(&self, document: &DocumentName, units: u64) -> Option<u64> {
        match self.files.get(document.file.as_ref()?)? {
            Fresh::All => Some(units),
            Fresh::Units(added) => Some(added.len() as u64).filter(|added| *added > 0),
            Fresh::Records(records) => document.record.filter(|record| records.contains(record)).map(|_| units),
        }
    }

    /// Whether a finding of a document counts: something was added to its lines, or to those of the original.
    pub(super) fn counts(&self, document: &DocumentName, finding: &Finding) -> bool {
        let of_original = || {
            let Reason::Copy { of, at, .. } = &finding.reason else { return false };
            let lines = match *at {
                Originals::Lines(first, last) => Lines { first, last },
                Originals::From(line) | Originals::Within(line) => Lines { first: line, last: line },
            };
            match of {
                OriginalIn::Same => self.is_added(document, lines),
                OriginalIn::Other(other) => self.is_added(other, lines),
                OriginalIn::Earlier(_) => false,
            }
        };
        self.is_added(document, finding.lines) || of_original()
    }

    fn is_added(&self, document: &DocumentName, lines: Lines) -> bool {
        match document.file.as_ref().and_then(|file| self.files.get(file)) {
            None => false,
            Some(Fresh::All) => true,
            Some(Fresh::Units(added)) => {
                let at = added.partition_point(|(_, last)| *last < lines.first);
                added.get(at).is_some_and(|(first, _)| *first <= lines.last)
            }
            Some(Fresh::Records(records)) => document.record.is_some_and(|record| records.contains(&record)),
        }
    }
}

/// What of a file was added, of which these lines were, as git counts them.
fn fresh(config: &Config, input: &Input, lines: &[Range<u64>]) -> Result<Fresh> {
    let config = config.of(input);
    let read = ReadOptions { tap: None, ..config.read.clone() };
    let quiet = Config { quiet: true, read, ..config.clone() };
    let mut source = Source::open(input, &quiet.read)?;
    let is_wide = source.head()?.starts_with(b"\xFF\xFE") || source.head()?.starts_with(b"\xFE\xFF");
    if source.codec.is_some() || is_wide || feed::format(config, input) == Some(Format::Parquet) {
        return Ok(Fresh::All);
    }
    let mut reader = match feed::open(&quiet, input, &quiet.read)? {
        Open::Text(_) => {
            let document = batch::read(&quiet, input, Some(source), &mut Vec::new())?;
            return Ok(Fresh::Units(added_units(config, &document.body, lines)?));
        }
        Open::Records(reader) => reader,
    };
    let (mut records, mut before, mut ends) = (BTreeSet::new(), 0, 0);
    while let Some(chunk) = reader.next(Vec::new())? {
        let numbers = added_records(&chunk, ends, lines).map(|record| before + record as u64 + 1);
        records.extend(numbers);
        before += chunk.len() as u64;
        ends += line_ends(&chunk.bytes);
    }
    Ok(Fresh::Records(records))
}

/// The units of a text that stand on these lines, the first and the last line of each. Lines of git end at LF only, so what
/// stands on them is found by bytes.
fn added_units(config: &Config, body: &Body, lines: &[Range<u64>]) -> io::Result<Vec<(u64, u64)>> {
    let mut stretches: Vec<Range<u64>> = Vec::new();
    let (mut lines, mut number, mut at) = (lines.iter().peekable(), 1, 0);
    let mut line = |len: usize| {
        while lines.next_if(|lines| lines.end <= number).is_some() {}
        if lines.peek().is_some_and(|lines| lines.start <= number) {
            match stretches.last_mut() {
                Some(last) if last.end == at => last.end += len as u64,
                _ => stretches.push(at..at + len as u64),
            }
        }
        (number, at) = (number + 1, at + len as u64);
    };
    body.pieces::<io::Error>(|piece, last| {
        let mut done = 0;
        for end in memchr_iter(b'\n', piece) {
            line(end + 1 - done);
            done = end + 1;
        }
        if last && done < piece.len() {
            line(piece.len() - done);
            done = piece.len();
        }
        Ok(done)
    })?;
    let mut stretches = stretches.into_iter().peekable();
    let mut added = units(body, config.compare.unit)?;
    added.retain(|unit| {
        while stretches.next_if(|stretch| stretch.end <= unit.range().start).is_some() {}
        stretches.peek().is_some_and(|stretch| stretch.start < unit.range().end)
    });
    Ok(added.iter().map(|unit| (unit.first_line(), unit.last_line())).collect())
}

/// The records of a chunk, by their numbers in it, that stand on these lines, with so many line ends before the chunk.
fn added_records(chunk: &Chunk, before: u64, lines: &[Range<u64>]) -> impl Iterator<Item = usize> {
    let (mut at, mut number) = (0, before + 1);
    (0..chunk.len()).filter(move |record| {
        let place = chunk.place(*record);
        let (start, end) = (place.start as usize, place.end as usize);
        number += line_ends(&chunk.bytes[at..start]);
        let first = number;
        number += line_ends(&chunk.bytes[start..end]);
        at = end;
        // The line end that belongs to a record is on its last line.
        let last = if chunk.bytes[start..end].ends_with(b"\n") { number - 1 } else { number };
        let next = lines.partition_point(|lines| lines.end <= first);
        lines.get(next).is_some_and(|lines| lines.start <= last)
    })
}

fn line_ends(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}
