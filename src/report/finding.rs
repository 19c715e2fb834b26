//! A finding, which is data: what was found where in a document, and why.

use std::fmt;
use std::io;

use hashbrown::HashMap;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_128;

use super::{Pair, excerpt};
use crate::corpus::{Examined, Originals, Repeating};
use crate::fold::{self, Folds};
use crate::key::Key;
use crate::near::{Nearness, SPELLED_OTHERWISE};
use crate::plan::Block;
use crate::sink::FileName;
use crate::source::Body;
use crate::unit::Unit;

/// One finding: units of a document that stand together and go for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Their lines in the text of the document.
    pub lines: Lines,
    /// Where they begin in the text of the document, in bytes.
    pub start: u64,
    /// Why they go.
    pub reason: Reason,
    /// How many units they are.
    pub units: u64,
    /// How many words they have.
    pub words: u64,
    /// What makes them equal to the original; none where that was not looked at.
    pub equality: Option<Equality>,
    /// How they start.
    pub excerpt: String,
    /// By what they are recognised in another run.
    pub fingerprint: Fingerprint,
    /// Its units beside their originals, if a report needs that.
    pub pairs: Vec<Pair>,
}

/// Why units go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// They are copies.
    Copy {
        /// The document of the originals.
        of: OriginalIn,
        /// Where in it they are.
        at: Originals,
        /// How near those are to their originals that are only nearly the same.
        near: Vec<Nearness>,
    },
    /// They stand in so many documents that they go everywhere.
    Boilerplate {
        /// The number of documents.
        documents: u64,
    },
    /// Their document goes as a whole.
    Repeating(Repeating<OriginalIn>),
}

/// The document of an original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OriginalIn {
    /// The same.
    Same,
    /// Another of this run.
    Other(DocumentName),
    /// One of an earlier run.
    Earlier(DocumentName),
}

impl OriginalIn {
    /// What it is called, if it is another document.
    fn name(&self) -> Option<String> {
        match self {
            OriginalIn::Same => None,
            OriginalIn::Other(document) => Some(document.name.clone()),
            OriginalIn::Earlier(document) => Some(format!("{} of an earlier run", document.name)),
        }
    }
}

/// What a document is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocumentName {
    /// Its file as it is named; none of standard input without a name, and of an earlier run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<FileName>,
    /// The number of its record in the file, from 1, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<u64>,
    /// What the record is called by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// All of that for people, on one line: `a.jsonl, record 12 (its id)`.
    pub name: String,
}

/// What makes a text equal to its original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Equality {
    /// They are the same byte for byte.
    Bytes,
    /// These folds; none where only line ends, outer white space or canonical equivalence differ.
    Folds(Folds),
}

impl From<Option<Folds>> for Equality {
    /// By what [`fold::folds_needed`] says.
    fn from(folds: Option<Folds>) -> Equality {
        folds.map_or(Equality::Bytes, Equality::Folds)
    }
}

impl Equality {
    /// As in `byte for byte`, `exact` and `by quotes, spaces`.
    pub(super) fn how(self) -> String {
        match self {
            Equality::Folds(folds) if folds != Folds::NONE => format!("by {self}"),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Equality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Equality::Bytes => f.write_str("byte for byte"),
            Equality::Folds(folds) if *folds == Folds::NONE => f.write_str("exact"),
            Equality::Folds(folds) => folds.fmt(f),
        }
    }
}

/// Lines of a document, first and last, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The first line.
    pub first: u64,
    /// The last line.
    pub last: u64,
}

impl Lines {
    pub(super) fn of(examined: &Examined, first: usize, len: usize) -> Lines {
        let units = &examined.units[first..first + len];
        let lines = |at: Option<&Unit>| at.map_or((0, 0), |unit| (unit.first_line(), unit.last_line()));
        Lines { first: lines(units.first()).0, last: lines(units.last()).1 }
    }

    pub(super) fn are_one(self) -> bool {
        self.first == self.last
    }

    /// What lines do that are copies: `repeat`, or one `repeats`.
    fn repeat(self) -> &'static str {
        if self.are_one() { "repeats" } else { "repeat" }
    }
}

impl fmt::Display for Lines {
    /// As in `line 3` and `lines 9-13`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.are_one() { write!(f, "line {}", self.first) } else { write!(f, "lines {}-{}", self.first, self.last) }
    }
}

impl Serialize for Lines {
    /// As `[9,13]`.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        [self.first, self.last].serialize(serializer)
    }
}

/// What lines are copies of, in words: `lines 9-13 repeat lines 4-8 of b.txt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repetition {
    /// The lines of the copies.
    pub copy: Lines,
    /// Where the originals are.
    pub original: Originals,
    /// The document of the originals, if it is another.
    pub document: Option<String>,
    /// Whether some of them are only nearly the same.
    pub nearly: bool,
}

impl Repetition {
    /// What a block of a document says.
    #[must_use]
    pub fn of(examined: &Examined, block: Block) -> Repetition {
        let original = Lines::of(examined, block.original, block.len);
        Repetition {
            copy: Lines::of(examined, block.first, block.len),
            original: Originals::Lines(original.first, original.last),
            document: None,
            nearly: (0..block.len).any(|at| examined.nearness(block.first + at, block.original + at).is_some()),
        }
    }
}

impl Repetition {
    /// What stands before where the originals are, and that.
    fn in_parts(&self) -> (String, String) {
        // Sentences, and paragraphs that a form feed ends, can stand on one line.
        if self.original == Originals::Lines(self.copy.first, self.copy.last) && self.document.is_none() {
            let nearly = if self.nearly { "nearly " } else { "" };
            return (format!("a part of {} {nearly}repeats ", self.copy), "another part of it".to_owned());
        }
        let mut original = match self.original {
            Originals::Lines(first, last) => Lines { first, last }.to_string(),
            Originals::From(line) => format!("the text from line {line}"),
            Originals::Within(line) => format!("a part of the text from line {line}"),
        };
        if let Some(document) = &self.document {
            original = format!("{original} of {document}");
        }
        let nearly = if self.nearly { "nearly " } else { "" };
        (format!("{} {nearly}{} ", self.copy, self.copy.repeat()), original)
    }
}

impl fmt::Display for Repetition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (copy, original) = self.in_parts();
        write!(f, "{copy}{original}")
    }
}

/// By what a finding is recognised in another run, wherever it stands by then.
///
/// It is the XXH3 hash (128 bits, seed 0) of the keys of its units in order, each as 16 bytes, least significant first; so it
/// depends on the folds and on what a unit is, and on no line, path or original. Those of a run that are equal are numbered
/// in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    hash: Key,
    number: u32,
}

impl Fingerprint {
    /// Of units with these keys, the first in its run.
    #[must_use]
    pub fn of(keys: impl Iterator<Item = Key>) -> Fingerprint {
        let mut bytes = Vec::new();
        keys.for_each(|key| bytes.extend_from_slice(&u128::from(key).to_le_bytes()));
        Fingerprint { hash: Key::from(xxh3_128(&bytes)), number: 1 }
    }

    /// What all findings with these units have in common.
    #[must_use]
    pub fn hash(self) -> Key {
        self.hash
    }
}

impl fmt::Display for Fingerprint {
    /// 32 hexadecimal digits and the number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.hash, self.number)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Numbers the findings of a run that have one fingerprint. It holds a hash and a number for each other one.
#[derive(Debug, Default)]
pub struct Numbering {
    seen: HashMap<Key, u32>,
}

impl Numbering {
    /// Numbers the next finding.
    pub fn number(&mut self, finding: &mut Finding) {
        let Fingerprint { hash, number } = &mut finding.fingerprint;
        let seen = self.seen.entry(*hash).or_default();
        *seen += 1;
        *number = *seen;
    }
}

impl Finding {
    /// What there is to say of a block of a document by itself; what makes it equal to its original is looked for among
    /// `folds`, if there are any.
    ///
    /// # Errors
    /// A spooled document can't be read back.
    pub fn of(body: &Body, examined: &Examined, block: Block, folds: Option<Folds>) -> io::Result<Finding> {
        let text = |unit: usize| body.bytes(examined.units[unit].range());
        let near = (0..block.len).filter_map(|at| examined.nearness(block.first + at, block.original + at));
        let near: Vec<Nearness> = near.cloned().collect();
        let equality = match folds {
            _ if !near.is_empty() => None,
            None => None,
            Some(folds) => {
                let mut pairs = Vec::new();
                for at in 0..block.len {
                    pairs.push((text(block.first + at)?, text(block.original + at)?));
                }
                let pairs: Vec<(&[u8], &[u8])> = pairs.iter().map(|(a, b)| (&**a, &**b)).collect();
                Some(Equality::from(fold::folds_needed(folds, &pairs)))
            }
        };
        let Repetition { copy: lines, original: at, .. } = Repetition::of(examined, block);
        let items = &examined.items[block.first..block.first + block.len];
        Ok(Finding {
            lines,
            start: examined.units[block.first].range().start,
            reason: Reason::Copy { of: OriginalIn::Same, at, near },
            units: block.len as u64,
            words: items.iter().map(|item| u64::from(item.words)).sum(),
            equality,
            excerpt: excerpt(&text(block.first)?),
            fingerprint: Fingerprint::of(items.iter().map(|item| item.key)),
            pairs: Vec::new(),
        })
    }

    /// What is said of it, without what makes the texts equal.
    #[must_use]
    pub fn said(&self) -> String {
        let (said, original) = self.said_in_parts();
        said + &original.unwrap_or_default()
    }

    /// What is said of it, and where the original is, which is said last, if there is one.
    pub(super) fn said_in_parts(&self) -> (String, Option<String>) {
        let lines = self.lines;
        match &self.reason {
            Reason::Copy { of, at, near } => {
                let nearly = !near.is_empty();
                let repetition = Repetition { copy: lines, original: *at, document: of.name(), nearly };
                let (copy, original) = repetition.in_parts();
                (copy, Some(original))
            }
            Reason::Boilerplate { documents } => (format!("{lines} stands in {documents} documents"), None),
            Reason::Repeating(repeating) => {
                let percent = repeating.percent();
                let said = format!("{lines}: {percent}% of the words repeat documents before, most of them ");
                (said, repeating.most.name())
            }
        }
    }

    /// How near units are that are only nearly the same as their originals.
    pub(super) fn near(&self) -> &[Nearness] {
        match &self.reason {
            Reason::Copy { near, .. } => near,
            Reason::Boilerplate { .. } | Reason::Repeating(_) => &[],
        }
    }

    /// How near they are, and which words differ, as it is said behind that.
    pub(super) fn said_of_nearness(&self) -> Option<String> {
        let near = self.near();
        let least = near.iter().min_by(|one, other| one.alignment().total_cmp(&other.alignment()))?;
        let of = match (near.len() as u64, self.units) {
            (1, 1) => String::new(),
            (near, units) => format!("{near} of {units}: "),
        };
        let told = near.iter().map(Nearness::differences).filter(|told| !told.is_empty());
        let mut differences = told.take(3).collect::<Vec<_>>().join("; ");
        if differences.is_empty() {
            SPELLED_OTHERWISE.clone_into(&mut differences);
        }
        let more = if near.len() > 3 { "; …" } else { "" };
        Some(format!(" ({of}{least}: {differences}{more})"))
    }

    /// What makes the texts equal, or how near they are, as it is said behind that; nothing where it was not looked at.
    pub(super) fn said_of_equality(&self) -> String {
        if let Some(near) = self.said_of_nearness() {
            return near;
        }
        self.equality.map_or_else(String::new, |equality| format!(" ({})", equality.how()))
    }
}

impl fmt::Display for Finding {
    /// As in `lines 9-13 repeat lines 4-8 (by quotes)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.said(), self.said_of_equality())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_the_hash_of_keys() {
        let keys = [Key::from(1), Key::from(2 << 64)];
        let one = Fingerprint::of(keys.into_iter());
        assert_eq!(one.to_string(), Fingerprint::of(keys.into_iter()).to_string());
        assert_ne!(one, Fingerprint::of(keys.into_iter().rev()));
        assert!(one.to_string().ends_with(":1"), "{one}");
    }
}
