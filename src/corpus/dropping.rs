//! Documents that go as wholes, because most of what they say was said before.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::repeats::{Origin, Repeats};
use super::stream::StreamError;
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
    /// Says of a document, of which `items` has the units piece by piece as often as they are asked for, how much of it stands in
    /// others before it, if that is too much. What it repeats of itself alone is not counted: with the document all of that would
    /// go. One with a unit that is never removed stays. Nothing of it is known to the index by that.
    pub(super) fn look_at(
        &self,
        mut items: impl FnMut(usize) -> Result<Option<Vec<StreamItem>>, StreamError>,
        index: &mut Layered,
        repeats: &mut Repeats,
    ) -> Result<Option<Repeating>, StreamError> {
        let (mut all, mut piece) = (0, 0);
        while let Some(items) = items(piece)? {
            if items.iter().any(|item| item.protected) {
                return Ok(None);
            }
            all += items.iter().map(|item| u64::from(item.words)).sum::<u64>();
            piece += 1;
        }
        let mut repeated = 0;
        self.each_copy(&mut items, index, |words, _| {
            repeated += words;
            Ok(())
        })?;
        if !self.above.is_less_than(repeated, all) {
            return Ok(None);
        }
        let mut documents: BTreeMap<u64, (u64, Origin)> = BTreeMap::new();
        self.each_copy(&mut items, index, |words, original| {
            if let Some((origin, line)) = repeats.place_of(original)? {
                documents.entry(original - line).or_insert((0, origin)).0 += words;
            }
            Ok(())
        })?;
        // Of several the first.
        let most = documents.into_iter().max_by_key(|&(first, (words, _))| (words, Reverse(first)));
        Ok(most.map(|(_, (_, most))| Repeating { repeated, words: all, most }))
    }

    /// Hands on the words of each copy, and where its original is or the run that it is in.
    fn each_copy(
        &self,
        mut items: impl FnMut(usize) -> Result<Option<Vec<StreamItem>>, StreamError>,
        index: &mut Layered,
        mut copy: impl FnMut(u64, u64) -> Result<(), IndexError>,
    ) -> Result<(), StreamError> {
        let mut plan = StreamPlan::new(self.min_words, Tentative::new(index));
        // The words of the units that are not decided about.
        let mut words = VecDeque::new();
        let mut result = Ok(());
        let mut decided = |words: &mut VecDeque<u32>, decision| {
            let words = u64::from(words.pop_front().unwrap_or_default());
            if let (Decision::Copy { original, run }, Ok(())) = (decision, &result) {
                result = copy(words, original.unwrap_or(run.1));
            }
        };
        let mut piece = 0;
        while let Some(items) = items(piece)? {
            words.extend(items.iter().map(|item| item.words));
            plan.extend(items, |decision| decided(&mut words, decision)).map_err(StreamError::Index)?;
            piece += 1;
        }
        plan.end_document(|decision| decided(&mut words, decision));
        result.map_err(StreamError::Index)
    }
}
