//! How near two texts are, word by word: exact figures, and the words that differ.

use std::fmt;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// How near a unit is to its original.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nearness {
    /// The words of both, added up.
    pub words: u32,
    /// The most words of one that stand in the other in the same order.
    pub in_order: u32,
    /// How many words they have in common in any order.
    pub shared: u32,
    /// The words that differ, as far as they are told: see [`Nearness::differences`].
    differences: Box<str>,
}

/// What is said where no word differs.
pub(crate) const SPELLED_OTHERWISE: &str = "the same words, spelled otherwise";

/// How many bytes of words that differ are told.
const TOLD: usize = 240;

impl Nearness {
    /// The share of the words that both have in the same order: twice the length of their longest common subsequence, by
    /// the words of both.
    #[must_use]
    pub fn alignment(&self) -> f64 {
        2.0 * f64::from(self.in_order) / f64::from(self.words.max(1))
    }

    /// The Jaccard index of the words, each as often as it stands there.
    #[must_use]
    pub fn jaccard(&self) -> f64 {
        f64::from(self.shared) / f64::from((self.words - self.shared).max(1))
    }

    /// The figures, and the words that differ.
    #[must_use]
    pub fn said(&self) -> String {
        let differences = if self.differences.is_empty() { SPELLED_OTHERWISE } else { &self.differences };
        format!("{self}: {differences}")
    }

    /// The words that differ, folded: those of the original as `[-word-]`, those of the copy as `{+word+}`. What would be
    /// too long is cut off with `…`.
    #[must_use]
    pub fn differences(&self) -> &str {
        &self.differences
    }
}

impl fmt::Display for Nearness {
    /// As in `alignment 0.967, Jaccard 0.935`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rounded down, so that what is not the same is not 1.
        let down = |figure: f64| (figure * 1000.0).floor() / 1000.0;
        write!(f, "alignment {:.3}, Jaccard {:.3}", down(self.alignment()), down(self.jaccard()))
    }
}

/// Compares texts word by word. Its buffers are used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Aligner {
    masks: Vec<u64>,
    row: Vec<u64>,
}

impl Aligner {
    /// How near `copy` is to `original`; none where fewer words than `least` are in common, in the same order.
    pub(super) fn nearness<'a>(
        &mut self,
        original: impl ExactSizeIterator<Item = &'a str>,
        copy: impl ExactSizeIterator<Item = &'a str>,
        is_enough: impl Fn(u64, u64) -> bool,
    ) -> Option<Nearness> {
        let words = u64::try_from(original.len() + copy.len()).unwrap_or(u64::MAX);
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut number = |word: &'a str| {
            let next = numbers.len() as u32;
            *numbers.entry(word).or_insert(next)
        };
        let (original, copy): (Vec<&str>, Vec<&str>) = (original.collect(), copy.collect());
        let one: Vec<u32> = original.iter().map(|word| number(word)).collect();
        let other: Vec<u32> = copy.iter().map(|word| number(word)).collect();
        let distinct = numbers.len();
        let shared = shared(&one, &other, distinct);
        // No more words can be in order than there are in common.
        if !is_enough(2 * u64::from(shared), words) {
            return None;
        }
        let in_order = self.in_order(&one, &other, distinct);
        if !is_enough(2 * u64::from(in_order), words) {
            return None;
        }
        let differences = differences(&original, &copy, &one, &other).into();
        Some(Nearness { words: words as u32, in_order, shared, differences })
    }

    /// The length of the longest common subsequence of two texts whose words are numbered from 0, 64 words at a time: Hyyrö,
    /// "Bit-parallel LCS-length computation revisited" (2004).
    fn in_order(&mut self, one: &[u32], other: &[u32], distinct: usize) -> u32 {
        let blocks = one.len().div_ceil(64);
        let Aligner { masks, row } = self;
        masks.clear();
        masks.resize(blocks * distinct, 0);
        for (at, &word) in one.iter().enumerate() {
            masks[word as usize * blocks + at / 64] |= 1 << (at % 64);
        }
        row.clear();
        row.resize(blocks, u64::MAX);
        for &word in other {
            let masks = &masks[word as usize * blocks..][..blocks];
            let mut carry = false;
            for (row, mask) in row.iter_mut().zip(masks) {
                let matched = *row & mask;
                let (sum, over) = row.overflowing_add(matched);
                let (sum, over_again) = sum.overflowing_add(u64::from(carry));
                carry = over || over_again;
                *row = sum | (*row & !mask);
            }
        }
        // Those above the last word stay as they are: nothing matches there.
        row.iter().map(|row| row.count_zeros()).sum()
    }
}

/// How many words two texts have in common.
fn shared(one: &[u32], other: &[u32], distinct: usize) -> u32 {
    let mut counts = vec![0_u32; distinct];
    one.iter().for_each(|&word| counts[word as usize] += 1);
    let mut shared = 0;
    for &word in other {
        let count = &mut counts[word as usize];
        shared += u32::from(*count > 0);
        *count = count.saturating_sub(1);
    }
    shared
}

fn differences(original: &[&str], copy: &[&str], one: &[u32], other: &[u32]) -> String {
    let mut told = String::new();
    for change in capture_diff_slices(Algorithm::Myers, one, other) {
        if matches!(change, DiffOp::Equal { .. }) {
            continue;
        }
        if told.len() > TOLD {
            told.push_str(" …");
            break;
        }
        let (_, gone, come) = change.as_tag_tuple();
        if !told.is_empty() {
            told.push(' ');
        }
        for (words, open, close) in [(&original[gone], "[-", "-]"), (&copy[come], "{+", "+}")] {
            if words.is_empty() {
                continue;
            }
            let words = words.join(" ");
            let end = words.char_indices().map(|(at, _)| at).find(|&at| at > TOLD / 2);
            told.push_str(open);
            told.push_str(&words[..end.unwrap_or(words.len())]);
            told.push_str(if end.is_some() { "…" } else { "" });
            told.push_str(close);
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, as it reads.
    fn plain(one: &[u32], other: &[u32]) -> u32 {
        let mut row = vec![0; other.len() + 1];
        for a in one {
            let mut before = 0;
            for (at, b) in other.iter().enumerate() {
                let above = row[at + 1];
                row[at + 1] = if a == b { before + 1 } else { above.max(row[at]) };
                before = above;
            }
        }
        row[other.len()]
    }

    proptest! {
        #[test]
        fn words_in_order_are_counted_as_the_definition_says(
            one in prop::collection::vec(0..12_u32, 0..200),
            other in prop::collection::vec(0..12_u32, 0..200),
        ) {
            prop_assert_eq!(Aligner::default().in_order(&one, &other, 12), plain(&one, &other));
        }

        #[test]
        fn no_more_words_are_in_order_than_in_common(
            one in prop::collection::vec(0..12_u32, 1..80),
            other in prop::collection::vec(0..12_u32, 1..80),
        ) {
            prop_assert!(plain(&one, &other) <= shared(&one, &other, 12));
            prop_assert!(shared(&one, &one, 12) as usize == one.len());
        }
    }

    fn nearness(original: &str, copy: &str) -> Nearness {
        let words = |text: &'static str| text.split(' ').collect::<Vec<_>>();
        let [original, copy] = [original.to_owned(), copy.to_owned()].map(|text| words(text.leak()));
        Aligner::default().nearness(original.into_iter(), copy.into_iter(), |_, _| true).unwrap()
    }

    #[test]
    fn figures_are_exact_and_words_that_differ_are_told() {
        let found = nearness("قال الوزير اليوم ان العمل مستمر", "اعلن الوزير ان العمل مستمر هنا");
        assert_eq!((found.words, found.in_order, found.shared), (12, 4, 4));
        assert_eq!(found.differences(), "[-قال-]{+اعلن+} [-اليوم-] {+هنا+}");
        assert_eq!(found.to_string(), "alignment 0.666, Jaccard 0.500");
        let swapped = nearness("فاز الاهلي علي الزمالك", "فاز الزمالك علي الاهلي");
        assert_eq!((swapped.in_order, swapped.shared), (2, 4));
        assert_eq!(swapped.to_string(), "alignment 0.500, Jaccard 1.000");
    }
}
