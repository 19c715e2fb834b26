//! The index in memory.
//!
//! A window takes 21 bytes: its key of 16 and a place of 5. Three of them make a bucket, as long as a cache line, so that
//! to look one up is to wait for memory once. What finds no room in its bucket goes to the next. The tables of buckets
//! double when they are five sixths full. So that they do not all double at once, and the index never takes more than 40
//! bytes a window however many there are, there are 32 of unequal shares: each gets about 2.2% more keys than the one
//! before.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashMap;

use crate::key::Key;

/// Window keys and the first place of each, in memory.
pub struct Memory {
    /// Keys come from text that others wrote; without a secret they could be chosen to fall on each other.
    secret: [u64; 2],
    tables: Vec<Table>,
    /// Places that take more than 5 bytes.
    far: HashMap<Key, u64>,
}

#[derive(Default)]
struct Table {
    buckets: Vec<Bucket>,
    len: usize,
}

#[derive(Clone, Copy, Default)]
#[repr(C, align(64))]
struct Bucket {
    keys: [Key; SLOTS],
    places: [[u8; PLACE]; SLOTS],
    len: u8,
}

const SLOTS: usize = 3;
const PLACE: usize = 5;
/// Stands for a place that takes more bytes.
const FAR: u64 = (1 << (8 * PLACE)) - 1;
const TABLES: usize = 32;

/// Where a key belongs: its first bits say to which table, the others to which bucket.
#[derive(Clone, Copy, Default)]
pub(crate) struct Hash(u64);

/// Which table the keys go to whose hashes begin with these ten bits: table `t` gets those from 2^(t/32) - 1 on, of a
/// whole of 1.
static TABLE_OF: [u8; 1024] = {
    // 2^(1/32), and so on by multiplication, in 62 binary places.
    const ROOT: u128 = 4_712_668_792_719_003_883;
    let mut tables = [0; 1024];
    let (mut start, mut table): (u128, u8) = (1 << 62, 0);
    let mut at = 0;
    while at < 1024 {
        let next = (start * ROOT) >> 62;
        if ((1024 + at as u128) << 52) >= next && (table as usize) < TABLES - 1 {
            start = next;
            table += 1;
        } else {
            tables[at] = table;
            at += 1;
        }
    }
    tables
};

impl Memory {
    /// An empty index.
    #[must_use]
    pub fn new() -> Memory {
        let random = RandomState::new();
        let secret = [random.hash_one(0), random.hash_one(1)];
        Memory { secret, tables: (0..TABLES).map(|_| Table::default()).collect(), far: HashMap::default() }
    }

    /// The number of windows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tables.iter().map(|table| table.len).sum()
    }

    /// Whether there is no window.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where a window first began, if it did before. If not, it began here.
    pub fn first(&mut self, key: Key, place: u64) -> Option<u64> {
        self.first_at(self.hash(key), key, place)
    }

    /// Where a key belongs in this index.
    pub(crate) fn hash(&self, key: Key) -> Hash {
        hash(self.secret, key)
    }

    /// Fetches what [`Memory::first_at`] will look at for these hashes. One after the other they would each wait for memory;
    /// here nothing depends on what is found, so that the processor fetches many at a time.
    pub(crate) fn touch(&self, hashes: impl Iterator<Item = Hash>) {
        let mut seen = 0;
        for hash in hashes {
            let table = &self.tables[hash.table()];
            seen ^= table.buckets.get(table.home(hash)).map_or(0, |bucket| bucket.len);
        }
        std::hint::black_box(seen);
    }

    /// [`Memory::first`], where the key's hash is known already.
    pub(crate) fn first_at(&mut self, hash: Hash, key: Key, place: u64) -> Option<u64> {
        let known = self.tables[hash.table()].first(self.secret, hash, key, place.min(FAR));
        match known {
            None if place >= FAR => {
                self.far.insert(key, place);
                None
            }
            Some(FAR) => Some(self.far.get(&key).copied().unwrap_or(FAR)),
            known => known,
        }
    }
}

impl Default for Memory {
    fn default() -> Memory {
        Memory::new()
    }
}

fn hash(secret: [u64; 2], key: Key) -> Hash {
    let [low, high] = key.halves();
    let product = u128::from(low ^ secret[0]) * u128::from(high ^ secret[1]);
    Hash(product as u64 ^ (product >> 64) as u64)
}

impl Hash {
    fn table(self) -> usize {
        usize::from(TABLE_OF[(self.0 >> 54) as usize])
    }
}

impl Table {
    /// The bucket that a key belongs to, as long as there is room.
    fn home(&self, hash: Hash) -> usize {
        // Within a table the first bits are much the same.
        let place = u128::from(hash.0.rotate_left(10)) * self.buckets.len() as u128;
        (place >> 64) as usize
    }

    fn first(&mut self, secret: [u64; 2], hash: Hash, key: Key, place: u64) -> Option<u64> {
        if self.len * 6 >= self.buckets.len() * SLOTS * 5 {
            self.grow(secret);
        }
        let mut at = self.home(hash);
        loop {
            let bucket = &mut self.buckets[at];
            if let Some(slot) = bucket.find(key) {
                let mut bytes = [0; 8];
                bytes[..PLACE].copy_from_slice(&bucket.places[slot]);
                return Some(u64::from_le_bytes(bytes));
            }
            if bucket.add(key, &place.to_le_bytes()[..PLACE]) {
                self.len += 1;
                return None;
            }
            at = self.next(at);
        }
    }

    /// The bucket that what finds no room goes to.
    fn next(&self, at: usize) -> usize {
        if at + 1 == self.buckets.len() { 0 } else { at + 1 }
    }

    #[cold]
    fn grow(&mut self, secret: [u64; 2]) {
        let new = vec![Bucket::default(); (self.buckets.len() * 2).max(1)];
        let old = std::mem::replace(&mut self.buckets, new);
        for bucket in old {
            for slot in 0..usize::from(bucket.len) {
                let mut at = self.home(self::hash(secret, bucket.keys[slot]));
                while !self.buckets[at].add(bucket.keys[slot], &bucket.places[slot]) {
                    at = self.next(at);
                }
            }
        }
    }
}

impl Bucket {
    /// The slot of a key. All are compared, because how many are taken is hard to foretell.
    fn find(&self, key: Key) -> Option<usize> {
        let found = (0..SLOTS).fold(0, |found, slot| found | u8::from(self.keys[slot].is(key)) << slot);
        let found = found & ((1 << self.len) - 1);
        (found != 0).then_some(found.trailing_zeros() as usize)
    }

    /// Adds a window, if there is room.
    fn add(&mut self, key: Key, place: &[u8]) -> bool {
        let slot = usize::from(self.len);
        if slot == SLOTS {
            return false;
        }
        self.keys[slot] = key;
        self.places[slot].copy_from_slice(place);
        self.len += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u64) -> Key {
        Key::from(xxhash_rust::xxh3::xxh3_128(&n.to_le_bytes()))
    }

    #[test]
    fn a_window_has_the_place_where_it_first_began() {
        let mut index = Memory::new();
        for n in 0..10_000 {
            assert_eq!(index.first(key(n), n + 7), None);
        }
        for n in 0..10_000 {
            assert_eq!(index.first(key(n), 1 << 50), Some(n + 7));
        }
        assert_eq!(index.len(), 10_000);
    }

    #[test]
    fn places_beyond_five_bytes_are_kept_too() {
        let mut index = Memory::new();
        for place in [FAR - 1, FAR, FAR + 1, u64::MAX] {
            assert_eq!(index.first(key(place), place), None);
            assert_eq!(index.first(key(place), 0), Some(place));
        }
    }

    #[test]
    fn tables_have_shares_that_grow_and_use_every_key() {
        let share = |table: usize| TABLE_OF.iter().filter(|&&of| usize::from(of) == table).count();
        let shares: Vec<usize> = (0..TABLES).map(share).collect();
        assert_eq!(shares.iter().sum::<usize>(), 1024);
        assert!((21..=23).contains(&shares[0]) && (42..=45).contains(&shares[TABLES - 1]), "{shares:?}");
        assert!(shares.windows(2).all(|pair| pair[0] <= pair[1] + 1), "{shares:?}");
    }

    #[test]
    fn a_window_takes_at_most_40_bytes_however_many_there_are() {
        let mut index = Memory::new();
        let mut most = 0.0_f64;
        for n in 0..400_000 {
            index.first(key(n), n);
            if n % 4096 == 0 && n > 50_000 {
                let buckets: usize = index.tables.iter().map(|table| table.buckets.len()).sum();
                let bytes = buckets * size_of::<Bucket>();
                most = most.max(bytes as f64 / n as f64);
            }
        }
        assert!((30.0..40.0).contains(&most), "{most}");
    }
}
