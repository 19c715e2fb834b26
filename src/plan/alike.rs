//! Units that stand one after the other and wait, those that are alike together: there may be millions of separators in a row.

use std::collections::VecDeque;

use super::stream::StreamItem;
use crate::key::{Key, Prefix};

/// The last units of a document. Of some at the end, which are *pending*, the first one is at hand as well.
#[derive(Default)]
pub(super) struct Recent {
    runs: VecDeque<Alike>,
    len: usize,
    pending: usize,
    /// Where the first one that is pending is: its run, and how many of that are before it.
    run: usize,
    offset: usize,
    /// The units before it.
    before: Prefix,
}

/// Units with one key that follow each other in even steps.
struct Alike {
    key: Key,
    words: u32,
    /// The place of the first, and from each to the next.
    place: u64,
    step: u64,
    /// The units before them.
    before: Prefix,
    units: usize,
}

/// One of them.
#[derive(Clone, Copy)]
pub(super) struct OneOf {
    /// The units before it.
    pub(super) before: Prefix,
    pub(super) words: u32,
    pub(super) place: u64,
}

impl Recent {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn pending(&self) -> usize {
        self.pending
    }

    pub(super) fn clear(&mut self) {
        self.runs.clear();
        (self.len, self.pending, self.run, self.offset) = (0, 0, 0, 0);
    }

    /// Adds a unit, which is pending.
    pub(super) fn push(&mut self, item: &StreamItem, before: Prefix) {
        let StreamItem { key, words, place, .. } = *item;
        let goes_on = match self.runs.back_mut() {
            Some(last) if last.key == key && last.words == words => {
                if last.units == 1 {
                    last.step = place.wrapping_sub(last.place);
                }
                last.place_of(last.units) == place
            }
            _ => false,
        };
        match self.runs.back_mut().filter(|_| goes_on) {
            Some(last) => last.units += 1,
            None => self.runs.push_back(Alike { key, words, place, step: 0, before, units: 1 }),
        }
        self.len += 1;
        self.pending += 1;
        if self.pending == 1 {
            self.run = self.runs.len() - 1;
            self.offset = self.runs[self.run].units - 1;
            self.before = before;
        }
    }

    /// The first one.
    pub(super) fn first(&self) -> Option<OneOf> {
        let Alike { before, words, place, .. } = *self.runs.front()?;
        Some(OneOf { before, words, place })
    }

    /// Without the first one, which is not pending.
    pub(super) fn pop_first(&mut self) {
        let Some(first) = self.runs.front_mut() else { return };
        first.before = first.before.then(first.key);
        first.place = first.place_of(1);
        first.units -= 1;
        let is_empty = first.units == 0;
        self.len -= 1;
        if self.run == 0 {
            self.offset = self.offset.saturating_sub(1);
        }
        if is_empty {
            self.runs.pop_front();
            self.run = self.run.saturating_sub(1);
        }
    }

    /// The first one that is pending.
    pub(super) fn first_pending(&self) -> Option<OneOf> {
        let run = self.runs.get(self.run).filter(|_| self.pending > 0)?;
        Some(OneOf { before: self.before, words: run.words, place: run.place_of(self.offset) })
    }

    /// That one is pending no longer.
    pub(super) fn settle(&mut self) {
        let Some(run) = self.runs.get(self.run) else { return };
        self.before = self.before.then(run.key);
        self.offset += 1;
        if self.offset == run.units {
            (self.run, self.offset) = (self.run + 1, 0);
        }
        self.pending -= 1;
    }

    /// None is pending any longer.
    pub(super) fn settle_all(&mut self) {
        self.pending = 0;
    }
}

impl Alike {
    fn place_of(&self, unit: usize) -> u64 {
        self.place.wrapping_add(self.step.wrapping_mul(unit as u64))
    }
}

/// A queue of flags, those that are equal together.
#[derive(Default)]
pub(super) struct Flags {
    runs: VecDeque<(bool, usize)>,
    len: usize,
}

impl Flags {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn push(&mut self, flag: bool) {
        match self.runs.back_mut() {
            Some((last, number)) if *last == flag => *number += 1,
            _ => self.runs.push_back((flag, 1)),
        }
        self.len += 1;
    }

    pub(super) fn pop(&mut self) -> Option<bool> {
        let (flag, number) = self.runs.front_mut()?;
        let flag = *flag;
        *number -= 1;
        if *number == 0 {
            self.runs.pop_front();
        }
        self.len -= 1;
        Some(flag)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn units_come_out_as_they_went_in(steps in prop::collection::vec((0..4_u8, 0..3_u8, 1..3_u64), 1..200)) {
            let mut recent = Recent::default();
            let (mut model, mut pending) = (VecDeque::new(), 0);
            let (mut before, mut place) = (Prefix::default(), 0);
            let shown = |one: OneOf| (format!("{:?}", one.before), one.words, one.place);
            for (what, kind, step) in steps {
                match what {
                    0 | 1 => {
                        place += step;
                        let (key, words) = (Key::from(u128::from(kind)), u32::from(kind));
                        model.push_back(shown(OneOf { before, words, place }));
                        recent.push(&StreamItem { key, words, protected: false, place }, before);
                        before = before.then(key);
                        pending += 1;
                    }
                    2 if model.len() > pending => {
                        model.pop_front();
                        recent.pop_first();
                    }
                    _ if pending > 0 => {
                        pending -= 1;
                        recent.settle();
                    }
                    _ => {}
                }
                prop_assert_eq!((recent.len(), recent.pending()), (model.len(), pending));
                prop_assert_eq!(recent.first().map(shown), model.front().cloned());
                let first = (pending > 0).then(|| model[model.len() - pending].clone());
                prop_assert_eq!(recent.first_pending().map(shown), first);
            }
        }

        #[test]
        fn flags_come_out_as_they_went_in(steps in prop::collection::vec(any::<Option<bool>>(), 1..200)) {
            let (mut flags, mut model) = (Flags::default(), VecDeque::new());
            for step in steps {
                match step {
                    Some(flag) => {
                        flags.push(flag);
                        model.push_back(flag);
                    }
                    None => prop_assert_eq!(flags.pop(), model.pop_front()),
                }
                prop_assert_eq!(flags.len(), model.len());
            }
        }
    }

    #[test]
    fn a_million_separators_are_one_run() {
        let mut recent = Recent::default();
        for place in 0..1_000_000 {
            recent.push(&StreamItem { key: Key::from(7), words: 0, protected: false, place }, Prefix::default());
        }
        assert_eq!((recent.runs.len(), recent.len()), (1, 1_000_000));
    }
}
