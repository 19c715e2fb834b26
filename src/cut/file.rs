//! What goes of a file, or is written into it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Insertions;

/// What goes of a file, or of a part of it, or is written into it. Bytes are counted through the file, unpacked and in UTF-8; of a table of
/// columns they are counted through its texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCuts {
    /// The stretches that go, in order.
    pub stretches: Vec<Range<u64>>,
    /// The starts of those in whose place an empty field is written: rows of which nothing else is left.
    pub fills: Vec<u64>,
    /// The rows that go whole, of a table of columns, by their numbers in the file from 0.
    pub dropped: Vec<u64>,
    /// What is written into it, nowhere within a stretch that goes: before the byte with its number, or in the place of a stretch that
    /// begins there.
    #[serde(default, skip_serializing_if = "Insertions::is_empty")]
    pub insertions: Insertions,
}

impl FileCuts {
    /// Of these stretches, and these changes of what stays, both in order.
    #[must_use]
    pub fn with_edits<'a>(
        stretches: Vec<Range<u64>>,
        edits: impl IntoIterator<Item = (Range<u64>, &'a str)>,
    ) -> FileCuts {
        let (mut all, mut insertions) = (Vec::new(), Insertions::default());
        let mut stretches = stretches.into_iter().peekable();
        for (range, with) in edits {
            all.extend(std::iter::from_fn(|| stretches.next_if(|cut| cut.start < range.start)));
            if !with.is_empty() {
                insertions.push(range.start, with);
            }
            if !range.is_empty() {
                all.push(range);
            }
        }
        all.extend(stretches);
        FileCuts { stretches: all, insertions, ..FileCuts::default() }
    }

    /// What changes, in order: the bytes that go, and what is written in their place. Where a stretch is one of `fills` that is this.
    pub fn changes<'a>(&'a self, fill: &'a str) -> impl Iterator<Item = (Range<u64>, &'a str)> {
        let mut fills = self.fills.iter().peekable();
        let mut stretches = self.stretches.iter().cloned().peekable();
        let mut insertions = self.insertions.iter().peekable();
        std::iter::from_fn(move || {
            let cut = stretches.peek().map_or(u64::MAX, |cut| cut.start);
            if let Some((at, text)) = insertions.next_if(|(at, _)| *at <= cut) {
                return Some((at..at, text));
            }
            let cut = stretches.next()?;
            let is_filled = fills.next_if_eq(&&cut.start).is_some();
            Some((cut, if is_filled { fill } else { "" }))
        })
    }

    /// Of these stretches only.
    #[must_use]
    pub fn of(stretches: Vec<Range<u64>>) -> FileCuts {
        FileCuts { stretches, ..FileCuts::default() }
    }

    /// Whether the file stays as it is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stretches.is_empty() && self.dropped.is_empty() && self.insertions.is_empty()
    }

    /// Adds what goes of the part of the file that comes next.
    pub fn extend(&mut self, later: FileCuts) {
        self.stretches.extend(later.stretches);
        self.fills.extend(later.fills);
        self.dropped.extend(later.dropped);
        self.insertions.extend(&later.insertions);
    }

    /// The same of a part of a file that so many bytes stand before.
    #[must_use]
    pub fn moved(mut self, by: u64) -> FileCuts {
        for stretch in &mut self.stretches {
            *stretch = stretch.start + by..stretch.end + by;
        }
        self.fills.iter_mut().for_each(|fill| *fill += by);
        self.insertions = self.insertions.moved(by);
        self
    }
}
