//! Where the pieces and chunks of a corpus are decided about and written, in order.

use std::cmp::Reverse;
use std::io::{self, Write};
use std::sync::Arc;

use super::confirm::Confirm;
use super::dropping::repeating;
use super::gone::{self, Gone};
use super::parting::Parting;
use super::pending::{Fate, Held, Pending, Placed, Reason, SoFar};
use super::piece::{Hashed, HashedUnit, PIECE};
use super::reader::{Buffers, NotRead, ReadPiece};
use super::recognised::{Recogniser, left_of};
use super::records::{OfRecord, Seen};
use super::repeats::{Place, Repeats};
use super::spans::{self, Names};
use super::stream::{Boilerplate, Commonest, Empty, Finished, Stream, StreamError, Totals};
use crate::cut::{self, FileCuts, Remains};
use crate::format::{Chunk, Portion, Removed, Slot, record};
use crate::index::{KnownDocument, Layered, Spilling, Starts};
use crate::plan::{Decision, StreamItem, StreamPlan};
use crate::report::account::Account;
use crate::report::excerpt;
use crate::sink::Strung;
use crate::source::{Body, Doubt, Spooling, Tally};
use crate::unit::Unit;

/// What is folded and hashed, and waits for its turn.
pub(super) enum Work {
    Piece(ReadPiece, Hashed, Vec<Doubt>),
    Chunk {
        file: usize,
        chunk: Chunk,
        seen: Seen,
        /// Each with the place of the field that is added to it, if one is.
        records: Vec<OfRecord<(Hashed, Option<Slot>)>>,
        doubts: Vec<Doubt>,
    },
    End {
        file: usize,
    },
}

/// Where pieces are decided about and written, in order.
pub(super) struct Desk<'a, E> {
    plan: StreamPlan<Layered>,
    pending: Pending<'a, E>,
    remains: Remains<'a>,
    parting: Parting,
    out: Strung<'a>,
    /// Recognises the documents of earlier runs, if there were any to go on behind.
    recogniser: Option<Recogniser<'a>>,
    /// Tells texts with one key apart, if that is asked for.
    confirm: Option<Confirm>,
    /// Whether units are listed that go everywhere.
    lists: bool,
    spooling: &'a Spooling,
    strict: bool,
    empty: Empty,
    drop_above: Option<f64>,
    min_words: u32,
    names: Option<Names<'a>>,
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
    /// The last line of the corpus that a unit of it stands on.
    last_line: u64,
    /// Whether a record was kept.
    any_kept: bool,
    /// What the run had removed before the file.
    before: SoFar,
    /// The units of a document that is decided about at its end.
    items: Vec<StreamItem>,
    /// What later runs are to know of it.
    known: Option<KnownDocument>,
    /// Whether it goes as a whole.
    is_dropped: bool,
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
        let confirm = || Confirm::new(stream.options.folds, Arc::clone(&stream.surveyed), &stream.spooling);
        let earlier = stream.before.as_ref().map(|before| Arc::clone(&before.earlier));
        let lines = earlier.as_ref().map_or(0, |earlier| earlier.lines());
        let repeats = Repeats::new(starts, earlier.clone());
        Desk {
            plan: StreamPlan::new(stream.options.min_words.get(), Layered::new(index, earlier)),
            pending: Pending::new(repeats, finished, stream.tells),
            recogniser: stream.before.clone().map(Recogniser::new),
            remains: Remains::new(&stream.spooling),
            parting: Parting::default(),
            out: Strung::new(out),
            confirm: stream.surveyed.repeated.is_some().then(confirm),
            lists: !stream.surveyed.boilerplate.is_empty(),
            spooling: &stream.spooling,
            strict: stream.strict,
            empty: stream.empty,
            drop_above: stream.drop_above,
            min_words: stream.options.min_words.get(),
            names: stream.names,
            lines,
            file: OfFile::default(),
            buffers,
        }
    }

    /// All is taken.
    pub(super) fn end(mut self) -> Result<(Totals, Spilling), StreamError> {
        self.out.end().map_err(StreamError::Write)?;
        let most = match self.pending.most.get() {
            None => None,
            Some((key, count, original)) => {
                let place = self.pending.repeats.place_of(original).map_err(StreamError::Index)?;
                place.map(|(document, line)| Commonest { key, count, document, line })
            }
        };
        #[allow(clippy::iter_over_hash_type, reason = "they are sorted")]
        let mut boilerplate: Vec<Boilerplate> = self.pending.listed.into_values().collect();
        boilerplate.sort_by_key(|listed| (Reverse(listed.documents), listed.key));
        let collisions = self.confirm.as_ref().map_or(0, Confirm::collisions);
        let index = self.plan.into_index().into_run();
        let (lines, index_disk) = (self.lines, index.most_disk_bytes() + self.pending.repeats.disk_bytes());
        let totals = self.pending.totals;
        Ok((Totals { windows: index.len(), lines, index_disk, most, boilerplate, collisions, ..totals }, index))
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
            Err(NotRead::Taken { file, record, error }) => {
                let record = self.file.records + record as u64 + 1;
                Err(StreamError::Annotation { file, record, error })
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
        if let Some(recogniser) = &mut self.recogniser {
            recogniser.begin_file(file);
        }
        self.file = OfFile { before: self.pending.removed(), ..OfFile::default() };
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

    fn decide(&mut self, piece: ReadPiece, mut hashed: Hashed) -> Result<(), StreamError> {
        let ReadPiece { file, bytes, begins, ends, .. } = piece;
        self.confirm(&mut hashed, &bytes)?;
        let Desk { plan, pending, lines, file: of_file, recogniser, drop_above, min_words, .. } = self;
        if let Some(recogniser) = recogniser {
            recogniser.read(&bytes);
        }
        let lines_before = *lines;
        let place = |unit: &Unit| lines_before + unit.first_line();
        let last_line = hashed.units.last().map(|last| lines_before + last.unit.last_line());
        let placed = |HashedUnit { unit, boilerplate, .. }: &HashedUnit| Placed {
            range: unit.with_terminator(),
            line: place(unit),
            lines: unit.lines(),
            terminator: unit.terminator(),
            boilerplate: *boilerplate,
            goes: false,
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
        let items = hashed.units.into_iter().map(|HashedUnit { unit, key, words, protected, .. }| StreamItem {
            key,
            words,
            protected,
            place: place(&unit),
        });
        *lines += hashed.lines;
        of_file.last_line = last_line.unwrap_or(of_file.last_line);
        if ends {
            // A form feed ends no line, and what it ends stands on one all the same.
            *lines = (*lines).max(of_file.last_line);
        }
        if recogniser.is_none() && drop_above.is_none() {
            plan.extend(items, |decision| pending.decide(decision)).map_err(StreamError::Index)?;
        } else {
            of_file.items.extend(items);
            if ends {
                let (before, items) = (of_file.lines_before, std::mem::take(&mut of_file.items));
                if let Some(recogniser) = recogniser {
                    let (document, again) = recogniser.text(before, *lines - before)?;
                    plan.index_mut().begin_document(again);
                    of_file.known = Some(document).filter(|_| !items.is_empty());
                }
                if let Some(above) = *drop_above {
                    let (index, repeats) = (plan.index_mut(), &mut pending.repeats);
                    let why =
                        repeating(&items, before, above, *min_words, index, repeats).map_err(StreamError::Index)?;
                    pending.begin_document(why);
                }
                match pending.is_dropping() {
                    true => items.iter().for_each(|_| pending.decide(Decision::Kept)),
                    false => plan.extend(items, |decision| pending.decide(decision)).map_err(StreamError::Index)?,
                }
            }
        }
        if ends {
            plan.end_document(|decision| pending.decide(decision));
            pending.end_repeat();
            of_file.is_dropped = pending.end_document(Place { file, record: None }, None);
            of_file.known = of_file.known.take().filter(|_| !of_file.is_dropped);
        }
        pending.check().map_err(StreamError::Index)
    }

    /// Texts confirm keys, and what goes everywhere is listed.
    fn confirm(&mut self, hashed: &mut Hashed, bytes: &[u8]) -> Result<(), StreamError> {
        if self.confirm.is_none() && !self.lists {
            return Ok(());
        }
        for HashedUnit { unit, key, boilerplate, .. } in &mut hashed.units {
            let text = &bytes[unit.range().start as usize..unit.range().end as usize];
            if let Some(confirm) = &mut self.confirm {
                *key = confirm.key(*key, text).map_err(StreamError::Aside)?;
            }
            if let Some(documents) = *boilerplate {
                let listed = || Boilerplate { text: excerpt(text), key: *key, documents: documents.get(), removed: 0 };
                self.pending.listed.entry(*key).or_insert_with(listed);
            }
        }
        Ok(())
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
        let Desk { remains, out, file: OfFile { account, before, known, is_dropped, .. }, recogniser, .. } = self;
        let is_dropped = *is_dropped;
        let before_piece = out.written();
        if held.begins && !is_dropped {
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
                account.kept += u64::from(!unit.goes);
                ((unit.range.start - at) as usize..(unit.range.end - at) as usize, unit.goes)
            });
            match recogniser {
                _ if is_dropped => now.for_each(drop),
                Some(recogniser) => remains.write(&bytes, now, &mut recogniser.leaving(out))?,
                None => remains.write(&bytes, now, out)?,
            }
            (at, units) = (end, later);
            if units.is_empty() {
                break;
            }
        }
        let cuts = match (held.ends, recogniser.as_mut()) {
            _ if is_dropped => held.ends.map(|_| 0..account.bytes_in).into_iter().collect(),
            (None, _) => remains.take_cuts(),
            (Some(_), None) => remains.end(out)?,
            (Some(_), Some(recogniser)) => remains.end(&mut recogniser.leaving(out))?,
        };
        if held.ends.is_some()
            && let (Some(recogniser), Some(known)) = (recogniser, known.take())
        {
            (self.pending.finished)(Finished::Known(KnownDocument { as_left: recogniser.left(), ..known }));
        }
        if !cuts.is_empty() {
            let mut gone = self.parting.gone(&cuts);
            if is_dropped {
                gone::complete(&mut gone, &cuts, 0);
            }
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
            self.pending.removed().since(*before, account);
            account.emptied = u64::from(account.kept == 0 && account.removed() > 0);
            account.dropped = if self.empty == Empty::Drop || is_dropped { account.emptied } else { 0 };
            account.repeating = u64::from(is_dropped);
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
        records: Vec<OfRecord<(Hashed, Option<Slot>)>>,
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
        let before = self.pending.removed();
        let (mut removed, mut fills, mut gone, mut lists) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut next = 0;
        let mut copies = Vec::new();
        for OfRecord { record, document, value, result: (mut hashed, slot) } in records {
            // What is written of copies says where their originals are.
            self.pending.tells |= slot.is_some();
            // A record without text is a document as well, but for what is in it.
            for _ in next..=record {
                self.pending.repeats.begin_document(self.lines).map_err(StreamError::Index)?;
            }
            next = record + 1;
            self.confirm(&mut hashed, document.body.held_bytes())?;
            let number = self.file.records + record as u64 + 1;
            let mut id = None;
            let mut known = None;
            if let Some(recogniser) = self.recogniser.as_mut().filter(|_| !hashed.units.is_empty()) {
                id = chunk.id(record);
                let of_lines = (self.lines, hashed.lines + 1);
                let (document, again) =
                    recogniser.record((number, id.as_deref()), document.body.held_bytes(), of_lines)?;
                self.plan.index_mut().begin_document(again);
                known = Some(document);
            }
            let mut reasons = self.decide_record(&hashed, &mut copies)?;
            let is_dropped = self.pending.is_dropping();
            known = known.filter(|_| !is_dropped);
            if id.is_none() && (is_dropped || self.pending.has_of_record() || !reasons.is_empty()) {
                id = chunk.id(record);
            }
            self.pending.say_of_record(id.as_deref());
            self.pending.end_document(Place { file, record: Some(number) }, id.as_deref());
            let units = hashed.units.len();
            account.units += units as u64;
            self.lines += hashed.lines + 1;
            if let Some(slot) = slot {
                let spans = spans::of_record(&hashed.units, document.body.held_bytes(), &reasons, self.names);
                account.kept += units as u64;
                account.annotated += spans.iter().map(|span| span.units).sum::<u64>();
                lists.push((slot, spans));
                self.pending.tell(known);
                continue;
            }
            if !copies.contains(&true) {
                account.kept += units as u64;
                self.pending.tell(known);
                continue;
            }
            let hashes: Vec<_> = hashed.units.iter().map(|unit| (unit.key, unit.words)).collect();
            let units: Vec<Unit> = hashed.units.into_iter().map(|unit| unit.unit).collect();
            let cuts = cut::stretches_of_value(&document.body, &units, |at| copies[at]).map_err(StreamError::Write)?;
            let kept = cut::kept(&units, &cuts);
            if let Some(known) = &mut known {
                known.as_left = left_of(&document.body, &cuts).map_err(StreamError::Write)?;
            }
            self.pending.tell(known);
            account.kept += kept;
            account.emptied += u64::from(kept == 0);
            let goes = is_dropped || (kept == 0 && self.empty == Empty::Drop);
            account.repeating += u64::from(is_dropped);
            let stretches =
                if goes { Vec::new() } else { value.written(document.body.held_bytes(), &chunk.bytes, &cuts) };
            if !reasons.is_empty() {
                let portions = if goes {
                    vec![Portion::of_text(vec![chunk.place(record)])]
                } else {
                    gone::portions(&document, &units, &|at| copies[at], &cuts, Some((&chunk, &value)))
                };
                let mut portions = portions.into_iter();
                for (at, Reason { block, why }) in reasons.drain(..) {
                    let portion = portions.next().unwrap_or_default();
                    let of_unit = Gone::new(&units[at], at as u64, hashes[at], (block, why), portion);
                    gone.push(Gone { record: Some(number), id: id.clone(), with_record: goes, ..of_unit });
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
            self.pending.repeats.begin_document(self.lines).map_err(StreamError::Index)?;
        }
        let is_of_rows = chunk.is_of_rows();
        let is_dropped = |(record, removed): &(usize, Removed)| (*removed == Removed::Record).then_some(*record as u64);
        let dropped = removed.iter().filter(|_| is_of_rows).filter_map(is_dropped);
        let dropped = dropped.map(|record| self.file.records + record).collect();
        let stretches = chunk.cuts(removed, &mut self.file.any_kept);
        let insertions = chunk.insertions(lists).map_err(StreamError::Write)?;
        let cuts = FileCuts { stretches, fills, dropped, insertions };
        if is_of_rows {
            account.bytes_out = chunk.bytes.len() as u64 - cut::len(&cuts.stretches);
        } else {
            record::write_changed(&chunk.bytes, &cuts, &mut self.out).map_err(StreamError::Write)?;
            account.bytes_out = self.out.written() - before_chunk;
        }
        if !cuts.is_empty() {
            let before = self.file.record_bytes;
            let cuts = cuts.moved(before);
            gone::complete(&mut gone, &cuts.stretches, before);
            (self.pending.finished)(Finished::Cut { file, cuts, gone });
        }
        self.file.records += chunk.len() as u64;
        self.file.record_bytes += chunk.bytes.len() as u64;
        self.pending.removed().since(before, &mut account);
        self.pending.totals.units += account.units;
        self.pending.totals.documents += seen.documents;
        let (text_field, bytes) = (chunk.layout().text_field.clone(), chunk.bytes.len() as u64);
        (self.pending.finished)(Finished::Records { file, text_field, seen, account, bytes });
        self.buffers.give_back(chunk.bytes);
        Ok(())
    }

    /// Says of each unit of a record whether it goes. Returns why those do that do, if that is to be told.
    fn decide_record(&mut self, hashed: &Hashed, gone: &mut Vec<bool>) -> Result<Vec<(usize, Reason)>, StreamError> {
        gone.clear();
        let Desk { plan, pending, lines, drop_above, min_words, .. } = self;
        let units = &hashed.units;
        let lines = *lines;
        let place = |unit: &Unit| lines + unit.first_line();
        let items = units.iter().map(|unit| StreamItem {
            key: unit.key,
            words: unit.words,
            protected: unit.protected,
            place: place(&unit.unit),
        });
        if let Some(above) = *drop_above {
            let (items, index): (Vec<_>, _) = (items.clone().collect(), plan.index_mut());
            let why = repeating(&items, lines, above, *min_words, index, &mut pending.repeats);
            pending.begin_document(why.map_err(StreamError::Index)?);
        }
        let is_dropping = pending.is_dropping();
        let mut reasons = Vec::new();
        let mut decided = |decision| {
            let HashedUnit { unit, key, boilerplate, .. } = &units[gone.len()];
            let fate = if is_dropping { Fate::Document } else { Fate::of(decision, *boilerplate) };
            let (goes, reason) = pending.decide_of_record(place(unit), unit.lines(), *key, fate);
            reasons.extend(reason.map(|reason| (gone.len(), reason)));
            gone.push(goes);
        };
        match is_dropping {
            true => units.iter().for_each(|_| decided(Decision::Kept)),
            false => plan.extend(items, &mut decided).map_err(StreamError::Index)?,
        }
        plan.end_document(&mut decided);
        pending.end_repeat_of_record();
        pending.check().map_err(StreamError::Index)?;
        Ok(reasons)
    }
}
