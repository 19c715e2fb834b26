//! Windows on disk: sorted runs, each in a temporary file without a name, so that nothing is left of it however the process
//! ends.
//!
//! A window takes 22 bytes: its key of 16 and a place of 6. Runs are in the order of hashes, and of keys where hashes are
//! equal, in blocks of 4 KiB. Of each block the first half of its first hash is kept in memory, so that one block is read to
//! look a key up.

use std::fs::File;
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::filter::Filter;
use super::memory::{Entry, Hash, Secret};
use crate::key::Key;
use crate::source::{read_at, without_temporary_name};

pub(super) const BLOCK: usize = 4096;
const KEY: usize = 16;
const PLACE: usize = 6;
const WINDOW: usize = KEY + PLACE;
/// How many windows a block has. What is left of it is zero, so that blocks lie in pages.
const WINDOWS: usize = BLOCK / WINDOW;

/// Why an index can't go on.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// There can be no temporary file.
    #[error(
        "there can be no temporary file for the index in {} (--temp-dir names another folder)",
        crate::report::shown_name(folder)
    )]
    NoFile {
        /// The folder of temporary files.
        folder: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// The disk is full, or no more of it may be taken.
    #[error(
        "there is no room for the index in {}: {} MiB are needed so far (--temp-dir names another folder, --memory more \
         memory)",
        crate::report::shown_name(folder),
        bytes.div_ceil(1 << 20)
    )]
    NoRoom {
        /// The folder of temporary files.
        folder: PathBuf,
        /// How much the index takes there, with what could not be written.
        bytes: u64,
        /// What went wrong.
        source: io::Error,
    },
    /// A temporary file can't be written.
    #[error("the index in {} cannot be written (--temp-dir names another folder)", crate::report::shown_name(folder))]
    Write {
        /// The folder of temporary files.
        folder: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// A temporary file can't be read.
    #[error("the index in {} cannot be read back", crate::report::shown_name(folder))]
    Read {
        /// The folder of temporary files.
        folder: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// What earlier runs have found can't be read.
    #[error(transparent)]
    Kept(Box<dyn std::error::Error + Send + Sync>),
    /// A place takes more than 6 bytes.
    #[error("a window began at {place}, and the index on disk takes places below 2^48")]
    TooFar {
        /// The place.
        place: u64,
    },
}

/// The folder of temporary files, and what is there.
pub(super) struct Disk {
    folder: PathBuf,
    /// A file to write next.
    spare: Option<File>,
    bytes: u64,
    most: u64,
}

impl Disk {
    /// Nothing is there.
    pub(super) fn new(folder: Option<PathBuf>) -> Disk {
        Disk { folder: folder.unwrap_or_else(std::env::temp_dir), spare: None, bytes: 0, most: 0 }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The bytes that are there.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The most bytes that there were at a time.
    pub(super) fn most(&self) -> u64 {
        self.most
    }

    /// Makes sure that a file can be written there.
    pub(super) fn make_file(&mut self) -> Result<(), IndexError> {
        self.spare = Some(self.file()?);
        Ok(())
    }

    /// An empty file to write.
    pub(super) fn file(&mut self) -> Result<File, IndexError> {
        if let Some(file) = self.spare.take() {
            return Ok(file);
        }
        let folder = &self.folder;
        std::fs::metadata(folder).and_then(|_| tempfile::tempfile_in(folder)).map_err(|error| {
            let source = without_temporary_name(error);
            match is_full(&source) {
                true => IndexError::NoRoom { folder: folder.clone(), bytes: self.bytes, source },
                false => IndexError::NoFile { folder: folder.clone(), source },
            }
        })
    }

    /// Writes to a file.
    pub(super) fn write(&mut self, file: &mut File, bytes: &[u8]) -> Result<(), IndexError> {
        self.bytes += bytes.len() as u64;
        self.most = self.most.max(self.bytes);
        file.write_all(bytes).map_err(|source| {
            let folder = self.folder.clone();
            match is_full(&source) {
                true => IndexError::NoRoom { folder, bytes: self.bytes, source },
                false => IndexError::Write { folder, source },
            }
        })
    }

    pub(super) fn unreadable(&self, source: io::Error) -> IndexError {
        IndexError::Read { folder: self.folder.clone(), source }
    }

    /// A run is gone.
    pub(super) fn free(&mut self, run: Run) {
        self.bytes -= run.blocks() * BLOCK as u64;
    }
}

fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Windows on disk, in order.
pub(super) struct Run {
    file: File,
    windows: u64,
    /// The first half of the first hash of each block.
    fence: Vec<u32>,
    pub(super) filter: Filter,
    /// How often its windows were merged.
    pub(super) tier: u32,
}

impl Run {
    /// The number of windows.
    pub(super) fn windows(&self) -> u64 {
        self.windows
    }

    fn blocks(&self) -> u64 {
        self.fence.len() as u64
    }

    /// The bytes of memory that are needed to find the block of a key.
    pub(super) fn fence_bytes(&self) -> u64 {
        fence_bytes(self.windows)
    }

    /// The blocks where a key may be: one, or none, but where hashes that begin alike go on in the next.
    pub(super) fn blocks_of(&self, hash: Hash) -> Range<usize> {
        let start = (hash.0 >> 32) as u32;
        // Hashes are spread evenly, so it is near the place that it would have if they were so exactly.
        let guess = ((u64::from(start) * self.blocks()) >> 32) as usize;
        let first = partition_near(&self.fence, guess, |&fence| fence < start);
        let alike = self.fence[first..].iter().take_while(|&&fence| fence == start).count();
        first.saturating_sub(1)..first + alike
    }

    /// Reads a block.
    pub(super) fn read(&self, block: usize, bytes: &mut [u8; BLOCK]) -> io::Result<()> {
        read_at(&self.file, bytes, (block * BLOCK) as u64)
    }

    /// The place of a key in a block that was read.
    pub(super) fn find(&self, secret: Secret, block: usize, bytes: &[u8; BLOCK], hash: Hash, key: Key) -> Option<u64> {
        let windows = (self.windows - (block * WINDOWS) as u64).min(WINDOWS as u64) as usize;
        let (windows, _) = bytes[..windows * WINDOW].as_chunks();
        let found = windows.binary_search_by_key(&(hash, key), |window| {
            let key = key_of(window);
            (secret.hash(key), key)
        });
        found.ok().map(|at| place_of(&windows[at]))
    }
}

/// The bytes of memory that are needed to find the blocks of so many windows.
pub(super) fn fence_bytes(windows: u64) -> u64 {
    windows.div_ceil(WINDOWS as u64) * size_of::<u32>() as u64
}

/// [`slice::partition_point`], for a point that is near `guess`.
fn partition_near<T>(sorted: &[T], guess: usize, is_before: impl Fn(&T) -> bool) -> usize {
    let (mut start, mut end) = (guess.min(sorted.len()), guess.min(sorted.len()));
    let mut step = 8;
    while start > 0 && !is_before(&sorted[start - 1]) {
        end = start - 1;
        start = start.saturating_sub(step);
        step *= 2;
    }
    while end < sorted.len() && is_before(&sorted[end]) {
        start = end + 1;
        end = (end + step).min(sorted.len());
        step *= 2;
    }
    start + sorted[start..end].partition_point(is_before)
}

fn key_of(window: &[u8; WINDOW]) -> Key {
    let mut key = [0; KEY];
    key.copy_from_slice(&window[..KEY]);
    Key::from(u128::from_le_bytes(key))
}

fn place_of(window: &[u8; WINDOW]) -> u64 {
    let mut place = [0; 8];
    place[..PLACE].copy_from_slice(&window[KEY..]);
    u64::from_le_bytes(place)
}

/// Writes a run.
pub(super) struct RunWriter<'a> {
    disk: &'a mut Disk,
    file: File,
    /// Whole blocks, and the last.
    buffer: Vec<u8>,
    /// How many bytes are written at a time.
    most: usize,
    /// How many windows the last block has.
    in_block: usize,
    windows: u64,
    fence: Vec<u32>,
    filter: Filter,
}

impl<'a> RunWriter<'a> {
    /// A writer of a run of about so many windows, which writes so many bytes at a time: a multiple of [`BLOCK`].
    pub(super) fn new(
        disk: &'a mut Disk,
        windows: u64,
        filter: Filter,
        most: usize,
    ) -> Result<RunWriter<'a>, IndexError> {
        let file = disk.file()?;
        let fence = Vec::with_capacity(windows.div_ceil(WINDOWS as u64) as usize);
        let buffer = Vec::with_capacity(most);
        Ok(RunWriter { disk, file, buffer, most, in_block: WINDOWS, windows: 0, fence, filter })
    }

    pub(super) fn disk(&self) -> &Disk {
        self.disk
    }

    /// Adds the next window.
    pub(super) fn push(&mut self, entry: Entry) -> Result<(), IndexError> {
        let Entry { hash, key, place } = entry;
        if place >> (8 * PLACE) != 0 {
            return Err(IndexError::TooFar { place });
        }
        if self.in_block == WINDOWS {
            self.end_block()?;
            self.fence.push((hash.0 >> 32) as u32);
            self.in_block = 0;
        }
        let [low, high] = key.halves();
        let mut window = [0; WINDOW + 2];
        window[..8].copy_from_slice(&low.to_le_bytes());
        window[8..16].copy_from_slice(&high.to_le_bytes());
        window[16..].copy_from_slice(&place.to_le_bytes());
        self.buffer.extend_from_slice(&window[..WINDOW]);
        self.filter.add(hash);
        self.in_block += 1;
        self.windows += 1;
        Ok(())
    }

    fn end_block(&mut self) -> Result<(), IndexError> {
        self.buffer.resize(self.buffer.len().next_multiple_of(BLOCK), 0);
        if self.buffer.len() >= self.most {
            self.disk.write(&mut self.file, &self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// The run.
    pub(super) fn finish(mut self, tier: u32) -> Result<Run, IndexError> {
        self.most = 0;
        self.end_block()?;
        let RunWriter { file, windows, fence, filter, .. } = self;
        Ok(Run { file, windows, fence, filter, tier })
    }
}

/// Reads a run from its start.
pub(super) struct RunReader {
    run: Run,
    buffer: Vec<u8>,
    /// Where in the buffer the next block is, and which it is of the run.
    at: usize,
    block: u64,
    /// How many windows of it are taken.
    taken: usize,
}

impl RunReader {
    /// A reader that reads so many bytes at a time: a multiple of [`BLOCK`].
    pub(super) fn new(run: Run, most: usize) -> RunReader {
        let buffer = vec![0; most];
        RunReader { run, at: buffer.len(), buffer, block: 0, taken: 0 }
    }

    pub(super) fn into_run(self) -> Run {
        self.run
    }

    /// The next window and its place; none at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<(Key, u64)>> {
        if self.taken == WINDOWS {
            (self.taken, self.at, self.block) = (0, self.at + BLOCK, self.block + 1);
        }
        if self.block * WINDOWS as u64 + self.taken as u64 >= self.run.windows {
            return Ok(None);
        }
        if self.at >= self.buffer.len() {
            let left = (self.run.blocks() - self.block) * BLOCK as u64;
            self.buffer.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            read_at(&self.run.file, &mut self.buffer, self.block * BLOCK as u64)?;
            self.at = 0;
        }
        let (windows, _) = self.buffer[self.at..].as_chunks();
        let window = windows.get(self.taken).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.taken += 1;
        Ok(Some((key_of(window), place_of(window))))
    }
}

#[cfg(test)]
mod tests {
    use super::super::filter::Spare;
    use super::*;

    fn written(entries: &[Entry]) -> (Run, Disk) {
        let mut disk = Disk::new(None);
        let filter = Filter::new(entries.len() as u64, u64::MAX, &mut Spare::default());
        let mut writer = RunWriter::new(&mut disk, entries.len() as u64, filter, BLOCK * 2).unwrap();
        entries.iter().for_each(|&entry| writer.push(entry).unwrap());
        (writer.finish(0).unwrap(), disk)
    }

    fn found(run: &Run, secret: Secret, hash: Hash, key: Key) -> Option<u64> {
        let mut bytes = [0; BLOCK];
        run.blocks_of(hash).find_map(|block| {
            run.read(block, &mut bytes).unwrap();
            run.find(secret, block, &bytes, hash, key)
        })
    }

    fn entries(secret: Secret, keys: impl Iterator<Item = Key>) -> Vec<Entry> {
        let mut entries: Vec<Entry> =
            keys.enumerate().map(|(n, key)| Entry { hash: secret.hash(key), key, place: n as u64 }).collect();
        entries.sort_unstable();
        entries
    }

    #[test]
    fn what_was_written_is_found_and_nothing_else() {
        let secret = Secret([7, 9]);
        let key = |n: u64| Key::from(xxhash_rust::xxh3::xxh3_128(&n.to_le_bytes()));
        for number in [0, 1, 2, 185, 186, 187, 372, 373, 5000] {
            let entries = entries(secret, (0..number).map(key));
            let (run, disk) = written(&entries);
            assert_eq!(disk.bytes(), number.div_ceil(186) * 4096);
            for n in 0..number + 2000 {
                let wanted = (n < number).then_some(n);
                assert_eq!(found(&run, secret, secret.hash(key(n)), key(n)), wanted, "{n} of {number}");
            }
            let mut reader = RunReader::new(run, BLOCK * 3);
            for entry in entries {
                assert_eq!(reader.next().unwrap(), Some((entry.key, entry.place)));
            }
            assert_eq!(reader.next().unwrap(), None);
        }
    }

    #[test]
    fn equal_hashes_are_told_apart_across_blocks() {
        // Keys with this low half all have the hash 0, and the others begin alike.
        let secret = Secret([7, 9]);
        let equal = (0..1000_u128).map(|n| Key::from(7 | n << 64));
        let others = (0..1000_u64).map(|n| Key::from(u128::from(7 ^ (n + 1)) | u128::from(9 ^ (1_u64 << 30)) << 64));
        let entries = entries(secret, equal.chain(others));
        assert!(entries.iter().all(|entry| entry.hash.0 >> 32 < 1 << 8));
        let (run, _) = written(&entries);
        for &Entry { hash, key, place } in &entries {
            assert_eq!(found(&run, secret, hash, key), Some(place));
        }
        assert_eq!(found(&run, secret, Hash(0), Key::from(7 | 1000 << 64)), None);
    }

    #[test]
    fn a_place_near_the_guess_is_found_from_any_guess() {
        for len in [0, 1, 5, 100] {
            let sorted: Vec<usize> = (0..len).collect();
            for point in 0..=len {
                for guess in 0..len + 3 {
                    assert_eq!(partition_near(&sorted, guess, |&n| n < point), point);
                }
            }
        }
    }

    #[test]
    fn a_place_beyond_six_bytes_is_refused() {
        let mut disk = Disk::new(None);
        let mut writer = RunWriter::new(&mut disk, 1, Filter::default(), BLOCK).unwrap();
        let entry = |place| Entry { place, ..Entry::default() };
        assert!(writer.push(entry((1 << 48) - 1)).is_ok());
        assert!(matches!(writer.push(entry(1 << 48)), Err(IndexError::TooFar { .. })));
    }
}
