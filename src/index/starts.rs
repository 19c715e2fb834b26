//! Where the documents of a corpus begin, by the lines before them.
//!
//! They are kept as what each adds to the one before, in as few bytes as that takes: a byte or two for a document. Where
//! these get too many they are written to a temporary file, a stretch of documents at a time. In memory there stay 16 bytes
//! for each 256 documents, and those of the last ones.

use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::path::PathBuf;

use super::IndexError;
use super::run::Disk;
use crate::source::read_at;
use crate::varint;

/// How many documents are kept together.
const TOGETHER: usize = 256;

/// Where documents begin.
pub(crate) struct Starts {
    /// The most bytes that are kept in memory.
    most: u64,
    disk: Disk,
    file: Option<File>,
    /// How many bytes there are in the file, and those behind it.
    written: u64,
    bytes: Vec<u8>,
    /// Of all documents but the last ones, `TOGETHER` at a time: the lines before the first, and where the bytes are of what
    /// the others add.
    stretches: Vec<(u64, u64)>,
    /// The lines before each of the last documents.
    last: Vec<u64>,
    /// The lines before the documents of the stretch that was looked at last.
    looked_at: Option<(usize, Vec<u64>)>,
}

/// The document that a line is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Around {
    /// The number of the document, from 0.
    pub(crate) document: usize,
    /// The lines before it.
    pub(crate) before: u64,
    /// The last line of it, if another has begun since.
    pub(crate) last: Option<u64>,
}

impl Starts {
    /// No document has begun. At most about so many bytes are kept in memory, where there is a bound.
    pub(crate) fn new(most: Option<u64>, folder: Option<PathBuf>) -> Starts {
        Starts {
            most: most.unwrap_or(u64::MAX),
            disk: Disk::new(folder),
            file: None,
            written: 0,
            bytes: Vec::new(),
            stretches: Vec::new(),
            last: Vec::new(),
            looked_at: None,
        }
    }

    /// The number of documents.
    pub(crate) fn len(&self) -> usize {
        self.stretches.len() * TOGETHER + self.last.len()
    }

    /// The bytes on disk.
    pub(crate) fn disk_bytes(&self) -> u64 {
        self.disk.bytes()
    }

    /// A document begins behind so many lines: no fewer than the one before.
    pub(crate) fn push(&mut self, lines: u64) -> Result<(), IndexError> {
        if self.last.len() == TOGETHER {
            self.put_together()?;
        }
        self.last.push(lines);
        Ok(())
    }

    fn put_together(&mut self) -> Result<(), IndexError> {
        self.stretches.push((self.last[0], self.written + self.bytes.len() as u64));
        for pair in self.last.windows(2) {
            varint::put(&mut self.bytes, pair[1] - pair[0]);
        }
        self.last.clear();
        if self.bytes.len() as u64 > self.most {
            let file = match &mut self.file {
                Some(file) => file,
                none => none.insert(self.disk.file()?),
            };
            // Where a file has one place only, reading has moved it.
            file.seek(SeekFrom::Start(self.written)).map_err(|error| self.disk.unreadable(error))?;
            self.disk.write(file, &self.bytes)?;
            self.written += self.bytes.len() as u64;
            self.bytes.clear();
        }
        Ok(())
    }

    /// The document that a line is in, counted from 1. None where no document has begun before.
    pub(crate) fn around(&mut self, line: u64) -> Result<Option<Around>, IndexError> {
        let in_last = self.last.partition_point(|&before| before < line);
        if in_last > 0 {
            let document = self.stretches.len() * TOGETHER + in_last - 1;
            return Ok(Some(Around {
                document,
                before: self.last[in_last - 1],
                last: self.last.get(in_last).copied(),
            }));
        }
        let Some(stretch) = self.stretches.partition_point(|&(before, _)| before < line).checked_sub(1) else {
            return Ok(None);
        };
        if self.looked_at.as_ref().is_none_or(|(looked_at, _)| *looked_at != stretch) {
            self.looked_at = Some((stretch, self.read(stretch)?));
        }
        let Some((_, starts)) = &self.looked_at else { return Ok(None) };
        let next = starts.partition_point(|&before| before < line);
        let first_of_next = match self.stretches.get(stretch + 1) {
            Some(&(before, _)) => Some(before),
            None => self.last.first().copied(),
        };
        let last = starts.get(next).copied().or(first_of_next);
        Ok(Some(Around { document: stretch * TOGETHER + next - 1, before: starts[next - 1], last }))
    }

    /// The lines before the documents of a stretch.
    fn read(&self, stretch: usize) -> Result<Vec<u64>, IndexError> {
        let (first, start) = self.stretches[stretch];
        let end = self.stretches.get(stretch + 1).map_or(self.written + self.bytes.len() as u64, |&(_, end)| end);
        let mut read = Vec::new();
        let mut bytes: &[u8] = match &self.file {
            // It was written whole.
            Some(file) if start < self.written => {
                read.resize((end - start) as usize, 0);
                read_at(file, &mut read, start).map_err(|error| self.disk.unreadable(error))?;
                &read
            }
            _ => &self.bytes[(start - self.written) as usize..(end - self.written) as usize],
        };
        let mut starts = Vec::with_capacity(TOGETHER);
        starts.push(first);
        let mut before = first;
        while let Some(more) = varint::take(&mut bytes) {
            before += more;
            starts.push(before);
        }
        Ok(starts)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

        #[test]
        fn the_document_of_a_line_is_found(
            steps in prop::collection::vec(prop_oneof![Just(0), 0..9_u64, 0..100_000_u64, Just(1 << 40)], 1..2000),
            most in prop::sample::select(vec![None, Some(0), Some(400)]),
            asked in prop::collection::vec((any::<prop::sample::Index>(), 0..3_u64), 60),
        ) {
            let mut starts = Starts::new(most, None);
            let mut model = Vec::new();
            let mut lines = 0;
            for step in steps {
                lines += step;
                starts.push(lines).unwrap();
                model.push(lines);
            }
            prop_assert_eq!(starts.len(), model.len());
            prop_assert_eq!(most.is_some() && model.len() > 600, starts.disk_bytes() > 0 && model.len() > 600);
            for (at, more) in asked {
                let line = model[at.index(model.len())] + more;
                let next = model.partition_point(|&before| before < line);
                let wanted = next.checked_sub(1).map(|document| {
                    Around { document, before: model[document], last: model.get(next).copied() }
                });
                prop_assert_eq!(starts.around(line).unwrap(), wanted);
            }
        }
    }
}
