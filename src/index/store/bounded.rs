//! A file that is read where it has something. A damaged one asks for more than there could ever be in memory.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use redb::StorageBackend;
use redb::backends::FileBackend;

use super::error::Fault;

/// The file, which no other process has meanwhile.
#[derive(Debug)]
pub(super) struct Bounded {
    file: FileBackend,
    len: AtomicU64,
}

impl Bounded {
    pub(super) fn new(file: File) -> Result<Bounded, Fault> {
        let file = FileBackend::new(file)?;
        // Only now, because another process might have made it longer.
        let len = AtomicU64::new(file.len()?);
        Ok(Bounded { file, len })
    }
}

impl StorageBackend for Bounded {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        match offset.checked_add(len as u64) {
            Some(end) if end <= self.len.load(Ordering::Relaxed) => self.file.read(offset, len),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)?;
        self.len.store(len, Ordering::Relaxed);
        Ok(())
    }

    fn sync_data(&self, eventual: bool) -> io::Result<()> {
        self.file.sync_data(eventual)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }
}
