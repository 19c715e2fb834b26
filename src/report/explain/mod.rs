//! Why a unit goes, or is still here, and why two units are equal, or not: first what there is to say, as data, and in
//! `text` the words for it. One document in its own scope.

mod apart;
mod text;

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use super::{Finding, Lines};
use crate::corpus::{ExamineError, Examined, Examiner, Keep, KeptBy, Options, Threads};
use crate::fold::{Folder, Folds, Level, Sign, folds_needed};
use crate::key::Key;
use crate::plan::Item;
use crate::source::Document;
use crate::unit::{Splitter, UnitKind};

pub use super::visible::{code_point, visible};
pub use apart::{Apart, Compared};
pub use text::{said_of_two, said_of_unit};

/// Explains the units of one document.
#[derive(Debug)]
pub struct Explainer<'a> {
    document: &'a Document,
    options: &'a Options,
    threads: Threads,
    examined: Examined,
}

/// What there is to say of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The lines that it stands on.
    pub lines: Lines,
    /// The number of its words.
    pub words: u32,
    /// Its key.
    pub key: Key,
    /// Its folded text.
    pub folded: Vec<Sign>,
    /// Why it goes, or stays.
    pub verdict: Verdict,
}

/// Whether a unit goes, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is a copy, and goes.
    Copy(Box<Copied>),
    /// It stays.
    Stays(Box<Staying>),
}

/// Of what a unit is a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The lines of its original.
    pub original: Lines,
    /// What makes the two equal, as [`folds_needed`] says it.
    pub folds: Option<Folds>,
    /// The block that it stands in, as `check` finds it.
    pub block: Finding,
    /// How many words the longest run around it has that repeats an earlier one, in the document as it is read. Where that is
    /// fewer than a copy takes, the run has formed when other copies had gone.
    pub run_words: u64,
}

/// What there is to say of a unit that stays. Where nothing is, nothing else in the document is equal to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Staying {
    /// What keeps it, if something was asked to.
    pub kept_by: Vec<KeptBy>,
    /// If it is kept: the lines of which it would be a copy if it were not.
    pub would_repeat: Option<Lines>,
    /// The lines of its copies.
    pub copies: Vec<Lines>,
    /// The longest run around it that repeats an earlier one.
    pub repeat: Option<Repeat>,
    /// Where its text stands again, in units behind it that stay too.
    pub again: Vec<Lines>,
    /// What a later level says.
    pub later: Option<Later>,
}

/// A run of units that stands twice, and has too few words for copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// The lines of the unit that is the same as the one that is explained.
    pub of: Lines,
    /// What makes the two equal, as [`folds_needed`] says it.
    pub folds: Option<Folds>,
    /// How many units the run has.
    pub units: usize,
    /// How many words it has.
    pub words: u64,
}

/// What holds of a unit at a later level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Later {
    /// The level.
    pub level: Level,
    /// The lines of a unit that is equal to it there.
    pub other: Lines,
    /// What makes the two equal, as [`folds_needed`] says it.
    pub folds: Option<Folds>,
    /// Whether it is a copy of that one there.
    pub is_copy: bool,
}

/// Why there is no unit on a line.
#[derive(Debug, thiserror::Error)]
pub enum NoUnit {
    /// The line is blank.
    #[error("line {line} is blank: it is no unit, and is compared with nothing")]
    Blank {
        /// The line.
        line: u64,
    },
    /// There is no such line.
    #[error("there is no line {line}: {}", match lines { 0 => "it is empty".to_owned(), 1 => "it has 1 line".to_owned(), lines => format!("it has {lines} lines") })]
    NotThere {
        /// The line.
        line: u64,
        /// How many lines there are.
        lines: u64,
    },
    /// A spooled document can't be read back.
    #[error("cannot be read back from its temporary file")]
    Io(#[from] io::Error),
}

impl<'a> Explainer<'a> {
    /// Looks at a document.
    ///
    /// # Errors
    /// A spooled document can't be read back, or there are more units than can be numbered.
    pub fn new(document: &'a Document, options: &'a Options, threads: Threads) -> Result<Explainer<'a>, ExamineError> {
        let examined = Examiner::new(options).with_threads(threads).examine(document)?;
        Ok(Explainer { document, options, threads, examined })
    }

    /// What was found in the document.
    #[must_use]
    pub fn examined(&self) -> &Examined {
        &self.examined
    }

    /// The units on a line, counted from 1. It is one, but where form feeds end paragraphs within the line.
    ///
    /// # Errors
    /// There is none.
    pub fn units_on(&self, line: u64) -> Result<Range<usize>, NoUnit> {
        let units = &self.examined.units;
        let first = units.partition_point(|unit| unit.last_line() < line);
        let on = units[first..].iter().take_while(|unit| unit.first_line() <= line).count();
        if on > 0 {
            return Ok(first..first + on);
        }
        let lines = lines_of(self.document)?;
        Err(if (1..=lines).contains(&line) { NoUnit::Blank { line } } else { NoUnit::NotThere { line, lines } })
    }

    /// Says why a unit goes, or stays.
    ///
    /// # Errors
    /// A spooled document can't be read back.
    pub fn explain(&self, at: usize) -> Result<Explanation, ExamineError> {
        let item = self.examined.items[at];
        let unit = self.unit(at)?;
        let folded = Folder::new(self.options.folds).fold(&unit).signs().collect();
        let verdict = match self.examined.plan.original(at) {
            Some(original) => Verdict::Copy(Box::new(self.copied(at, original)?)),
            None => Verdict::Stays(Box::new(self.staying(at)?)),
        };
        Ok(Explanation { lines: self.lines(at), words: item.words, key: item.key, folded, verdict })
    }

    /// The bytes of a unit.
    fn unit(&self, at: usize) -> io::Result<Cow<'_, [u8]>> {
        self.document.body.bytes(self.examined.units[at].range())
    }

    fn lines(&self, at: usize) -> Lines {
        Lines::of(&self.examined, at, 1)
    }

    /// What makes two units equal, with these folds at most.
    fn folds(&self, folds: Folds, at: usize, other: usize) -> io::Result<Option<Folds>> {
        Ok(folds_needed(folds, &[(&self.unit(at)?, &self.unit(other)?)]))
    }

    fn copied(&self, at: usize, original: usize) -> io::Result<Copied> {
        let Examined { plan, items, .. } = &self.examined;
        // The block that it stands in begins at or before it.
        let block = plan.blocks().take_while(|block| block.first <= at).last();
        let block = block.unwrap_or(crate::plan::Block { first: at, len: 1, original });
        Ok(Copied {
            original: self.lines(original),
            folds: self.folds(self.options.folds, at, original)?,
            block: Finding::of(&self.document.body, &self.examined, block, Some(self.options.folds))?,
            run_words: longest_repeat(items, at).map_or(0, |(_, _, words)| words),
        })
    }

    fn staying(&self, at: usize) -> Result<Staying, ExamineError> {
        let Examined { plan, items, .. } = &self.examined;
        let item = items[at];
        let equal = |other: &usize| items[*other].class == item.class;
        let behind = (at + 1..items.len()).filter(equal);
        let (copies, again): (Vec<usize>, Vec<usize>) = behind.partition(|&other| plan.original(other) == Some(at));
        // Copies of another one are not told of here.
        let again = again.into_iter().filter(|&other| !plan.is_copy(other));
        let mut staying = Staying {
            copies: copies.into_iter().map(|other| self.lines(other)).collect(),
            again: again.map(|other| self.lines(other)).collect(),
            ..Staying::default()
        };
        if let Some((other, units, words)) = longest_repeat(items, at) {
            let folds = self.folds(self.options.folds, at, other)?;
            staying.repeat = Some(Repeat { of: self.lines(other), folds, units, words });
        }
        if item.protected {
            staying.kept_by = self.options.keep.what_keeps(&self.unit(at)?, self.options.folds);
            let unkept = self.examine(&Options { keep: Keep::default(), ..self.options.clone() })?;
            staying.would_repeat = unkept.plan.original(at).map(|original| self.lines(original));
            // At no level does it go.
            return Ok(staying);
        }
        let is_alone = !(0..at).chain(at + 1..items.len()).any(|other| equal(&other));
        staying.later = self.later(at, is_alone)?;
        Ok(staying)
    }

    /// The first later level at which a unit is a copy; or, if it is alone in its document at this level, the first at which
    /// it is not.
    fn later(&self, at: usize, is_alone: bool) -> Result<Option<Later>, ExamineError> {
        let mut equal = None;
        for (level, options) in self.options.further_levels() {
            let examined = self.examine(&options)?;
            let class = examined.items[at].class;
            let original = examined.plan.original(at);
            let is_equal = |&other: &usize| other != at && examined.items[other].class == class;
            let other = match original {
                None if is_alone && equal.is_none() => (0..examined.items.len()).find(is_equal),
                original => original,
            };
            let Some(other) = other else { continue };
            let folds = self.folds(options.folds, at, other)?;
            let later = Later { level, other: self.lines(other), folds, is_copy: original.is_some() };
            if later.is_copy {
                return Ok(Some(later));
            }
            equal = Some(later);
        }
        Ok(equal)
    }

    /// The same document under other options. The units are the same.
    fn examine(&self, options: &Options) -> Result<Examined, ExamineError> {
        Examiner::new(options).with_threads(self.threads).examine(self.document)
    }
}

/// The number of lines of a document.
fn lines_of(document: &Document) -> io::Result<u64> {
    let mut splitter = Splitter::new(UnitKind::Line);
    document.body.pieces::<io::Error>(|piece, last| Ok(splitter.split(piece, last, |_, _| {})))?;
    Ok(splitter.lines())
}

/// The run around a unit that has the most words of those that began earlier: the unit at the same place of that one, and how
/// many units and words the run has. None where no unit before has the same text.
///
/// Linear in the number of units, whatever they are.
fn longest_repeat(items: &[Item], at: usize) -> Option<(usize, usize, u64)> {
    let class = items[at].class;
    if items[..at].iter().all(|item| item.class != class) {
        return None;
    }
    // Numbers of classes, and behind the first text one that no class has.
    let classes = |items: &[Item]| items.iter().map(|item| Some(item.class)).collect::<Vec<_>>();
    let onward = [classes(&items[at..]), vec![None], classes(items)].concat();
    let onward = same_as_start(&onward);
    let mut back = classes(&items[..at]);
    back.reverse();
    let back = same_as_start(&back);
    let mut sums = vec![0_u64; items.len() + 1];
    for (i, item) in items.iter().enumerate() {
        sums[i + 1] = sums[i] + u64::from(item.words);
    }
    let runs = (0..at).filter(|&other| items[other].class == class).map(|other| {
        let before = back.get(at - other).copied().unwrap_or(0);
        let behind = onward[items.len() - at + 1 + other];
        (other, before + behind, sums[at + behind] - sums[at - before])
    });
    // The first of those that have the most.
    runs.reduce(|most, run| if (run.2, run.1) > (most.2, most.1) { run } else { most })
}

/// For each place of a text how long it goes on as the text starts (its Z-function).
fn same_as_start<T: PartialEq>(text: &[T]) -> Vec<usize> {
    let mut same = vec![0; text.len()];
    if let Some(all) = same.first_mut() {
        *all = text.len();
    }
    // The stretch known to be the same as the start that ends last.
    let (mut start, mut end) = (0, 0);
    for at in 1..text.len() {
        let mut len = if at < end { same[at - start].min(end - at) } else { 0 };
        while at + len < text.len() && text[len] == text[at + len] {
            len += 1;
        }
        same[at] = len;
        if at + len > end {
            (start, end) = (at, at + len);
        }
    }
    same
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_repeat_is_the_one_with_most_words() {
        let items = |classes: &[u32]| -> Vec<Item> {
            classes
                .iter()
                .map(|&class| Item { key: Key::from(u128::from(class)), class, words: class, protected: false })
                .collect()
        };
        // The run 5 1 7 has more words than the run 1 2.
        let items = items(&[1, 2, 5, 1, 7, 3, 5, 1, 7, 1, 2]);
        assert_eq!(longest_repeat(&items, 7), Some((3, 3, 13)));
        assert_eq!(longest_repeat(&items, 9), Some((0, 2, 3)));
        assert_eq!(longest_repeat(&items, 5), None);
        for at in 0..items.len() {
            let slow = (0..at).filter(|&other| items[other].class == items[at].class).map(|other| {
                let same = |(a, b): (usize, usize)| items[a].class == items[b].class;
                let behind = (at..items.len()).zip(other..).take_while(|&pair| same(pair)).count();
                let before = (0..at).rev().zip((0..other).rev()).take_while(|&pair| same(pair)).count();
                items[at - before..at + behind].iter().map(|item| u64::from(item.words)).sum::<u64>()
            });
            assert_eq!(longest_repeat(&items, at).map(|(_, _, words)| words), slow.max());
        }
    }
}
