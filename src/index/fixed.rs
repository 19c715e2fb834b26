//! A table of windows that does not grow, and hands them on in the order of their hashes.
//!
//! It is that of [`super::Memory`], but in one piece: all of the hash says which bucket a key belongs to, so that the order of
//! buckets is that of hashes, but for what found no room in its own.

use hashbrown::HashMap;

use super::memory::{Bucket, Entry, FAR, FAR_ENTRY, Hash, SLOTS, Secret, windows};
use crate::key::Key;

/// Windows with their places, as many as there is room for.
pub(super) struct Fixed {
    secret: Secret,
    buckets: Vec<Bucket>,
    len: usize,
    /// Places that take more than 5 bytes.
    far: HashMap<Key, u64>,
}

impl Fixed {
    /// A table of at most so many bytes, but of one bucket.
    pub(super) fn new(secret: Secret, bytes: u64) -> Fixed {
        let buckets = usize::try_from(bytes).unwrap_or(usize::MAX) / size_of::<Bucket>();
        Fixed { secret, buckets: vec![Bucket::default(); buckets.max(1)], len: 0, far: HashMap::default() }
    }

    /// How many windows it takes at most: with five sixths of the room taken, few find none where they belong.
    pub(super) fn most(&self) -> usize {
        self.buckets.len() * SLOTS * 5 / 6
    }

    /// How many it has.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Whether there is room for so many windows more.
    pub(super) fn has_room(&self, more: usize) -> bool {
        // Far places take what was meant for a tenth of the table; there are some in texts of a million million lines.
        let far = if self.far.is_empty() { 0 } else { (self.far.len() + more) as u64 * FAR_ENTRY };
        self.len + more <= self.most() && far <= (self.buckets.len() * size_of::<Bucket>() / 10) as u64
    }

    /// Where a window first began. If it is new, it began here: there must be room for it.
    pub(super) fn first(&mut self, hash: Hash, key: Key, place: u64) -> Option<u64> {
        let mut at = self.home(hash);
        loop {
            let bucket = &mut self.buckets[at];
            if let Some(slot) = bucket.find(key) {
                return Some(self.place(at, slot, key));
            }
            if bucket.add_at(key, place.min(FAR)) {
                self.len += 1;
                if place >= FAR {
                    self.far.insert(key, place);
                }
                return None;
            }
            at = self.next(at);
        }
    }

    /// Where a window began, if it did.
    pub(super) fn get(&self, hash: Hash, key: Key) -> Option<u64> {
        let mut at = self.home(hash);
        loop {
            let bucket = &self.buckets[at];
            if let Some(slot) = bucket.find(key) {
                return Some(self.place(at, slot, key));
            }
            if !bucket.is_full() {
                return None;
            }
            at = self.next(at);
        }
    }

    /// Something that depends on the bucket of a key, so that it is fetched.
    pub(super) fn touched(&self, hash: Hash) -> u8 {
        self.buckets[self.home(hash)].touched()
    }

    /// Hands on all windows in the order of their hashes, and is empty then.
    pub(super) fn drain<E>(&mut self, mut take: impl FnMut(Entry) -> Result<(), E>) -> Result<(), E> {
        let Fixed { secret, buckets, far, .. } = self;
        // What was led on from the last buckets to the first ones comes last.
        let (mut together, mut led_on): (Vec<Entry>, Vec<Entry>) = (Vec::new(), Vec::new());
        let number = buckets.len();
        for (at, bucket) in buckets.iter_mut().enumerate() {
            for (key, place) in bucket.windows() {
                let place = if place == FAR { far.get(&key).copied().unwrap_or(FAR) } else { place };
                let entry = Entry { hash: secret.hash(key), key, place };
                match home(entry.hash, number) > at {
                    true => led_on.push(entry),
                    false => together.push(entry),
                }
            }
            let is_full = bucket.is_full();
            *bucket = Bucket::default();
            // Nothing is led on past a bucket with room.
            if !is_full {
                together.sort_unstable();
                together.drain(..).try_for_each(&mut take)?;
            }
        }
        together.append(&mut led_on);
        together.sort_unstable();
        together.into_iter().try_for_each(&mut take)?;
        self.far.clear();
        self.len = 0;
        Ok(())
    }

    /// All windows, in any order.
    pub(super) fn into_windows(self) -> impl Iterator<Item = (Key, u64)> {
        let Fixed { buckets, far, .. } = self;
        windows(buckets.into_iter(), far)
    }

    fn place(&self, at: usize, slot: usize, key: Key) -> u64 {
        match self.buckets[at].place(slot) {
            FAR => self.far.get(&key).copied().unwrap_or(FAR),
            place => place,
        }
    }

    fn home(&self, hash: Hash) -> usize {
        home(hash, self.buckets.len())
    }

    fn next(&self, at: usize) -> usize {
        if at + 1 == self.buckets.len() { 0 } else { at + 1 }
    }
}

fn home(hash: Hash, buckets: usize) -> usize {
    ((u128::from(hash.0) * buckets as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn windows_are_handed_on_in_order_and_the_table_is_used_again() {
        let secret = Secret([3, 5]);
        for bytes in [64, 128, 640, 6400, 64_000] {
            let mut table = Fixed::new(secret, bytes);
            for round in 0..3 {
                let number = table.most() as u64;
                for n in 0..number {
                    let key = Key::from(xxhash_rust::xxh3::xxh3_128(&[n, round].map(u64::to_le_bytes).concat()));
                    let place = if n % 5 == 0 { n + FAR } else { n };
                    assert_eq!(table.get(secret.hash(key), key), None);
                    assert_eq!(table.first(secret.hash(key), key, place), None);
                    assert_eq!(table.first(secret.hash(key), key, 1), Some(place));
                    assert_eq!(table.get(secret.hash(key), key), Some(place));
                }
                assert!(!table.has_room(1));
                let mut entries = Vec::new();
                let Ok(()) = table.drain(|entry| {
                    entries.push(entry);
                    Ok::<_, Infallible>(())
                });
                assert_eq!(entries.len() as u64, number);
                assert!(entries.is_sorted());
                assert_eq!(entries.iter().filter(|entry| entry.place >= FAR).count() as u64, number.div_ceil(5));
                assert_eq!(table.len(), 0);
            }
        }
    }
}
