//! MinHash over the words of a text, in bands: Broder, "On the resemblance and containment of documents" (1997), and
//! Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", chapter 3.

use hashbrown::HashMap;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::Threshold;
use super::tokens::Tokens;
use crate::key::Key;

/// Makes the keys of the bands of texts. Two texts are candidates when they have the key of a band in common.
#[derive(Clone, Debug)]
pub(super) struct MinHash {
    rows: usize,
    /// Each multiplies the hash of a word, and makes another order of all words of it.
    factors: Vec<u64>,
    words: Vec<u64>,
    least: Vec<u32>,
    times: HashMap<u64, u64>,
}

/// The most hashes of a text.
const MOST: usize = 128;
/// The greatest share of the pairs at the threshold that may be missed.
const MISSED: f64 = 0.001;

impl MinHash {
    /// With as many rows to a band as find all but one in a thousand of the pairs at the threshold.
    pub(super) fn new(threshold: Threshold) -> MinHash {
        let jaccard = threshold.least_jaccard();
        let mut best = (1, MOST);
        let mut chance = 1.0;
        for rows in 1..=8 {
            chance *= jaccard;
            let (mut missed, mut bands) = (1.0, 0);
            while missed > MISSED && (bands + 1) * rows <= MOST {
                missed *= 1.0 - chance;
                bands += 1;
            }
            if missed <= MISSED {
                best = (rows, bands);
            }
        }
        let (rows, bands) = best;
        let factors = (0..rows * bands).map(|at| xxh3_64(&(at as u64).to_le_bytes()) | 1).collect();
        MinHash { rows, factors, words: Vec::new(), least: Vec::new(), times: HashMap::new() }
    }

    /// The keys of a text, a band each. A word that stands there twice is two.
    pub(super) fn keys(&mut self, tokens: &Tokens, keys: &mut Vec<Key>) {
        let MinHash { rows, factors, words, least, times, .. } = self;
        words.clear();
        times.clear();
        for token in tokens.iter() {
            let word = xxh3_64(token.as_bytes());
            let time = times.entry(word).or_default();
            words.push(word.wrapping_add(*time).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            *time += 1;
        }
        least.clear();
        least.extend(factors.iter().map(|factor| {
            let hash = |word: &u64| ((word ^ (word >> 31)).wrapping_mul(*factor) >> 32) as u32;
            words.iter().map(hash).min().unwrap_or_default()
        }));
        for (band, rows) in least.chunks_exact(*rows).enumerate() {
            let mut bytes = [0; 4 + 4 * 8];
            bytes[..4].copy_from_slice(&(band as u32).to_le_bytes());
            for (at, row) in rows.iter().enumerate() {
                bytes[4 + 4 * at..][..4].copy_from_slice(&row.to_le_bytes());
            }
            keys.push(Key::from(xxh3_128(&bytes)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_at_the_threshold_are_found() {
        for threshold in ["0.7", "0.8", "0.9", "0.95"] {
            let mut minhash = MinHash::new(threshold.parse().unwrap());
            let jaccard = threshold.parse::<Threshold>().unwrap().least_jaccard();
            let (mut missed, mut strangers) = (0, 0);
            for seed in 0..2000_u64 {
                let word = |at: u64| {
                    let hash = xxh3_64(&(seed << 20 | at).to_le_bytes());
                    (0..5).map(|letter| char::from(b'a' + (hash >> (8 * letter)) as u8 % 26)).collect::<String>()
                };
                let len = 20 + seed % 40;
                // As many words in common as make it this index, or one more.
                let shared = (2.0 * len as f64 * jaccard / (1.0 + jaccard)).ceil() as u64;
                let text = |from: u64| (from..from + len).map(word).collect::<Vec<_>>().join(" ");
                let mut keys = [0, len - shared, 1000].map(|from| {
                    let (mut tokens, mut keys) = (Tokens::default(), Vec::new());
                    tokens.read(&text(from));
                    minhash.keys(&tokens, &mut keys);
                    assert_eq!(keys.len(), minhash.factors.len() / minhash.rows);
                    keys
                });
                let [one, other, stranger] = &mut keys;
                let meet = |other: &[Key]| one.iter().zip(other).any(|(one, other)| one == other);
                missed += u32::from(!meet(other));
                strangers += u32::from(meet(stranger));
            }
            assert!(missed <= 10, "{threshold}: {missed} of 2000 missed");
            assert!(strangers <= 4, "{threshold}: {strangers} of 2000 are candidates that have nothing in common");
        }
    }
}
