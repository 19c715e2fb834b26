//! Kinds of units that are nearly the same: each has the key of its first unit.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;

use hashbrown::HashMap;

use super::piece::{Hashed, HashedUnit, Marks};
use super::stream::StreamError;
use super::texts::Texts;
use crate::fold::Folds;
use crate::index::{Index as _, IndexError, Spilling};
use crate::key::Key;
use crate::near::{MOST_CANDIDATES, MOST_OF_A_MARK, Near, Nearness, Sketch, Threshold, Verifier};
use crate::source::Spooling;

/// The first units of the kinds so far.
pub(super) struct Kinds {
    verifier: Verifier,
    threshold: Threshold,
    /// Under each mark the first unit that had it, by where its record is.
    first: Spilling,
    /// The first units of further kinds with a mark, in order, and how many more there may be.
    further: HashMap<Key, Vec<u64>>,
    room: usize,
    records: Texts,
}

/// The first unit of a kind.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Kind {
    /// Its key.
    pub(super) key: Key,
    /// How many words it has. That is a function of the key, and so is which windows there are.
    pub(super) words: u32,
    /// What it was numbered with.
    pub(super) number: u32,
    /// How near it is.
    pub(super) nearness: Nearness,
}

/// What there is of a unit before its text. One that is of the kind of an earlier one has the place of that instead of its key.
#[derive(Clone, Copy)]
struct Head {
    key: Key,
    words: u32,
    number: u32,
    /// The length of the text, or [`NO_LENGTH`].
    len: u32,
    sketch: Sketch,
}

/// The bytes of it.
const HEAD: usize = 16 + 4 + 4 + 4 + Sketch::LEN;
const NO_LENGTH: u32 = u32::MAX;

/// How many bytes of records are held where there is no budget.
const HELD: usize = 256 << 20;

/// What a further unit of a mark takes in memory, at most.
const A_FURTHER: u64 = 128;
/// How many there may be in any case.
const LEAST_FURTHER: u64 = 1024;

impl Kinds {
    /// No units so far, where these folds are in force. What is kept of them takes at most `budget` bytes of memory, if there
    /// is one, and else waits in temporary files: see [`Spilling::new`].
    ///
    /// # Errors
    /// There is a budget, and there can be no temporary file.
    pub(super) fn new(
        near: Near,
        in_force: Folds,
        budget: Option<u64>,
        spooling: &Spooling,
    ) -> Result<Kinds, IndexError> {
        let held = budget.map_or(HELD, |budget| usize::try_from(budget / 8).unwrap_or(HELD).min(HELD));
        Ok(Kinds {
            verifier: Verifier::new(near, in_force),
            threshold: near.threshold,
            first: Spilling::new(budget.map(|budget| budget / 4 * 3), spooling.temp_dir.clone())?,
            further: HashMap::new(),
            room: budget.map_or(usize::MAX, |budget| (budget / 8 / A_FURTHER).max(LEAST_FURTHER) as usize),
            records: Texts::new(spooling, held),
        })
    }

    /// Gives the units of a piece the keys of their kinds.
    pub(super) fn take(&mut self, hashed: &mut Hashed, bytes: &[u8]) -> Result<(), KindsError> {
        let Hashed { units, marked, marks, near, .. } = hashed;
        let of_unit = marks.len() / marked.len().max(1);
        let at_once = (self.first.batch() / of_unit.max(1)).max(1);
        for (marked, marks) in marked.chunks(at_once).zip(marks.chunks(at_once * of_unit.max(1))) {
            self.first.prepare(marks.iter().copied())?;
            for (at, (&(unit, sketch), keys)) in marked.iter().zip(marks.chunks(of_unit)).enumerate() {
                let HashedUnit { unit: place, key, words, .. } = &mut units[unit];
                let text = &bytes[place.range().start as usize..place.range().end as usize];
                if let Some(kind) = self.find(at * of_unit, Marks { keys, sketch }, (*key, *words, 0), text)? {
                    (*key, *words) = (kind.key, kind.words);
                    near.push((unit, kind.nearness));
                }
            }
        }
        Ok(())
    }

    /// The kind of one unit with this key, words and number, if it is not the first of its own.
    pub(super) fn of(
        &mut self,
        marks: Marks<'_>,
        unit: (Key, u32, u32),
        text: &[u8],
    ) -> Result<Option<Kind>, KindsError> {
        self.first.prepare(marks.keys.iter().copied())?;
        self.find(0, marks, unit, text)
    }

    /// The same, of a unit whose first mark is number `ready` of those that are made ready.
    fn find(
        &mut self,
        ready: usize,
        Marks { keys: marks, sketch }: Marks<'_>,
        (key, words, number): (Key, u32, u32),
        text: &[u8],
    ) -> Result<Option<Kind>, KindsError> {
        let here = self.records.end();
        let mut met = Vec::new();
        let mut candidates = Vec::new();
        for (at, &mark) in marks.iter().enumerate() {
            if let Some(place) = self.first.first_of(ready + at, mark, here).filter(|&place| place != here) {
                met.push(mark);
                candidates.push(place);
                candidates.extend(self.further.get(&mark).into_iter().flatten());
            }
        }
        candidates.sort_unstable();
        let candidates = self.heads(&candidates, key, &sketch)?;
        let has_key = candidates.iter().find(|(_, head)| head.key == key);
        if let Some(&(place, _)) = has_key {
            self.refer(place, met.len() < marks.len())?;
            return Ok(None);
        }
        if !candidates.is_empty() && !self.verifier.read_copy(text) {
            return Ok(None);
        }
        for &(place, Head { key, words, number, len, .. }) in &candidates {
            let start = place + HEAD as u64;
            let original = self.records.get(start..start + u64::from(len))?;
            if let Some(nearness) = self.verifier.nearness_of_copy(&original, text) {
                self.refer(place, met.len() < marks.len())?;
                return Ok(Some(Kind { key, words, number, nearness }));
            }
        }
        let len = u32::try_from(text.len()).map_err(io::Error::other)?;
        self.add(Head { key, words, number, len, sketch }, text)?;
        for mark in met {
            if self.room == 0 {
                break;
            }
            let further = self.further.entry(mark).or_default();
            if further.len() + 1 < MOST_OF_A_MARK {
                further.push(here);
                self.room -= 1;
            }
        }
        Ok(None)
    }

    /// The first units of kinds that these records are of, or refer to, as far as they have this key or may be near this sketch; one that
    /// stands there several times has as many marks in common. Of too many those with the most are taken, and of these the first.
    fn heads(&mut self, places: &[u64], key: Key, sketch: &Sketch) -> io::Result<Vec<(u64, Head)>> {
        let mut heads: BTreeMap<u64, (usize, Head)> = BTreeMap::new();
        for of_record in places.chunk_by(|one, other| one == other) {
            let (mut place, mut head) = (of_record[0], self.head(of_record[0])?);
            if head.len == NO_LENGTH {
                place = head.key.low();
                head = self.head(place)?;
            }
            if head.key != key && !head.sketch.may_be_near(sketch, self.threshold) {
                continue;
            }
            heads.entry(place).or_insert((0, head)).0 += of_record.len();
        }
        let mut heads: Vec<(u64, usize, Head)> =
            heads.into_iter().map(|(place, (marks, head))| (place, marks, head)).collect();
        if heads.len() > MOST_CANDIDATES {
            heads.sort_by_key(|&(place, marks, _)| (Reverse(marks), place));
            heads.truncate(MOST_CANDIDATES);
            heads.sort_by_key(|&(place, ..)| place);
        }
        Ok(heads.into_iter().map(|(place, _, head)| (place, head)).collect())
    }

    fn head(&mut self, place: u64) -> io::Result<Head> {
        let mut bytes = [0; HEAD];
        self.records.fill(&mut bytes, place)?;
        let number = |at: usize| {
            let mut four = [0; 4];
            four.copy_from_slice(&bytes[at..at + 4]);
            u32::from_le_bytes(four)
        };
        let half = |at: usize| u128::from(number(at)) | u128::from(number(at + 4)) << 32;
        let mut sketch = [0; Sketch::LEN];
        sketch.copy_from_slice(&bytes[HEAD - Sketch::LEN..]);
        let sketch = Sketch::from_bytes(&sketch);
        Ok(Head {
            key: Key::from(half(0) | half(8) << 64),
            words: number(16),
            number: number(20),
            len: number(24),
            sketch,
        })
    }

    fn add(&mut self, Head { key, words, number, len, sketch }: Head, text: &[u8]) -> io::Result<()> {
        let mut record = Vec::with_capacity(HEAD + text.len());
        record.extend_from_slice(&u128::from(key).to_le_bytes());
        [words, number, len].iter().for_each(|number| record.extend_from_slice(&number.to_le_bytes()));
        record.extend_from_slice(&sketch.to_bytes());
        record.extend_from_slice(text);
        self.records.add(&record).map(drop)
    }

    /// If marks of a unit were new, they are those of the kind that it is of.
    fn refer(&mut self, place: u64, any_was_new: bool) -> io::Result<()> {
        if !any_was_new {
            return Ok(());
        }
        let key = Key::from(u128::from(place));
        self.add(Head { key, words: 0, number: 0, len: NO_LENGTH, sketch: Sketch::default() }, &[])
    }
}

/// Why kinds can't go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum KindsError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<KindsError> for StreamError {
    fn from(error: KindsError) -> StreamError {
        match error {
            KindsError::Index(error) => StreamError::Index(error),
            KindsError::Io(error) => StreamError::Aside(error),
        }
    }
}

impl From<KindsError> for io::Error {
    fn from(error: KindsError) -> io::Error {
        match error {
            KindsError::Index(error) => io::Error::other(error),
            KindsError::Io(error) => error,
        }
    }
}
