//! The plan of a corpus, made unit by unit in one pass.
//!
//! What is a copy is defined as for one document, but for the scope, and for settling: a stream looks once. A unit is
//! decided about when the shortest run that starts at it and has enough words has come to its end: a repeated run that
//! contains the unit and goes on further contains that one too. So fewer words than `min_words` are pending at any time.

use std::collections::VecDeque;

use crate::index::Memory;
use crate::key::{Key, RollingKey};

/// One unit, as far as the plan of a corpus needs to know it.
#[derive(Clone, Copy, Debug)]
pub struct StreamItem {
    /// The key of the unit.
    pub key: Key,
    /// The number of words.
    pub words: u32,
    /// Never removed. Still part of runs.
    pub protected: bool,
    /// Where the unit is: a number that grows from unit to unit.
    pub place: u64,
}

/// What is decided about a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It stays.
    Kept,
    /// It goes.
    Copy {
        /// The place where the shortest run that starts at this unit and has enough words first began. None where that
        /// run did not begin earlier, and the unit is a copy together with those before it.
        original: Option<u64>,
    },
}

/// Plans a corpus, document after document.
pub struct StreamPlan {
    min_words: u64,
    index: Memory,
    /// The units of the document from the start of the shortest run that ends at the last one and has enough words; before
    /// there is such a run, all.
    recent: VecDeque<StreamItem>,
    /// The words of all of them.
    words: u64,
    /// How many of them, at the end, are pending.
    pending: usize,
    /// The words of those that are pending.
    pending_words: u64,
    /// The run of all recent units, and of the pending ones. Where one long unit is all there is, that is not in `behind`.
    behind: RollingKey,
    ahead: RollingKey,
    /// Whether the pending units lie in a repeated run, all but so many at the end.
    uncovered: Option<usize>,
}

impl StreamPlan {
    /// A plan with nothing in it. `min_words` is at least 1.
    #[must_use]
    pub fn new(min_words: u32) -> StreamPlan {
        StreamPlan {
            min_words: u64::from(min_words),
            index: Memory::new(),
            recent: VecDeque::new(),
            words: 0,
            pending: 0,
            pending_words: 0,
            behind: RollingKey::new(),
            ahead: RollingKey::new(),
            uncovered: None,
        }
    }

    /// The number of distinct windows so far.
    #[must_use]
    pub fn windows(&self) -> usize {
        self.index.len()
    }

    /// Takes the next unit of the document. Hands on what is decided now, unit by unit in order.
    pub fn push(&mut self, item: StreamItem, mut decided: impl FnMut(Decision)) {
        if u64::from(item.words) >= self.min_words && self.pending == 0 {
            // A run by itself, and nobody waits for it.
            let known = self.index.first(item.key, item.place);
            self.start_anew(item);
            decided(decision(item, known, false));
            return;
        }
        self.take(item);
        self.uncovered = self.uncovered.map(|uncovered| uncovered + 1);
        // Every run that starts at a pending unit and now has enough words.
        let (mut repeats, mut formed) = (false, false);
        while self.pending > 0 && self.pending_words >= self.min_words {
            let first = self.recent[self.recent.len() - self.pending];
            let key = if self.pending == 1 { first.key } else { self.ahead.key() };
            let known = self.index.first(key, first.place);
            (repeats, formed) = (repeats || known.is_some(), true);
            let covered = repeats || self.is_first_covered();
            decided(decision(first, known, covered));
            self.ahead.pop(first.key);
            self.pending -= 1;
            self.pending_words -= u64::from(first.words);
        }
        // The run that ends here, unless it was among those.
        while self.words - self.recent.front().map_or(0, |first| u64::from(first.words)) >= self.min_words {
            self.forget_first();
        }
        if !formed && self.words >= self.min_words {
            let place = self.recent.front().map_or(item.place, |first| first.place);
            repeats = self.index.first(self.behind.key(), place).is_some();
        }
        if repeats {
            self.uncovered = Some(0);
        }
        if self.uncovered.is_some_and(|uncovered| uncovered >= self.pending) {
            self.uncovered = None;
        }
    }

    /// Ends the document: no run goes on. Hands on what is decided about the units that are pending.
    pub fn end_document(&mut self, mut decided: impl FnMut(Decision)) {
        while self.pending > 0 {
            let item = self.recent[self.recent.len() - self.pending];
            let covered = self.is_first_covered();
            decided(decision(item, None, covered));
            self.pending -= 1;
        }
        self.recent.clear();
        (self.words, self.pending_words) = (0, 0);
        (self.behind, self.ahead) = (RollingKey::new(), RollingKey::new());
        self.uncovered = None;
    }

    /// Whether the first pending unit lies in a repeated run that is known.
    fn is_first_covered(&self) -> bool {
        self.uncovered.is_some_and(|uncovered| uncovered < self.pending)
    }

    fn take(&mut self, item: StreamItem) {
        if self.behind.is_empty()
            && let Some(long) = self.recent.front()
        {
            self.behind.push(long.key);
        }
        self.recent.push_back(item);
        self.behind.push(item.key);
        self.ahead.push(item.key);
        self.words += u64::from(item.words);
        self.pending += 1;
        self.pending_words += u64::from(item.words);
    }

    fn forget_first(&mut self) {
        if let Some(first) = self.recent.pop_front() {
            self.words -= u64::from(first.words);
            self.behind.pop(first.key);
        }
    }

    /// A long unit is the shortest run that ends at it.
    fn start_anew(&mut self, item: StreamItem) {
        self.recent.clear();
        self.recent.push_back(item);
        self.words = u64::from(item.words);
        if !self.behind.is_empty() {
            self.behind = RollingKey::new();
        }
    }
}

fn decision(item: StreamItem, original: Option<u64>, covered: bool) -> Decision {
    if !item.protected && (covered || original.is_some()) { Decision::Copy { original } } else { Decision::Kept }
}
