//! Looking at a part of a corpus, to tell about all of it.

use std::sync::atomic::{AtomicU64, Ordering};

use xxhash_rust::xxh3::xxh3_64;

/// Takes a share of the parts that a corpus comes in, always the same ones, and knows how much they are of all.
#[derive(Debug)]
pub struct Sample {
    share: f64,
    parts: AtomicU64,
    seen: AtomicU64,
    taken: AtomicU64,
}

impl Sample {
    /// Takes about that share, from 0 to 1, and at least the first part.
    #[must_use]
    pub fn of(share: f64) -> Sample {
        Sample { share, parts: AtomicU64::new(0), seen: AtomicU64::new(0), taken: AtomicU64::new(0) }
    }

    /// Whether the next part, which has so many bytes, is taken.
    pub fn takes(&self, bytes: u64) -> bool {
        let part = self.parts.fetch_add(1, Ordering::Relaxed);
        let takes = part == 0 || (xxh3_64(&part.to_le_bytes()) as f64) < self.share * u64::MAX as f64;
        self.seen.fetch_add(bytes, Ordering::Relaxed);
        if takes {
            self.taken.fetch_add(bytes, Ordering::Relaxed);
        }
        takes
    }

    /// How many times as much as was taken there is in all, by bytes.
    #[must_use]
    pub fn factor(&self) -> f64 {
        let (seen, taken) = (self.seen.load(Ordering::Relaxed), self.taken.load(Ordering::Relaxed));
        if taken == 0 { 1.0 } else { seen as f64 / taken as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_the_share_is_taken_and_known() {
        let sample = Sample::of(0.1);
        let taken = (0..10_000).filter(|_| sample.takes(100)).count();
        assert!((900..1100).contains(&taken), "{taken}");
        assert!((sample.factor() - 10_000.0 / taken as f64).abs() < 1e-9);
        assert!(Sample::of(0.000_1).takes(5));
        assert!((0..1000).all(|_| Sample::of(1.0).takes(1)));
    }
}
