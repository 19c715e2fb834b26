//! Lines that are added to a file one by one, and read again if the run does not come to its end.

use std::fs::File;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// A file of whole lines.
#[derive(Debug)]
pub(super) struct Appended {
    /// None where a part of a line is left, which whatever is added would go on with.
    file: Mutex<Option<Whole>>,
}

#[derive(Debug)]
struct Whole {
    file: File,
    len: u64,
}

impl Appended {
    /// Adds to a file that was opened to be added to, behind so many bytes of whole lines. What else is there goes: a line that was
    /// being written when a run was stopped tells of nothing.
    pub(super) fn behind(len: u64, file: File) -> io::Result<Appended> {
        file.set_len(len)?;
        Ok(Appended { file: Mutex::new(Some(Whole { file, len })) })
    }

    /// Adds a line. Where that fails nothing of it is left, or nothing is added any more.
    pub(super) fn add(&self, mut line: Vec<u8>, is_synced: bool) -> io::Result<()> {
        line.push(b'\n');
        let mut guard = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Whole { file, len }) = &mut *guard else {
            return Err(io::Error::other("an earlier line could not be written"));
        };
        let written = file.write_all(&line).and_then(|()| if is_synced { file.sync_data() } else { Ok(()) });
        match &written {
            Ok(()) => *len += line.len() as u64,
            Err(_) if file.set_len(*len).is_ok() => {}
            Err(_) => *guard = None,
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_behind_whole_ones() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        std::fs::write(&path, "one\ntw").unwrap();
        let open = || File::options().append(true).open(&path).unwrap();
        let lines = Appended::behind(4, open()).unwrap();
        lines.add(b"three".to_vec(), true).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\nthree\n");
    }
}
