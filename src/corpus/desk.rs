//! Where the pieces and chunks of a corpus are decided about and written, in order.

use std::io::{self, Write};

use super::pending::{Held, Pending, Placed};
use super::piece::{Hashed, HashedUnit, PIECE};
use super::reader::{Buffers, NotRead, ReadPiece};
use super::records::{OfRecord, Seen};
use super::stream::{Empty, Finished, RowCuts, Stream, StreamError, Totals};
use crate::cut::{self, Remains};
use crate::format::{Chunk, Removed, record};
use crate::index::{Spilling, Starts};
use crate::plan::{StreamItem, StreamPlan};
use crate::report::account::Account;
use crate::sink::Strung;
use crate::source::{Body, Doubt, Spooling, Tally};
use crate::unit::Unit;

/// What is folded and hashed, and waits for its turn.
pub(super) enum Work {
    Piece(ReadPiece, Hashed, Vec<Doubt>),
    Chunk { file: usize, chunk: Chunk, seen: Seen, records: Vec<OfRecord<Hashed>>, doubts: Vec<Doubt> },
    End { file: usize },
}

/// Where pieces are decided about and written, in order.
pub(super) struct Desk<'a, E> {
    plan: StreamPlan<Spilling>,
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

impl<'a, E> Desk<'a, E> {
    /// A desk for a run of `stream`, which hands back to `buffers` what is written.
    pub(super) fn new(
        stream: &'a Stream<'_>,
        (index, starts): (Spilling, Starts),
        out: &'a mut (dyn Write + Send),
        finished: &'a mut (dyn FnMut(Finished<E>) + Send),
        buffers: &'a Buffers,
    ) -> Desk<'a, E> {
        Desk {
            plan: StreamPlan::new(stream.options.min_words.get(), index),
            pending: Pending::new(starts, finished),
            remains: Remains::new(&stream.spooling),
            out: Strung::new(out),
            spooling: &stream.spooling,
            strict: stream.strict,
            empty: stream.empty,
            lines: 0,
            file: OfFile::default(),
            buffers,
        }
    }

    /// All is taken.
    pub(super) fn end(mut self) -> io::Result<Totals> {
        self.out.end()?;
        let index = self.plan.index();
        let index_disk = index.most_disk_bytes() + self.pending.repeats.disk_bytes();
        Ok(Totals { windows: index.len(), index_disk, ..self.pending.totals })
    }

    pub(super) fn take(&mut self, work: Result<Work, NotRead<E>>) -> Result<(), StreamError> {
        match work {
            Ok(Work::Piece(piece, hashed, doubts)) => {
                if piece.begins {
                    self.begin_file(piece.file, false, doubts, piece.likelier);
                    self.pending.repeats.begin_document(self.lines).map_err(StreamError::Index)?;
                }
                self.survey(&piece, hashed.is_damaged)?;
                self.decide(piece, hashed)?;
                self.write().map_err(StreamError::Write)
            }
            Ok(Work::Chunk { file, chunk, seen, records, doubts }) => {
                if chunk.begins() {
                    self.begin_file(file, true, doubts, None);
                }
                self.take_chunk(file, chunk, seen, records)
            }
            Ok(Work::End { file }) => {
                (self.pending.finished)(Finished::RecordsEnded { file });
                Ok(())
            }
            Err(NotRead::Failed { file, error }) => {
                (self.pending.finished)(Finished::Failed { file, error });
                Ok(())
            }
            Err(NotRead::Unreadable { file, error }) => {
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
        self.pending.repeats.begin_file(file, has_records);
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

    fn decide(&mut self, piece: ReadPiece, hashed: Hashed) -> Result<(), StreamError> {
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
        plan.extend(items, |decision| pending.decide(decision)).map_err(StreamError::Index)?;
        if ends.is_some() {
            plan.end_document(|decision| pending.decide(decision));
            pending.end_repeat();
        }
        *lines += hashed.lines;
        pending.check().map_err(StreamError::Index)
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
        let before_piece = out.written();
        if held.begins {
            out.begin()?;
        }
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
            remains.write(&bytes, now, out)?;
            (at, units) = (end, later);
            if units.is_empty() {
                break;
            }
        }
        if let Some((file, damage)) = held.ends {
            remains.end(out)?;
            self.pending.totals.documents += 1;
            account.documents = 1;
            account.bytes_out += out.written() - before_piece;
            account.copies = self.pending.totals.removed - before.0;
            account.blocks = self.pending.blocks - before.1;
            account.emptied = u64::from(account.kept == 0 && account.copies > 0);
            let account = std::mem::take(account);
            let (damage, too_damaged) = (damage.damage(), !damage.is_utf8());
            (self.pending.finished)(Finished::Ended { file, account, damage, too_damaged });
        } else {
            account.bytes_out += out.written() - before_piece;
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
        let before_chunk = self.out.written();
        if chunk.begins() {
            self.out.begin().map_err(StreamError::Write)?;
        }
        let mut account = Account::default();
        let before = (self.pending.totals.removed, self.pending.blocks);
        let (mut removed, mut fills) = (Vec::new(), Vec::new());
        let mut next = 0;
        let mut copies = Vec::new();
        for OfRecord { record, document, value, result: hashed } in records {
            // A record without text is a document as well, but for what is in it.
            for _ in next..=record {
                self.pending.repeats.begin_document(self.lines).map_err(StreamError::Index)?;
            }
            next = record + 1;
            self.decide_record(&hashed, &mut copies)?;
            self.pending.say_of_record(|| chunk.id(record));
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
                _ => {
                    let stretches = value.written(document.body.held_bytes(), &chunk.bytes, &cuts);
                    fills.extend(chunk.fill(record, &stretches));
                    (record, Removed::Stretches(stretches))
                }
            });
        }
        for _ in next..chunk.len() {
            self.pending.repeats.begin_document(self.lines).map_err(StreamError::Index)?;
        }
        let is_dropped = |(record, removed): &(usize, Removed)| (*removed == Removed::Record).then_some(*record as u64);
        let dropped = removed.iter().filter_map(is_dropped).map(|record| self.file.records + record).collect();
        self.file.records += chunk.len() as u64;
        let cuts = chunk.cuts(removed, &mut self.file.any_kept);
        if chunk.is_of_rows() {
            account.bytes_out = chunk.bytes.len() as u64 - cut::len(&cuts);
        } else {
            record::write_filled(&chunk.bytes, &cuts, &fills, &mut self.out).map_err(StreamError::Write)?;
            account.bytes_out = self.out.written() - before_chunk;
        }
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
    fn decide_record(&mut self, hashed: &Hashed, copies: &mut Vec<bool>) -> Result<(), StreamError> {
        copies.clear();
        let Desk { plan, pending, lines, .. } = self;
        let units = &hashed.units;
        let place = |unit: &Unit| *lines + unit.first_line();
        let mut decided = |decision| {
            let unit = &units[copies.len()].unit;
            copies.push(pending.note_of_record(place(unit), unit.lines(), decision));
        };
        let items = units.iter().map(|unit| StreamItem {
            key: unit.key,
            words: unit.words,
            protected: unit.protected,
            place: place(&unit.unit),
        });
        plan.extend(items, &mut decided).map_err(StreamError::Index)?;
        plan.end_document(&mut decided);
        pending.end_repeat_of_record();
        pending.check().map_err(StreamError::Index)
    }
}
