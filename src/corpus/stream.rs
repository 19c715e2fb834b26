//! A corpus in one pass: read in pieces, folded side by side, decided and written in order.
//!
//! What is kept in memory is the index, and a few pieces: those in work, and those whose last units are not decided yet.
//! Where these are many, because units without words hold their places, their text waits in a temporary file.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::ops::{ControlFlow, Range};

use super::Options;
use super::ordered::{Threads, ordered};
use super::piece::{Hashed, HashedUnit, Hasher, PIECE};
use super::reader::{Buffers, NotRead, ReadPiece, Reader};
use super::repeats::{Repeated, Repeats};
use crate::cut::Remains;
use crate::plan::{Decision, StreamItem, StreamPlan};
use crate::sink::Strung;
use crate::source::{self, Body, BodyWriter, Damage, Doubt, Opened, Spooling, Tally};
use crate::unit::Unit;

/// What comes up on the way, in order.
#[derive(Debug)]
pub enum Finished<E> {
    /// Document number `document` could not be opened.
    Failed {
        /// The number of the document, from 0.
        document: usize,
        /// What was wrong.
        error: E,
    },
    /// A document was opened.
    Begun {
        /// The number of the document, from 0.
        document: usize,
        /// What is doubtful about it.
        doubts: Vec<Doubt>,
        /// The encoding it is read in, and another that it looks more like.
        likelier: Option<(&'static str, &'static str)>,
    },
    /// A document was read to its end.
    Ended {
        /// The number of the document, from 0.
        document: usize,
        /// Bytes that are no UTF-8, which were passed through.
        damage: Option<Damage>,
        /// Whether these are more than one in a hundred, so that it was hardly UTF-8 at all.
        too_damaged: bool,
    },
    /// A stretch of a document was left out.
    Repeated(Repeated),
}

/// Why a stream ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// A document can't be read further.
    #[error("cannot be read further: the run ends here, and what has been written is not all")]
    Read {
        /// The number of the document, from 0.
        document: usize,
        /// What went wrong.
        source: io::Error,
    },
    /// A document has bytes that are no UTF-8, and that was not to be.
    #[error("{damage}, and --strict allows none: the run ends here, and what has been written is not all")]
    Damaged {
        /// The number of the document, from 0.
        document: usize,
        /// What is not UTF-8 so far.
        damage: Damage,
    },
    /// The output, or a temporary file, can't be written.
    #[error("the output cannot be written")]
    Write(#[source] io::Error),
}

/// A corpus that is cleaned as a whole: a unit that repeats an earlier one of any document goes.
#[derive(Clone, Debug)]
pub struct Stream<'a> {
    /// What counts as a copy.
    pub options: &'a Options,
    /// How many pieces are folded side by side.
    pub threads: Threads,
    /// Whether bytes that are no UTF-8 end the run.
    pub strict: bool,
    /// How much text that waits for a decision is held in memory, and where more of it goes.
    pub spooling: Spooling,
    /// Whether documents are looked at for what makes them doubtful.
    pub doubts: bool,
    /// How many bytes are read at a time, if no unit is longer. What is written is the same for any number.
    pub piece: usize,
}

/// What a stream has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The number of documents that were read.
    pub documents: u64,
    /// The number of units.
    pub units: u64,
    /// The number of units that were left out.
    pub removed: u64,
    /// The number of distinct windows.
    pub windows: u64,
}

impl<'a> Stream<'a> {
    /// A stream under these options: with all processors, of damaged documents too, in pieces of 256 KiB, and with at
    /// most 16 MiB of text held that waits.
    #[must_use]
    pub fn new(options: &'a Options) -> Stream<'a> {
        Stream {
            options,
            threads: Threads::All,
            strict: false,
            doubts: true,
            spooling: Spooling { hold: 16 << 20, temp_dir: None },
            piece: PIECE,
        }
    }

    /// Writes what remains of the documents that `open` opens, strung together, to `out`, and hands on what comes up.
    ///
    /// # Errors
    /// A document can't be read to its end, or the output can't be written.
    pub fn clean<E: Send>(
        &self,
        open: impl FnMut() -> Option<Result<Opened, E>> + Send,
        out: &mut (dyn Write + Send),
        finished: &mut (dyn FnMut(Finished<E>) + Send),
    ) -> Result<Totals, StreamError> {
        let buffers = Buffers::default();
        let mut reader = Reader::new(open, self.options.unit, self.piece, &buffers);
        let mut desk = Desk {
            plan: StreamPlan::new(self.options.min_words.get()),
            pending: Pending {
                held: VecDeque::new(),
                bytes: 0,
                undecided: 0,
                finished,
                repeats: Repeats::default(),
                totals: Totals::default(),
            },
            remains: Remains::new(&self.spooling),
            out: Strung::new(out),
            spooling: &self.spooling,
            strict: self.strict,
            lines: 0,
            bytes: 0,
            damage: Tally::default(),
            buffers: &buffers,
        };
        let hasher = Hasher::new(self.options);
        let hash = |hasher: &mut Hasher<'_>, piece: Result<ReadPiece, NotRead<E>>| {
            piece.map(|piece| {
                let hashed = hasher.hash(&piece.bytes, piece.begins);
                let doubts = if piece.begins && self.doubts { source::doubts(&piece.bytes) } else { Vec::new() };
                (piece, hashed, doubts)
            })
        };
        let mut result = Ok(());
        let finish = |piece| match desk.take(piece) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                result = Err(error);
                ControlFlow::Break(())
            }
        };
        ordered(self.threads, || hasher.clone(), || reader.next(), hash, finish);
        result?;
        desk.out.end().map_err(StreamError::Write)?;
        Ok(Totals { windows: desk.plan.windows() as u64, ..desk.pending.totals })
    }
}

/// Where pieces are decided about and written, in order.
struct Desk<'a, E> {
    plan: StreamPlan,
    pending: Pending<'a, E>,
    remains: Remains<'a>,
    out: Strung<'a>,
    spooling: &'a Spooling,
    strict: bool,
    /// What there is before the next piece: lines of the corpus, and bytes and damage of the document.
    lines: u64,
    bytes: u64,
    damage: Tally,
    buffers: &'a Buffers,
}

impl<E> Desk<'_, E> {
    fn take(&mut self, piece: Result<(ReadPiece, Hashed, Vec<Doubt>), NotRead<E>>) -> Result<(), StreamError> {
        match piece {
            Ok((piece, hashed, doubts)) => {
                if piece.begins {
                    self.begin_document(piece.document, doubts, piece.likelier);
                }
                self.survey(&piece, hashed.is_damaged)?;
                self.decide(piece, hashed);
                self.write().map_err(StreamError::Write)
            }
            Err(NotRead::Failed { document, error }) => {
                self.pending.repeats.begin_document(self.lines);
                (self.pending.finished)(Finished::Failed { document, error });
                Ok(())
            }
            Err(NotRead::Broken { document, source }) => Err(StreamError::Read { document, source }),
        }
    }

    fn begin_document(&mut self, document: usize, doubts: Vec<Doubt>, likelier: Option<(&'static str, &'static str)>) {
        self.pending.repeats.begin_document(self.lines);
        (self.bytes, self.damage) = (0, Tally::default());
        (self.pending.finished)(Finished::Begun { document, doubts, likelier });
    }

    /// Counts what is no UTF-8.
    fn survey(&mut self, piece: &ReadPiece, is_damaged: bool) -> Result<(), StreamError> {
        if is_damaged || self.damage.is_damaged() {
            self.damage.add(self.bytes, &piece.bytes);
        }
        self.bytes += piece.bytes.len() as u64;
        match self.damage.damage() {
            Some(damage) if self.strict => Err(StreamError::Damaged { document: piece.document, damage }),
            _ => Ok(()),
        }
    }

    fn decide(&mut self, piece: ReadPiece, hashed: Hashed) {
        let ReadPiece { document, bytes, begins, ends, .. } = piece;
        let Desk { plan, pending, lines, damage, .. } = self;
        let place = |unit: &Unit| *lines + unit.first_line();
        let placed = |HashedUnit { unit, .. }: &HashedUnit| Placed {
            range: unit.with_terminator(),
            line: place(unit),
            lines: unit.lines(),
            is_copy: false,
        };
        let units: Vec<Placed> = hashed.units.iter().map(placed).collect();
        pending.totals.units += units.len() as u64;
        pending.bytes += bytes.len() as u64;
        let ends = ends.then_some((document, *damage));
        pending.held.push_back(Held { bytes: Body::held(bytes), units, decided: 0, begins, ends });
        let items = hashed.units.into_iter().map(|HashedUnit { unit, key, words, protected }| StreamItem {
            key,
            words,
            protected,
            place: place(&unit),
        });
        plan.extend(items, |decision| pending.decide(decision));
        if ends.is_some() {
            plan.end_document(|decision| pending.decide(decision));
            pending.end_repeat();
        }
        *lines += hashed.lines;
    }

    /// Writes the pieces that are decided about. What has to wait longer is put aside when it gets too much.
    fn write(&mut self) -> io::Result<()> {
        while let Some(held) = self.pending.next_decided() {
            self.write_piece(held)?;
        }
        if self.pending.bytes > self.spooling.hold {
            self.pending.put_aside(self.spooling)?;
        }
        Ok(())
    }

    fn write_piece(&mut self, held: Held) -> io::Result<()> {
        let Desk { remains, out, .. } = self;
        if held.begins {
            out.begin()?;
        }
        let mut at = 0;
        let mut units = &held.units[..];
        let len = held.bytes.len();
        loop {
            // What was put aside is read back a piece at a time.
            let most = if held.bytes.is_held() {
                units.len()
            } else {
                units.partition_point(|unit| unit.range.end <= at + PIECE as u64)
            };
            let (now, later) = units.split_at(most.max(1).min(units.len()));
            let end = later.first().map_or(len, |unit| unit.range.start);
            let bytes = held.bytes.bytes(at..end)?;
            let now =
                now.iter().map(|unit| ((unit.range.start - at) as usize..(unit.range.end - at) as usize, unit.is_copy));
            remains.write(&bytes, now, out)?;
            (at, units) = (end, later);
            if units.is_empty() {
                break;
            }
        }
        if let Some((document, damage)) = held.ends {
            remains.end(out)?;
            self.pending.totals.documents += 1;
            let (damage, too_damaged) = (damage.damage(), !damage.is_utf8());
            (self.pending.finished)(Finished::Ended { document, damage, too_damaged });
        }
        if let Some(bytes) = held.bytes.into_held() {
            self.buffers.give_back(bytes);
        }
        Ok(())
    }
}

/// The pieces that are not written yet, and what is said of them.
struct Pending<'a, E> {
    held: VecDeque<Held>,
    /// How many of their bytes are in memory.
    bytes: u64,
    /// Which of them has the first unit that is not decided.
    undecided: usize,
    finished: &'a mut (dyn FnMut(Finished<E>) + Send),
    repeats: Repeats,
    totals: Totals,
}

/// A piece that is not written yet.
struct Held {
    bytes: Body,
    units: Vec<Placed>,
    /// How many of the units are decided.
    decided: usize,
    begins: bool,
    /// Of the last piece of a document: its number, and what was no UTF-8 in it.
    ends: Option<(usize, Tally)>,
}

/// A unit with its terminator, as a range of its piece.
struct Placed {
    range: Range<u64>,
    /// Its first line, numbered through the corpus.
    line: u64,
    lines: u32,
    is_copy: bool,
}

impl<E> Pending<'_, E> {
    /// Takes the decision about the first unit that there is none about.
    fn decide(&mut self, decision: Decision) {
        while let Some(held) = self.held.get_mut(self.undecided) {
            let Some(unit) = held.units.get_mut(held.decided) else {
                self.undecided += 1;
                continue;
            };
            held.decided += 1;
            let ended = match decision {
                Decision::Kept => self.repeats.end(),
                Decision::Copy { original, run } => {
                    unit.is_copy = true;
                    self.totals.removed += 1;
                    self.repeats.add(unit.line, unit.lines, original, run)
                }
            };
            self.say_of(ended);
            return;
        }
    }

    fn end_repeat(&mut self) {
        let ended = self.repeats.end();
        self.say_of(ended);
    }

    fn say_of(&mut self, ended: Option<Repeated>) {
        if let Some(repeated) = ended {
            (self.finished)(Finished::Repeated(repeated));
        }
    }

    /// The next piece if all of it is decided.
    fn next_decided(&mut self) -> Option<Held> {
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
    fn put_aside(&mut self, spooling: &Spooling) -> io::Result<()> {
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
