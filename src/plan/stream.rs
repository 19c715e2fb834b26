//! The plan of a corpus, made unit by unit in one pass.
//!
//! What is a copy is defined as for one document, but for the scope, and for settling: a stream looks once. A unit is
//! decided about when the shortest run that starts at it and has enough words has come to its end: a repeated run that
//! contains the unit and goes on further contains that one too. So fewer words than `min_words` are pending at any time.

use super::alike::{Flags, Recent};
use crate::index::Index;
use crate::key::{Key, Powers, Prefix};

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
        /// Of a repeated run that the unit lies in: where it starts, and where it first began.
        run: (u64, u64),
    },
}

/// Plans a corpus, document after document.
pub struct StreamPlan<I> {
    former: Former,
    judge: Judge<I>,
    steps: Vec<Step>,
}

impl<I: Index> StreamPlan<I> {
    /// A plan with no unit in it. `min_words` is at least 1. Windows that are in `index` already have begun earlier.
    #[must_use]
    pub fn new(min_words: u32, index: I) -> StreamPlan<I> {
        StreamPlan {
            former: Former::new(min_words),
            judge: Judge { index, next: 0, pending: Flags::default(), uncovered: None, repeats: None, cover: (0, 0) },
            steps: Vec::new(),
        }
    }

    /// The index, to say of it what it is to know of the document that comes next.
    pub fn index_mut(&mut self) -> &mut I {
        &mut self.judge.index
    }

    /// The index, when nothing more is to be planned.
    #[must_use]
    pub fn into_index(self) -> I {
        self.judge.index
    }

    /// Takes the next units of the document. Hands on what is decided now, unit by unit in order.
    ///
    /// # Errors
    /// The index fails. No unit can be taken after that.
    pub fn extend(
        &mut self,
        items: impl IntoIterator<Item = StreamItem>,
        mut decided: impl FnMut(Decision),
    ) -> Result<(), I::Error> {
        let mut items = items.into_iter();
        loop {
            self.steps.clear();
            let batch = self.judge.index.batch();
            // One unit can end the windows of millions that wait.
            let most = batch.saturating_mul(4);
            for _ in 0..batch {
                if !self.former.form(most, &mut self.steps) {
                    break;
                }
                let Some(item) = items.next() else { break };
                self.former.take(item, &mut self.steps);
            }
            if self.steps.is_empty() {
                return Ok(());
            }
            let windows = self.steps.iter().filter(|step| step.is_window());
            self.judge.index.prepare(windows.map(|step| step.key))?;
            self.judge.next = 0;
            for step in &self.steps {
                self.judge.take(step, &mut decided);
            }
        }
    }

    /// Ends the document: no run goes on. Hands on what is decided about the units that are pending.
    pub fn end_document(&mut self, decided: impl FnMut(Decision)) {
        self.former.end_document();
        self.judge.end_document(decided);
    }
}

/// Forms the windows. They depend on the units alone, not on what was decided.
pub(super) struct Former {
    min_words: u64,
    /// The units of the document from the start of the shortest run that ends at the last one and has enough words; before
    /// there is such a run, all.
    /// Pending are those at the end that start no window yet: no run that starts there has enough words.
    recent: Recent,
    /// The words of all of them.
    words: u64,
    /// The words of those that are pending.
    pending_words: u64,
    /// The last unit, if not all windows are formed that end there, and whether one was that starts at a pending one.
    due: Option<(StreamItem, bool)>,
    /// All units of the document, or those from a long one on.
    prefix: Prefix,
    powers: Powers,
}

/// What is to be looked at, in order.
pub(super) struct Step {
    what: What,
    pub(super) key: Key,
    /// Of a window, the place of the unit it starts at.
    pub(super) place: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// A unit that has enough words by itself, and nothing is pending before it.
    Long { protected: bool },
    /// Any other unit. There is no key.
    Unit { protected: bool },
    /// The window that starts at the first pending unit.
    Starting,
    /// The window that ends at the last unit, where none starts that ends there.
    Ending,
}

impl Step {
    fn new(what: What, key: Key, place: u64) -> Step {
        Step { what, key, place }
    }

    pub(super) fn is_window(&self) -> bool {
        !matches!(self.what, What::Unit { .. })
    }
}

impl Former {
    pub(super) fn new(min_words: u32) -> Former {
        Former {
            min_words: u64::from(min_words),
            recent: Recent::default(),
            words: 0,
            pending_words: 0,
            due: None,
            prefix: Prefix::default(),
            powers: Powers::new(),
        }
    }

    /// Takes the next unit, when all windows are formed that end before.
    pub(super) fn take(&mut self, item: StreamItem, steps: &mut Vec<Step>) {
        let StreamItem { key, words, protected, place } = item;
        if u64::from(words) >= self.min_words && self.recent.pending() == 0 {
            steps.push(Step::new(What::Long { protected }, key, place));
            self.start_with(&item);
            return;
        }
        steps.push(Step::new(What::Unit { protected }, key, place));
        self.recent.push(&item, self.prefix);
        self.prefix = self.prefix.then(key);
        self.words += u64::from(words);
        self.pending_words += u64::from(words);
        self.due = Some((item, false));
    }

    /// Forms the windows that end at the last unit, as long as there are no more than `most` steps. Returns whether those are all.
    pub(super) fn form(&mut self, most: usize, steps: &mut Vec<Step>) -> bool {
        let Some((item, mut formed)) = self.due.take() else { return true };
        // Every window that starts at a pending unit and ends here.
        while self.pending_words >= self.min_words
            && let Some(first) = self.recent.first_pending()
        {
            if steps.len() >= most {
                self.due = Some((item, formed));
                return false;
            }
            let window = match self.recent.pending() {
                1 => item.key,
                units => self.powers.key_between(first.before, self.prefix, units),
            };
            steps.push(Step::new(What::Starting, window, first.place));
            formed = true;
            self.recent.settle();
            self.pending_words -= u64::from(first.words);
        }
        if u64::from(item.words) >= self.min_words {
            self.start_with(&item);
            return true;
        }
        // The window that ends here, unless it was among those.
        while let Some(first) = self.recent.first()
            && self.words - u64::from(first.words) >= self.min_words
        {
            self.words -= u64::from(first.words);
            self.recent.pop_first();
        }
        if let Some(first) = self.recent.first()
            && !formed
            && self.words >= self.min_words
        {
            let window = self.powers.key_between(first.before, self.prefix, self.recent.len());
            steps.push(Step::new(What::Ending, window, first.place));
        }
        true
    }

    /// A long unit is the shortest run that ends at it: no window goes back further.
    fn start_with(&mut self, item: &StreamItem) {
        self.recent.clear();
        self.recent.push(item, Prefix::default());
        self.recent.settle_all();
        self.prefix = Prefix::default().then(item.key);
        self.words = u64::from(item.words);
    }

    pub(super) fn end_document(&mut self) {
        self.recent.clear();
        (self.words, self.pending_words) = (0, 0);
        self.prefix = Prefix::default();
    }
}

/// Looks the windows up, and decides.
struct Judge<I> {
    index: I,
    /// Which of the windows that are made ready comes next.
    next: usize,
    /// The units that are not decided about: whether each is protected.
    pending: Flags,
    /// Whether these lie in a repeated run, all but so many at the end.
    uncovered: Option<usize>,
    /// A repeated window that ends at the last unit: where it starts, and where it first began.
    repeats: Option<(u64, u64)>,
    /// The same of the one that covers the pending units.
    cover: (u64, u64),
}

impl<I: Index> Judge<I> {
    /// Looks up the window of a step.
    fn first(&mut self, step: &Step) -> Option<u64> {
        let at = self.next;
        self.next += 1;
        self.index.first_of(at, step.key, step.place)
    }

    fn take(&mut self, step: &Step, decided: &mut impl FnMut(Decision)) {
        match step.what {
            What::Long { protected } => {
                let known = self.first(step);
                (self.uncovered, self.repeats) = (None, None);
                decided(decision(protected, known, known.map(|original| (step.place, original))));
            }
            What::Unit { protected } => {
                self.end_unit();
                self.pending.push(protected);
                self.uncovered = self.uncovered.map(|uncovered| uncovered + 1);
            }
            What::Starting => {
                let known = self.first(step);
                self.repeats = self.repeats.or(known.map(|original| (step.place, original)));
                let run = self.first_cover().or(self.repeats);
                if let Some(protected) = self.pending.pop() {
                    decided(decision(protected, known, run));
                }
            }
            What::Ending => {
                let known = self.first(step);
                self.repeats = known.map(|original| (step.place, original));
            }
        }
    }

    /// A repeated window that ends at the last unit covers all that is pending.
    fn end_unit(&mut self) {
        if let Some(repeats) = self.repeats.take() {
            (self.uncovered, self.cover) = (Some(0), repeats);
        }
        self.uncovered = self.uncovered.filter(|&uncovered| uncovered < self.pending.len());
    }

    /// The repeated run that ended before the last unit and has the first pending unit in it.
    fn first_cover(&self) -> Option<(u64, u64)> {
        self.uncovered.filter(|&uncovered| uncovered < self.pending.len()).map(|_| self.cover)
    }

    fn end_document(&mut self, mut decided: impl FnMut(Decision)) {
        self.end_unit();
        loop {
            let run = self.first_cover();
            let Some(protected) = self.pending.pop() else { break };
            decided(decision(protected, None, run));
        }
        self.uncovered = None;
    }
}

fn decision(protected: bool, original: Option<u64>, run: Option<(u64, u64)>) -> Decision {
    match run {
        Some(run) if !protected => Decision::Copy { original, run },
        _ => Decision::Kept,
    }
}
