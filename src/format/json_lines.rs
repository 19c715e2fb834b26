//! JSON Lines: a line is a record. What is no object passes through.

use std::ops::Range;

use memchr::memchr_iter;

use super::field;

/// Whether a line is an object and nothing else.
pub(super) fn is_object(line: &[u8]) -> bool {
    field::is_object(line)
}

/// Finds the records of a file, piece by piece.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    /// How far the piece was looked at.
    seen: usize,
    start: usize,
}

impl Lines {
    /// Finds the records that end in a piece, of which only the end is new. With the last piece, the last one ends too.
    pub(super) fn find(&mut self, piece: &[u8], last: bool, records: &mut Vec<Range<usize>>) {
        let ends = memchr_iter(b'\n', &piece[self.seen..]).map(|at| self.seen + at + 1);
        let rest = last.then_some(piece.len());
        let mut start = self.start;
        for end in ends.chain(rest) {
            if !piece[start..end].trim_ascii().is_empty() {
                records.push(start..end);
            }
            start = end;
        }
        self.start = start;
        self.seen = piece.len();
    }

    /// The first bytes of the piece are taken away.
    pub(super) fn shift(&mut self, by: usize) {
        self.seen -= by;
        self.start -= by;
    }

    /// The first bytes of the file are no part of any record.
    pub(super) fn skip(&mut self, by: usize) {
        self.seen = by;
        self.start = by;
    }
}
