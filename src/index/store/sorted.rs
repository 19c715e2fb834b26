//! Sorting more than is to be held in memory.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// A key, high half first, and a place. In order they are ordered by key, and then by place.
pub(super) type Entry = [u64; 3];

pub(super) const BYTES: usize = 24;

/// How many are sorted at a time: 96 MiB.
const HELD: usize = 4 << 20;
const LEAST_HELD: usize = 4096;
/// How many of each sorted stretch are read at a time.
const READ: usize = 4096;

pub(super) fn bytes(entry: Entry) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    let (chunks, _) = bytes.as_chunks_mut::<8>();
    chunks.iter_mut().zip(entry).for_each(|(chunk, number)| *chunk = number.to_be_bytes());
    bytes
}

pub(super) fn entry(bytes: &[u8; BYTES]) -> Entry {
    let (chunks, _) = bytes.as_chunks::<8>();
    [0, 1, 2].map(|at| chunks.get(at).map_or(0, |chunk| u64::from_be_bytes(*chunk)))
}

/// Takes entries in any order.
pub(super) struct Sorter {
    most: usize,
    held: Vec<Entry>,
    /// Where sorted stretches wait, in files without a name.
    folder: PathBuf,
    file: Option<File>,
    /// Where each stretch starts in the file, in bytes, and the end of the last.
    starts: Vec<u64>,
}

impl Sorter {
    /// Holds at most a fifth of so many bytes: there are five at a time where a run is added.
    pub(super) fn new(folder: &Path, bytes: usize) -> Sorter {
        let most = (bytes / 5 / BYTES).clamp(LEAST_HELD, HELD);
        Sorter { most, held: Vec::new(), folder: folder.to_owned(), file: None, starts: vec![0] }
    }

    pub(super) fn push(&mut self, entry: Entry) -> io::Result<()> {
        self.held.push(entry);
        if self.held.len() == self.most { self.put_aside() } else { Ok(()) }
    }

    fn put_aside(&mut self) -> io::Result<()> {
        self.held.sort_unstable();
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile_in(&self.folder)?),
        };
        let mut out = io::BufWriter::with_capacity(1 << 20, &*file);
        for &entry in &self.held {
            out.write_all(&bytes(entry))?;
        }
        out.flush()?;
        let end = self.starts.last().copied().unwrap_or(0) + (self.held.len() * BYTES) as u64;
        self.starts.push(end);
        self.held.clear();
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<Sorted> {
        if self.file.is_some() && !self.held.is_empty() {
            self.put_aside()?;
        }
        self.held.sort_unstable();
        if self.file.is_some() {
            self.held = Vec::new();
        }
        Ok(Sorted { held: self.held, file: self.file, starts: self.starts })
    }
}

/// Entries in order, which can be gone through more than once.
pub(super) struct Sorted {
    held: Vec<Entry>,
    file: Option<File>,
    starts: Vec<u64>,
}

impl Sorted {
    pub(super) fn len(&self) -> u64 {
        self.held.len() as u64 + self.starts.last().copied().unwrap_or(0) / BYTES as u64
    }

    pub(super) fn iter(&self) -> io::Result<Box<dyn Iterator<Item = io::Result<Entry>> + '_>> {
        let Some(file) = &self.file else { return Ok(Box::new(self.held.iter().copied().map(Ok))) };
        let mut stretches: Vec<Stretch<'_>> = Vec::new();
        let mut next = BinaryHeap::new();
        for range in self.starts.windows(2) {
            let mut stretch = Stretch { file, at: range[0], end: range[1], read: Vec::new(), taken: 0 };
            if let Some(entry) = stretch.next()? {
                next.push(Reverse((entry, stretches.len())));
            }
            stretches.push(stretch);
        }
        Ok(Box::new(std::iter::from_fn(move || {
            let Reverse((entry, of)) = next.pop()?;
            match stretches[of].next() {
                Ok(Some(entry)) => next.push(Reverse((entry, of))),
                Ok(None) => {}
                Err(error) => return Some(Err(error)),
            }
            Some(Ok(entry))
        })))
    }
}

struct Stretch<'a> {
    file: &'a File,
    at: u64,
    end: u64,
    read: Vec<u8>,
    taken: usize,
}

impl Stretch<'_> {
    fn next(&mut self) -> io::Result<Option<Entry>> {
        if self.taken == self.read.len() {
            let len = (self.end - self.at).min((READ * BYTES) as u64);
            self.read.resize(len as usize, 0);
            self.file.seek(SeekFrom::Start(self.at))?;
            self.file.read_exact(&mut self.read)?;
            self.at += len;
            self.taken = 0;
        }
        let Some(bytes) = self.read[self.taken..].first_chunk() else { return Ok(None) };
        self.taken += BYTES;
        Ok(Some(entry(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_aside_comes_in_order_as_often_as_it_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        for count in [0_u64, 1, 99, 100, 101, 30_000] {
            let mut sorter = Sorter { most: 100, ..Sorter::new(folder.path(), 0) };
            let given: Vec<Entry> = (0..count).map(|n| [n * 7919 % 101, n % 3, n]).collect();
            given.iter().for_each(|&entry| sorter.push(entry).unwrap());
            let sorted = sorter.finish().unwrap();
            let mut wanted = given;
            wanted.sort_unstable();
            for _ in 0..2 {
                let got: Vec<Entry> = sorted.iter().unwrap().map(Result::unwrap).collect();
                assert_eq!(got, wanted);
            }
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
