//! What units are looked for by, to find those that may be nearly the same.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_128;

use super::minhash::MinHash;
use super::skeleton::Skeleton;
use super::tokens::Tokens;
use super::{LEAST_WORDS, MOST_WORDS, Near};
use crate::fold::{Folder, Level};
use crate::key::Key;

/// Makes the keys that candidates have in common.
#[derive(Clone, Debug)]
pub(crate) struct Marker {
    folder: Folder,
    tokens: Tokens,
    skeleton: Skeleton,
    /// Unguarded, what carries facts does not count.
    minhash: Option<MinHash>,
}

impl Marker {
    pub(crate) fn new(near: Near) -> Marker {
        Marker {
            folder: Folder::new(Level::Orthography.folds()),
            tokens: Tokens::default(),
            skeleton: Skeleton::default(),
            minhash: (!near.guarded).then(|| MinHash::new(near.threshold)),
        }
    }

    /// Adds the keys of a unit of a document, if it can be a near copy. Returns whether it can.
    pub(crate) fn mark(&mut self, document: &[u8], unit: Range<usize>, keys: &mut Vec<Key>) -> bool {
        // With a letter and a space each.
        if unit.len() < 2 * LEAST_WORDS {
            return false;
        }
        let Ok(folded) = simdutf8::basic::from_utf8(self.folder.fold_in(document, unit).text()) else { return false };
        self.tokens.read(folded);
        if !(LEAST_WORDS..=MOST_WORDS).contains(&self.tokens.len()) {
            return false;
        }
        match &mut self.minhash {
            Some(minhash) => minhash.keys(&self.tokens, keys),
            None => {
                if !self.skeleton.read(&self.tokens) {
                    return false;
                }
                keys.push(Key::from(xxh3_128(self.skeleton.text())));
            }
        }
        true
    }
}
