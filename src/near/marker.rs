//! What units are looked for by, to find those that may be nearly the same.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_128;

use super::entry::is_entry;
use super::minhash::MinHash;
use super::outline;
use super::sender::Sender;
use super::sketch::Sketch;
use super::tokens::Tokens;
use super::{LEAST_WORDS, MOST_WORDS, Near};
use crate::fold::{Folder, Level};
use crate::key::Key;

/// Makes the keys that candidates have in common.
#[derive(Clone, Debug)]
pub(crate) struct Marker {
    folder: Folder,
    tokens: Tokens,
    sender: Sender,
    outline: Vec<u8>,
    /// Unguarded, what carries facts does not count.
    minhash: Option<MinHash>,
}

impl Marker {
    pub(crate) fn new(near: Near) -> Marker {
        Marker {
            folder: Folder::new(Level::Orthography.folds()),
            tokens: Tokens::default(),
            sender: Sender::default(),
            outline: Vec::new(),
            minhash: (!near.guarded).then(|| MinHash::new(near.threshold)),
        }
    }

    /// Adds the keys of a unit of a document, if it can be a near copy. Returns a sketch of its words then.
    pub(crate) fn mark(&mut self, document: &[u8], unit: Range<usize>, keys: &mut Vec<Key>) -> Option<Sketch> {
        // With a letter and a space each.
        if unit.len() < 2 * LEAST_WORDS {
            return None;
        }
        let folded = simdutf8::basic::from_utf8(self.folder.fold_in(document, unit).text()).ok()?;
        self.tokens.read(folded);
        if !(LEAST_WORDS..=MOST_WORDS).contains(&self.tokens.len()) {
            return None;
        }
        match &mut self.minhash {
            Some(minhash) => minhash.keys(&self.tokens, keys),
            None => {
                self.sender.read(&self.tokens);
                if is_entry(&self.tokens, &self.sender) {
                    return None;
                }
                outline::read(&self.tokens, &self.sender, &mut self.outline);
                keys.push(Key::from(xxh3_128(&self.outline)));
            }
        }
        Some(Sketch::of(&self.tokens))
    }
}
