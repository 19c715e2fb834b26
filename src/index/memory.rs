//! The index in memory.
//!
//! A window takes 21 bytes: its key of 16 and a place of 5. The tables that hold them double when they are seven eighths
//! full. So that they do not all double at once, and the index never takes more than 40 bytes a window however many there
//! are, there are 32 of unequal shares: each gets about 2.2% more keys than the one before.

use std::hash::BuildHasher as _;

use hashbrown::hash_table::{Entry, HashTable};
use hashbrown::{DefaultHashBuilder, HashMap};

use crate::key::Key;

/// Window keys and the first place of each, in memory.
pub struct Memory {
    /// Keys come from text that others wrote; without a secret they could be chosen to fall on each other.
    secret: DefaultHashBuilder,
    tables: Vec<HashTable<Window>>,
    /// Places that take more than 5 bytes.
    far: HashMap<Key, u64>,
}

/// A window's key and place, in as few bytes as they take.
struct Window {
    key: [u8; 16],
    place: [u8; PLACE],
}

const PLACE: usize = 5;
/// Stands for a place that takes more bytes.
const FAR: u64 = (1 << (8 * PLACE)) - 1;
const TABLES: usize = 32;

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
        let tables = (0..TABLES).map(|_| HashTable::new()).collect();
        Memory { secret: DefaultHashBuilder::default(), tables, far: HashMap::default() }
    }

    /// The number of windows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tables.iter().map(HashTable::len).sum()
    }

    /// Whether there is no window.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tables.iter().all(HashTable::is_empty)
    }

    /// Where a window first began, if it did before. If not, it began here.
    pub fn first(&mut self, key: Key, place: u64) -> Option<u64> {
        let Memory { secret, tables, far } = self;
        let bytes = key.to_bytes();
        let hash = secret.hash_one(key);
        let table = &mut tables[usize::from(TABLE_OF[(hash >> 54) as usize])];
        // Within a table the same first bits would leave places empty.
        let again = |window: &Window| secret.hash_one(Key::from(window.key)).rotate_left(10);
        match table.entry(hash.rotate_left(10), |window| window.key == bytes, again) {
            Entry::Occupied(known) => {
                let place = known.get().place();
                Some(if place == FAR { far.get(&key).copied().unwrap_or(FAR) } else { place })
            }
            Entry::Vacant(new) => {
                if place >= FAR {
                    far.insert(key, place);
                }
                new.insert(Window::new(bytes, place.min(FAR)));
                None
            }
        }
    }
}

impl Default for Memory {
    fn default() -> Memory {
        Memory::new()
    }
}

impl Window {
    fn new(key: [u8; 16], place: u64) -> Window {
        let mut window = Window { key, place: [0; PLACE] };
        window.place.copy_from_slice(&place.to_le_bytes()[..PLACE]);
        window
    }

    fn place(&self) -> u64 {
        let mut bytes = [0; 8];
        bytes[..PLACE].copy_from_slice(&self.place);
        u64::from_le_bytes(bytes)
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
                let bytes: usize = index.tables.iter().map(HashTable::allocation_size).sum();
                most = most.max(bytes as f64 / n as f64);
            }
        }
        assert!((30.0..40.0).contains(&most), "{most}");
    }
}
