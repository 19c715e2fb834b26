//! Which unit goes most, counted in little memory.

use hashbrown::HashMap;

use crate::key::Key;

/// How many keys are counted at a time. A key that is more than one in so many of all can't be missed.
const COUNTED: usize = 1024;

/// Counts keys by the rule of Misra and Gries: where there is no room for another, every count is lowered, so a count is at
/// most what there was, and short of it by at most one in a thousand of all.
pub struct Most<T> {
    counts: HashMap<Key, Counted<T>>,
}

struct Counted<T> {
    count: u64,
    /// Where the first one that was counted has its original.
    original: T,
}

impl<T> Default for Most<T> {
    fn default() -> Most<T> {
        Most { counts: HashMap::new() }
    }
}

impl<T: Copy> Most<T> {
    /// Counts a key. Its original is there.
    pub fn add(&mut self, key: Key, original: T) {
        if let Some(counted) = self.counts.get_mut(&key) {
            counted.count += 1;
        } else if self.counts.len() < COUNTED {
            self.counts.insert(key, Counted { count: 1, original });
        } else {
            self.counts.retain(|_, counted| {
                counted.count -= 1;
                counted.count > 0
            });
        }
    }

    /// The key that was counted most, how often at least, and where its original is.
    #[must_use]
    pub fn get(&self) -> Option<(Key, u64, T)> {
        let most = self.counts.iter().max_by_key(|(key, counted)| (counted.count, **key));
        most.map(|(key, counted)| (*key, counted.count, counted.original))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_much_of_all_is_found_among_any_others() {
        let mut most = Most::default();
        for n in 0..100_000_u64 {
            let key = if n % 5 == 0 { 7 } else { u128::from(n) + 100 };
            most.add(Key::from(key), n);
        }
        let (key, count, original) = most.get().unwrap();
        assert_eq!((key, original), (Key::from(7), 0));
        assert!((19_900..=20_000).contains(&count), "{count}");
    }
}
