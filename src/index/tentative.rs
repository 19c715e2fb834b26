//! A document looked at before it is decided whether it is taken at all.

use hashbrown::HashMap;

use super::{Index, IndexError, Layered};
use crate::key::Key;

/// Window keys and the first place of each: of an index, which stays as it is, and of one document behind it.
pub struct Tentative<'a> {
    index: &'a mut Layered,
    windows: HashMap<Key, u64>,
    /// Of the windows that are made ready: where they began in the index.
    known: Vec<Option<u64>>,
}

impl<'a> Tentative<'a> {
    /// Nothing of the document is known yet.
    #[must_use]
    pub fn new(index: &'a mut Layered) -> Tentative<'a> {
        Tentative { index, windows: HashMap::new(), known: Vec::new() }
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

    fn first_of(&mut self, at: usize, key: Key, place: u64) -> Option<u64> {
        self.known[at].or_else(|| {
            let first = *self.windows.entry(key).or_insert(place);
            (first != place).then_some(first)
        })
    }

    fn windows(&self) -> u64 {
        self.index.windows() + self.windows.len() as u64
    }
}
