//! What remains of a document that is read once, piece by piece: the rule of [`super::stretches`] for a stream.
//!
//! A gap can be told to stay only when the next unit that stays comes, and at the document's end it goes. So gaps wait, in
//! memory or, when they get long, in a temporary file.

use std::io::{self, Write};
use std::ops::Range;

use crate::source::{BodyWriter, Spooling};
use crate::unit::{byte_order_mark, terminator};

/// Writes what remains of documents, one after the other.
pub struct Remains<'a> {
    spooling: &'a Spooling,
    begins: bool,
    /// Whether the last unit was a copy.
    after_copy: bool,
    /// Whether there is a gap, or the document's start, between the last unit that stays and what comes.
    set_apart: bool,
    /// The gap that is written before the next unit that stays.
    gap: BodyWriter<'a>,
    /// The gap after the last unit, if that was a copy: at the document's end it is the one that stays.
    last_gap: BodyWriter<'a>,
    /// The last byte written, and the last ones of the last copy.
    written: Option<u8>,
    copy_end: Vec<u8>,
}

impl<'a> Remains<'a> {
    /// Nothing written yet, at a document's start. Long gaps wait as `spooling` says.
    #[must_use]
    pub fn new(spooling: &'a Spooling) -> Remains<'a> {
        Remains {
            spooling,
            begins: true,
            after_copy: false,
            set_apart: true,
            gap: BodyWriter::new(spooling),
            last_gap: BodyWriter::new(spooling),
            written: None,
            copy_end: Vec::new(),
        }
    }

    /// Writes what remains of the next piece of the document. Its units, with their terminators, are ranges of the piece;
    /// of each is said whether it is a copy.
    ///
    /// # Errors
    /// `out`, or a temporary file, can't be written.
    pub fn write(
        &mut self,
        piece: &[u8],
        units: impl Iterator<Item = (Range<usize>, bool)>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut at = 0;
        if std::mem::take(&mut self.begins) {
            at = byte_order_mark(piece);
            self.pass(&piece[..at], out)?;
        }
        // From where on the piece is to be written, as far as that is known.
        let mut from = None;
        for (unit, is_copy) in units {
            let gap = at..unit.start;
            if is_copy {
                if let Some(from) = from.take() {
                    self.pass(&piece[from..at], out)?;
                }
                self.wait(&piece[gap])?;
                self.begin_copy(&piece[unit.clone()]);
            } else if from.is_none() {
                self.wait(&piece[gap])?;
                self.end_copies(out)?;
                from = Some(unit.start);
            }
            at = unit.end;
        }
        if let Some(from) = from {
            self.pass(&piece[from..at], out)?;
        }
        self.wait(&piece[at..])
    }

    /// Ends the document.
    ///
    /// # Errors
    /// `out` can't be written, or a temporary file can't be read.
    pub fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let Remains { after_copy, gap, last_gap, .. } = std::mem::replace(self, Remains::new(self.spooling));
        write_all(if after_copy { last_gap } else { gap }, out)
    }

    fn pass(&mut self, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
        if let Some(&last) = bytes.last() {
            self.written = Some(last);
            out.write_all(bytes)?;
        }
        Ok(())
    }

    /// Takes what stands between units, or a part of it.
    fn wait(&mut self, gap: &[u8]) -> io::Result<()> {
        if gap.is_empty() {
            return Ok(());
        }
        if !self.after_copy {
            return self.gap.write_all(gap);
        }
        if self.last_gap.is_empty() && self.written == Some(b'\r') && gap[0] == b'\n' {
            // The CR of what stays and the LF of the gap would become one line end: of what goes, a line end stays.
            let end = &self.copy_end;
            let len = if end.ends_with(b"\n") { 1 } else { terminator(end) };
            self.last_gap.write_all(&end[end.len() - len..])?;
        }
        self.last_gap.write_all(gap)
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
        write_all(std::mem::replace(&mut self.gap, BodyWriter::new(self.spooling)), out)?;
        (self.after_copy, self.set_apart) = (false, false);
        Ok(())
    }

    /// The gap after a unit has come to its end. It stays if it is the first one since a unit stayed.
    fn settle_gap(&mut self) {
        if self.after_copy {
            let gap = std::mem::replace(&mut self.last_gap, BodyWriter::new(self.spooling));
            let is_gap = !gap.is_empty();
            if is_gap && !self.set_apart {
                self.gap = gap;
            }
            self.set_apart |= is_gap;
        } else {
            self.set_apart |= !self.gap.is_empty();
        }
    }
}

/// Writes what has waited.
fn write_all(waiting: BodyWriter<'_>, out: &mut dyn Write) -> io::Result<()> {
    let body = waiting.finish()?;
    body.write(0..body.len(), out)
}
