//! Texts whose key another text had before.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashMap;

use crate::key::Key;

/// Numbers of texts that have the key of another, found by a hash with a secret.
///
/// Keys are public, and texts can be made that all have one. Without a secret each of them would be compared with every
/// other.
#[derive(Default)]
pub(super) struct Collided {
    secret: RandomState,
    by_hash: HashMap<(Key, u64), Vec<u32>>,
    len: u64,
}

impl Collided {
    /// The numbers of the texts that can be this folded one, which is nearly always one or none.
    pub(super) fn candidates(&self, key: Key, text: &[u8]) -> &[u32] {
        // Nearly always there is nothing at all.
        if self.len == 0 {
            return &[];
        }
        self.by_hash.get(&(key, self.secret.hash_one(text))).map_or(&[], Vec::as_slice)
    }

    /// Adds a folded text that is none of the candidates.
    pub(super) fn add(&mut self, key: Key, text: &[u8], number: u32) {
        self.by_hash.entry((key, self.secret.hash_one(text))).or_default().push(number);
        self.len += 1;
    }

    /// How many texts there are.
    pub(super) fn len(&self) -> u64 {
        self.len
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_texts_with_one_key_hardly_any_is_a_candidate() {
        let mut collided = Collided::default();
        let key = Key::from(7);
        let mut candidates = 0;
        for number in 0..20_000_u32 {
            let text = format!("نص رقم {number}");
            candidates += collided.candidates(key, text.as_bytes()).len();
            collided.add(key, text.as_bytes(), number);
            assert!(collided.candidates(key, text.as_bytes()).contains(&number));
            assert!(collided.candidates(Key::from(8), text.as_bytes()).is_empty());
        }
        assert_eq!((candidates, collided.len()), (0, 20_000));
    }
}
