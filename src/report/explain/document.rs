//! Why a unit goes, or is still here, in the scope of its document.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use super::runs::{Around, Run};
use super::{Copied, Explanation, Later, NoUnit, Repeat, Spot, Spots, Staying, Verdict, Within, units_on};
use crate::corpus::{ExamineError, Examined, Examiner, Keep, Options, Threads};
use crate::fold::{Folder, Folds, folds_needed};
use crate::plan::Block;
use crate::report::{Finding, Lines};
use crate::source::Document;

/// Explains the units of one document.
#[derive(Debug)]
pub struct Explainer<'a> {
    document: &'a Document,
    options: &'a Options,
    threads: Threads,
    examined: Examined,
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
        units_on(self.document, &self.examined.units, line)
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
        Ok(Explanation {
            lines: self.lines(at),
            words: item.words,
            key: item.key,
            folded,
            within: Within::Document,
            verdict,
        })
    }

    /// The bytes of a unit.
    fn unit(&self, at: usize) -> io::Result<Cow<'_, [u8]>> {
        self.document.body.bytes(self.examined.units[at].range())
    }

    fn lines(&self, at: usize) -> Lines {
        Lines::of(&self.examined, at, 1)
    }

    fn spot(&self, at: usize) -> Spot {
        Spot { lines: self.lines(at), document: None }
    }

    /// The longest run around a unit that stood before.
    fn longest_repeat(&self, at: usize) -> Option<Run> {
        let texts: Vec<u32> = self.examined.items.iter().map(|item| item.class).collect();
        let words = self.examined.items.iter().map(|item| item.words);
        Around::new(texts.iter().copied().zip(words), at).longest_in(&texts, at)
    }

    /// What makes two units equal, with these folds at most.
    fn folds(&self, folds: Folds, at: usize, other: usize) -> io::Result<Option<Folds>> {
        Ok(folds_needed(folds, &[(&self.unit(at)?, &self.unit(other)?)]))
    }

    fn copied(&self, at: usize, original: usize) -> io::Result<Copied> {
        let plan = &self.examined.plan;
        // The block that it stands in begins at or before it.
        let block = plan.blocks().take_while(|block| block.first <= at).last();
        let block = block.unwrap_or(Block { first: at, len: 1, original });
        Ok(Copied {
            original: self.spot(original),
            folds: self.folds(self.options.folds, at, original)?,
            near: self.examined.nearness(at, original).cloned(),
            block: Finding::of(&self.document.body, &self.examined, block, Some(self.options.folds))?,
            run_words: self.longest_repeat(at).map_or(0, |run| run.words),
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
        let spots = |units: Vec<usize>| Spots { named: units.into_iter().map(|at| self.spot(at)).collect(), more: 0 };
        let mut staying = Staying { copies: spots(copies), again: spots(again.collect()), ..Staying::default() };
        if let Some(Run { other, units, words }) = self.longest_repeat(at) {
            let folds = self.folds(self.options.folds, at, other)?;
            let near = self.examined.nearness(at, other).cloned();
            staying.repeat = Some(Repeat { of: self.spot(other), folds, near, units, words });
        }
        if item.protected {
            staying.kept_by = self.options.keep.what_keeps(&self.unit(at)?, self.options.folds);
            let unkept = self.examine(&Options { keep: Keep::default(), ..self.options.clone() })?;
            staying.would_repeat = unkept.plan.original(at).map(|original| self.spot(original));
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
            let near = examined.nearness(at, other).cloned();
            let later = Later { level, other: self.spot(other), folds, near, is_copy: original.is_some() };
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
