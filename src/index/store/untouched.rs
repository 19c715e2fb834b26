//! A file that is read and never written: what the database writes when it is opened is kept in memory.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;
#[cfg(not(unix))]
use redb::backends::FileBackend;

const BLOCK: u64 = 4096;

/// The file, and what would have been written to it.
#[derive(Debug)]
pub(super) struct Untouched {
    #[cfg(unix)]
    file: File,
    /// Locks the file so that no other has it: elsewhere there is no way to share it.
    #[cfg(not(unix))]
    file: FileBackend,
    /// How long the file is.
    on_disk: u64,
    over: Mutex<Over>,
}

#[derive(Debug)]
struct Over {
    len: u64,
    /// By their numbers in the file.
    blocks: HashMap<u64, Box<[u8]>>,
}

impl Untouched {
    /// Shares the file with others that only read it.
    ///
    /// # Errors
    /// It is being written ([`io::ErrorKind::WouldBlock`]), or can't be looked at.
    pub(super) fn new(file: File) -> Result<Untouched, super::error::Fault> {
        let on_disk = file.metadata()?.len();
        #[cfg(unix)]
        rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockShared).map_err(io::Error::from)?;
        #[cfg(not(unix))]
        let file = FileBackend::new(file)?;
        Ok(Untouched { file, on_disk, over: Mutex::new(Over { len: on_disk, blocks: HashMap::new() }) })
    }

    fn over(&self) -> MutexGuard<'_, Over> {
        self.over.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is on the disk, with zeros behind its end.
    fn on_disk(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let there = self.on_disk.saturating_sub(offset).min(len as u64) as usize;
        #[cfg(unix)]
        let mut bytes = {
            let mut bytes = vec![0; there];
            std::os::unix::fs::FileExt::read_exact_at(&self.file, &mut bytes, offset)?;
            bytes
        };
        #[cfg(not(unix))]
        let mut bytes = if there > 0 { self.file.read(offset, there)? } else { Vec::new() };
        bytes.resize(len, 0);
        Ok(bytes)
    }
}

/// The blocks that a stretch lies in: of each its number, where the stretch starts in it and how much of it lies there.
fn blocks(offset: u64, len: usize) -> impl Iterator<Item = (u64, usize, usize)> {
    let end = offset + len as u64;
    let mut at = offset;
    std::iter::from_fn(move || {
        let (number, start) = (at / BLOCK, at % BLOCK);
        let len = (BLOCK - start).min(end.checked_sub(at).filter(|&left| left > 0)?);
        at += len;
        Some((number, start as usize, len as usize))
    })
}

impl StorageBackend for Untouched {
    fn len(&self) -> io::Result<u64> {
        Ok(self.over().len)
    }

    fn read(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        {
            let over = self.over();
            if offset.checked_add(len as u64).is_none_or(|end| end > over.len) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let mut bytes = self.on_disk(offset, len)?;
        let over = self.over();
        let mut at = 0;
        for (number, start, len) in blocks(offset, len) {
            if let Some(block) = over.blocks.get(&number) {
                bytes[at..at + len].copy_from_slice(&block[start..start + len]);
            }
            at += len;
        }
        Ok(bytes)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut over = self.over();
        over.len = len;
        over.blocks.retain(|number, _| number * BLOCK < len);
        Ok(())
    }

    fn sync_data(&self, _: bool) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut over = self.over();
        let mut at = 0;
        for (number, start, len) in blocks(offset, data.len()) {
            let block = match over.blocks.entry(number) {
                std::collections::hash_map::Entry::Occupied(block) => block.into_mut(),
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(self.on_disk(number * BLOCK, BLOCK as usize)?.into_boxed_slice())
                }
            };
            block[start..start + len].copy_from_slice(&data[at..at + len]);
            at += len;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_the_file_stays_as_it_is() {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..10_000_u32).map(|n| n as u8).collect();
        io::Write::write_all(&mut file, &bytes).unwrap();
        let untouched = Untouched::new(file.try_clone().unwrap()).unwrap();
        untouched.write(4090, &[1; 20]).unwrap();
        untouched.set_len(20_000).unwrap();
        untouched.write(15_000, &[2; 5000]).unwrap();
        let mut wanted = bytes.clone();
        wanted[4090..4110].fill(1);
        wanted.resize(15_000, 0);
        wanted.resize(20_000, 2);
        assert_eq!(untouched.read(0, 20_000).unwrap(), wanted);
        assert_eq!(untouched.read(4100, 8000).unwrap(), wanted[4100..12_100]);
        assert!(untouched.read(19_999, 2).is_err());
        assert_eq!(file.metadata().unwrap().len(), 10_000);
    }
}
