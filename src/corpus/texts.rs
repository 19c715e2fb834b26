//! Texts that are put aside one after the other, and read back from anywhere.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use crate::source::Spooling;

/// Texts that are put aside one after the other.
pub(super) struct Texts {
    spooling: Spooling,
    /// How many bytes wait before they are written.
    most: usize,
    /// The last ones, which are not in the file yet.
    tail: Vec<u8>,
    file: Option<File>,
    in_file: u64,
}

impl Texts {
    /// Holds so many bytes before they are written to a file, where `spooling` says.
    pub(super) fn new(spooling: &Spooling, most: usize) -> Texts {
        Texts { spooling: spooling.clone(), most, tail: Vec::new(), file: None, in_file: 0 }
    }

    /// Where the next text begins.
    pub(super) fn end(&self) -> u64 {
        self.in_file + self.tail.len() as u64
    }

    /// Adds a text. Returns where it is.
    pub(super) fn add(&mut self, text: &[u8]) -> io::Result<Range<u64>> {
        let start = self.end();
        self.tail.extend_from_slice(text);
        if self.tail.len() > self.most {
            let file = match &mut self.file {
                Some(file) => file,
                none => none.insert(self.spooling.file()?),
            };
            file.seek(SeekFrom::End(0))?;
            file.write_all(&self.tail)?;
            self.in_file += self.tail.len() as u64;
            self.tail.clear();
        }
        Ok(start..start + text.len() as u64)
    }

    /// A text, or a part of one.
    pub(super) fn get(&mut self, place: Range<u64>) -> io::Result<Vec<u8>> {
        let mut text = vec![0; (place.end - place.start) as usize];
        self.fill(&mut text, place.start)?;
        Ok(text)
    }

    /// Fills a part with what is at a place.
    pub(super) fn fill(&mut self, part: &mut [u8], start: u64) -> io::Result<()> {
        if start >= self.in_file {
            let start = (start - self.in_file) as usize;
            part.copy_from_slice(&self.tail[start..start + part.len()]);
        } else if let Some(file) = &mut self.file {
            file.seek(SeekFrom::Start(start))?;
            file.read_exact(part)?;
        }
        Ok(())
    }
}
