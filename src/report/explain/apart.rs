//! Whether two units are equal, by which folds, and where they first differ.

use crate::corpus::Options;
use crate::fold::{Folder, Folds, Level, Sign, folds_needed};

/// How two units compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// They are equal under the folds in force.
    Equal {
        /// The strictest level at which they are, if they are at one.
        level: Option<Level>,
        /// The folds that they need, as [`folds_needed`] says it.
        folds: Option<Folds>,
    },
    /// They are equal at a later level only.
    EqualAt {
        /// The first such level.
        level: Level,
        /// The folds that they need there.
        folds: Folds,
        /// Where they differ under the folds in force.
        apart: Apart,
    },
    /// They are equal at no level.
    Different {
        /// Where they differ under the folds in force.
        apart: Apart,
        /// Where they still do at the last level, if that is not where they are compared anyway.
        at_last: Option<(Level, Apart)>,
    },
}

/// The first place where two folded texts differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// How many signs before it are the same.
    pub at: usize,
    /// Both texts.
    pub texts: [Vec<Sign>; 2],
}

impl Compared {
    /// Compares two units.
    #[must_use]
    pub fn of(one: &[u8], other: &[u8], options: &Options) -> Compared {
        let in_force = options.folds;
        let needed = |folds: Folds| folds_needed(folds, &[(one, other)]);
        let Some(apart) = Apart::of(one, other, in_force) else {
            let level = Level::ALL.into_iter().find(|level| Apart::of(one, other, level.folds()).is_none());
            return Compared::Equal { level, folds: needed(in_force) };
        };
        let mut at_last = None;
        for (level, Options { folds, .. }) in options.further_levels() {
            match Apart::of(one, other, folds) {
                None => return Compared::EqualAt { level, folds: needed(folds).unwrap_or(Folds::NONE), apart },
                Some(apart) => at_last = Some((level, apart)),
            }
        }
        Compared::Different { apart, at_last }
    }
}

impl Apart {
    /// Where two units differ under these folds; none if they do not.
    #[must_use]
    pub fn of(one: &[u8], other: &[u8], folds: Folds) -> Option<Apart> {
        let mut folder = Folder::new(folds);
        let texts = [one, other].map(|unit| folder.fold(unit).signs().collect::<Vec<_>>());
        let at = texts[0].iter().zip(&texts[1]).take_while(|(a, b)| a == b).count();
        (texts[0] != texts[1]).then_some(Apart { at, texts })
    }

    /// The signs that differ; none where a text has ended.
    #[must_use]
    pub fn signs(&self) -> [Option<Sign>; 2] {
        [0, 1].map(|text| self.texts[text].get(self.at).copied())
    }
}
