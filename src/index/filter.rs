//! A blocked Bloom filter: whether a run may have a key, told without reading it.
//!
//! A key sets 8 bits, one in each word of a block as long as a cache line. Blocks are in the order of hashes, so that a filter
//! is filled from front to back, and two blocks that lie together can be made one: such a filter takes half the memory, and
//! is what it would be had it been made that long.

use super::memory::Hash;

const WORDS: usize = 8;

/// Bits for each key where there is room: of 160 keys that are not there one is taken for one that may be.
pub(super) const BITS: u64 = 12;
/// With fewer bits a key nearly every key may be there.
const LEAST_BITS: u64 = 3;

/// Which keys may be in a run.
#[derive(Debug, Default)]
pub(super) struct Filter {
    /// None where there is no filter: any key may be there.
    blocks: Vec<Block>,
    /// How many blocks there were at first, and how often two became one.
    homes: u64,
    halved: u32,
    keys: u64,
}

#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(64))]
struct Block([u64; WORDS]);

impl Filter {
    /// A filter for so many keys, of at most so many bytes.
    pub(super) fn new(keys: u64, bytes: u64) -> Filter {
        let most = bytes / size_of::<Block>() as u64;
        let blocks = Filter::bytes_of(keys).div_ceil(size_of::<Block>() as u64).min(most);
        let blocks = if is_worth_it(blocks, keys) { blocks } else { 0 };
        Filter { blocks: vec![Block::default(); blocks as usize], homes: blocks, halved: 0, keys }
    }

    /// How many bytes are best for so many keys.
    pub(super) fn bytes_of(keys: u64) -> u64 {
        (keys * BITS / 8).next_multiple_of(size_of::<Block>() as u64)
    }

    /// The bytes that it takes.
    pub(super) fn bytes(&self) -> u64 {
        (self.blocks.len() * size_of::<Block>()) as u64
    }

    pub(super) fn add(&mut self, hash: Hash) {
        let home = self.home(hash);
        if let Some(block) = self.blocks.get_mut(home) {
            block.0.iter_mut().zip(bits(hash)).for_each(|(word, bit)| *word |= bit);
        }
    }

    /// Whether a key may be there. If not, it is not.
    pub(super) fn may_have(&self, hash: Hash) -> bool {
        match self.blocks.get(self.home(hash)) {
            Some(block) => block.0.iter().zip(bits(hash)).fold(0, |missing, (word, bit)| missing | (bit & !word)) == 0,
            None => true,
        }
    }

    /// Something that depends on the block of a key, so that it is fetched.
    pub(super) fn touched(&self, hash: Hash) -> u64 {
        self.blocks.get(self.home(hash)).map_or(0, |block| block.0[0])
    }

    /// Takes half the memory, or none where it would not tell much then.
    pub(super) fn halve(&mut self) {
        let half = self.blocks.len().div_ceil(2);
        if self.blocks.len() < 2 || !is_worth_it(half as u64, self.keys) {
            self.blocks = Vec::new();
            return;
        }
        for at in 0..half {
            let mut joined = self.blocks[2 * at];
            if let Some(other) = self.blocks.get(2 * at + 1) {
                joined.0.iter_mut().zip(other.0).for_each(|(word, other)| *word |= other);
            }
            self.blocks[at] = joined;
        }
        self.halved += 1;
        self.blocks.truncate(half);
        self.blocks.shrink_to_fit();
    }

    fn home(&self, hash: Hash) -> usize {
        ((u128::from(hash.0) * u128::from(self.homes)) >> 64) as usize >> self.halved
    }
}

fn is_worth_it(blocks: u64, keys: u64) -> bool {
    blocks * size_of::<Block>() as u64 * 8 >= keys * LEAST_BITS
}

/// A bit for each word. The first bits of a hash are those that say which block it is; these come of the others.
fn bits(hash: Hash) -> [u64; WORDS] {
    let mixed = hash.0.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    std::array::from_fn(|word| 1 << ((mixed >> (16 + 6 * word)) & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(n: u64) -> Hash {
        let bytes = n.to_le_bytes();
        Hash(xxhash_rust::xxh3::xxh3_64(&bytes))
    }

    fn taken_for_there(filter: &Filter) -> f64 {
        let others = 1_000_000..1_100_000;
        others.filter(|&n| filter.may_have(hash(n))).count() as f64 / 100_000.0
    }

    #[test]
    fn what_is_there_may_be_there_however_often_it_is_halved() {
        for keys in [1, 2, 40, 1000, 100_000] {
            let mut filter = Filter::new(keys, u64::MAX);
            (0..keys).for_each(|n| filter.add(hash(n)));
            while filter.bytes() > 0 {
                assert!((0..keys).all(|n| filter.may_have(hash(n))), "{keys} in {}", filter.bytes());
                filter.halve();
            }
            assert!(filter.may_have(hash(keys)));
        }
    }

    #[test]
    fn few_others_may_be_there() {
        let mut filter = Filter::new(100_000, u64::MAX);
        (0..100_000).for_each(|n| filter.add(hash(n)));
        assert_eq!(filter.bytes(), Filter::bytes_of(100_000));
        assert!(taken_for_there(&filter) < 0.008, "{}", taken_for_there(&filter));
        filter.halve();
        assert!(taken_for_there(&filter) < 0.12, "{}", taken_for_there(&filter));
    }

    #[test]
    fn a_filter_takes_no_more_than_it_may() {
        assert_eq!(Filter::new(1000, 640).bytes(), 640);
        assert_eq!(Filter::new(1000, 200).bytes(), 0);
    }
}
