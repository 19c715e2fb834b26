//! A sketch of the words of a unit, by which most that are not nearly the same are told without their texts.

use xxhash_rust::xxh3::xxh3_64;

use super::Threshold;
use super::tokens::Tokens;

/// How many words a unit has, and a bit for each, of a few.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sketch {
    words: u32,
    bits: [u64; 4],
}

impl Sketch {
    /// How many bytes it takes.
    pub(crate) const LEN: usize = 5 * 8;

    pub(super) fn of(tokens: &Tokens) -> Sketch {
        let mut bits = [0; 4];
        for word in tokens.iter() {
            let hash = xxh3_64(word.as_bytes());
            bits[(hash >> 6 & 3) as usize] |= 1 << (hash & 63);
        }
        Sketch { words: tokens.len() as u32, bits }
    }

    /// Whether the alignment of the two texts may reach the threshold. It is always told of texts whose alignment does.
    pub(crate) fn may_be_near(&self, other: &Sketch, threshold: Threshold) -> bool {
        let words = u64::from(self.words) + u64::from(other.words);
        threshold.is_reached(2 * u64::from(self.most_shared(other).min(other.most_shared(self))), words)
    }

    /// How many words can be in common: each bit that the other has not is of one that is not.
    fn most_shared(&self, other: &Sketch) -> u32 {
        let alone: u32 = self.bits.iter().zip(other.bits).map(|(here, there)| (here & !there).count_ones()).sum();
        self.words - alone.min(self.words)
    }

    pub(crate) fn to_bytes(self) -> [u8; Sketch::LEN] {
        let [one, two, three, four] = self.bits;
        let mut bytes = [0; Sketch::LEN];
        for (bytes, number) in bytes.chunks_exact_mut(8).zip([u64::from(self.words), one, two, three, four]) {
            bytes.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; Sketch::LEN]) -> Sketch {
        let (numbers, _) = bytes.as_chunks::<8>();
        let number = |at: usize| u64::from_le_bytes(numbers[at]);
        Sketch { words: number(0) as u32, bits: [number(1), number(2), number(3), number(4)] }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::alignment::Aligner;
    use super::*;

    fn text() -> impl Strategy<Value = String> {
        let word = prop::sample::select(vec!["قال", "ان", "في", "مدينة", "15", "الوزير", "اليوم", "من", "وصل", "حسن"]);
        prop::collection::vec(word, 1..40).prop_map(|words| words.join(" "))
    }

    proptest! {
        #[test]
        fn what_is_nearly_the_same_is_never_ruled_out(one in text(), other in text(), threshold in 70..=100_u32) {
            let threshold: Threshold = format!("{:.2}", f64::from(threshold) / 100.0).parse().unwrap();
            let [one, other] = [one, other].map(|text| {
                let mut tokens = Tokens::default();
                tokens.read(&text);
                tokens
            });
            let sketches = [Sketch::of(&one), Sketch::of(&other)];
            let is_enough = |parts, of| threshold.is_reached(parts, of);
            let is_near = Aligner::default().nearness(one.iter(), other.iter(), is_enough).is_some();
            prop_assert!(!is_near || sketches[0].may_be_near(&sketches[1], threshold));
            prop_assert_eq!(Sketch::from_bytes(&sketches[0].to_bytes()), sketches[0]);
        }
    }
}
