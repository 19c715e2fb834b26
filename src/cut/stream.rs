//! What remains of a document that is read once, piece by piece: the rule of [`super::stretches`] for a stream.
//!
//! A gap can be told to stay only when the next unit that stays comes, and at the document's end it goes. So gaps wait, in
//! memory or, when they get long, in a temporary file.

use std::io::{self, Write};
use std::ops::Range;

use super::{Gaps, LineEnds, Rank};
use crate::source::{BodyWriter, Spooling};
use crate::unit::{UnitKind, byte_order_mark, terminator};

/// Changes of a document: the bytes that go, and what stands there instead.
pub type Edits = Vec<(Range<u64>, &'static str)>;

/// Writes what remains of documents, one after the other, and tells which stretches that leaves out.
pub struct Remains<'a> {
    spooling: &'a Spooling,
    /// How long the document is up to the piece that comes next.
    len: u64,
    /// The end of what was written last.
    kept_to: u64,
    /// What goes, as far as that is known.
    cuts: Vec<Range<u64>>,
    /// What of what stays is changed.
    edits: Edits,
    begins: bool,
    /// Whether the last unit was a copy.
    after_copy: bool,
    gaps: Gaps,
    /// How far what stands between the last unit that stays and what comes keeps these apart: the document's start, or a gap.
    rank: Rank,
    /// The gap that is written before the next unit that stays.
    gap: Gap<'a>,
    /// The gap after the last unit, if that was a copy: at the document's end it is the one that stays.
    last_gap: Gap<'a>,
    /// The last byte written, and the last ones of the last copy.
    written: Option<u8>,
    copy_end: Vec<u8>,
}

impl<'a> Remains<'a> {
    /// Nothing written yet, at the start of a document of such units. Long gaps wait as `spooling` says.
    #[must_use]
    pub fn new(spooling: &'a Spooling, kind: UnitKind) -> Remains<'a> {
        Remains::with(spooling, Gaps::of(kind))
    }

    fn with(spooling: &'a Spooling, gaps: Gaps) -> Remains<'a> {
        Remains {
            spooling,
            gaps,
            len: 0,
            kept_to: 0,
            cuts: Vec::new(),
            edits: Edits::new(),
            begins: true,
            after_copy: false,
            rank: Rank::START,
            gap: Gap::new(spooling),
            last_gap: Gap::new(spooling),
            written: None,
            copy_end: Vec::new(),
        }
    }

    /// Writes what remains of the next piece of the document. Its units, with their terminators, are ranges of the piece;
    /// of each is said whether it is a copy. `edits` are changes of those that are not, in order, each within one.
    ///
    /// # Errors
    /// `out`, or a temporary file, can't be written.
    pub fn write(
        &mut self,
        piece: &[u8],
        units: impl Iterator<Item = (Range<usize>, bool)>,
        edits: &[(Range<u64>, &'static str)],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut edits = edits;
        let mut at = 0;
        if std::mem::take(&mut self.begins) {
            at = byte_order_mark(piece);
            self.pass(piece, 0..at, &mut edits, out)?;
        }
        // From where on the piece is to be written, as far as that is known.
        let mut from = None;
        for (unit, is_copy) in units {
            let gap = at..unit.start;
            if is_copy {
                if let Some(from) = from.take() {
                    self.pass(piece, from..at, &mut edits, out)?;
                }
                self.wait(piece, gap)?;
                self.begin_copy(&piece[unit.clone()]);
            } else if from.is_none() {
                self.wait(piece, gap)?;
                self.end_copies(out)?;
                from = Some(unit.start);
            }
            at = unit.end;
        }
        if let Some(from) = from {
            self.pass(piece, from..at, &mut edits, out)?;
        }
        self.wait(piece, at..piece.len())?;
        self.len += piece.len() as u64;
        Ok(())
    }

    /// The stretches of the document that have gone since this was last asked, in order, as [`super::stretches`] has them.
    pub fn take_cuts(&mut self) -> Vec<Range<u64>> {
        std::mem::take(&mut self.cuts)
    }

    /// What of what stays was changed since this was last asked, in order: the bytes of the document that went, and what
    /// stands there instead.
    pub fn take_edits(&mut self) -> Edits {
        std::mem::take(&mut self.edits)
    }

    /// Ends the document. Returns what of it has gone since that was last asked.
    ///
    /// # Errors
    /// `out` can't be written, or a temporary file can't be read.
    pub fn end(&mut self, out: &mut dyn Write) -> io::Result<Vec<Range<u64>>> {
        let empty = Gap::new(self.spooling);
        let gap = std::mem::replace(if self.after_copy { &mut self.last_gap } else { &mut self.gap }, empty);
        self.write_gap(gap, out)?;
        self.keep(self.len..self.len);
        let edits = self.take_edits();
        let cuts = std::mem::replace(self, Remains::with(self.spooling, self.gaps)).cuts;
        self.edits = edits;
        Ok(cuts)
    }

    /// What stands here stays, and what stands before it and was not to stay does not.
    fn keep(&mut self, range: Range<u64>) {
        if self.kept_to < range.start {
            self.cuts.push(self.kept_to..range.start);
        }
        self.kept_to = range.end;
    }

    /// Writes what stays, with those of the edits that are in it, and leaves the others.
    fn pass(
        &mut self,
        piece: &[u8],
        range: Range<usize>,
        edits: &mut &[(Range<u64>, &'static str)],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut at = range.start;
        while let Some(((edit, with), later)) = edits.split_first()
            && edit.start < range.end as u64
        {
            *edits = later;
            self.pass_unchanged(piece, at..edit.start as usize, out)?;
            out.write_all(with.as_bytes())?;
            at = edit.end as usize;
            // It does not go, it is another there.
            let place = self.len + edit.start..self.len + edit.end;
            self.keep(place.clone());
            self.edits.push((place, with));
        }
        self.pass_unchanged(piece, at..range.end, out)
    }

    fn pass_unchanged(&mut self, piece: &[u8], range: Range<usize>, out: &mut dyn Write) -> io::Result<()> {
        let bytes = &piece[range.clone()];
        if let Some(&last) = bytes.last() {
            self.keep(self.len + range.start as u64..self.len + range.end as u64);
            self.written = Some(last);
            out.write_all(bytes)?;
        }
        Ok(())
    }

    /// Takes what stands between units, or a part of it.
    fn wait(&mut self, piece: &[u8], range: Range<usize>) -> io::Result<()> {
        let at = self.len + range.start as u64;
        let gap = &piece[range];
        if gap.is_empty() {
            return Ok(());
        }
        if !self.after_copy {
            return self.gap.add(at, gap);
        }
        if self.last_gap.is_empty() && self.written == Some(b'\r') && gap[0] == b'\n' {
            // The CR of what stays and the LF of the gap would become one line end: of what goes, a line end stays.
            let end = &self.copy_end;
            let len = if end.ends_with(b"\n") { 1 } else { terminator(end) };
            self.last_gap.add(at - len as u64, &end[end.len() - len..])?;
        }
        self.last_gap.add(at, gap)
    }

    /// A unit goes.
    fn begin_copy(&mut self, unit: &[u8]) {
        self.settle_gap();
        self.after_copy = true;
        self.copy_end.clear();
        self.copy_end.extend_from_slice(&unit[unit.len().saturating_sub(3)..]);
    }

    /// A unit stays.
    fn end_copies(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.settle_gap();
        let gap = std::mem::replace(&mut self.gap, Gap::new(self.spooling));
        self.write_gap(gap, out)?;
        (self.after_copy, self.rank) = (false, Rank::NONE);
        Ok(())
    }

    /// The gap after a unit has come to its end. It stays if it keeps apart further than those since a unit stayed.
    fn settle_gap(&mut self) {
        if self.after_copy {
            let gap = std::mem::replace(&mut self.last_gap, Gap::new(self.spooling));
            let rank = gap.rank(self.gaps);
            if rank > self.rank {
                (self.gap, self.rank) = (gap, rank);
            }
        } else {
            self.rank = self.rank.max(self.gap.rank(self.gaps));
        }
    }

    /// Writes what has waited.
    fn write_gap(&mut self, gap: Gap<'_>, out: &mut dyn Write) -> io::Result<()> {
        if gap.is_empty() {
            return Ok(());
        }
        let body = gap.bytes.finish()?;
        self.keep(gap.start..gap.start + body.len());
        body.write(0..body.len(), out)
    }
}

/// What stands between units, and where in the document.
struct Gap<'a> {
    start: u64,
    ends: LineEnds,
    bytes: BodyWriter<'a>,
}

impl<'a> Gap<'a> {
    fn new(spooling: &'a Spooling) -> Gap<'a> {
        Gap { start: 0, ends: LineEnds::default(), bytes: BodyWriter::new(spooling) }
    }

    fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    fn rank(&self, gaps: Gaps) -> Rank {
        gaps.rank_of(self.is_empty(), self.ends)
    }

    fn add(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        if self.is_empty() {
            self.start = at;
        }
        self.ends.add(bytes);
        self.bytes.write_all(bytes)
    }
}
