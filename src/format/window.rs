//! How far a file was looked at, whose pieces are read one after the other into one buffer.

/// Places in the bytes at hand.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    /// How far they were looked at.
    pub(super) seen: usize,
    /// Where the record begins that is looked at, or the last one ended.
    pub(super) start: usize,
}

impl Window {
    /// The first bytes are taken away.
    pub(super) fn shift(&mut self, by: usize) {
        self.seen -= by;
        self.start -= by;
    }

    /// The first bytes of the file are no part of any record.
    pub(super) fn skip(&mut self, by: usize) {
        *self = Window { seen: by, start: by };
    }
}
