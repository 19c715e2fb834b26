//! Records at the desk, chunk by chunk.

use super::Desk;
use crate::corpus::gone::{self, Gone};
use crate::corpus::pending::{Fate, Reason, nearness_of};
use crate::corpus::piece::{Hashed, HashedUnit};
use crate::corpus::recognised::left_of;
use crate::corpus::records::{OfRecord, Seen};
use crate::corpus::repeats::Place;
use crate::corpus::spans;
use crate::corpus::stream::{Empty, Finished, StreamError, Strict};
use crate::cut::{self, Edits, FileCuts, Insertions};
use crate::format::{Chunk, Portion, Removed, Slot, record};
use crate::plan::{Decision, StreamItem};
use crate::report::account::Account;
use crate::unit::Unit;

impl<E> Desk<'_, E> {
    /// Decides about the records of a chunk and writes it. No run crosses a record's end, so nothing waits.
    pub(super) fn take_chunk(
        &mut self,
        file: usize,
        chunk: Chunk,
        seen: Seen,
        records: Vec<OfRecord<(Hashed, Option<Slot>)>>,
    ) -> Result<(), StreamError> {
        if Strict::is(self.strict, file) {
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
        let mut repaired = Insertions::default();
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
            let mut edits = Edits::new();
            if let Some(mended) = hashed.mended.take() {
                let repairs = mended.of_kept(|at| copies[at]);
                repairs.count(&mut account);
                edits = repairs.edits;
            }
            if !copies.contains(&true) {
                account.kept += units as u64;
                if !edits.is_empty() {
                    if let Some(known) = &mut known {
                        let cuts = FileCuts::with_edits(Vec::new(), edits.iter().cloned());
                        known.as_left = left_of(&document.body, &cuts).map_err(StreamError::Write)?;
                    }
                    let written = value.written_edits(&chunk.bytes, &edits);
                    let FileCuts { stretches, insertions, .. } = FileCuts::with_edits(Vec::new(), written);
                    repaired.extend(&insertions);
                    removed.push((record, Removed::Stretches(stretches)));
                }
                self.pending.tell(known);
                continue;
            }
            let hashes: Vec<_> = hashed.units.iter().map(|unit| (unit.key, unit.words)).collect();
            let units: Vec<Unit> = hashed.units.into_iter().map(|unit| unit.unit).collect();
            let cuts = cut::stretches_of_value(&document.body, &units, |at| copies[at]).map_err(StreamError::Write)?;
            let kept = cut::kept(&units, &cuts);
            if let Some(known) = &mut known {
                let cuts = FileCuts::with_edits(cuts.clone(), edits.iter().cloned());
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
                let written = value.written_edits(&chunk.bytes, &edits);
                let FileCuts { stretches, insertions, .. } = FileCuts::with_edits(stretches, written);
                repaired.extend(&insertions);
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
        let mut insertions = chunk.insertions(lists).map_err(StreamError::Write)?;
        insertions.extend(&repaired);
        let cuts = FileCuts { stretches, fills, dropped, insertions };
        if is_of_rows {
            account.bytes_out = chunk.bytes.len() as u64 + cuts.insertions.bytes() - cut::len(&cuts.stretches);
        } else {
            record::write_changed(&chunk.bytes, &cuts, &mut self.out).map_err(StreamError::Write)?;
            account.bytes_out = self.out.written() - before_chunk;
        }
        if !cuts.is_empty() {
            let before = self.file.record_bytes;
            let cuts = cuts.moved(before);
            gone::moved(&mut gone, before);
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
        let Desk { plan, pending, lines, dropping, .. } = self;
        let units = &hashed.units;
        let lines = *lines;
        let place = |unit: &Unit| lines + unit.first_line();
        let items = units.iter().map(|unit| StreamItem {
            key: unit.key,
            words: unit.words,
            protected: unit.protected,
            place: place(&unit.unit),
        });
        if let Some(dropping) = dropping {
            let items = |piece| Ok((piece == 0).then(|| items.clone().collect()));
            let why = dropping.look_at(items, plan.index_mut(), &mut pending.repeats)?;
            pending.begin_document(why);
        }
        let is_dropping = pending.is_dropping();
        let mut reasons = Vec::new();
        let mut decided = |decision| {
            let HashedUnit { unit, key, boilerplate, .. } = &units[gone.len()];
            let fate = if is_dropping { Fate::Document } else { Fate::of(decision, *boilerplate) };
            let near = nearness_of(&hashed.near, gone.len());
            let (goes, reason) = pending.decide_of_record(place(unit), unit.lines(), *key, fate, near);
            reasons.extend(reason.map(|reason| (gone.len(), reason)));
            gone.push(goes);
        };
        match is_dropping {
            true => units.iter().for_each(|_| decided(Decision::Kept)),
            false => plan.extend(items, &mut decided).map_err(StreamError::Index)?,
        }
        plan.end_document(&mut decided);
        pending.end_repeat_of_record();
        pending.check()?;
        Ok(reasons)
    }
}
