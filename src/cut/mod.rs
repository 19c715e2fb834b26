//! What goes with the copies: which stretches of a document are left out when it is written.
//!
//! A removed unit takes its terminator. Of the gaps before and after removed units one stays, so that what was set apart
//! by blank lines stays apart: the blank lines after go only if a blank line or the document's start comes before; at
//! the document's end the blank lines before go. Sentences have no terminators, and all that stands between two is a gap: of several the one
//! stays that keeps apart furthest, by a blank line, a line end or a space.

mod file;
mod insertions;
mod portions;
mod stream;

use std::io;
use std::ops::Range;

use crate::source::Body;
use crate::unit::{Parts, Unit, UnitKind, byte_order_mark, terminator};

pub use file::FileCuts;
pub use insertions::Insertions;
pub use portions::{Portions, portions};
pub use stream::{Edits, Remains};

/// The stretches to leave out, in order, none empty and no two touching. `is_copy` says of each unit, by its number,
/// whether it goes.
///
/// # Errors
/// The document can't be read.
pub fn stretches(body: &Body, units: &[Unit], is_copy: impl Fn(usize) -> bool) -> io::Result<Vec<Range<u64>>> {
    let mut cuts = Cuts { stretches: Vec::new() };
    let gaps = Gaps::between(units);
    let start = byte_order_mark(&body.bytes(0..8)?) as u64;
    // Of the gaps since a unit stayed the one that stays: at first it is the document's start.
    let (mut held, mut rank) = (start..start, Rank::START);
    let mut kept_end = start;
    for (at, unit) in units.iter().enumerate() {
        let Range { start, end } = unit.with_terminator();
        let gap = end..units.get(at + 1).map_or(body.len(), |next| next.range().start);
        let rank_of_gap = gaps.rank(body, &gap)?;
        if is_copy(at) {
            cuts.add(start..end);
            if rank_of_gap > rank {
                cuts.insert(std::mem::replace(&mut held, gap));
                rank = rank_of_gap;
            } else {
                cuts.add(gap);
            }
        } else {
            (held, rank) = (gap, rank_of_gap);
            kept_end = end;
        }
    }
    if let Some(last) = units.last()
        && is_copy(units.len() - 1)
    {
        // Of the gaps around what goes at the end, the one that ended the document ends it still.
        cuts.stretches.retain(|cut| cut.end <= kept_end);
        cuts.add(kept_end..last.with_terminator().end);
    }
    apart(body, cuts.stretches)
}

/// As [`stretches`], of a text that is a value and no file: one that ended without a line end does so still, so what goes
/// at its end takes the line end before it along.
///
/// # Errors
/// The document can't be read.
pub fn stretches_of_value(body: &Body, units: &[Unit], is_copy: impl Fn(usize) -> bool) -> io::Result<Vec<Range<u64>>> {
    let mut cuts = stretches(body, units, &is_copy)?;
    let ends_in_copy = units.last().is_some_and(|last| is_copy(units.len() - 1) && last.range().end == body.len());
    let kept = (0..units.len()).rev().find(|&at| !is_copy(at)).map(|at| &units[at]);
    if let (true, Some(kept), Some(cut)) = (ends_in_copy, kept, cuts.last_mut())
        && cut.start == kept.with_terminator().end
    {
        cut.start = kept.range().end;
    }
    Ok(cuts)
}

/// How many bytes go.
#[must_use]
pub fn len(cuts: &[Range<u64>]) -> u64 {
    cuts.iter().map(|cut| cut.end - cut.start).sum()
}

/// How many units are not in what goes.
#[must_use]
pub fn kept(units: &[Unit], cuts: &[Range<u64>]) -> u64 {
    let mut cuts = cuts.iter().peekable();
    let stays = |unit: &&Unit| {
        let Range { start, end } = unit.range();
        while cuts.next_if(|cut| cut.end <= start).is_some() {}
        cuts.peek().is_none_or(|cut| cut.start >= end)
    };
    units.iter().filter(stays).count() as u64
}

/// How far gaps keep apart what stands around them.
#[derive(Clone, Copy)]
pub(crate) enum Gaps {
    /// All alike: they are blank lines.
    Blank,
    /// Sentences are kept apart by spaces, line ends or blank lines.
    OfSentences,
}

/// How far a gap keeps apart: the one with the greatest stays, and of several the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank(u8);

impl Rank {
    /// Of no gap.
    pub(crate) const NONE: Rank = Rank(0);
    /// Of the document's start.
    pub(crate) const START: Rank = Rank(u8::MAX);
}

impl Gaps {
    /// Of the gaps between these.
    fn between(units: &[Unit]) -> Gaps {
        let of_sentences = units.first().is_some_and(|unit| unit.terminator().parts == Parts::None);
        if of_sentences { Gaps::OfSentences } else { Gaps::Blank }
    }

    /// Of the gaps between units of this kind.
    pub(crate) fn of(kind: UnitKind) -> Gaps {
        if kind == UnitKind::Sentence { Gaps::OfSentences } else { Gaps::Blank }
    }

    fn rank(self, body: &Body, gap: &Range<u64>) -> io::Result<Rank> {
        let mut ends = LineEnds::default();
        if let Gaps::OfSentences = self {
            let mut start = gap.start;
            while start < gap.end && !ends.are_enough() {
                let bytes = body.bytes(start..gap.end.min(start + LOOKED_AT))?;
                ends.add(&bytes);
                start += bytes.len() as u64;
            }
        }
        Ok(self.rank_of(gap.is_empty(), ends))
    }

    /// The rank of a gap with these line ends.
    pub(crate) fn rank_of(self, is_empty: bool, ends: LineEnds) -> Rank {
        match self {
            _ if is_empty => Rank::NONE,
            Gaps::Blank => Rank(1),
            Gaps::OfSentences => Rank(1 + ends.number),
        }
    }
}

/// How much of a gap is looked at at a time.
const LOOKED_AT: u64 = 1 << 16;

/// The line ends of a gap, as far as they count: from the second on there is a blank line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LineEnds {
    number: u8,
    /// Whether the last byte was a CR, of which a LF would be a part.
    after_cr: bool,
}

impl LineEnds {
    fn are_enough(self) -> bool {
        self.number == 2
    }

    /// Counts those of the next bytes of the gap.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let ends = byte == b'\r' || byte == b'\n' && !self.after_cr;
            self.after_cr = byte == b'\r';
            self.number = 2.min(self.number + u8::from(ends));
            if self.are_enough() {
                return;
            }
        }
    }
}

struct Cuts {
    stretches: Vec<Range<u64>>,
}

impl Cuts {
    /// Adds what stands before what was added last, and was not cut.
    fn insert(&mut self, cut: Range<u64>) {
        if cut.is_empty() {
            return;
        }
        let at = self.stretches.partition_point(|later| later.start < cut.start);
        let mut merged = cut;
        let touches_next = self.stretches.get(at).is_some_and(|next| next.start == merged.end);
        if touches_next {
            merged.end = self.stretches.remove(at).end;
        }
        match at.checked_sub(1).map(|before| &mut self.stretches[before]) {
            Some(before) if before.end == merged.start => before.end = merged.end,
            _ => self.stretches.insert(at, merged),
        }
    }

    fn add(&mut self, cut: Range<u64>) {
        match self.stretches.last_mut() {
            _ if cut.is_empty() => {}
            Some(last) if last.end == cut.start => last.end = cut.end,
            _ => self.stretches.push(cut),
        }
    }
}

/// Keeps a lone CR before a cut and a LF after it from becoming one line end: of what goes, a line end stays.
fn apart(body: &Body, mut stretches: Vec<Range<u64>>) -> io::Result<Vec<Range<u64>>> {
    for cut in &mut stretches {
        let before = body.bytes(cut.start.saturating_sub(1)..cut.start)?;
        if *before == *b"\r" && *body.bytes(cut.end..cut.end + 1)? == *b"\n" {
            // A LF is enough, which goes with the CR.
            let tail = body.bytes(cut.start.max(cut.end.saturating_sub(3))..cut.end)?;
            cut.end -= if tail.ends_with(b"\n") { 1 } else { terminator(&tail) as u64 };
        }
    }
    Ok(stretches)
}
