//! Keys decide, and texts confirm: in corpus scope by a first reading that finds which keys repeat, and by keeping the first
//! text of each of these.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashMap;

use super::collided::Collided;
use super::survey::Surveyed;
use super::texts::Texts;
use crate::fold::{Folder, Folds};
use crate::key::Key;
use crate::source::Spooling;

/// Tells units apart that have one key and are not equal.
pub(super) struct Confirm {
    /// Fold the two texts that are compared.
    folders: [Folder; 2],
    /// With the keys that stand in the corpus more than once.
    surveyed: Arc<Surveyed>,
    /// The first text of each of them.
    first: HashMap<Key, Range<u64>>,
    /// The texts that had the key of another, by the number that their own is made of.
    collided: Collided,
    /// Where they are, the first of which is number 1.
    others: Vec<Range<u64>>,
    texts: Texts,
}

/// How much waits before it is written.
const TAIL: usize = 1 << 20;

impl Confirm {
    /// With the keys that a first reading has found to repeat. Texts are put aside as `spooling` says.
    pub(super) fn new(folds: Folds, surveyed: Arc<Surveyed>, spooling: &Spooling) -> Confirm {
        Confirm {
            folders: [Folder::new(folds), Folder::new(folds)],
            surveyed,
            first: HashMap::new(),
            collided: Collided::default(),
            others: Vec::new(),
            texts: Texts::new(spooling, TAIL),
        }
    }

    /// The number of texts that had the key of another.
    pub(super) fn collisions(&self) -> u64 {
        self.collided.len()
    }

    /// The key of a unit by itself: that of an earlier unit only if that is equal.
    pub(super) fn key(&mut self, key: Key, unit: &[u8]) -> io::Result<Key> {
        if !self.surveyed.repeated.as_ref().is_some_and(|keys| keys.contains(&key)) {
            return Ok(key);
        }
        let Some(first) = self.first.get(&key).cloned() else {
            let place = self.texts.add(unit)?;
            self.first.insert(key, place);
            return Ok(key);
        };
        let [one, other] = &mut self.folders;
        let first = self.texts.get(first)?;
        if *first == *unit {
            return Ok(key);
        }
        let text = other.fold(unit).text();
        if one.fold(&first).text() == text {
            return Ok(key);
        }
        for &number in self.collided.candidates(key, text) {
            if one.fold(&self.texts.get(self.others[number as usize - 1].clone())?).text() == text {
                return Ok(key.numbered(number));
            }
        }
        let place = self.texts.add(unit)?;
        self.others.push(place);
        // Numbers are those of the run, so no two texts are numbered alike.
        let number = u32::try_from(self.others.len()).map_err(io::Error::other)?;
        self.collided.add(key, text, number);
        Ok(key.numbered(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_with_one_key_are_told_apart_and_found_again() {
        let weak = Key::from(7);
        let surveyed = Surveyed { repeated: Some([weak].into_iter().collect()), ..Surveyed::default() };
        let mut confirm = Confirm::new(Folds::NONE, Arc::new(surveyed), &Spooling::default());
        let long = |n: usize| format!("نص طويل رقم {n} ").repeat(1 + n * 4000);
        let texts: Vec<String> = (0..40).map(|n| long(n % 9)).collect();
        let keys: Vec<Key> = texts.iter().map(|text| confirm.key(weak, text.as_bytes()).unwrap()).collect();
        for (at, key) in keys.iter().enumerate() {
            assert_eq!(*key, keys[at % 9]);
            assert!(keys[..at % 9].iter().all(|other| other != key));
        }
        assert_eq!(confirm.collisions(), 8);
        let other = Key::from(8);
        assert_eq!(confirm.key(other, b"any").unwrap(), other);
    }
}
