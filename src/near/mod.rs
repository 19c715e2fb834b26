//! Near copies: units that are nearly the same words as an earlier one, and say the same.
//!
//! A unit of at least [`LEAST_WORDS`] words is nearly the same as an earlier one when
//!
//! - the share of their words that both have in the same order, by the longest common subsequence, is at least the
//!   threshold: [`Nearness::alignment`]; and
//! - unless it is asked for near copies *unguarded*, one is a rewording of the other: nothing differs but what an editor changes
//!   and no fact hangs on. That is listed, in `data/words.tsv`: words that only connect, and sets of words that may stand for each
//!   other. All others have to be the same in the same order, and so do numbers: names, negations and words that are not known
//!   are never passed over. Who sent a text and wrote it may be missing in the copy: it may say less, and never more.
//!
//! It then has the key and the number of words of the earliest unit that it is nearly the same as and that is no near copy itself, before windows are
//! formed. So blocks, `--min-words` and the rest of the plan are as ever.
//!
//! What is nearly the same guarded is looked for by its outline: the words that no rewording can touch. Unguarded it is found by
//! MinHash over the words, so that at least 999 in 1000 are found whose alignment is just the threshold.
//!
//! Texts are compared as they are at the level [`Orthography`](crate::fold::Level::Orthography), whatever level is in force,
//! and teh marbuta and the case of Latin letters do not count.

mod alignment;
mod entry;
mod forms;
mod lexicon;
mod marker;
mod minhash;
mod moves;
mod outline;
mod reading;
mod rewording;
mod sender;
mod sketch;
mod tokens;
mod verifier;

use std::fmt;
use std::str::FromStr;

pub use alignment::Nearness;
pub(crate) use alignment::SPELLED_OTHERWISE;
pub(crate) use marker::Marker;
pub(crate) use sketch::Sketch;
pub use verifier::Verifier;

use crate::share::{NoShare, Share};

/// The fewest words of a unit that can be a near copy.
pub const LEAST_WORDS: usize = 10;

/// The most words of one.
pub const MOST_WORDS: usize = 4096;

/// The most earlier units that one is compared with, of those that it may be nearly the same as.
pub(crate) const MOST_CANDIDATES: usize = 32;

/// The most earlier units of one mark, of which those are chosen.
pub(crate) const MOST_OF_A_MARK: usize = 256;

/// When a unit is nearly the same as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Near {
    /// The least [alignment](Nearness::alignment).
    pub threshold: Threshold,
    /// Whether nothing that may carry a fact may differ.
    pub guarded: bool,
}

impl fmt::Display for Near {
    /// As in `near 0.9` and `near 0.9 unguarded`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "near {}{}", self.threshold.0, if self.guarded { "" } else { " unguarded" })
    }
}

/// The least alignment of near copies: a share of at least 0.7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold(Share);

/// What is no threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoThreshold {
    /// It is no share.
    #[error(transparent)]
    NoShare(#[from] NoShare),
    /// It is too small.
    #[error("it is at least 0.7: below that, texts have little in common")]
    TooSmall,
}

impl Threshold {
    /// Whether this share of the words is enough.
    pub(crate) fn is_reached(self, parts: u64, of: u64) -> bool {
        !self.0.is_more_than(parts, of)
    }

    /// The least Jaccard index of the words of two texts whose alignment is at least this.
    fn least_jaccard(self) -> f64 {
        let alignment = self.0.number();
        alignment / (2.0 - alignment)
    }
}

impl FromStr for Threshold {
    type Err = NoThreshold;

    fn from_str(given: &str) -> Result<Threshold, NoThreshold> {
        let share: Share = given.parse()?;
        if share.is_less_than(7, 10) { Err(NoThreshold::TooSmall) } else { Ok(Threshold(share)) }
    }
}
