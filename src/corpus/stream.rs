//! A corpus in one pass: read in pieces, folded side by side, decided and written in order.
//!
//! What is kept in memory is the index, and a few pieces: those in work, and those whose last units are not decided yet.
//! Where these are many, because units without words hold their places, their text waits in a temporary file.

use std::collections::VecDeque;
use std::io::{self, Read as _, Write};
use std::ops::{ControlFlow, Range};
use std::sync::Mutex;

use super::Options;
use super::ordered::{Threads, ordered};
use super::piece::{Hashed, HashedUnit, Hasher, PIECE};
use crate::cut::Remains;
use crate::plan::{Decision, StreamItem, StreamPlan};
use crate::sink::Strung;
use crate::source::{Body, BodyWriter, Damage, Doubt, Opened, Spooling, Tally};
use crate::unit::{UnitKind, last_end};

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

/// Consecutive copies that lie together in repeated runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// The number of the document, from 0.
    pub document: usize,
    /// The first and the last line of it, counted from 1.
    pub lines: (u64, u64),
    /// The number of the document where the originals are.
    pub original: usize,
    /// The lines of the originals.
    pub of: Originals,
}

/// Where originals are, in lines counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Originals {
    /// On these lines, the first and the last.
    Lines(u64, u64),
    /// From this line on.
    From(u64),
    /// Somewhere in a run that begins on this line.
    Within(u64),
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
        let free = Mutex::new(Vec::new());
        let mut pieces = Pieces {
            open,
            kind: self.options.unit,
            wanted: self.piece.max(1),
            document: 0,
            current: None,
            rest: Vec::new(),
            free: &free,
        };
        let mut desk = Desk {
            plan: StreamPlan::new(self.options.min_words.get()),
            pending: Pending {
                held: VecDeque::new(),
                bytes: 0,
                undecided: 0,
                finished,
                documents: Vec::new(),
                block: None,
                totals: Totals::default(),
            },
            remains: Remains::new(&self.spooling),
            out: Strung::new(out),
            spooling: &self.spooling,
            strict: self.strict,
            lines: 0,
            bytes: 0,
            damage: Tally::default(),
            free: &free,
        };
        let mut result = Ok(());
        let hash = |hasher: &mut Hasher<'_>, job: Job<E>| match job {
            Job::Piece(piece) => {
                let hashed = hasher.hash(&piece.bytes, piece.begins);
                Work::Piece(piece, hashed)
            }
            Job::Failed(document, error) => Work::Failed(document, error),
            Job::Broken(error) => Work::Broken(error),
        };
        let finish = |work| match desk.take(work) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                result = Err(error);
                ControlFlow::Break(())
            }
        };
        ordered(self.threads, || Hasher::new(self.options), || pieces.next(), hash, finish);
        result?;
        desk.out.end().map_err(StreamError::Write)?;
        Ok(Totals { windows: desk.plan.windows() as u64, ..desk.pending.totals })
    }
}

/// A piece of a document, as it was read.
struct Piece {
    document: usize,
    bytes: Vec<u8>,
    begins: bool,
    ends: bool,
    /// Of the first piece: what is to be said of the document.
    doubts: Vec<Doubt>,
    likelier: Option<(&'static str, &'static str)>,
}

enum Job<E> {
    Piece(Piece),
    Failed(usize, E),
    Broken(StreamError),
}

enum Work<E> {
    Piece(Piece, Hashed),
    Failed(usize, E),
    Broken(StreamError),
}

/// Cuts documents into pieces.
struct Pieces<'a, F> {
    open: F,
    kind: UnitKind,
    wanted: usize,
    /// The number of the document that is open, or opened next.
    document: usize,
    current: Option<Current>,
    /// The start of the next piece, which was read with the one before.
    rest: Vec<u8>,
    /// Buffers to use again.
    free: &'a Mutex<Vec<Vec<u8>>>,
}

struct Current {
    reader: Box<dyn io::Read + Send>,
    begins: bool,
    doubts: Vec<Doubt>,
    likelier: Option<(&'static str, &'static str)>,
}

impl<E, F: FnMut() -> Option<Result<Opened, E>>> Pieces<'_, F> {
    fn next(&mut self) -> Option<Job<E>> {
        if self.current.is_none() {
            match (self.open)()? {
                Ok(opened) => {
                    let Opened { head, reader, doubts, likelier } = opened;
                    self.rest = head;
                    self.current = Some(Current { reader, begins: true, doubts, likelier });
                }
                Err(error) => {
                    self.document += 1;
                    return Some(Job::Failed(self.document - 1, error));
                }
            }
        }
        Some(match self.read() {
            Ok(piece) => Job::Piece(piece),
            Err(source) => {
                self.current = None;
                Job::Broken(StreamError::Read { document: self.document, source })
            }
        })
    }

    fn read(&mut self) -> io::Result<Piece> {
        let Some(current) = &mut self.current else { return Err(io::ErrorKind::UnexpectedEof.into()) };
        let mut bytes = self.free.lock().map(|mut free| free.pop()).ok().flatten().unwrap_or_default();
        bytes.clear();
        bytes.append(&mut self.rest);
        let mut wanted = self.wanted;
        let ends = loop {
            let missing = wanted.saturating_sub(bytes.len());
            bytes.reserve(missing);
            let read = current.reader.by_ref().take(missing as u64).read_to_end(&mut bytes)?;
            if read < missing {
                break true;
            }
            if let Some(end) = last_end(self.kind, &bytes) {
                self.rest.extend_from_slice(&bytes[end..]);
                bytes.truncate(end);
                break false;
            }
            // A unit of any length is looked at few times.
            wanted = bytes.len() * 2;
        };
        let piece = Piece {
            document: self.document,
            bytes,
            begins: std::mem::take(&mut current.begins),
            ends,
            doubts: std::mem::take(&mut current.doubts),
            likelier: current.likelier.take(),
        };
        if ends {
            self.current = None;
            self.document += 1;
        }
        Ok(piece)
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
    free: &'a Mutex<Vec<Vec<u8>>>,
}

impl<E> Desk<'_, E> {
    fn take(&mut self, work: Work<E>) -> Result<(), StreamError> {
        match work {
            Work::Piece(piece, hashed) => {
                self.survey(&piece, hashed.is_damaged)?;
                self.decide(piece, hashed);
                self.write().map_err(StreamError::Write)
            }
            Work::Failed(document, error) => {
                self.pending.documents.push(self.lines);
                (self.pending.finished)(Finished::Failed { document, error });
                Ok(())
            }
            Work::Broken(error) => Err(error),
        }
    }

    fn survey(&mut self, piece: &Piece, is_damaged: bool) -> Result<(), StreamError> {
        if piece.begins {
            self.pending.documents.push(self.lines);
            (self.bytes, self.damage) = (0, Tally::default());
        }
        if is_damaged || self.damage.is_damaged() {
            self.damage.add(self.bytes, &piece.bytes);
        }
        self.bytes += piece.bytes.len() as u64;
        match self.damage.damage() {
            Some(damage) if self.strict => Err(StreamError::Damaged { document: piece.document, damage }),
            _ => Ok(()),
        }
    }

    fn decide(&mut self, piece: Piece, hashed: Hashed) {
        let Piece { document, bytes, begins, ends, doubts, likelier } = piece;
        let Desk { plan, pending, lines, damage, .. } = self;
        if begins {
            (pending.finished)(Finished::Begun { document, doubts, likelier });
        }
        let mut units = Vec::with_capacity(hashed.units.len());
        units.extend(hashed.units.iter().map(|hashed| Placed {
            range: hashed.unit.with_terminator(),
            line: *lines + hashed.unit.first_line(),
            lines: hashed.unit.lines(),
            is_copy: false,
        }));
        pending.totals.units += units.len() as u64;
        pending.bytes += bytes.len() as u64;
        let ends = ends.then_some((document, *damage));
        pending.held.push_back(Held { bytes: Body::held(bytes), units, decided: 0, begins, ends, in_memory: true });
        let items = hashed.units.into_iter().map(|HashedUnit { unit, key, words, protected }| StreamItem {
            key,
            words,
            protected,
            place: *lines + unit.first_line(),
        });
        plan.extend(items, |decision| pending.decide(decision));
        if ends.is_some() {
            plan.end_document(|decision| pending.decide(decision));
            pending.end_block();
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
            let most = if held.in_memory {
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
        if let Some(bytes) = held.bytes.into_held()
            && let Ok(mut free) = self.free.lock()
            && free.len() < MOST_FREE
        {
            free.push(bytes);
        }
        Ok(())
    }
}

/// How many buffers are kept to be used again.
const MOST_FREE: usize = 16;

/// The pieces that are not written yet, and what is said of them.
struct Pending<'a, E> {
    held: VecDeque<Held>,
    /// How many of their bytes are in memory.
    bytes: u64,
    /// Which of them has the first unit that is not decided.
    undecided: usize,
    finished: &'a mut (dyn FnMut(Finished<E>) + Send),
    /// The number of lines before each document.
    documents: Vec<u64>,
    block: Option<Block>,
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
    in_memory: bool,
}

/// A unit with its terminator, as a range of its piece.
struct Placed {
    range: Range<u64>,
    /// Its first line, numbered through the corpus.
    line: u64,
    lines: u32,
    is_copy: bool,
}

/// Copies that may go on: lines numbered through the corpus.
struct Block {
    first: u64,
    last: u64,
    /// Where the originals start, or the run that they are in.
    original: u64,
    /// The last line of the originals, while each of them is known.
    original_last: Option<u64>,
    /// Whether the originals start there, and are not only somewhere in it.
    starts_there: bool,
    /// The last line of the document that they are in.
    document_last: u64,
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
            match decision {
                Decision::Kept => self.end_block(),
                Decision::Copy { original, run } => {
                    unit.is_copy = true;
                    let (line, lines) = (unit.line, unit.lines);
                    self.totals.removed += 1;
                    self.add_copy(line, lines, original, run);
                }
            }
            return;
        }
    }

    fn add_copy(&mut self, line: u64, lines: u32, original: Option<u64>, run: (u64, u64)) {
        let last = line + u64::from(lines) - 1;
        if let Some(block) = &mut self.block {
            // With an original of its own it has to be the next one; without, it goes with a run that the block is of.
            let shift = |place: u64| place.wrapping_sub(block.first);
            let goes_on = match original {
                Some(original) => {
                    original <= block.document_last
                        && block.starts_there
                        && original.wrapping_sub(block.original) == shift(line)
                }
                None => {
                    block.starts_there && run.0 >= block.first && run.1.wrapping_sub(block.original) == shift(run.0)
                }
            };
            if goes_on {
                block.last = last;
                let known = original.map(|original| original + u64::from(lines) - 1);
                block.original_last = block.original_last.and(known);
                return;
            }
        }
        self.end_block();
        let start = original.unwrap_or(run.1);
        let next = self.documents.partition_point(|&before| before < start);
        self.block = Some(Block {
            first: line,
            last,
            original: start,
            original_last: original.map(|original| original + u64::from(lines) - 1),
            starts_there: original.is_some(),
            document_last: self.documents.get(next).copied().unwrap_or(u64::MAX),
        });
    }

    fn end_block(&mut self) {
        let Some(block) = self.block.take() else { return };
        let document_of = |line: u64| self.documents.partition_point(|&before| before < line) - 1;
        let (document, original) = (document_of(block.first), document_of(block.original));
        let (before, before_original) = (self.documents[document], self.documents[original]);
        let start = block.original - before_original;
        let of = match block.original_last {
            Some(last) => Originals::Lines(start, last - before_original),
            None if block.starts_there => Originals::From(start),
            None => Originals::Within(start),
        };
        let lines = (block.first - before, block.last - before);
        (self.finished)(Finished::Repeated(Repeated { document, lines, original, of }));
    }

    /// The next piece if all of it is decided.
    fn next_decided(&mut self) -> Option<Held> {
        let is_decided = self.held.front().is_some_and(|held| held.decided == held.units.len());
        let held = if is_decided { self.held.pop_front() } else { None }?;
        self.undecided = self.undecided.saturating_sub(1);
        if held.in_memory {
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
        let first = self.held.iter().position(|held| held.in_memory).unwrap_or(self.held.len());
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
        self.held.push_back(Held { bytes: text.finish()?, units, decided, begins, ends: None, in_memory: false });
        (self.bytes, self.undecided) = (0, 0);
        Ok(())
    }
}
