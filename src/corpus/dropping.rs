//! Documents that go as wholes, because most of what they say was said before.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::repeats::{Origin, Repeats};
use crate::index::{IndexError, Layered, Tentative};
use crate::plan::{Decision, StreamItem, StreamPlan};
use crate::share::Share;

/// How much of a document stands in others before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeating<D = Origin> {
    /// How many of its words are copies of them.
    pub repeated: u64,
    /// How many words it has.
    pub words: u64,
    /// The document that it repeats most words of.
    pub most: D,
}

impl<D> Repeating<D> {
    /// The share of its words that are copies, from 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.repeated as f64 / self.words as f64
    }

    /// The same with that document as `change` has it.
    #[must_use]
    pub fn map<E>(&self, change: impl FnOnce(&D) -> E) -> Repeating<E> {
        Repeating { repeated: self.repeated, words: self.words, most: change(&self.most) }
    }

    /// The same in percent, rounded down.
    #[must_use]
    pub fn percent(&self) -> u64 {
        self.repeated.saturating_mul(100) / self.words.max(1)
    }
}

/// Says which documents go as wholes.
#[derive(Clone, Copy)]
pub(super) struct Dropping {
    /// The greatest share of its words that may be copies of others.
    pub(super) above: Share,
    pub(super) min_words: u32,
}

impl Dropping {
    /// Says of a document, of which these are the units, how much of it stands in others
    /// before it, if that is too much. What it repeats of itself alone is not counted: with the document all of that would go. One with a
    /// unit that is never removed stays. Nothing of it is known to the index by that.
    pub(super) fn look_at(
        &self,
        items: &[StreamItem],
        index: &mut Layered,
        repeats: &mut Repeats,
    ) -> Result<Option<Repeating>, IndexError> {
        if items.iter().any(|item| item.protected) {
            return Ok(None);
        }
        let mut plan = StreamPlan::new(self.min_words, Tentative::new(index));
        let mut originals: Vec<Option<u64>> = Vec::with_capacity(items.len());
        let mut decided = |decision| {
            originals.push(match decision {
                Decision::Kept => None,
                Decision::Copy { original, run } => Some(original.unwrap_or(run.1)),
            });
        };
        plan.extend(items.iter().copied(), &mut decided)?;
        plan.end_document(&mut decided);
        let words = |item: &StreamItem| u64::from(item.words);
        let all: u64 = items.iter().map(words).sum();
        let copies = || items.iter().zip(&originals).filter_map(|(item, original)| Some((words(item), (*original)?)));
        let repeated: u64 = copies().map(|(words, _)| words).sum();
        if !self.above.is_less_than(repeated, all) {
            return Ok(None);
        }
        let mut documents: BTreeMap<u64, (u64, Origin)> = BTreeMap::new();
        for (words, original) in copies() {
            if let Some((origin, line)) = repeats.place_of(original)? {
                documents.entry(original - line).or_insert((0, origin)).0 += words;
            }
        }
        // Of several the first.
        let most = documents.into_iter().max_by_key(|&(first, (words, _))| (words, Reverse(first)));
        Ok(most.map(|(_, (_, most))| Repeating { repeated, words: all, most }))
    }
}
