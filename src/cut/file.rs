//! What goes of a file.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// What goes of a file, or of a part of it. Bytes are counted through the file, unpacked and in UTF-8; of a table of
/// columns they are counted through its texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCuts {
    /// The stretches that go, in order.
    pub stretches: Vec<Range<u64>>,
    /// The starts of those in whose place an empty field is written: rows of which nothing else is left.
    pub fills: Vec<u64>,
    /// The rows that go whole, of a table of columns, by their numbers in the file from 0.
    pub dropped: Vec<u64>,
}

impl FileCuts {
    /// Of these stretches only.
    #[must_use]
    pub fn of(stretches: Vec<Range<u64>>) -> FileCuts {
        FileCuts { stretches, ..FileCuts::default() }
    }

    /// Whether nothing goes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stretches.is_empty() && self.dropped.is_empty()
    }

    /// Adds what goes of the part of the file that comes next.
    pub fn extend(&mut self, later: FileCuts) {
        self.stretches.extend(later.stretches);
        self.fills.extend(later.fills);
        self.dropped.extend(later.dropped);
    }

    /// The same of a part of a file that so many bytes stand before.
    #[must_use]
    pub fn moved(mut self, by: u64) -> FileCuts {
        for stretch in &mut self.stretches {
            *stretch = stretch.start + by..stretch.end + by;
        }
        self.fills.iter_mut().for_each(|fill| *fill += by);
        self
    }
}
