//! Documents of text at the desk, piece by piece.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use super::{Desk, OfFile};
use crate::corpus::Mended;
use crate::corpus::aside::Content;
use crate::corpus::parting::Parting;
use crate::corpus::pending::{Held, Pending, Placed};
use crate::corpus::piece::{Hashed, HashedUnit};
use crate::corpus::reader::ReadPiece;
use crate::corpus::repeats::Place;
use crate::corpus::stream::{Empty, Finished, StreamError, Strict};
use crate::cut::{Edits, FileCuts};
use crate::index::KnownDocument;
use crate::plan::{Decision, StreamItem};
use crate::unit::Unit;

impl<E> Desk<'_, E> {
    /// Counts what is no UTF-8.
    pub(super) fn survey(&mut self, piece: &ReadPiece, is_damaged: bool) -> Result<(), StreamError> {
        let OfFile { account, damage, .. } = &mut self.file;
        if is_damaged || damage.is_damaged() {
            damage.add(account.bytes_in, &piece.bytes);
        }
        account.bytes_in += piece.bytes.len() as u64;
        match damage.damage() {
            Some(damage) if Strict::is(self.strict, piece.file) => {
                Err(StreamError::Damaged { file: piece.file, damage })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn decide(&mut self, piece: ReadPiece, mut hashed: Hashed) -> Result<(), StreamError> {
        let ReadPiece { file, bytes, begins, ends, .. } = piece;
        self.confirm(&mut hashed, &bytes)?;
        let is_whole = self.recogniser.is_some() || self.dropping.is_some();
        let Desk { plan, pending, lines, file: of_file, recogniser, .. } = self;
        if let Some(recogniser) = recogniser {
            recogniser.read(&bytes);
        }
        let lines_before = *lines;
        let place = |unit: &Unit| lines_before + unit.first_line();
        let last_line = hashed.units.last().map(|last| lines_before + last.unit.last_line());
        let placed = |HashedUnit { unit, key, words, protected, boilerplate }: &HashedUnit| Placed {
            range: unit.with_terminator(),
            line: place(unit),
            lines: unit.lines(),
            terminator: unit.terminator(),
            boilerplate: *boilerplate,
            protected: *protected,
            words: *words,
            key: *key,
        };
        let near = std::mem::take(&mut hashed.near);
        let units: Vec<Placed> = hashed.units.iter().map(placed).collect();
        pending.totals.units += units.len() as u64;
        let damage = ends.then_some(of_file.damage);
        if begins {
            of_file.lines_before = *lines;
        }
        let content = Content { bytes, units, mended: hashed.mended.take() };
        let mut held = Held::new(file, of_file.lines_before, content, begins, damage);
        held.near = near;
        pending.waiting.push(held);
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
        if !is_whole {
            plan.extend(items, |decision| pending.decide(decision)).map_err(StreamError::Index)?;
        }
        if is_whole && ends {
            self.decide_whole()?;
        }
        let Desk { plan, pending, file: of_file, .. } = self;
        if ends {
            plan.end_document(|decision| pending.decide(decision));
            pending.end_repeat();
            of_file.is_dropped = pending.end_document(Place { file, record: None }, None);
            of_file.known = of_file.known.take().filter(|_| !of_file.is_dropped);
        }
        pending.check()
    }

    /// Decides about all units of a document, which was read to its end.
    fn decide_whole(&mut self) -> Result<(), StreamError> {
        let Desk { plan, pending, lines, file: of_file, recogniser, dropping, .. } = self;
        let before = of_file.lines_before;
        if let Some(recogniser) = recogniser {
            let (document, again) = recogniser.text(before, *lines - before)?;
            plan.index_mut().begin_document(again);
            of_file.known = Some(document).filter(|_| pending.waiting.has_units());
        }
        if let Some(dropping) = dropping {
            let Pending { waiting, repeats, .. } = pending;
            let why = dropping.look_at(|piece| waiting.items(piece), plan.index_mut(), repeats)?;
            pending.begin_document(why);
        }
        let mut piece = 0;
        while let Some(items) = pending.waiting.items(piece)? {
            piece += 1;
            match pending.is_dropping() {
                true => items.iter().for_each(|_| pending.decide(Decision::Kept)),
                false => plan.extend(items, |decision| pending.decide(decision)).map_err(StreamError::Index)?,
            }
        }
        Ok(())
    }

    /// Writes the pieces that are decided about. What has to wait longer is put aside when it gets too much.
    pub(super) fn write(&mut self) -> io::Result<()> {
        let waits = (self.recogniser.is_some() || self.dropping.is_some()) && !self.pending.waiting.is_whole();
        while !waits && let Some(held) = self.pending.next_decided()? {
            self.write_piece(held)?;
        }
        self.pending.waiting.put_aside(self.spooling)
    }

    fn write_piece(&mut self, mut held: Held) -> io::Result<()> {
        let Desk {
            remains, out, file: OfFile { account, before, known, is_dropped, .. }, recogniser, repairer, ..
        } = self;
        let is_dropped = *is_dropped;
        let before_piece = out.written();
        if held.begins && !is_dropped {
            out.begin()?;
        }
        self.parting.take(&held, account.units);
        let mut mended = held.content.mended.take();
        let Content { bytes, units, .. } = &held.content;
        account.units += units.len() as u64;
        let mut edits = Edits::new();
        if let Some(repairer) = repairer.as_mut().filter(|_| !is_dropped) {
            let again = || {
                let text = |range: Range<u64>| Ok(Cow::Borrowed(&bytes[range.start as usize..range.end as usize]));
                Mended::of(repairer, units.iter().map(Placed::without_terminator), text, |_| true)
            };
            let mended = mended.take().map_or_else(again, Ok)?;
            let repairs = mended.of_kept(|at| held.goes(at));
            repairs.count(account);
            edits = repairs.edits;
        }
        let units = units.iter().enumerate().map(|(at, unit)| {
            let goes = held.goes(at);
            account.kept += u64::from(!goes);
            (unit.range.start as usize..unit.range.end as usize, goes)
        });
        match recogniser {
            _ if is_dropped => units.for_each(drop),
            Some(recogniser) => remains.write(bytes, units, &edits, &mut recogniser.leaving(out))?,
            None => remains.write(bytes, units, &edits, out)?,
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
        let edits = remains.take_edits();
        if !cuts.is_empty() || !edits.is_empty() {
            let gone = if cuts.is_empty() { Vec::new() } else { self.parting.gone(&cuts) };
            let cuts = FileCuts::with_edits(cuts, edits);
            (self.pending.finished)(Finished::Cut { file: held.file, cuts, gone });
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
        self.buffers.give_back(held.content.bytes);
        Ok(())
    }
}
