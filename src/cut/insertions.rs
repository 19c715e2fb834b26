//! What is written into a file, between the bytes that it has.

use std::borrow::Cow;
use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::varint::{put, take};

/// Texts that are written into a file, or a part of it, in order.
///
/// A file can have one for each of its records, and most are alike: few bytes are held for one that is as the one before.
/// As JSON it is a list of distances, each from the place before, in a pair with the text where that is another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Insertions {
    /// How many bytes stand before the part of the file.
    before: u64,
    /// The distances and lengths, in 7 bits a byte. A length is 1 too many, or 0 where the text is as the one before.
    codes: Vec<u8>,
    /// The texts that are not as the one before.
    texts: String,
    /// The place of the last, from where the part begins, and the length of its text.
    last: (u64, usize),
    /// How many bytes all texts have.
    bytes: u64,
}

impl Insertions {
    /// Adds a text, which is written before the byte that has this number. That is none before an earlier one.
    pub fn push(&mut self, at: u64, text: &str) {
        let (place, len) = self.last;
        let at = at.saturating_sub(self.before).max(place);
        let is_again = !self.is_empty() && len == text.len() && self.texts.as_bytes().ends_with(text.as_bytes());
        put(&mut self.codes, at - place);
        if is_again {
            put(&mut self.codes, 0);
        } else {
            put(&mut self.codes, text.len() as u64 + 1);
            self.texts.push_str(text);
        }
        self.last = (at, text.len());
        self.bytes += text.len() as u64;
    }

    /// The places and the texts, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &str)> {
        let (mut codes, mut at, mut texts, mut text) = (&self.codes[..], self.before, &*self.texts, "");
        std::iter::from_fn(move || {
            at += take(&mut codes)?;
            if let Some(len) = take(&mut codes)?.checked_sub(1) {
                (text, texts) = texts.split_at_checked(len as usize)?;
            }
            Some((at, text))
        })
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// How many bytes they are.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds those of the part of the file that comes next.
    pub fn extend(&mut self, later: &Insertions) {
        later.iter().for_each(|(at, text)| self.push(at, text));
    }

    /// The same of a part of a file that so many bytes more stand before.
    #[must_use]
    pub fn moved(self, by: u64) -> Insertions {
        Insertions { before: self.before + by, ..self }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Code<'a> {
    /// As the one before, so many bytes behind it.
    Again(u64),
    /// Another.
    Other(u64, Cow<'a, str>),
}

impl Serialize for Insertions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut before = (0, None);
        serializer.collect_seq(self.iter().map(|(at, text)| {
            let (place, again) = std::mem::replace(&mut before, (at, Some(text)));
            if again == Some(text) { Code::Again(at - place) } else { Code::Other(at - place, text.into()) }
        }))
    }
}

impl<'de> Deserialize<'de> for Insertions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Insertions, D::Error> {
        struct Codes;

        impl<'de> Visitor<'de> for Codes {
            type Value = Insertions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of distances and texts")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut codes: A) -> Result<Insertions, A::Error> {
                let (mut insertions, mut at, mut text) = (Insertions::default(), 0_u64, Cow::Borrowed(""));
                while let Some(code) = codes.next_element::<Code<'_>>()? {
                    let distance = match code {
                        Code::Again(distance) => distance,
                        Code::Other(distance, other) => {
                            text = other;
                            distance
                        }
                    };
                    at = at.saturating_add(distance);
                    insertions.push(at, &text);
                }
                Ok(insertions)
            }
        }

        deserializer.deserialize_seq(Codes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_put_together_and_kept_as_json_is_the_same(
            parts in prop::collection::vec(
                prop::collection::vec((0_u64..400, prop::sample::select(vec![",\"a\":[]", "]", "", "نعم\n"])), 0..6), 0..4),
        ) {
            let (mut all, mut expected, mut before) = (Insertions::default(), Vec::new(), 0);
            for part in parts {
                let (mut of_part, mut at) = (Insertions::default(), 0);
                for (distance, text) in part {
                    at += distance;
                    of_part.push(at, text);
                    expected.push((before + at, text));
                }
                all.extend(&of_part.moved(before));
                before += at;
            }
            prop_assert_eq!(all.iter().collect::<Vec<_>>(), expected.clone());
            prop_assert_eq!(all.bytes(), expected.iter().map(|(_, text)| text.len() as u64).sum::<u64>());
            prop_assert_eq!(all.is_empty(), expected.is_empty());
            let json = serde_json::to_string(&all).unwrap();
            let again = serde_json::from_str::<Insertions>(&json).unwrap();
            prop_assert_eq!(again.iter().collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn one_that_is_as_the_one_before_takes_few_bytes() {
        let mut insertions = Insertions::default();
        (1..=1000).for_each(|record| insertions.push(record * 2000, ",\"repeats\":[]"));
        assert_eq!((insertions.codes.len(), insertions.texts.len()), (3000, 13));
        assert!(serde_json::to_string(&insertions).unwrap().starts_with("[[2000,\",\\\"repeats\\\":[]\"],2000,2000,"));
    }
}
