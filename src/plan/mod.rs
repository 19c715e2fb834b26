//! The plan: which units of a document are copies, and of what.
//!
//! A unit is a copy when it lies in a run of at least `min_words` words which, key by key in the same order, already
//! began earlier. Two kinds of *windows* decide it: the shortest run that starts at a unit and has enough words, and the
//! shortest that ends there. Every minimal run that contains a unit is such a window, and a window is a function of its
//! keys; so a unit is a copy exactly when some window that contains it occurred earlier.
//!
//! Removing copies can bring kept units together that then repeat an earlier run, so the definition is applied again to
//! what is left until nothing changes. Full passes for that would be quadratic on chains (`X a X b …`). After the first
//! pass only the windows at the seams of a removal are new; a window that is not new can have become a copy only of a new
//! one, and of its kind there is just one left. So each later pass looks at new windows alone.
//!
//! A window's key is a rolling hash, so no step looks at a run twice. Every unit that goes is compared with its original,
//! so a collision of hashes removes no text. Units that occur once can lie in no repeated run and take no part.

mod alike;
mod stream;
pub mod windows;

use std::cmp::Reverse;

use hashbrown::HashMap;

pub use stream::{Decision, StreamItem, StreamPlan};

use crate::key::{Key, RollingKey};

/// One unit, as far as the plan needs to know it.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// The key of the unit.
    pub key: Key,
    /// Numbers the distinct folded texts from 0: two units have one class exactly when their folded texts are equal.
    pub class: u32,
    /// The number of words.
    pub words: u32,
    /// Never removed. Still part of runs.
    pub protected: bool,
}

/// Which units are copies, and of what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// For each unit its original, or [`NONE`].
    originals: Vec<u32>,
}

/// Consecutive copies whose originals are consecutive too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The first copy, as an index into the units.
    pub first: usize,
    /// The number of copies.
    pub len: usize,
    /// The original of the first copy.
    pub original: usize,
}

/// No unit, no window.
const NONE: u32 = u32::MAX;

/// More units than a plan can number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than {} units in one document", NONE - 1)]
pub struct TooManyUnits;

impl Plan {
    /// Plans one document by itself: passes until nothing changes. `min_words` is at least 1.
    ///
    /// # Errors
    /// More than 2^32 - 2 units.
    pub fn of_document(items: &[Item], min_words: u32) -> Result<Plan, TooManyUnits> {
        if items.len() >= NONE as usize {
            return Err(TooManyUnits);
        }
        let classes = items.iter().map(|item| item.class as usize + 1).max().unwrap_or(0);
        let mut occurs = vec![0_u8; classes];
        for item in items {
            let count = &mut occurs[item.class as usize];
            *count = count.saturating_add(1);
        }
        if occurs.iter().all(|&count| count < 2) {
            return Ok(Plan { originals: vec![NONE; items.len()] });
        }
        let mut settling = Settling::new(items, occurs, u64::from(min_words));
        settling.run();
        Ok(settling.plan())
    }

    /// The number of units planned.
    #[must_use]
    pub fn len(&self) -> usize {
        self.originals.len()
    }

    /// Whether there was no unit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.originals.is_empty()
    }

    /// The kept unit that unit `at` is a copy of, if it is one.
    #[must_use]
    pub fn original(&self, at: usize) -> Option<usize> {
        self.originals.get(at).filter(|&&original| original != NONE).map(|&original| original as usize)
    }

    /// Whether unit `at` goes.
    #[must_use]
    pub fn is_copy(&self, at: usize) -> bool {
        self.original(at).is_some()
    }

    /// The number of units that go.
    #[must_use]
    pub fn copies(&self) -> usize {
        self.originals.iter().filter(|&&original| original != NONE).count()
    }

    /// The copies in blocks, in order.
    pub fn blocks(&self) -> impl Iterator<Item = Block> {
        let mut at = 0;
        std::iter::from_fn(move || {
            at += self.originals[at..].iter().position(|&original| original != NONE)?;
            let (first, original) = (at, self.originals[at]);
            let original = original as usize;
            while self.original(at) == Some(original + (at - first)) {
                at += 1;
            }
            Some(Block { first, len: at - first, original })
        })
    }
}

/// A run of units that is still there, by its first and last unit.
#[derive(Clone, Copy)]
struct Place {
    first: u32,
    last: u32,
}

/// A window formed in this pass.
struct Window {
    key: Key,
    place: Place,
    /// Whether every unit of it is protected.
    protected: bool,
}

/// A window that occurred earlier.
struct Repeat {
    place: Place,
    original: u32,
}

/// The units still there and their windows, pass after pass.
struct Settling<'a> {
    items: &'a [Item],
    min_words: u64,
    /// How often each class occurs in the document: 0, 1, or more.
    occurs: Vec<u8>,
    /// The list of units that are still there.
    next: Vec<u32>,
    prev: Vec<u32>,
    /// Whether no unit has gone yet.
    is_whole: bool,
    originals: Vec<u32>,
    /// The window that starts, and the one that ends, at each unit, by its key's [`fingerprint`]; 0 where there is none.
    starting: Vec<u64>,
    ending: Vec<u64>,
    /// The first place of each window. What it says holds only while [`Settling::holds`].
    index: HashMap<Key, Place>,
    /// The first place of each window of protected units alone: these stay for good, however often they occur.
    fixed: HashMap<Key, Place>,
    /// The unit at the same place of the earlier run, for each unit of the stretch last walked.
    counterpart: Vec<u32>,
}

impl<'a> Settling<'a> {
    fn new(items: &'a [Item], occurs: Vec<u8>, min_words: u64) -> Settling<'a> {
        let len = items.len() as u32;
        Settling {
            items,
            min_words,
            occurs,
            next: (1..len).chain([NONE]).collect(),
            prev: std::iter::once(NONE).chain(0..len - 1).collect(),
            is_whole: true,
            originals: vec![NONE; items.len()],
            starting: vec![0; items.len()],
            ending: vec![0; items.len()],
            index: HashMap::default(),
            fixed: HashMap::default(),
            counterpart: vec![NONE; items.len()],
        }
    }

    fn plan(mut self) -> Plan {
        // An original lies before its copy, and may have become a copy itself in a later pass.
        for at in 0..self.originals.len() {
            let original = self.originals[at];
            if original != NONE && self.originals[original as usize] != NONE {
                self.originals[at] = self.originals[original as usize];
            }
        }
        Plan { originals: self.originals }
    }

    fn run(&mut self) {
        let everything: Vec<u32> = (0..self.items.len() as u32).collect();
        let mut removed = self.pass(&everything, &everything);
        drop(everything);
        if removed.is_empty() {
            return;
        }
        let mut seen = Seen { starts: vec![0; self.items.len()], ends: vec![0; self.items.len()], pass: 0 };
        while !removed.is_empty() {
            let (starts, ends) = self.unlink(&removed, &mut seen);
            removed = self.pass(&starts, &ends);
        }
    }

    fn item(&self, unit: u32) -> &'a Item {
        &self.items[unit as usize]
    }

    fn next(&self, unit: u32) -> u32 {
        self.next[unit as usize]
    }

    fn words(&self, unit: u32) -> u64 {
        u64::from(self.item(unit).words)
    }

    /// Whether the unit can lie in a repeated run at all.
    fn can_repeat(&self, unit: u32) -> bool {
        unit != NONE && self.occurs[self.item(unit).class as usize] > 1
    }

    fn is_removed(&self, unit: u32) -> bool {
        self.originals[unit as usize] != NONE
    }

    /// One pass over the windows that start at `starts` and end at `ends`, both in order. Decides which units go and
    /// returns them in order; they are still linked.
    fn pass(&mut self, starts: &[u32], ends: &[u32]) -> Vec<u32> {
        let mut windows = Vec::new();
        self.form_starting(starts, &mut windows);
        self.form_ending(ends, &mut windows);
        windows.sort_unstable_by_key(|window| (window.place.first, Reverse(window.place.last)));
        let mut repeats = self.look_up(&windows);
        repeats.sort_by_key(|repeat| (repeat.place.first, Reverse(repeat.place.last)));
        self.decide(&repeats)
    }

    fn form_starting(&mut self, starts: &[u32], windows: &mut Vec<Window>) {
        let mut run = Run::new();
        for &start in starts {
            self.starting[start as usize] = 0;
            if !self.can_repeat(start) {
                run = Run::new();
                continue;
            }
            run.start_at(self, start);
            while run.words < self.min_words {
                let unit = if run.is_empty() { start } else { self.next(run.place.last) };
                if !self.can_repeat(unit) {
                    break;
                }
                run.push(self, unit);
            }
            if run.words >= self.min_words {
                let window = run.window(self);
                self.starting[start as usize] = fingerprint(window.key);
                windows.push(window);
            }
        }
    }

    /// Windows that end at a unit, but for those that are windows of the other kind as well.
    fn form_ending(&mut self, ends: &[u32], windows: &mut Vec<Window>) {
        let mut run = Run::new();
        for &end in ends {
            self.ending[end as usize] = 0;
            if !self.can_repeat(end) {
                run = Run::new();
                continue;
            }
            if !run.is_empty() && self.next(run.place.last) == end {
                run.push(self, end);
            } else {
                run = self.run_back_from(end);
            }
            while run.words - self.words(run.place.first) >= self.min_words {
                run.pop(self);
            }
            if run.words >= self.min_words && run.words - self.words(end) >= self.min_words {
                let window = run.window(self);
                self.ending[end as usize] = fingerprint(window.key);
                windows.push(window);
            }
        }
    }

    /// The run that ends at `end` and goes back until it has enough words, or as far as it can.
    fn run_back_from(&self, end: u32) -> Run {
        let (mut first, mut words) = (end, self.words(end));
        while words < self.min_words && self.can_repeat(self.prev[first as usize]) {
            first = self.prev[first as usize];
            words += self.words(first);
        }
        let mut run = Run::new();
        let mut unit = first;
        loop {
            run.push(self, unit);
            if unit == end {
                return run;
            }
            unit = self.next(unit);
        }
    }

    /// Whether a place of the index is still a window with that key.
    fn holds(&self, key: Key, place: Place) -> bool {
        let print = fingerprint(key);
        !self.is_removed(place.first)
            && !self.is_removed(place.last)
            && (self.starting[place.first as usize] == print || self.ending[place.last as usize] == print)
    }

    /// Which windows occurred earlier: of the new ones, given in order, and of those that were there before.
    fn look_up(&mut self, windows: &[Window]) -> Vec<Repeat> {
        let mut repeats = Vec::new();
        for window in windows {
            // A window whose units went may have formed again, with the same key, around what is left of it.
            if let Some(known) = self.index.get_mut(&window.key)
                && (known.first == window.place.first || known.last == window.place.last)
            {
                *known = window.place;
            }
        }
        for window in windows {
            let Place { first, .. } = window.place;
            let known = self.index.get(&window.key).copied().filter(|&place| self.holds(window.key, place));
            let fixed = self.fixed.get(&window.key).copied();
            let earliest = known.into_iter().chain(fixed).map(|place| place.first).min().unwrap_or(NONE);
            if earliest < first {
                repeats.push(Repeat { place: window.place, original: earliest });
            } else {
                if let Some(later) = known.filter(|known| known.first > first) {
                    repeats.push(Repeat { place: later, original: first });
                }
                self.index.insert(window.key, window.place);
            }
            if window.protected && fixed.is_none_or(|fixed| fixed.first > first) {
                self.fixed.insert(window.key, window.place);
            }
        }
        repeats
    }

    /// Gives each unit of the repeated windows, in order, its original: from the window that begins earliest. Protected
    /// units stay. Returns the units that go, in order.
    fn decide(&mut self, repeats: &[Repeat]) -> Vec<u32> {
        let mut removed = Vec::new();
        // The last unit that has been decided about, and the stretch whose counterparts are known.
        let mut covered = NONE;
        let mut walked = Place { first: NONE, last: NONE };
        for &Repeat { place, original } in repeats {
            if covered != NONE && place.last <= covered {
                continue;
            }
            let start = if covered == NONE || covered < place.first { place.first } else { self.next(covered) };
            let goes_on = walked.last != NONE
                && (walked.first..=walked.last).contains(&place.first)
                && self.counterpart[place.first as usize] == original;
            if !goes_on {
                walked = self.begin_walk(place.first, original, start);
            }
            self.walk_on(&mut walked, place.last);
            if !self.is_confirmed(start, place.last) {
                continue;
            }
            let mut unit = start;
            loop {
                if !self.item(unit).protected {
                    self.originals[unit as usize] = self.counterpart[unit as usize];
                    removed.push(unit);
                }
                if unit == place.last {
                    break;
                }
                unit = self.next(unit);
            }
            covered = place.last;
        }
        removed
    }

    /// Finds the counterpart of `start`, in the run that begins at `first` and is the same as the one at `original`.
    fn begin_walk(&mut self, first: u32, original: u32, start: u32) -> Place {
        let mut walked = Place { first, last: first };
        if self.is_whole {
            // Nothing has gone yet, so the way is known. Walking it would take as long as the run is.
            walked = Place { first: start, last: start };
            self.counterpart[start as usize] = original + (start - first);
        } else {
            self.counterpart[first as usize] = original;
            self.walk_on(&mut walked, start);
        }
        walked
    }

    /// Finds the counterparts of the units up to `last`.
    fn walk_on(&mut self, walked: &mut Place, last: u32) {
        while walked.last < last {
            let counterpart = self.next(self.counterpart[walked.last as usize]);
            walked.last = self.next(walked.last);
            self.counterpart[walked.last as usize] = counterpart;
        }
    }

    /// Whether the units from `first` to `last` have the texts of their counterparts.
    fn is_confirmed(&self, first: u32, last: u32) -> bool {
        let mut unit = first;
        loop {
            let counterpart = self.counterpart[unit as usize];
            if counterpart == NONE || self.item(unit).class != self.item(counterpart).class {
                return false;
            }
            if unit == last {
                return true;
            }
            unit = self.next(unit);
        }
    }

    /// Takes the removed units out of the list. Returns, in order, the units at which windows may now start, and end,
    /// that did not before: those whose window reaches over a seam.
    fn unlink(&mut self, removed: &[u32], seen: &mut Seen) -> (Vec<u32>, Vec<u32>) {
        self.is_whole = false;
        let mut before_seams: Vec<u32> = Vec::new();
        for &unit in removed {
            let (prev, next) = (self.prev[unit as usize], self.next[unit as usize]);
            if prev != NONE {
                self.next[prev as usize] = next;
            }
            if next != NONE {
                self.prev[next as usize] = prev;
            }
            if prev != NONE && before_seams.last() != Some(&prev) {
                before_seams.push(prev);
            }
        }
        seen.pass += 1;
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
        // Each walk stops where an earlier one has been: from there on that one went further.
        for &seam in &before_seams {
            self.walk(seam, &self.prev, &mut seen.starts, seen.pass, &mut starts);
        }
        for &seam in before_seams.iter().rev() {
            self.walk(self.next(seam), &self.next, &mut seen.ends, seen.pass, &mut ends);
        }
        starts.sort_unstable();
        ends.sort_unstable();
        (starts, ends)
    }

    /// Collects the units from `unit` on, along `links`, as long as they have too few words for a window together.
    fn walk(&self, mut unit: u32, links: &[u32], seen: &mut [u32], pass: u32, found: &mut Vec<u32>) {
        let mut words = 0;
        while self.can_repeat(unit) && seen[unit as usize] != pass {
            words += self.words(unit);
            if words >= self.min_words {
                return;
            }
            seen[unit as usize] = pass;
            found.push(unit);
            unit = links[unit as usize];
        }
    }
}

/// In which pass each unit was last found beside a seam, so that seams close together are not walked over and over.
struct Seen {
    starts: Vec<u32>,
    ends: Vec<u32>,
    pass: u32,
}

/// A few bits of a window's key, to tell whether the index still speaks of the same window. Never 0.
fn fingerprint(key: Key) -> u64 {
    key.low().max(1)
}

/// A run of units that moves through the list.
struct Run {
    place: Place,
    units: u32,
    words: u64,
    unprotected: u32,
    rolling: RollingKey,
}

impl Run {
    fn new() -> Run {
        Run { place: Place { first: NONE, last: NONE }, units: 0, words: 0, unprotected: 0, rolling: RollingKey::new() }
    }

    fn is_empty(&self) -> bool {
        self.units == 0
    }

    fn push(&mut self, list: &Settling<'_>, unit: u32) {
        let item = list.item(unit);
        if self.is_empty() {
            self.place.first = unit;
        }
        self.place.last = unit;
        self.units += 1;
        self.words += u64::from(item.words);
        self.unprotected += u32::from(!item.protected);
        self.rolling.push(item.key);
    }

    fn pop(&mut self, list: &Settling<'_>) {
        let item = list.item(self.place.first);
        self.place.first = list.next(self.place.first);
        self.units -= 1;
        self.words -= u64::from(item.words);
        self.unprotected -= u32::from(!item.protected);
        self.rolling.pop(item.key);
    }

    /// Moves the start of the run to `unit`; the run is empty if it did not reach that far.
    fn start_at(&mut self, list: &Settling<'_>, unit: u32) {
        if self.is_empty() || unit > self.place.last {
            *self = Run::new();
        }
        while !self.is_empty() && self.place.first != unit {
            self.pop(list);
        }
    }

    fn window(&self, list: &Settling<'_>) -> Window {
        let key = if self.units == 1 { list.item(self.place.first).key } else { self.rolling.key() };
        Window { key, place: self.place, protected: self.unprotected == 0 }
    }
}
