//! The index in memory.
//!
//! A window takes 21 bytes: its key of 16 and a place of 5. Three of them make a bucket, as long as a cache line, so that
//! to look one up is to wait for memory once. What finds no room in its bucket goes to the next. The tables of buckets
//! double when they are five sixths full. So that they do not all double at once, and the index never takes more than 40
//! bytes a window however many there are, there are 32 of unequal shares: each gets about 2.2% more keys than the one
//! before.

use std::convert::Infallible;
use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashMap;

use super::Index;
use crate::key::Key;

/// Window keys and the first place of each, in memory.
pub struct Memory {
    secret: Secret,
    tables: Vec<Table>,
    /// Places that take more than 5 bytes.
    far: HashMap<Key, u64>,
    /// Of the windows that are made ready.
    hashes: Vec<Hash>,
}

/// What hashes are made with. Keys come from text that others wrote; without a secret they could be chosen to fall on each
/// other.
#[derive(Clone, Copy)]
pub(super) struct Secret(pub(super) [u64; 2]);

#[derive(Default)]
struct Table {
    buckets: Vec<Bucket>,
    len: usize,
}

#[derive(Clone, Copy, Default)]
#[repr(C, align(64))]
pub(super) struct Bucket {
    keys: [Key; SLOTS],
    places: [[u8; PLACE]; SLOTS],
    len: u8,
}

pub(super) const SLOTS: usize = 3;
const PLACE: usize = 5;
/// Stands for a place that takes more bytes.
pub(super) const FAR: u64 = (1 << (8 * PLACE)) - 1;
const TABLES: usize = 32;

/// Where a key belongs: its first bits say to which table, the others to which bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hash(pub(super) u64);

/// A window with its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) hash: Hash,
    pub(super) key: Key,
    pub(super) place: u64,
}

/// What a place of more than 5 bytes takes: its key, itself, and room in the table.
pub(super) const FAR_ENTRY: u64 = 64;

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
        Memory::with(Secret([random.hash_one(0), random.hash_one(1)]))
    }

    pub(super) fn with(secret: Secret) -> Memory {
        let tables = (0..TABLES).map(|_| Table::default()).collect();
        Memory { secret, tables, far: HashMap::default(), hashes: Vec::new() }
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
        self.first_at(self.secret.hash(key), key, place)
    }

    /// Where a window first began, if it did.
    pub(super) fn get(&self, key: Key) -> Option<u64> {
        let hash = self.secret.hash(key);
        match self.tables[hash.table()].get(hash, key) {
            Some(FAR) => Some(self.far.get(&key).copied().unwrap_or(FAR)),
            known => known,
        }
    }

    /// The most bytes the tables take while so many windows more are added.
    pub(super) fn bytes_with(&self, more: usize) -> u64 {
        let (mut bytes, mut old) = (0, 0);
        for table in &self.tables {
            let mut buckets = table.buckets.len();
            while (table.len + more) * 6 >= buckets * SLOTS * 5 {
                old = old.max(buckets);
                buckets = (buckets * 2).max(1);
            }
            bytes += buckets;
        }
        ((bytes + old) * size_of::<Bucket>()) as u64
            + (self.far.len() + more) as u64 * FAR_ENTRY * u64::from(!self.far.is_empty())
    }

    /// Hands on all windows in the order of their hashes. Each table is freed before its windows are handed on, so that this
    /// takes little more memory.
    pub(super) fn drain<E>(&mut self, mut take: impl FnMut(Entry) -> Result<(), E>) -> Result<(), E> {
        let mut entries = Vec::new();
        for table in &mut self.tables {
            entries.reserve(table.len);
            for (key, place) in std::mem::take(table).buckets.into_iter().flat_map(Bucket::windows) {
                let place = if place == FAR { self.far.get(&key).copied().unwrap_or(FAR) } else { place };
                entries.push(Entry { hash: self.secret.hash(key), key, place });
            }
            entries.sort_unstable();
            entries.drain(..).try_for_each(&mut take)?;
        }
        self.far = HashMap::default();
        Ok(())
    }

    /// All windows, in any order.
    pub(super) fn into_windows(self) -> impl Iterator<Item = (Key, u64)> {
        windows(self.tables.into_iter().flat_map(|table| table.buckets), self.far)
    }

    /// Fetches what [`Memory::first_at`] will look at for these hashes. One after the other they would each wait for memory;
    /// here nothing depends on what is found, so that the processor fetches many at a time.
    fn touch(&self) {
        let mut seen = 0;
        for &hash in &self.hashes {
            let table = &self.tables[hash.table()];
            seen ^= table.buckets.get(table.home(hash)).map_or(0, |bucket| bucket.len);
        }
        std::hint::black_box(seen);
    }

    /// [`Memory::first`], where the key's hash is known already.
    fn first_at(&mut self, hash: Hash, key: Key, place: u64) -> Option<u64> {
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

impl Index for Memory {
    type Error = Infallible;

    fn batch(&self) -> usize {
        256
    }

    fn prepare(&mut self, keys: impl Iterator<Item = Key> + Clone) -> Result<(), Infallible> {
        let secret = self.secret;
        self.hashes.clear();
        self.hashes.extend(keys.map(|key| secret.hash(key)));
        self.touch();
        Ok(())
    }

    fn first_of(&mut self, at: usize, key: Key, place: u64) -> Option<u64> {
        self.first_at(self.hashes[at], key, place)
    }

    fn windows(&self) -> u64 {
        self.len() as u64
    }
}

impl Default for Memory {
    fn default() -> Memory {
        Memory::new()
    }
}

/// The windows of buckets, with their places, of which `far` has those of more than 5 bytes.
pub(super) fn windows(
    buckets: impl Iterator<Item = Bucket>,
    far: HashMap<Key, u64>,
) -> impl Iterator<Item = (Key, u64)> {
    buckets.flat_map(Bucket::windows).map(move |(key, place)| {
        let place = if place == FAR { far.get(&key).copied().unwrap_or(FAR) } else { place };
        (key, place)
    })
}

impl Secret {
    pub(super) fn hash(self, key: Key) -> Hash {
        let [low, high] = key.halves();
        let product = u128::from(low ^ self.0[0]) * u128::from(high ^ self.0[1]);
        Hash(product as u64 ^ (product >> 64) as u64)
    }
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

    fn get(&self, hash: Hash, key: Key) -> Option<u64> {
        let mut at = self.home(hash);
        // The only bucket of a table may be full.
        for _ in 0..self.buckets.len() {
            let bucket = &self.buckets[at];
            if let Some(slot) = bucket.find(key) {
                return Some(bucket.place(slot));
            }
            if !bucket.is_full() {
                return None;
            }
            at = self.next(at);
        }
        None
    }

    fn first(&mut self, secret: Secret, hash: Hash, key: Key, place: u64) -> Option<u64> {
        if self.len * 6 >= self.buckets.len() * SLOTS * 5 {
            self.grow(secret);
        }
        let mut at = self.home(hash);
        loop {
            let bucket = &mut self.buckets[at];
            if let Some(slot) = bucket.find(key) {
                return Some(bucket.place(slot));
            }
            if bucket.add_at(key, place) {
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
    fn grow(&mut self, secret: Secret) {
        let new = vec![Bucket::default(); (self.buckets.len() * 2).max(1)];
        let old = std::mem::replace(&mut self.buckets, new);
        for bucket in old {
            for slot in 0..usize::from(bucket.len) {
                let mut at = self.home(secret.hash(bucket.keys[slot]));
                while !self.buckets[at].add(bucket.keys[slot], &bucket.places[slot]) {
                    at = self.next(at);
                }
            }
        }
    }
}

impl Bucket {
    pub(super) fn is_full(&self) -> bool {
        usize::from(self.len) == SLOTS
    }

    /// Something that depends on the bucket, so that it is fetched.
    pub(super) fn touched(&self) -> u8 {
        self.len
    }

    /// The windows in it, with places of at most [`FAR`].
    pub(super) fn windows(self) -> impl Iterator<Item = (Key, u64)> {
        (0..usize::from(self.len)).map(move |slot| (self.keys[slot], self.place(slot)))
    }

    /// Where the window in a slot began: at most [`FAR`].
    pub(super) fn place(&self, slot: usize) -> u64 {
        let mut bytes = [0; 8];
        bytes[..PLACE].copy_from_slice(&self.places[slot]);
        u64::from_le_bytes(bytes)
    }

    /// Adds a window that began at a place of at most [`FAR`], if there is room.
    pub(super) fn add_at(&mut self, key: Key, place: u64) -> bool {
        self.add(key, &place.to_le_bytes()[..PLACE])
    }

    /// The slot of a key. All are compared, because how many are taken is hard to foretell.
    pub(super) fn find(&self, key: Key) -> Option<usize> {
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
