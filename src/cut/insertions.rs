//! What is written into a file, between the bytes that it has.

use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Texts that are written into a file, or a part of it, in order. As JSON it is a list of pairs: a place, and a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Insertions {
    /// Of each its place, and where its text ends among all texts: a file can have one for each of its records.
    places: Vec<(u64, usize)>,
    texts: String,
}

impl Insertions {
    /// Adds a text, which is written before the byte that has this number, and behind those that were added before.
    pub fn push(&mut self, at: u64, text: &str) {
        self.texts.push_str(text);
        self.places.push((at, self.texts.len()));
    }

    /// The places and the texts, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &str)> {
        let mut start = 0;
        self.places.iter().map(move |&(at, end)| (at, &self.texts[std::mem::replace(&mut start, end)..end]))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// How many bytes they are.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.texts.len() as u64
    }

    /// Adds those of the part of the file that comes next.
    pub fn extend(&mut self, later: &Insertions) {
        let before = self.texts.len();
        self.texts.push_str(&later.texts);
        self.places.extend(later.places.iter().map(|&(at, end)| (at, before + end)));
    }

    /// The same of a part of a file that so many bytes stand before.
    #[must_use]
    pub fn moved(mut self, by: u64) -> Insertions {
        self.places.iter_mut().for_each(|(at, _)| *at += by);
        self
    }
}

impl Serialize for Insertions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Insertions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Insertions, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Insertions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("pairs of a place and a text")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut pairs: A) -> Result<Insertions, A::Error> {
                let mut insertions = Insertions::default();
                while let Some((at, text)) = pairs.next_element::<(u64, String)>()? {
                    insertions.push(at, &text);
                }
                Ok(insertions)
            }
        }

        deserializer.deserialize_seq(Pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_file_are_put_together_and_kept_as_json() {
        let (mut one, mut other) = (Insertions::default(), Insertions::default());
        one.push(3, ",\"repeats\":[]");
        other.push(0, "");
        other.push(2, "نعم\n");
        one.extend(&other.moved(10));
        let pairs: Vec<_> = one.iter().collect();
        assert_eq!(pairs, [(3, ",\"repeats\":[]"), (10, ""), (12, "نعم\n")]);
        assert_eq!(one.bytes(), 20);
        let json = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<Insertions>(&json).unwrap(), one);
    }
}
