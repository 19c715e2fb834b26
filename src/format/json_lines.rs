//! JSON Lines: a line is a record. What is no object passes through.

use std::ops::Range;

use memchr::memchr_iter;

use super::field;
use super::window::Window;

/// Whether a line is an object and nothing else.
pub(super) fn is_object(line: &[u8]) -> bool {
    field::is_object(line)
}

/// Finds the records of a file, piece by piece.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    pub(super) window: Window,
}

impl Lines {
    /// Finds the records that end in a piece, of which only the end is new. With the last piece, the last one ends too.
    pub(super) fn find(&mut self, piece: &[u8], last: bool, records: &mut Vec<Range<usize>>) {
        let ends = memchr_iter(b'\n', &piece[self.window.seen..]).map(|at| self.window.seen + at + 1);
        let rest = last.then_some(piece.len());
        let mut start = self.window.start;
        for end in ends.chain(rest) {
            if !piece[start..end].trim_ascii().is_empty() {
                records.push(start..end);
            }
            start = end;
        }
        self.window.start = start;
        self.window.seen = piece.len();
    }
}
