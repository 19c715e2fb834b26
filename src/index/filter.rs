//! A blocked Bloom filter: whether a run may have a key, told without reading it.
//!
//! A key sets 8 bits, one in each word of a block as long as a cache line. Blocks are in the order of hashes, so that a filter
//! is filled from front to back, and two blocks that lie together can be made one: such a filter takes half the memory, and
//! is what it would be had it been made that long.
//!
//! The memory of filters is taken in chunks that are used over and over. Filters of ever other sizes would leave holes that
//! no other fits into.

use super::memory::Hash;

const WORDS: usize = 8;

/// Bits for each key where there is room: of 160 keys that are not there one is taken for one that may be.
const BITS: u64 = 12;
/// With fewer bits a key nearly every key may be there.
const LEAST_BITS: u64 = 3;

/// Which keys may be in a run.
#[derive(Debug, Default)]
pub(super) struct Filter {
    /// None where there is no filter: any key may be there.
    chunks: Vec<Chunk>,
    /// How many blocks there are, how many there were at first, and how often two became one since.
    blocks: usize,
    homes: u64,
    halved: u32,
    keys: u64,
}

#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(64))]
struct Block([u64; WORDS]);

const BLOCKS: usize = 256;

type Chunk = Box<[Block; BLOCKS]>;

/// The bytes of a chunk.
pub(super) const CHUNK: u64 = (BLOCKS * size_of::<Block>()) as u64;

/// Chunks that no filter has.
#[derive(Debug, Default)]
pub(super) struct Spare(Vec<Chunk>);

impl Spare {
    fn take(&mut self) -> Chunk {
        match self.0.pop() {
            Some(mut chunk) => {
                *chunk = [Block::default(); BLOCKS];
                chunk
            }
            None => Box::new([Block::default(); BLOCKS]),
        }
    }
}

impl Filter {
    /// A filter for so many keys, of at most so many bytes.
    pub(super) fn new(keys: u64, bytes: u64, spare: &mut Spare) -> Filter {
        let chunks = Filter::bytes_of(keys).min(bytes) / CHUNK;
        if !is_worth_it(chunks * CHUNK, keys) {
            return Filter::default();
        }
        let chunks: Vec<Chunk> = (0..chunks).map(|_| spare.take()).collect();
        let blocks = chunks.len() * BLOCKS;
        Filter { chunks, blocks, homes: blocks as u64, halved: 0, keys }
    }

    /// How many bytes are best for so many keys.
    pub(super) fn bytes_of(keys: u64) -> u64 {
        (keys * BITS / 8).next_multiple_of(CHUNK)
    }

    /// The bytes that it takes.
    pub(super) fn bytes(&self) -> u64 {
        self.chunks.len() as u64 * CHUNK
    }

    pub(super) fn add(&mut self, hash: Hash) {
        let home = self.home(hash);
        if let Some(chunk) = self.chunks.get_mut(home / BLOCKS) {
            chunk[home % BLOCKS].0.iter_mut().zip(bits(hash)).for_each(|(word, bit)| *word |= bit);
        }
    }

    /// Whether a key may be there. If not, it is not.
    pub(super) fn may_have(&self, hash: Hash) -> bool {
        let Some(block) = self.block(hash) else { return true };
        block.0.iter().zip(bits(hash)).fold(0, |missing, (word, bit)| missing | (bit & !word)) == 0
    }

    /// Something that depends on the block of a key, so that it is fetched.
    pub(super) fn touched(&self, hash: Hash) -> u64 {
        self.block(hash).map_or(0, |block| block.0[0])
    }

    /// Takes half the memory, or none where it would not tell much then.
    pub(super) fn halve(&mut self, spare: &mut Spare) {
        let blocks = self.blocks.div_ceil(2);
        let chunks = blocks.div_ceil(BLOCKS);
        if chunks == self.chunks.len() || !is_worth_it(chunks as u64 * CHUNK, self.keys) {
            return std::mem::take(self).free(spare);
        }
        for at in 0..blocks {
            let mut joined = self.chunks[2 * at / BLOCKS][2 * at % BLOCKS];
            if 2 * at + 1 < self.blocks {
                let other = self.chunks[(2 * at + 1) / BLOCKS][(2 * at + 1) % BLOCKS];
                joined.0.iter_mut().zip(other.0).for_each(|(word, other)| *word |= other);
            }
            self.chunks[at / BLOCKS][at % BLOCKS] = joined;
        }
        spare.0.extend(self.chunks.drain(chunks..));
        (self.blocks, self.halved) = (blocks, self.halved + 1);
    }

    /// Gives its memory back.
    pub(super) fn free(self, spare: &mut Spare) {
        spare.0.extend(self.chunks);
    }

    fn block(&self, hash: Hash) -> Option<&Block> {
        let home = self.home(hash);
        self.chunks.get(home / BLOCKS).map(|chunk| &chunk[home % BLOCKS])
    }

    fn home(&self, hash: Hash) -> usize {
        ((u128::from(hash.0) * u128::from(self.homes)) >> 64) as usize >> self.halved
    }
}

fn is_worth_it(bytes: u64, keys: u64) -> bool {
    bytes * 8 >= keys * LEAST_BITS
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
        let mut spare = Spare::default();
        for keys in [1, 2, 40, 1000, 100_000, 33_333] {
            let mut filter = Filter::new(keys, u64::MAX, &mut spare);
            (0..keys).for_each(|n| filter.add(hash(n)));
            while filter.bytes() > 0 {
                assert!((0..keys).all(|n| filter.may_have(hash(n))), "{keys} in {}", filter.bytes());
                filter.halve(&mut spare);
            }
            assert!(filter.may_have(hash(keys)));
        }
        // All memory is used again.
        assert_eq!(spare.0.len() as u64 * CHUNK, Filter::bytes_of(100_000));
    }

    #[test]
    fn few_others_may_be_there() {
        let mut spare = Spare::default();
        let mut filter = Filter::new(100_000, u64::MAX, &mut spare);
        (0..100_000).for_each(|n| filter.add(hash(n)));
        assert_eq!(filter.bytes(), Filter::bytes_of(100_000));
        assert!(taken_for_there(&filter) < 0.008, "{}", taken_for_there(&filter));
        filter.halve(&mut spare);
        assert!(taken_for_there(&filter) < 0.12, "{}", taken_for_there(&filter));
    }

    #[test]
    fn a_filter_takes_no_more_than_it_may() {
        let mut spare = Spare::default();
        assert_eq!(Filter::new(50_000, 3 * CHUNK + 5, &mut spare).bytes(), 3 * CHUNK);
        assert_eq!(Filter::new(50_000, CHUNK, &mut spare).bytes(), 0);
        assert_eq!(Filter::new(1, CHUNK - 1, &mut spare).bytes(), 0);
    }
}
