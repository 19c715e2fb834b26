//! The windows of a document by themselves, for whoever looks them up elsewhere.

use super::stream::{Former, Step, StreamItem};
use crate::key::Key;

/// How many windows are formed at a time, at least.
const BATCH: usize = 1 << 12;

/// A run that is the shortest with enough words that starts, or that ends, at some unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The key of the run.
    pub key: Key,
    /// The place of its first unit.
    pub first: u64,
    /// The place of its last unit.
    pub last: u64,
}

/// Forms the windows of documents, one after the other.
pub struct Windows {
    former: Former,
    steps: Vec<Step>,
}

impl Windows {
    /// Windows of at least so many words, which is at least 1.
    #[must_use]
    pub fn new(min_words: u32) -> Windows {
        Windows { former: Former::new(min_words), steps: Vec::new() }
    }

    /// Hands on the windows of a document, each once, those that end first before the others. A unit is a copy exactly when a window
    /// that contains it occurred earlier.
    pub fn of_document(&mut self, items: impl IntoIterator<Item = StreamItem>, mut each: impl FnMut(Window)) {
        for item in items {
            self.former.take(item, &mut self.steps);
            loop {
                let are_all = self.former.form(BATCH, &mut self.steps);
                let windows = self.steps.drain(..).filter(Step::is_window);
                windows.for_each(|step| each(Window { key: step.key, first: step.place, last: item.place }));
                if are_all {
                    break;
                }
            }
        }
        self.former.end_document();
    }
}
