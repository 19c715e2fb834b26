//! Where the pieces and chunks of a corpus are decided about and written, in order.

use std::io::{self, Write};
use std::ops::Range;

use super::gone::{self, Gone};
use super::pending::{Held, Pending, Placed, Reason};
use super::piece::{Hashed, HashedUnit, PIECE};
use super::reader::{Buffers, NotRead, ReadPiece};
use super::records::{OfRecord, Seen};
use super::stream::{Commonest, Empty, Finished, Stream, StreamError, Totals};
use crate::cut::{self, FileCuts, Remains};
use crate::format::{Chunk, Removed, record};
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
    plan: StreamPlan,
    pending: Pending<'a, E>,
    remains: Remains<'a>,
    parting: Parting,
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
    /// The number of records, and of their bytes with those between them.
    records: u64,
    record_bytes: u64,
    /// How many lines of the corpus there are before it.
    lines_before: u64,
    /// Whether a record was kept.
    any_kept: bool,
    /// What the run had removed before the file, in units and blocks.
    before: (u64, u64),
}

impl<'a, E> Desk<'a, E> {
    /// A desk for a run of `stream`, which hands back to `buffers` what is written.
    pub(super) fn new(
        stream: &'a Stream<'_>,
        out: &'a mut (dyn Write + Send),
        finished: &'a mut (dyn FnMut(Finished<E>) + Send),
        buffers: &'a Buffers,
    ) -> Desk<'a, E> {
        Desk {
            plan: StreamPlan::new(stream.options.min_words.get()),
            pending: Pending::new(finished, stream.tells),
            remains: Remains::new(&stream.spooling),
            parting: Parting::default(),
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
        let most = self.pending.most.get().map(|(key, count, original)| {
            let (document, line) = self.pending.repeats.place_of(original);
            Commonest { key, count, document, line }
        });
        Ok(Totals { windows: self.plan.windows() as u64, most, ..self.pending.totals })
    }

    pub(super) fn take(&mut self, work: Result<Work, NotRead<E>>) -> Result<(), StreamError> {
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

    fn decide(&mut self, piece: ReadPiece, hashed: Hashed) {
        let ReadPiece { file, bytes, begins, ends, .. } = piece;
        let Desk { plan, pending, lines, file: of_file, .. } = self;
        let place = |unit: &Unit| *lines + unit.first_line();
        let placed = |HashedUnit { unit, .. }: &HashedUnit| Placed {
            range: unit.with_terminator(),
            line: place(unit),
            lines: unit.lines(),
            terminator: unit.terminator(),
            is_copy: false,
        };
        let units: Vec<Placed> = hashed.units.iter().map(placed).collect();
        let hashes = hashed.units.iter().map(|unit| (unit.key, unit.words)).collect();
        pending.totals.units += units.len() as u64;
        pending.bytes += bytes.len() as u64;
        let damage = ends.then_some(of_file.damage);
        if begins {
            of_file.lines_before = *lines;
        }
        pending.held.push_back(Held {
            file,
            lines_before: of_file.lines_before,
            bytes: Body::held(bytes),
            units,
            hashes,
            whys: Vec::new(),
            decided: 0,
            begins,
            ends: damage,
        });
        let items = hashed.units.into_iter().map(|HashedUnit { unit, key, words, protected }| StreamItem {
            key,
            words,
            protected,
            place: place(&unit),
        });
        plan.extend(items, |decision| pending.decide(decision));
        if ends {
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
        let before_piece = out.written();
        if held.begins {
            out.begin()?;
        }
        self.parting.take(&held, account.units);
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
        let cuts = if held.ends.is_some() { remains.end(out)? } else { remains.take_cuts() };
        if !cuts.is_empty() {
            let gone = self.parting.gone(&cuts);
            (self.pending.finished)(Finished::Cut { file: held.file, cuts: FileCuts::of(cuts), gone });
        }
        if held.ends.is_some() {
            self.parting = Parting::default();
        }
        if let Some(damage) = held.ends {
            let file = held.file;
            self.pending.totals.documents += 1;
            account.documents = 1;
            account.bytes_out += out.written() - before_piece;
            account.copies = self.pending.totals.removed - before.0;
            account.blocks = self.pending.blocks - before.1;
            account.emptied = u64::from(account.kept == 0 && account.copies > 0);
            account.dropped = if self.empty == Empty::Drop { account.emptied } else { 0 };
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
        let (mut removed, mut fills, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        let mut next = 0;
        let mut copies = Vec::new();
        for OfRecord { record, document, value, result: hashed } in records {
            // A record without text is a document as well, but for what is in it.
            for _ in next..=record {
                self.pending.repeats.begin_document(self.lines);
            }
            next = record + 1;
            let mut reasons = self.decide_record(&hashed, &mut copies);
            let has_id = self.pending.has_of_record() || !reasons.is_empty();
            let id = if has_id { chunk.id(record) } else { None };
            self.pending.say_of_record(id.as_deref());
            let units = hashed.units.len();
            account.units += units as u64;
            self.lines += hashed.lines + 1;
            if !copies.contains(&true) {
                account.kept += units as u64;
                continue;
            }
            let hashes: Vec<_> = hashed.units.iter().map(|unit| (unit.key, unit.words)).collect();
            let units: Vec<Unit> = hashed.units.into_iter().map(|unit| unit.unit).collect();
            let cuts = cut::stretches_of_value(&document.body, &units, |at| copies[at]).map_err(StreamError::Write)?;
            let kept = cut::kept(&units, &cuts);
            account.kept += kept;
            account.emptied += u64::from(kept == 0);
            let goes = kept == 0 && self.empty == Empty::Drop;
            let stretches =
                if goes { Vec::new() } else { value.written(document.body.held_bytes(), &chunk.bytes, &cuts) };
            if !reasons.is_empty() {
                let (spans, with_document) = if goes {
                    (vec![vec![chunk.place(record)]], true)
                } else {
                    gone::parted(&document, &units, &|at| copies[at], &cuts, Some((&chunk, &value, &stretches)))
                };
                let mut spans = spans.into_iter();
                let number = self.file.records + record as u64 + 1;
                for (at, Reason { block, why }) in reasons.drain(..) {
                    let (unit, (key, words)) = (&units[at], hashes[at]);
                    gone.push(Gone {
                        record: Some(number),
                        id: id.clone(),
                        block,
                        unit: at as u64 + 1,
                        lines: (unit.first_line(), unit.last_line()),
                        words,
                        key,
                        why,
                        spans: spans.next().unwrap_or_default(),
                        with_document,
                    });
                }
            }
            removed.push(if goes {
                account.dropped += 1;
                (record, Removed::Record)
            } else {
                fills.extend(chunk.fill(record, &stretches));
                (record, Removed::Stretches(stretches))
            });
        }
        for _ in next..chunk.len() {
            self.pending.repeats.begin_document(self.lines);
        }
        let is_of_rows = chunk.is_of_rows();
        let is_dropped = |(record, removed): &(usize, Removed)| (*removed == Removed::Record).then_some(*record as u64);
        let dropped = removed.iter().filter(|_| is_of_rows).filter_map(is_dropped);
        let dropped = dropped.map(|record| self.file.records + record).collect();
        let stretches = chunk.cuts(removed, &mut self.file.any_kept);
        if is_of_rows {
            account.bytes_out = chunk.bytes.len() as u64 - cut::len(&stretches);
        } else {
            record::write_filled(&chunk.bytes, &stretches, &fills, &mut self.out).map_err(StreamError::Write)?;
            account.bytes_out = self.out.written() - before_chunk;
        }
        let cuts = FileCuts { stretches, fills, dropped };
        if !cuts.is_empty() {
            let before = self.file.record_bytes;
            let cuts = cuts.moved(before);
            gone::complete(&mut gone, &cuts.stretches, before);
            (self.pending.finished)(Finished::Cut { file, cuts, gone });
        }
        self.file.records += chunk.len() as u64;
        self.file.record_bytes += chunk.bytes.len() as u64;
        account.copies = self.pending.totals.removed - before.0;
        account.blocks = self.pending.blocks - before.1;
        self.pending.totals.units += account.units;
        self.pending.totals.documents += seen.documents;
        let (text_field, bytes) = (chunk.layout().text_field.clone(), chunk.bytes.len() as u64);
        (self.pending.finished)(Finished::Records { file, text_field, seen, account, bytes });
        self.buffers.give_back(chunk.bytes);
        Ok(())
    }

    /// Says of each unit of a record whether it is a copy. Returns why those are that are, if that is to be told.
    fn decide_record(&mut self, hashed: &Hashed, copies: &mut Vec<bool>) -> Vec<(usize, Reason)> {
        copies.clear();
        let Desk { plan, pending, lines, .. } = self;
        let units = &hashed.units;
        let place = |unit: &Unit| *lines + unit.first_line();
        let mut reasons = Vec::new();
        let mut decided = |decision| {
            let HashedUnit { unit, key, .. } = &units[copies.len()];
            let (is_copy, reason) = pending.decide_of_record(place(unit), unit.lines(), *key, decision);
            reasons.extend(reason.map(|reason| (copies.len(), reason)));
            copies.push(is_copy);
        };
        let items = units.iter().map(|unit| StreamItem {
            key: unit.key,
            words: unit.words,
            protected: unit.protected,
            place: place(&unit.unit),
        });
        plan.extend(items, &mut decided);
        plan.end_document(&mut decided);
        pending.end_repeat_of_record();
        reasons
    }
}

/// Parts what goes of a document of text among the units that go.
#[derive(Default)]
struct Parting {
    /// How many bytes there are in the pieces before.
    bytes: u64,
    /// The units that go and that nothing goes with yet, with the first one that stays behind each of them; and of each
    /// that goes what is known.
    units: Vec<(Unit, Option<Gone>)>,
}

impl Parting {
    /// Takes the units of a piece, before which so many were in the document.
    fn take(&mut self, held: &Held, before: u64) {
        let mut whys = held.whys.iter().peekable();
        let is_open = |units: &[(Unit, Option<Gone>)]| units.last().is_some_and(|(_, gone)| gone.is_some());
        if whys.peek().is_some() || is_open(&self.units) {
            for (at, placed) in held.units.iter().enumerate() {
                let why = whys.next_if(|(unit, _)| *unit == at).map(|(_, reason)| reason);
                if why.is_none() && !is_open(&self.units) {
                    continue;
                }
                let range = placed.range.start + self.bytes..placed.range.end + self.bytes;
                let line = placed.line - held.lines_before;
                let unit = Unit::at(range, placed.terminator, line, placed.lines);
                let (key, words) = held.hashes[at];
                let gone = why.map(|reason| Gone {
                    record: None,
                    id: None,
                    block: reason.block,
                    unit: before + at as u64 + 1,
                    lines: (unit.first_line(), unit.last_line()),
                    words,
                    key,
                    why: reason.why.clone(),
                    spans: Vec::new(),
                    with_document: false,
                });
                self.units.push((unit, gone));
            }
        }
        self.bytes += held.bytes.len();
    }

    /// The units that go with these stretches.
    fn gone(&mut self, stretches: &[Range<u64>]) -> Vec<Gone> {
        let end = stretches.last().map_or(0, |last| last.end);
        let done = self.units.partition_point(|(unit, _)| unit.range().start < end);
        let mut portions = {
            let units: Vec<Unit> = self.units.iter().map(|(unit, _)| unit.clone()).collect();
            let is_gone: Vec<bool> = self.units.iter().map(|(_, gone)| gone.is_some()).collect();
            cut::portions(&units, |at| is_gone[at], stretches).into_iter()
        };
        let gone = self.units.drain(..done).filter_map(|(_, gone)| gone);
        gone.map(|gone| Gone { spans: portions.next().unwrap_or_default(), ..gone }).collect()
    }
}
