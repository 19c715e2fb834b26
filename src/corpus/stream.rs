//! A corpus in one pass: read in pieces, folded side by side, decided and written in order.
//!
//! What is kept in memory is the index, and a few pieces: those in work, and those whose last units are not decided yet.
//! Where these are many, because units without words hold their places, their text waits in a temporary file.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::{self, Write};
use std::ops::{ControlFlow, Range};

use super::Options;
use super::ordered::{Threads, ordered};
use super::piece::{Hashed, HashedUnit, Hasher, PIECE};
use super::reader::{Buffers, Documents, NotRead, ReadPiece, Reader, Taken};
use super::records::{Looked, NotLooked, OfRecord, Seen, look_at};
use super::repeats::{Repeated, Repeats};
use crate::cut::{self, Remains};
use crate::format::{Chunk, RecordError, Removed, Value, record};
use crate::plan::{Decision, StreamItem, StreamPlan};
use crate::report::account::Account;
use crate::sink::Strung;
use crate::source::{self, Body, BodyWriter, Damage, Document, Doubt, Spooling, Tally};
use crate::unit::Unit;

/// What comes up on the way, in order.
#[derive(Debug)]
pub enum Finished<E> {
    /// File number `file` could not be opened, or nothing could be read of it.
    Failed {
        /// The number of the file, from 0.
        file: usize,
        /// What was wrong.
        error: E,
    },
    /// A file was opened.
    Begun {
        /// The number of the file, from 0.
        file: usize,
        /// What is doubtful about it.
        doubts: Vec<Doubt>,
        /// The encoding it is read in, and another that it looks more like.
        likelier: Option<(&'static str, &'static str)>,
    },
    /// A document of text was read to its end.
    Ended {
        /// The number of the file, from 0.
        file: usize,
        /// What was read and written of it.
        account: Account,
        /// Bytes that are no UTF-8, which were passed through.
        damage: Option<Damage>,
        /// Whether these are more than one in a hundred, so that it was hardly UTF-8 at all.
        too_damaged: bool,
    },
    /// Some records of a file were looked at.
    Records {
        /// The number of the file, from 0.
        file: usize,
        /// The field that their text is in, as far as there was one.
        text_field: Option<String>,
        /// What was seen in them.
        seen: Seen,
        /// What of them was written.
        account: Account,
        /// How many bytes of the file they are.
        bytes: u64,
        /// Of rows of a table of columns, which are not written: what goes.
        rows: Option<RowCuts>,
    },
    /// The records of file number `file` can't be read, not even the first.
    Unreadable {
        /// The number of the file, from 0.
        file: usize,
        /// What was wrong.
        error: RecordError,
    },
    /// The records of a file were read to its end.
    RecordsEnded {
        /// The number of the file, from 0.
        file: usize,
    },
    /// A stretch of a document was left out.
    Repeated(Repeated),
}

/// What goes of rows of a table of columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowCuts {
    /// Stretches of their texts, in order, counted through the texts of these rows.
    pub cuts: Vec<Range<u64>>,
    /// Whole rows, by their numbers in the file from 0.
    pub dropped: Vec<u64>,
}

/// Why a stream ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// A file can't be read further.
    #[error("the run ends here, and what has been written is not all")]
    Read {
        /// The number of the file, from 0.
        file: usize,
        /// What went wrong.
        #[source]
        error: RecordError,
    },
    /// A document has bytes that are no UTF-8, and that was not to be.
    #[error("{damage}, and --strict allows none: the run ends here, and what has been written is not all")]
    Damaged {
        /// The number of the file, from 0.
        file: usize,
        /// What is not UTF-8 so far.
        damage: Damage,
    },
    /// A record is damaged, and that was not to be.
    #[error(
        "record {record}: {what}, and --strict allows none such: the run ends here, and what has been written is not all"
    )]
    DamagedRecord {
        /// The number of the file, from 0.
        file: usize,
        /// The number of the record in it, from 1.
        record: u64,
        /// What is wrong with it.
        what: String,
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
    /// What becomes of records that lose all their text.
    pub empty: Empty,
    /// How many bytes are read at a time, if no unit is longer. What is written is the same for any number.
    pub piece: usize,
}

/// What becomes of a document that loses all its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Empty {
    /// It stays, with an empty text.
    #[default]
    Keep,
    /// It goes.
    Drop,
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
            empty: Empty::Keep,
            piece: PIECE,
        }
    }

    /// Writes what remains of the documents that `open` opens, strung together, to `out`, and hands on what comes up.
    ///
    /// # Errors
    /// A document can't be read to its end, or the output can't be written.
    pub fn clean<E: Send>(
        &self,
        open: impl FnMut() -> Option<Result<Documents, E>> + Send,
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
                blocks: 0,
            },
            remains: Remains::new(&self.spooling),
            out: Strung::new(out),
            spooling: &self.spooling,
            strict: self.strict,
            empty: self.empty,
            lines: 0,
            file: OfFile::default(),
            buffers: &buffers,
        };
        let hasher = Hasher::new(self.options);
        let hash = |hasher: &mut Hasher<'_>, taken: Result<Taken, NotRead<E>>| {
            Ok(match taken? {
                Taken::Piece(piece) => {
                    let hashed = hasher.hash(&piece.bytes, piece.begins);
                    let doubts = if piece.begins && self.doubts { source::doubts(&piece.bytes) } else { Vec::new() };
                    Work::Piece(piece, hashed, doubts)
                }
                Taken::Chunk { file, chunk } => {
                    let hash = |document: &Document, _: &Value| Ok(hasher.hash(document.body.held_bytes(), true));
                    let Looked { seen, records } = match look_at::<_, Infallible>(&chunk, hash) {
                        Ok(looked) => looked,
                        Err(NotLooked { error: never, .. }) => match never {},
                    };
                    let doubts = if chunk.begins() && self.doubts { source::doubts(&chunk.bytes) } else { Vec::new() };
                    Work::Chunk { file, chunk, seen, records, doubts }
                }
                Taken::End { file } => Work::End { file },
            })
        };
        let mut result = Ok(());
        let finish = |work| match desk.take(work) {
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

/// What is folded and hashed, and waits for its turn.
enum Work {
    Piece(ReadPiece, Hashed, Vec<Doubt>),
    Chunk { file: usize, chunk: Chunk, seen: Seen, records: Vec<OfRecord<Hashed>>, doubts: Vec<Doubt> },
    End { file: usize },
}

/// Where pieces are decided about and written, in order.
struct Desk<'a, E> {
    plan: StreamPlan,
    pending: Pending<'a, E>,
    remains: Remains<'a>,
    out: Strung<'a>,
    spooling: &'a Spooling,
    strict: bool,
    empty: Empty,
    /// How many lines of the corpus there are before what comes next.
    lines: u64,
    file: OfFile,
    buffers: &'a Buffers,
}

/// What there is of the current file before what comes next.
#[derive(Default)]
struct OfFile {
    account: Account,
    damage: Tally,
    /// The number of records.
    records: u64,
    /// Whether a record was kept.
    any_kept: bool,
    /// What the run had removed before the file, in units and blocks.
    before: (u64, u64),
}

impl<E> Desk<'_, E> {
    fn take(&mut self, work: Result<Work, NotRead<E>>) -> Result<(), StreamError> {
        match work {
            Ok(Work::Piece(piece, hashed, doubts)) => {
                if piece.begins {
                    self.begin_file(piece.file, false, doubts, piece.likelier);
                    self.pending.repeats.begin_document(self.lines);
                }
                self.survey(&piece, hashed.is_damaged)?;
                self.decide(piece, hashed);
                self.write().map_err(StreamError::Write)
            }
            Ok(Work::Chunk { file, chunk, seen, records, doubts }) => {
                if chunk.begins() {
                    self.begin_file(file, true, doubts, None);
                    self.out.begin().map_err(StreamError::Write)?;
                }
                self.take_chunk(file, chunk, seen, records)
            }
            Ok(Work::End { file }) => {
                (self.pending.finished)(Finished::RecordsEnded { file });
                Ok(())
            }
            Err(NotRead::Failed { file, error }) => {
                self.pending.repeats.begin_file(false);
                (self.pending.finished)(Finished::Failed { file, error });
                Ok(())
            }
            Err(NotRead::Unreadable { file, error }) => {
                self.pending.repeats.begin_file(true);
                (self.pending.finished)(Finished::Unreadable { file, error });
                Ok(())
            }
            Err(NotRead::Broken { file, error }) => Err(StreamError::Read { file, error }),
        }
    }

    fn begin_file(
        &mut self,
        file: usize,
        has_records: bool,
        doubts: Vec<Doubt>,
        likelier: Option<(&'static str, &'static str)>,
    ) {
        self.pending.repeats.begin_file(has_records);
        self.file = OfFile { before: (self.pending.totals.removed, self.pending.blocks), ..OfFile::default() };
        (self.pending.finished)(Finished::Begun { file, doubts, likelier });
    }

    /// Counts what is no UTF-8.
    fn survey(&mut self, piece: &ReadPiece, is_damaged: bool) -> Result<(), StreamError> {
        let OfFile { account, damage, .. } = &mut self.file;
        if is_damaged || damage.is_damaged() {
            damage.add(account.bytes_in, &piece.bytes);
        }
        account.bytes_in += piece.bytes.len() as u64;
        match damage.damage() {
            Some(damage) if self.strict => Err(StreamError::Damaged { file: piece.file, damage }),
            _ => Ok(()),
        }
    }

    fn decide(&mut self, piece: ReadPiece, hashed: Hashed) {
        let ReadPiece { file, bytes, begins, ends, .. } = piece;
        let Desk { plan, pending, lines, file: of_file, .. } = self;
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
        let ends = ends.then_some((file, of_file.damage));
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
        let Desk { remains, out, file: OfFile { account, before, .. }, .. } = self;
        if held.begins {
            out.begin()?;
        }
        let mut out = Counted { out, bytes: 0 };
        let mut at = 0;
        let mut units = &held.units[..];
        let len = held.bytes.len();
        account.units += units.len() as u64;
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
            let now = now.iter().map(|unit| {
                account.kept += u64::from(!unit.is_copy);
                ((unit.range.start - at) as usize..(unit.range.end - at) as usize, unit.is_copy)
            });
            remains.write(&bytes, now, &mut out)?;
            (at, units) = (end, later);
            if units.is_empty() {
                break;
            }
        }
        if let Some((file, damage)) = held.ends {
            remains.end(&mut out)?;
            self.pending.totals.documents += 1;
            account.documents = 1;
            account.bytes_out += out.bytes;
            account.copies = self.pending.totals.removed - before.0;
            account.blocks = self.pending.blocks - before.1;
            account.emptied = u64::from(account.kept == 0 && account.copies > 0);
            let account = std::mem::take(account);
            let (damage, too_damaged) = (damage.damage(), !damage.is_utf8());
            (self.pending.finished)(Finished::Ended { file, account, damage, too_damaged });
        } else {
            account.bytes_out += out.bytes;
        }
        if let Some(bytes) = held.bytes.into_held() {
            self.buffers.give_back(bytes);
        }
        Ok(())
    }

    /// Decides about the records of a chunk and writes it. No run crosses a record's end, so nothing waits.
    fn take_chunk(
        &mut self,
        file: usize,
        chunk: Chunk,
        seen: Seen,
        records: Vec<OfRecord<Hashed>>,
    ) -> Result<(), StreamError> {
        if self.strict {
            let damaged = seen.damaged.map(|record| (record, "it has bytes that are not UTF-8".to_owned()));
            if let Some((record, what)) = damaged.or_else(|| seen.malformed.clone()) {
                let record = self.file.records + record as u64 + 1;
                return Err(StreamError::DamagedRecord { file, record, what });
            }
        }
        let mut account = Account::default();
        let before = (self.pending.totals.removed, self.pending.blocks);
        let mut removed = Vec::new();
        let mut next = 0;
        let mut copies = Vec::new();
        for OfRecord { record, document, value, result: hashed } in records {
            // A record without text is a document as well, but for what is in it.
            for _ in next..=record {
                self.pending.repeats.begin_document(self.lines);
            }
            next = record + 1;
            self.decide_record(&hashed, &mut copies);
            let units = hashed.units.len();
            account.units += units as u64;
            self.lines += hashed.lines + 1;
            if !copies.contains(&true) {
                account.kept += units as u64;
                continue;
            }
            let units: Vec<Unit> = hashed.units.into_iter().map(|unit| unit.unit).collect();
            let cuts = cut::stretches_of_value(&document.body, &units, |at| copies[at]).map_err(StreamError::Write)?;
            let kept = cut::kept(&units, &cuts);
            account.kept += kept;
            account.emptied += u64::from(kept == 0);
            removed.push(match (kept, self.empty) {
                (0, Empty::Drop) => {
                    account.dropped += 1;
                    (record, Removed::Record)
                }
                _ => (record, Removed::Stretches(value.written(&chunk.bytes, &cuts))),
            });
        }
        for _ in next..chunk.len() {
            self.pending.repeats.begin_document(self.lines);
        }
        let is_dropped = |(record, removed): &(usize, Removed)| (*removed == Removed::Record).then_some(*record as u64);
        let dropped = removed.iter().filter_map(is_dropped).map(|record| self.file.records + record).collect();
        self.file.records += chunk.len() as u64;
        let cuts = chunk.cuts(removed, &mut self.file.any_kept);
        if !chunk.is_of_rows() {
            record::write(&chunk.bytes, &cuts, &mut self.out).map_err(StreamError::Write)?;
        }
        account.bytes_out = chunk.bytes.len() as u64 - cuts.iter().map(|cut| cut.end - cut.start).sum::<u64>();
        account.copies = self.pending.totals.removed - before.0;
        account.blocks = self.pending.blocks - before.1;
        self.pending.totals.units += account.units;
        self.pending.totals.documents += seen.documents;
        let (text_field, bytes) = (chunk.layout().text_field.clone(), chunk.bytes.len() as u64);
        let rows = chunk.is_of_rows().then_some(RowCuts { cuts, dropped });
        (self.pending.finished)(Finished::Records { file, text_field, seen, account, bytes, rows });
        self.buffers.give_back(chunk.bytes);
        Ok(())
    }

    /// Says of each unit of a record whether it is a copy.
    fn decide_record(&mut self, hashed: &Hashed, copies: &mut Vec<bool>) {
        copies.clear();
        let Desk { plan, pending, lines, .. } = self;
        let units = &hashed.units;
        let place = |unit: &Unit| *lines + unit.first_line();
        let mut decided = |decision| {
            let unit = &units[copies.len()].unit;
            copies.push(pending.note(place(unit), unit.lines(), decision));
        };
        let items = units.iter().map(|unit| StreamItem {
            key: unit.key,
            words: unit.words,
            protected: unit.protected,
            place: place(&unit.unit),
        });
        plan.extend(items, &mut decided);
        plan.end_document(&mut decided);
        pending.end_repeat();
    }
}

/// Counts the bytes that are written.
struct Counted<'a, W> {
    out: &'a mut W,
    bytes: u64,
}

impl<W: Write> Write for Counted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
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
    /// How many stretches were left out.
    blocks: u64,
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
            let (line, lines) = (unit.line, unit.lines);
            unit.is_copy = matches!(decision, Decision::Copy { .. });
            self.note(line, lines, decision);
            return;
        }
    }

    /// Takes note of the decision about a unit. Returns whether it is a copy.
    fn note(&mut self, line: u64, lines: u32, decision: Decision) -> bool {
        let (ended, is_copy) = match decision {
            Decision::Kept => (self.repeats.end(), false),
            Decision::Copy { original, run } => {
                self.totals.removed += 1;
                (self.repeats.add(line, lines, original, run), true)
            }
        };
        self.say_of(ended);
        is_copy
    }

    fn end_repeat(&mut self) {
        let ended = self.repeats.end();
        self.say_of(ended);
    }

    fn say_of(&mut self, ended: Option<Repeated>) {
        if let Some(repeated) = ended {
            self.blocks += 1;
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
