//! From where something stood to where it has to be put back.

use std::ops::Range;

use super::Piece;
use crate::format::{InRow, Portion, Stretch};

/// Goes through what goes of a file, in order, and tells where in the output it has to be put back.
///
/// If several files go to one output, one of these goes through all of them: [`Places::begin`] begins each.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Where the output stands when the bytes of the file up to `read` are read, if nothing goes any more.
    written: u64,
    read: u64,
}

impl Places {
    /// At the start of an output and of the file that is written to it.
    #[must_use]
    pub fn new() -> Places {
        Places::default()
    }

    /// Begins another file, of which the first byte, or what is written in its stead, comes to stand at this byte of the
    /// output. Its bytes are counted from `read` on: all but what is left out before it, as a byte order mark is.
    pub fn begin(&mut self, written: u64, read: u64) {
        *self = Places { written, read };
    }

    /// The piece that stands at `span` in the file. What stands between it and the one before was written.
    pub fn piece(&mut self, span: Range<u64>, bytes: &[u8]) -> Piece {
        let at = self.at(span.start);
        (self.written, self.read) = (at, span.end);
        Piece { span: [span.start, span.end], at, bytes: bytes.to_vec(), ..Piece::default() }
    }

    /// Where a place of the file, behind what went so far, is in the output.
    #[must_use]
    pub fn at(&self, place: u64) -> u64 {
        self.written + place.saturating_sub(self.read)
    }

    /// So many bytes are written in the stead of the last that went: of these pieces, which were one stretch. Any of them that is
    /// put back takes their place.
    pub fn fill<'a>(&mut self, pieces: impl IntoIterator<Item = &'a mut Piece>, len: u64) {
        pieces.into_iter().for_each(|piece| piece.over = len);
        self.written += len;
    }

    /// The pieces of what goes of a record with one copy; the chunk with these `bytes` begins `from` bytes from the start of
    /// the file, or of the texts of a table of columns.
    pub fn pieces(&mut self, from: u64, bytes: &[u8], portion: &Portion) -> Vec<Piece> {
        let piece = |stretch: &Stretch| {
            let Range { start, end } = stretch.range;
            let bytes = bytes.get(start as usize..end as usize).unwrap_or_default();
            self.stretch(from + start..from + end, bytes.to_vec(), stretch.in_row.as_ref())
        };
        portion.gone.iter().map(piece).collect()
    }

    /// The piece that stands at `span` in the file, or in the texts of a table of columns, where it has its place in a row.
    pub fn stretch(&mut self, span: Range<u64>, bytes: Vec<u8>, in_row: Option<&InRow>) -> Piece {
        let Some(&InRow { at, element, whole }) = in_row else { return self.piece(span, &bytes) };
        Piece { span: [span.start, span.end], at, over: 0, element, whole, bytes }
    }
}
