//! The index of a run on top of what earlier runs have found.

use std::sync::Arc;

use hashbrown::HashMap;

use super::{Earlier, Index, IndexError, Spilling};
use crate::key::Key;

/// Window keys and the first place of each: of earlier runs, and of this one behind them.
///
/// A document that an earlier run had already stands where it stood first: what began behind that place, in whatever document, is
/// no original of it, but may have been a copy of it. So it is decided about as it was then, and no text is lost because two
/// documents were each taken for a copy of the other.
pub struct Layered {
    run: Spilling,
    earlier: Option<Arc<dyn Earlier>>,
    /// Of the current document, if an earlier run had it: the lines before it there, and its own windows.
    again: Option<Again>,
    /// Of the windows that are made ready: where they began in earlier runs. None is kept of them where there are no such runs.
    known: Vec<Option<u64>>,
    /// How many of them were asked for that did not begin in earlier runs.
    asked: usize,
}

struct Again {
    before: u64,
    windows: HashMap<Key, u64>,
}

impl Layered {
    /// An empty index of a run, on top of `earlier`, if there is something.
    #[must_use]
    pub fn new(run: Spilling, earlier: Option<Arc<dyn Earlier>>) -> Layered {
        Layered { run, earlier, again: None, known: Vec::new(), asked: 0 }
    }

    /// A document begins, which an earlier run had behind so many lines, if one had it.
    pub fn begin_document(&mut self, before: Option<u64>) {
        self.again = before.map(|before| Again { before, windows: HashMap::new() });
    }

    /// The windows of this run alone.
    #[must_use]
    pub fn into_run(self) -> Spilling {
        self.run
    }
}

impl Index for Layered {
    type Error = IndexError;

    fn batch(&self) -> usize {
        self.run.batch()
    }

    fn prepare(&mut self, keys: impl Iterator<Item = Key> + Clone) -> Result<(), IndexError> {
        let Layered { run, earlier, known, asked, .. } = self;
        let Some(earlier) = earlier else { return run.prepare(keys) };
        known.clear();
        *asked = 0;
        for key in keys.clone() {
            known.push(earlier.first(key)?);
        }
        let new = keys.zip(&*known).filter(|(_, known)| known.is_none());
        run.prepare(new.map(|(key, _)| key))
    }

    fn first_of(&mut self, at: usize, key: Key, place: u64) -> Option<u64> {
        let Layered { run, earlier, again, known, asked } = self;
        if earlier.is_none() {
            return run.first_of(at, key, place);
        }
        let first = known[at].or_else(|| {
            *asked += 1;
            run.first_of(*asked - 1, key, place)
        });
        let Some(again) = again else { return first };
        first.filter(|&first| first <= again.before).or_else(|| {
            let of_document = again.windows.get(&key).copied();
            if of_document.is_none() {
                again.windows.insert(key, place);
            }
            of_document
        })
    }

    fn windows(&self) -> u64 {
        self.run.len()
    }
}
