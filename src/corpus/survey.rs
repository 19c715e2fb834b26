//! A first reading of a corpus: how often each unit stands in it, and in how many documents.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use hashbrown::{HashMap, HashSet};

use crate::key::Key;
use crate::source::Spooling;

/// What a corpus is looked at for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Units that stand in it more than once.
    pub repeated: bool,
    /// Units that stand in at least so many documents.
    pub in_documents: Option<u64>,
}

/// What a first reading of a corpus has found.
#[derive(Clone, Debug, Default)]
pub struct Surveyed {
    /// The keys of units that stand in it more than once, if these were wanted.
    pub repeated: Option<HashSet<Key>>,
    /// The keys of units that stand in as many documents as was said, and in how many.
    pub boilerplate: HashMap<Key, u64>,
}

impl Surveyed {
    /// What it takes in memory with the first text of each unit that repeats, where tables are between 7/16 and 7/8 full.
    pub(super) fn bytes(&self) -> u64 {
        let repeated = self.repeated.as_ref().map_or(0, HashSet::len) as u64;
        let boilerplate = self.boilerplate.len() as u64;
        // How they begin is listed of these.
        repeated * A_REPEATED + boilerplate * (BYTES_A_KEY + 200)
    }
}

/// Of a key that repeats: it, and where its first text is.
const A_REPEATED: u64 = 2 * (size_of::<Key>() + size_of::<(Key, std::ops::Range<u64>)>() + 2) as u64;

/// Counts the units of a corpus. When there are too many keys to hold, counts are put aside in temporary files, each with a
/// part of the keys.
pub(super) struct Survey<'a> {
    wanted: Wanted,
    counts: HashMap<Key, Count>,
    /// The most keys that are held.
    most: usize,
    spooling: &'a Spooling,
    aside: Vec<BufWriter<File>>,
    /// The number of the document, and that of the one in which counts were put aside last.
    document: u64,
    since: u64,
}

#[derive(Clone, Copy)]
struct Count {
    /// 1, or 2 for more.
    times: u8,
    /// Whether the first document that it was counted in is the one in which counts were put aside last: it may be among those
    /// of what was put aside.
    goes_on: bool,
    documents: u64,
    /// The number of the last document that it was counted in.
    last: u64,
}

/// The number of temporary files. Each is counted by itself in the end.
const PARTS: usize = 64;
/// A key and its counts in a temporary file: how often, in how many documents, and the numbers of the last and, where it may be
/// the last of earlier counts, of the first.
const RECORD: usize = 16 + 1 + 8 + 8 + 8;
/// What a key takes in memory, at most: the table is between 7/16 and 7/8 full, and is copied when it grows.
const BYTES_A_KEY: u64 = 3 * (size_of::<(Key, Count)>() as u64 + 1);

impl<'a> Survey<'a> {
    /// Counts in so much memory, in bytes; none means in as much as it takes.
    pub(super) fn new(wanted: Wanted, memory: Option<u64>, spooling: &'a Spooling) -> Survey<'a> {
        let most = memory.map_or(usize::MAX, |memory| (memory / BYTES_A_KEY).max(1024) as usize);
        Survey { wanted, counts: HashMap::new(), most, spooling, aside: Vec::new(), document: 0, since: 0 }
    }

    /// A unit of the current document.
    pub(super) fn unit(&mut self, key: Key) -> io::Result<()> {
        let document = self.document;
        // Within a document too: there may be only one.
        if self.counts.len() >= self.most {
            self.put_aside()?;
        }
        let goes_on = document == self.since;
        let count = self.counts.entry(key).or_insert(Count { times: 0, goes_on, documents: 0, last: u64::MAX });
        count.times = (count.times + 1).min(2);
        if count.last != document {
            (count.last, count.documents) = (document, count.documents + 1);
        }
        Ok(())
    }

    /// The current document ends.
    pub(super) fn end_document(&mut self) {
        self.document += 1;
    }

    fn put_aside(&mut self) -> io::Result<()> {
        while self.aside.len() < PARTS {
            self.aside.push(BufWriter::with_capacity(16 << 10, self.spooling.file()?));
        }
        #[allow(clippy::iter_over_hash_type, reason = "sums don't depend on the order")]
        for (key, count) in self.counts.drain() {
            let part = &mut self.aside[(key.low() % PARTS as u64) as usize];
            let [low, high] = key.halves();
            part.write_all(&low.to_le_bytes())?;
            part.write_all(&high.to_le_bytes())?;
            part.write_all(&[count.times])?;
            let first = if count.goes_on { self.since } else { u64::MAX };
            for number in [count.documents, count.last, first] {
                part.write_all(&number.to_le_bytes())?;
            }
        }
        self.since = self.document;
        Ok(())
    }

    /// All documents are counted.
    pub(super) fn finish(mut self) -> io::Result<Surveyed> {
        let mut surveyed = Surveyed { repeated: self.wanted.repeated.then(HashSet::new), boilerplate: HashMap::new() };
        if self.aside.is_empty() {
            self.take(&mut surveyed);
            return Ok(surveyed);
        }
        self.put_aside()?;
        for part in std::mem::take(&mut self.aside) {
            let mut file = part.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.seek(SeekFrom::Start(0))?;
            let mut records = BufReader::with_capacity(256 << 10, file);
            let mut record = [0; RECORD];
            while records.read(&mut record[..1])? > 0 {
                records.read_exact(&mut record[1..])?;
                let number = |at: usize| {
                    let mut bytes = [0; 8];
                    bytes.copy_from_slice(&record[at..at + 8]);
                    u64::from_le_bytes(bytes)
                };
                let key = Key::from(u128::from(number(8)) << 64 | u128::from(number(0)));
                let none = Count { times: 0, goes_on: false, documents: 0, last: u64::MAX - 1 };
                let count = self.counts.entry(key).or_insert(none);
                count.times = (count.times + record[16]).min(2);
                // They come in the order in which they were put aside.
                count.documents += number(17) - u64::from(number(33) == count.last);
                count.last = number(25);
            }
            self.take(&mut surveyed);
        }
        Ok(surveyed)
    }

    /// Takes what is wanted from the counts.
    fn take(&mut self, surveyed: &mut Surveyed) {
        #[allow(clippy::iter_over_hash_type, reason = "sets don't depend on the order")]
        for (key, count) in self.counts.drain() {
            if let Some(repeated) = &mut surveyed.repeated
                && count.times > 1
            {
                repeated.insert(key);
            }
            if self.wanted.in_documents.is_some_and(|least| count.documents >= least) {
                surveyed.boilerplate.insert(key, count.documents);
            }
        }
    }
}

impl Wanted {
    /// Whether a first reading is needed at all.
    #[must_use]
    pub fn is_any(self) -> bool {
        self.repeated || self.in_documents.is_some()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counts_are_those_of_all_documents_however_few_are_held(
            documents in prop::collection::vec(prop::collection::vec(0..40_u8, 0..12), 0..40),
            most in 0..50_usize,
            least in 1..6_u64,
        ) {
            let wanted = Wanted { repeated: true, in_documents: Some(least) };
            let spooling = Spooling::default();
            let mut survey = Survey::new(wanted, None, &spooling);
            survey.most = most;
            for document in &documents {
                document.iter().for_each(|&unit| survey.unit(Key::from(u128::from(unit) << 60)).unwrap());
                survey.end_document();
                prop_assert!(survey.counts.len() <= most.max(1));
            }
            let Surveyed { repeated, boilerplate } = survey.finish().unwrap();
            let repeated = repeated.unwrap();
            for unit in 0..40_u8 {
                let key = Key::from(u128::from(unit) << 60);
                let times: usize = documents.iter().map(|document| document.iter().filter(|&&other| other == unit).count()).sum();
                let of = documents.iter().filter(|document| document.contains(&unit)).count() as u64;
                prop_assert_eq!(repeated.contains(&key), times > 1);
                prop_assert_eq!(boilerplate.get(&key).copied(), (of >= least).then_some(of));
            }
        }
    }
}
