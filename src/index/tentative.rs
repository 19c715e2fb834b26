//! A document looked at before it is decided whether it is taken at all.

use super::{Index, IndexError, Layered};
use crate::key::Key;

/// The window keys of an index, which stays as it is: what is looked up does not begin by that.
pub struct Tentative<'a> {
    index: &'a mut Layered,
    /// Where the windows began that are made ready.
    known: Vec<Option<u64>>,
}

impl<'a> Tentative<'a> {
    /// Looks windows up in this index.
    #[must_use]
    pub fn new(index: &'a mut Layered) -> Tentative<'a> {
        Tentative { index, known: Vec::new() }
    }
}

impl Index for Tentative<'_> {
    type Error = IndexError;

    fn batch(&self) -> usize {
        self.index.batch()
    }

    fn prepare(&mut self, keys: impl Iterator<Item = Key> + Clone) -> Result<(), IndexError> {
        self.index.look_up(keys, &mut self.known)
    }

    fn first_of(&mut self, at: usize, _: Key, _: u64) -> Option<u64> {
        self.known[at]
    }

    fn windows(&self) -> u64 {
        self.index.windows()
    }
}
