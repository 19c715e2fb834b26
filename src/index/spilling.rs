//! An index that keeps within a budget of memory: what does not fit is written to disk, in sorted runs.
//!
//! As long as all windows fit, it is a [`Memory`]. Then they become a run, and from there on new windows go to a table that is
//! as large as it may be and becomes a run whenever it is full. Eight runs of a kind are merged into one of the next. A window
//! is in one place at most, because it is added only where it is found nowhere, so the order of runs does not matter.
//!
//! A window is looked for in the table, and then in each run whose filter does not rule it out, by reading one block. The
//! filters decide how long that takes, never what is found: they get smaller when they would not fit.

use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};

use super::Index;
use super::filter::{CHUNK, Filter, Spare};
use super::fixed::Fixed;
use super::memory::{Entry, Hash, Memory, Secret};
use super::run::{BLOCK, Disk, IndexError, Run, RunReader, RunWriter, fence_bytes};
use crate::key::Key;

/// Window keys and the first place of each, in memory and on disk.
pub struct Spilling {
    secret: Secret,
    /// None where there is no budget.
    shares: Option<Shares>,
    table: Table,
    runs: Vec<Run>,
    /// Memory for filters.
    spare: Spare,
    disk: Disk,
    ready: Ready,
}

/// The windows in memory.
enum Table {
    /// As long as nothing is on disk.
    Growing(Memory),
    Fixed(Fixed),
}

/// What the budget is spent on, in bytes.
#[derive(Clone, Copy, Debug)]
struct Shares {
    /// The table while nothing is on disk, and what it needs to grow.
    growing: u64,
    /// The table from then on.
    fixed: u64,
    /// The filters of runs, and what says where their blocks are.
    filters: u64,
    /// What is read or written at a time, of each file that is.
    buffer: usize,
}

/// Windows that are made ready, once there are runs.
#[derive(Default)]
struct Ready {
    windows: Vec<(Hash, Key)>,
    /// The places of those that were found.
    found: Vec<Option<u64>>,
    /// Those that are not in the table.
    missing: Vec<u32>,
    reads: Vec<Read>,
}

/// A block to look for a window in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Read {
    run: u32,
    block: usize,
    /// The number of the window.
    at: u32,
}

/// How many runs of a kind are merged.
const MERGED: usize = 8;

/// How many windows are made ready at a time once there are runs: the more, the more of them lie in one block.
const BATCH: usize = 4096;

impl Spilling {
    /// The smallest budget: a smaller one is taken for this.
    pub const LEAST: u64 = 64 << 10;

    /// An empty index that takes at most `budget` bytes of memory, but for some hundred KiB while windows are looked up; none
    /// means that nothing is ever written to disk. Temporary files are made in `folder`; none means the system's.
    ///
    /// What is kept in memory of each window on disk is 12 bits as long as they fit, and a forty-sixth of a byte however many
    /// there are, so a budget holds for about 17 times as many windows as it has bytes.
    ///
    /// # Errors
    /// There is a budget, and there can be no temporary file.
    pub fn new(budget: Option<u64>, folder: Option<PathBuf>) -> Result<Spilling, IndexError> {
        let random = RandomState::new();
        let secret = Secret([random.hash_one(0), random.hash_one(1)]);
        Spilling::with(secret, budget.map(Shares::of), folder)
    }

    fn with(secret: Secret, shares: Option<Shares>, folder: Option<PathBuf>) -> Result<Spilling, IndexError> {
        let mut disk = Disk::new(folder);
        if shares.is_some() {
            // Better to know now than after an hour.
            disk.make_file()?;
        }
        let table = Table::Growing(Memory::with(secret));
        Ok(Spilling { secret, shares, table, runs: Vec::new(), spare: Spare::default(), disk, ready: Ready::default() })
    }

    /// The number of windows.
    #[must_use]
    pub fn len(&self) -> u64 {
        let in_memory = match &self.table {
            Table::Growing(memory) => memory.len(),
            Table::Fixed(fixed) => fixed.len(),
        };
        in_memory as u64 + self.runs.iter().map(Run::windows).sum::<u64>()
    }

    /// Whether there is no window.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes that the index takes on disk now.
    #[must_use]
    pub fn disk_bytes(&self) -> u64 {
        self.disk.bytes()
    }

    /// The most bytes that the index took on disk at a time.
    #[must_use]
    pub fn most_disk_bytes(&self) -> u64 {
        self.disk.most()
    }

    /// The folder of temporary files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.disk.folder()
    }

    /// All windows and the first place of each, in any order.
    pub fn into_entries(self) -> impl Iterator<Item = Result<(Key, u64), IndexError>> {
        let Spilling { shares, table, runs, disk, .. } = self;
        let (growing, fixed) = match table {
            Table::Growing(memory) => (Some(memory), None),
            Table::Fixed(fixed) => (None, Some(fixed)),
        };
        let in_memory = growing.into_iter().flat_map(Memory::into_windows);
        let in_memory = in_memory.chain(fixed.into_iter().flat_map(Fixed::into_windows)).map(Ok);
        let buffer = shares.map_or(BLOCK, |shares| shares.buffer);
        let on_disk = runs.into_iter().flat_map(move |run| {
            let mut reader = RunReader::new(run, buffer);
            std::iter::from_fn(move || reader.next().transpose())
        });
        in_memory.chain(on_disk.map(move |window| window.map_err(|error| disk.unreadable(error))))
    }

    /// Makes room in the table for so many windows.
    fn make_room(&mut self, shares: Shares, windows: usize) -> Result<(), IndexError> {
        let has_room = match &self.table {
            Table::Growing(memory) => memory.bytes_with(windows) <= shares.growing,
            Table::Fixed(fixed) => fixed.has_room(windows),
        };
        if has_room {
            return Ok(());
        }
        let in_table = match &self.table {
            Table::Growing(memory) => memory.len(),
            Table::Fixed(fixed) => fixed.len(),
        };
        if in_table > 0 {
            let filter = self.filter(shares, in_table as u64);
            let mut writer = RunWriter::new(&mut self.disk, in_table as u64, filter, shares.buffer)?;
            match &mut self.table {
                Table::Growing(memory) => memory.drain(|entry| writer.push(entry))?,
                Table::Fixed(fixed) => fixed.drain(|entry| writer.push(entry))?,
            }
            let run = writer.finish(0)?;
            self.runs.push(run);
            self.merge(shares)?;
        }
        let fits = matches!(&self.table, Table::Fixed(fixed) if fixed.has_room(windows));
        if !fits {
            // Freed before there is another.
            self.table = Table::Growing(Memory::with(self.secret));
            // A batch that is larger than the share has to find room all the same.
            let fixed = Fixed::new(self.secret, shares.fixed);
            let enough = 64 * (windows as u64 / 2 + 1);
            let fixed = if fixed.has_room(windows) { fixed } else { Fixed::new(self.secret, enough) };
            self.table = Table::Fixed(fixed);
        }
        Ok(())
    }

    /// Merges runs as long as there are enough of a kind.
    fn merge(&mut self, shares: Shares) -> Result<(), IndexError> {
        let mut tier = 0;
        while self.runs.iter().filter(|run| run.tier == tier).count() >= MERGED {
            let mut readers = Vec::new();
            let mut windows = 0;
            for mut run in self.runs.extract_if(.., |run| run.tier == tier) {
                // Nothing is looked up before there is a new filter, for which there has to be room.
                std::mem::take(&mut run.filter).free(&mut self.spare);
                windows += run.windows();
                readers.push(RunReader::new(run, shares.buffer));
            }
            let filter = self.filter(shares, windows);
            tier += 1;
            let (run, merged) = merged(&mut self.disk, self.secret, readers, windows, filter, shares.buffer, tier)?;
            merged.into_iter().for_each(|run| self.disk.free(run));
            self.runs.push(run);
        }
        Ok(())
    }

    /// An empty filter for a run of so many windows. The largest are made smaller where that is needed: they rule out no more
    /// than a small one does.
    fn filter(&mut self, shares: Shares, windows: u64) -> Filter {
        let fences = self.runs.iter().map(Run::fence_bytes).sum::<u64>() + fence_bytes(windows);
        let most = shares.filters.saturating_sub(fences);
        let mut wanted = Filter::bytes_of(windows);
        while wanted > 0 {
            let others: u64 = self.runs.iter().map(|run| run.filter.bytes()).sum();
            if others + wanted <= most {
                break;
            }
            match self.runs.iter_mut().max_by_key(|run| run.filter.bytes()) {
                Some(largest) if largest.filter.bytes() >= wanted => largest.filter.halve(&mut self.spare),
                _ => wanted = wanted / CHUNK * 3 / 4 * CHUNK,
            }
        }
        Filter::new(windows, wanted, &mut self.spare)
    }

    /// Where windows first began, if they did. Those that did not are not known by that.
    pub(super) fn look_up_only(
        &mut self,
        keys: impl Iterator<Item = Key> + Clone,
        found: &mut Vec<Option<u64>>,
    ) -> Result<(), IndexError> {
        found.clear();
        match &mut self.table {
            Table::Growing(memory) => {
                let Ok(()) = memory.prepare(keys.clone());
                found.extend(keys.map(|key| memory.get(key)));
            }
            Table::Fixed(_) => {
                self.make_ready(keys);
                self.look_up()?;
                found.extend_from_slice(&self.ready.found);
            }
        }
        Ok(())
    }

    fn make_ready(&mut self, keys: impl Iterator<Item = Key>) {
        let secret = self.secret;
        self.ready.windows.clear();
        self.ready.windows.extend(keys.map(|key| (secret.hash(key), key)));
    }

    /// Looks the windows that are ready up in the table and in the runs.
    fn look_up(&mut self) -> Result<(), IndexError> {
        let Spilling { secret, table: Table::Fixed(fixed), runs, disk, ready, .. } = self else { return Ok(()) };
        let Ready { windows, found, missing, reads } = ready;
        // What will be looked at is fetched for all windows first. One after the other they would each wait for memory.
        let touched = windows.iter().fold(0, |seen, &(hash, _)| seen ^ fixed.touched(hash));
        std::hint::black_box(touched);
        found.clear();
        found.extend(windows.iter().map(|&(hash, key)| fixed.get(hash, key)));
        missing.clear();
        missing.extend((0..).zip(&*found).filter_map(|(at, found)| found.is_none().then_some(at)));
        reads.clear();
        for (number, run) in (0..).zip(&*runs) {
            let hashes = missing.iter().map(|&at| (at, windows[at as usize].0));
            let touched = hashes.clone().fold(0, |seen, (_, hash)| seen ^ run.filter.touched(hash));
            std::hint::black_box(touched);
            for (at, hash) in hashes.filter(|&(_, hash)| run.filter.may_have(hash)) {
                reads.extend(run.blocks_of(hash).map(|block| Read { run: number, block, at }));
            }
        }
        // In the order of the disk, and each block once.
        reads.sort_unstable();
        let mut bytes = [0; BLOCK];
        let mut last = None;
        for &Read { run: number, block, at } in &*reads {
            let (run, at) = (&runs[number as usize], at as usize);
            if found[at].is_some() {
                continue;
            }
            if last != Some((number, block)) {
                run.read(block, &mut bytes).map_err(|error| disk.unreadable(error))?;
                last = Some((number, block));
            }
            let (hash, key) = windows[at];
            found[at] = run.find(*secret, block, &bytes, hash, key);
        }
        Ok(())
    }
}

impl Index for Spilling {
    type Error = IndexError;

    fn batch(&self) -> usize {
        match &self.table {
            Table::Growing(memory) => memory.batch(),
            Table::Fixed(fixed) => BATCH.min(fixed.most() / 8).max(1),
        }
    }

    fn prepare(&mut self, keys: impl Iterator<Item = Key> + Clone) -> Result<(), IndexError> {
        if let Some(shares) = self.shares {
            self.make_room(shares, keys.clone().count())?;
        }
        match &mut self.table {
            Table::Growing(memory) => {
                let Ok(()) = memory.prepare(keys);
                Ok(())
            }
            Table::Fixed(_) => {
                self.make_ready(keys);
                self.look_up()
            }
        }
    }

    fn first_of(&mut self, at: usize, key: Key, place: u64) -> Option<u64> {
        match &mut self.table {
            Table::Growing(memory) => memory.first_of(at, key, place),
            // A window that is new may have come up earlier in the batch.
            Table::Fixed(fixed) => self.ready.found[at].or_else(|| fixed.first(self.ready.windows[at].0, key, place)),
        }
    }

    fn windows(&self) -> u64 {
        self.len()
    }
}

impl Shares {
    fn of(budget: u64) -> Shares {
        let budget = budget.max(Spilling::LEAST);
        let percent = |share: u64| budget / 100 * share;
        let buffer = (budget / 256).clamp(BLOCK as u64, 256 << 10) as usize;
        Shares {
            // Besides it there are, when it is written to disk, a table in its order and a filter, a twentieth of it each.
            growing: percent(85),
            fixed: percent(55),
            filters: percent(38),
            buffer: buffer - buffer % BLOCK,
        }
    }
}

/// Writes the windows of runs as one. Returns that, and the others, which are not needed any more.
fn merged(
    disk: &mut Disk,
    secret: Secret,
    mut readers: Vec<RunReader>,
    windows: u64,
    filter: Filter,
    buffer: usize,
    tier: u32,
) -> Result<(Run, Vec<Run>), IndexError> {
    let mut done = Vec::new();
    let mut heads = Vec::new();
    let next = |disk: &Disk, reader: &mut RunReader| match reader.next() {
        Ok(window) => Ok(window.map(|(key, place)| Entry { hash: secret.hash(key), key, place })),
        Err(error) => Err(disk.unreadable(error)),
    };
    for reader in &mut readers {
        // No run is empty.
        heads.push(next(disk, reader)?.unwrap_or_default());
    }
    let mut writer = RunWriter::new(disk, windows, filter, buffer)?;
    while let Some((least, &entry)) = heads.iter().enumerate().min_by_key(|(_, entry)| (entry.hash, entry.key)) {
        writer.push(entry)?;
        match next(writer.disk(), &mut readers[least])? {
            Some(entry) => heads[least] = entry,
            None => {
                heads.swap_remove(least);
                done.push(readers.swap_remove(least).into_run());
            }
        }
    }
    Ok((writer.finish(tier)?, done))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// So little that a few hundred windows are spilled and merged.
    fn tiny(filters: u64) -> Shares {
        Shares { growing: 4 << 10, fixed: 2 << 10, filters, buffer: BLOCK }
    }

    fn key(n: u64) -> Key {
        Key::from(xxhash_rust::xxh3::xxh3_128(&n.to_le_bytes()))
    }

    /// Looks keys up in batches, and compares with a map of all of them. Returns the index.
    fn compared(shares: Shares, keys: &[Key], sizes: &[usize]) -> Result<Spilling, TestCaseError> {
        let mut index = Spilling::with(Secret([11, 13]), Some(shares), None).unwrap();
        let mut model = HashMap::new();
        let mut place = 0;
        let (mut rest, mut sizes) = (keys, sizes.iter().cycle());
        while !rest.is_empty() {
            let size = sizes.next().map_or(1, |&size| size.min(rest.len()));
            let (batch, later) = rest.split_at(size);
            rest = later;
            let mut found = Vec::new();
            index.look_up_only(batch.iter().copied(), &mut found).unwrap();
            let known: Vec<Option<u64>> = batch.iter().map(|key| model.get(key).copied()).collect();
            prop_assert_eq!(found, known);
            index.prepare(batch.iter().copied()).unwrap();
            for (at, &key) in batch.iter().enumerate() {
                place += 3;
                let wanted = model.get(&key).copied();
                model.entry(key).or_insert(place);
                prop_assert_eq!(index.first_of(at, key, place), wanted);
            }
            prop_assert_eq!(index.len(), model.len() as u64);
        }
        prop_assert!(index.runs.len() <= 4 * MERGED);
        prop_assert_eq!(index.disk_bytes() == 0, index.runs.is_empty());
        Ok(index)
    }

    fn entries(index: Spilling) -> HashMap<Key, u64> {
        let number = index.len();
        let entries: HashMap<Key, u64> = index.into_entries().map(Result::unwrap).collect();
        assert_eq!(entries.len() as u64, number);
        entries
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

        #[test]
        fn it_finds_what_a_map_finds(
            distinct in 1..6000_u64,
            numbers in prop::collection::vec(any::<u64>(), 0..8000),
            sizes in prop::collection::vec(1..90_usize, 1..8),
            filters in prop::sample::select(vec![0, 20_000, 80_000, 1 << 20]),
        ) {
            let keys: Vec<Key> = numbers.into_iter().map(|n| key(n % distinct)).collect();
            let index = compared(tiny(filters), &keys, &sizes)?;
            let mut first = HashMap::new();
            for (at, &key) in (1..).zip(&keys) {
                first.entry(key).or_insert(at * 3);
            }
            prop_assert_eq!(entries(index), first);
        }
    }

    #[test]
    fn runs_are_merged_over_several_tiers_and_filters_fit() {
        for filters in [0, 17_000, 70_000, 1 << 20] {
            let keys: Vec<Key> = (0..20_000).chain((0..20_000).rev()).map(key).collect();
            let index = compared(tiny(filters), &keys, &[20]).unwrap();
            assert!(index.runs.iter().any(|run| run.tier >= 2));
            assert!(index.runs.len() < 3 * MERGED);
            let taken: u64 = index.runs.iter().map(|run| run.filter.bytes()).sum();
            assert!(taken <= filters);
            assert!(filters < 1 << 20 || index.runs.iter().all(|run| run.filter.bytes() > 0));
            assert!(index.most_disk_bytes() > index.disk_bytes());
        }
    }

    #[test]
    fn keys_with_equal_hashes_are_told_apart() {
        // With this low half the hash is 0 under the secret of the test.
        let keys: Vec<Key> = (0..700_u128).chain(0..700).map(|n| Key::from(11 | n << 64)).collect();
        compared(tiny(20_000), &keys, &[7]).unwrap();
    }

    #[test]
    fn a_batch_may_be_larger_than_the_table() {
        let keys: Vec<Key> = (0..3000).chain(0..3000).map(key).collect();
        compared(tiny(20_000), &keys, &[2000, 3, 900]).unwrap();
    }

    #[test]
    fn without_a_budget_nothing_is_written() {
        let folder = Some(PathBuf::from("/no such folder"));
        assert!(matches!(Spilling::new(Some(0), folder.clone()), Err(IndexError::NoFile { .. })));
        let mut index = Spilling::new(None, folder).unwrap();
        for batch in 0..100 {
            index.prepare((0..256).map(|n| key(batch * 256 + n))).unwrap();
            (0..256).for_each(|at| assert_eq!(index.first_of(at, key(batch * 256 + at as u64), 7), None));
        }
        assert_eq!((index.len(), index.disk_bytes()), (25_600, 0));
        assert_eq!(entries(index).len(), 25_600);
    }
}
