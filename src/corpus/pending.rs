//! What of a corpus is read and waits to be decided about.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;

use super::repeats::{Repeated, Repeats};
use super::stream::{Finished, Totals};
use crate::index::{IndexError, Starts};
use crate::plan::Decision;
use crate::source::{Body, BodyWriter, Spooling, Tally};

/// The pieces that are not written yet, and what is said of them.
pub(super) struct Pending<'a, E> {
    pub(super) held: VecDeque<Held>,
    /// How many of their bytes are in memory.
    pub(super) bytes: u64,
    /// Which of them has the first unit that is not decided.
    pub(super) undecided: usize,
    pub(super) finished: &'a mut (dyn FnMut(Finished<E>) + Send),
    pub(super) repeats: Repeats,
    /// What was found in the current record.
    of_record: Vec<Repeated>,
    pub(super) totals: Totals,
    /// How many stretches were left out.
    pub(super) blocks: u64,
    /// Why it can't be told where copies are.
    failed: Option<IndexError>,
}

/// A piece that is not written yet.
pub(super) struct Held {
    pub(super) bytes: Body,
    pub(super) units: Vec<Placed>,
    /// How many of the units are decided.
    pub(super) decided: usize,
    pub(super) begins: bool,
    /// Of the last piece of a document: its number, and what was no UTF-8 in it.
    pub(super) ends: Option<(usize, Tally)>,
}

/// A unit with its terminator, as a range of its piece.
pub(super) struct Placed {
    pub(super) range: Range<u64>,
    /// Its first line, numbered through the corpus.
    pub(super) line: u64,
    pub(super) lines: u32,
    pub(super) is_copy: bool,
}

impl<'a, E> Pending<'a, E> {
    /// Nothing is pending.
    pub(super) fn new(starts: Starts, finished: &'a mut (dyn FnMut(Finished<E>) + Send)) -> Pending<'a, E> {
        let (repeats, totals) = (Repeats::new(starts), Totals::default());
        Pending {
            held: VecDeque::new(),
            bytes: 0,
            undecided: 0,
            finished,
            repeats,
            of_record: Vec::new(),
            totals,
            blocks: 0,
            failed: None,
        }
    }

    /// Whether it could be told of all copies so far where they are.
    pub(super) fn check(&mut self) -> Result<(), IndexError> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Takes the decision about the first unit that there is none about.
    pub(super) fn decide(&mut self, decision: Decision) {
        while let Some(held) = self.held.get_mut(self.undecided) {
            let Some(unit) = held.units.get_mut(held.decided) else {
                self.undecided += 1;
                continue;
            };
            held.decided += 1;
            let (line, lines) = (unit.line, unit.lines);
            unit.is_copy = matches!(decision, Decision::Copy { .. });
            self.note(line, lines, decision);
            return;
        }
    }

    /// Takes note of the decision about a unit. Returns whether it is a copy.
    pub(super) fn note(&mut self, line: u64, lines: u32, decision: Decision) -> bool {
        let (ended, is_copy) = self.decided(line, lines, decision);
        self.say_of(ended);
        is_copy
    }

    fn decided(&mut self, line: u64, lines: u32, decision: Decision) -> (Option<Repeated>, bool) {
        match decision {
            Decision::Kept => (self.end(), false),
            Decision::Copy { original, run } => {
                self.totals.removed += 1;
                let ended = self.repeats.add(line, lines, original, run);
                (self.or_failed(ended), true)
            }
        }
    }

    fn end(&mut self) -> Option<Repeated> {
        let ended = self.repeats.end();
        self.or_failed(ended)
    }

    fn or_failed(&mut self, ended: Result<Option<Repeated>, IndexError>) -> Option<Repeated> {
        ended.unwrap_or_else(|error| {
            self.failed = Some(error);
            None
        })
    }

    pub(super) fn end_repeat(&mut self) {
        let ended = self.end();
        self.say_of(ended);
    }

    /// As [`Pending::note`], of a unit of a record: it is said later, when it is known what the record is called.
    pub(super) fn note_of_record(&mut self, line: u64, lines: u32, decision: Decision) -> bool {
        let (ended, is_copy) = self.decided(line, lines, decision);
        self.of_record.extend(ended);
        is_copy
    }

    pub(super) fn end_repeat_of_record(&mut self) {
        let ended = self.end();
        self.of_record.extend(ended);
    }

    /// Says what was noted of a record, which is called by itself as `id` says.
    pub(super) fn say_of_record(&mut self, id: impl FnOnce() -> Option<String>) {
        if self.of_record.is_empty() {
            return;
        }
        let id = id();
        for repeated in std::mem::take(&mut self.of_record) {
            self.say_of(Some(Repeated { id: id.clone(), ..repeated }));
        }
    }

    fn say_of(&mut self, ended: Option<Repeated>) {
        if let Some(repeated) = ended {
            self.blocks += 1;
            (self.finished)(Finished::Repeated(repeated));
        }
    }

    /// The next piece if all of it is decided.
    pub(super) fn next_decided(&mut self) -> Option<Held> {
        let is_decided = self.held.front().is_some_and(|held| held.decided == held.units.len());
        let held = if is_decided { self.held.pop_front() } else { None }?;
        self.undecided = self.undecided.saturating_sub(1);
        if held.bytes.is_held() {
            self.bytes -= held.bytes.len();
        }
        Some(held)
    }

    /// Makes one piece of those in memory, with its text in a temporary file. They are all of one document: where one
    /// ends, nothing waits.
    pub(super) fn put_aside(&mut self, spooling: &Spooling) -> io::Result<()> {
        let nothing = Spooling { hold: 0, ..spooling.clone() };
        let mut text = BodyWriter::new(&nothing);
        let (mut units, mut decided, mut len, mut begins) = (Vec::new(), 0, 0, false);
        let first = self.held.iter().position(|held| held.bytes.is_held()).unwrap_or(self.held.len());
        for held in self.held.drain(first..) {
            held.bytes.write(0..held.bytes.len(), &mut text)?;
            units.extend(
                held.units
                    .into_iter()
                    .map(|unit| Placed { range: unit.range.start + len..unit.range.end + len, ..unit }),
            );
            decided += held.decided;
            begins |= held.begins;
            len += held.bytes.len();
        }
        self.held.push_back(Held { bytes: text.finish()?, units, decided, begins, ends: None });
        (self.bytes, self.undecided) = (0, 0);
        Ok(())
    }
}
