//! Why a unit goes, or is still here, in the scope of a corpus: its documents are shown one after the other, with what goes of them.

use std::io;
use std::ops::Range;

use super::runs::{Around, Run};
use super::{Copied, Explanation, Later, NoUnit, Repeat, Spot, Spots, Staying, Verdict, Within, units_on};
use crate::corpus::gone::{Gone, Why, original_from};
use crate::corpus::{Hashed, HashedUnit, Hasher, Keep, Options, Origin, PIECE, Place, pieces};
use crate::fold::{Folder, Folds, Level, folds_needed};
use crate::key::Key;
use crate::report::{Finding, Lines};
use crate::source::{Body, Document};
use crate::unit::Unit;

/// How many places of each kind are held.
const NAMED: usize = 3;

/// Gathers what there is to say of one unit.
pub struct InCorpus<'a> {
    options: &'a Options,
    hasher: Hasher<'a>,
    /// Where it stands, and its number there.
    place: Place,
    at: usize,
    lines: Lines,
    text: Vec<u8>,
    key: Key,
    words: u32,
    protected: bool,
    around: Around<Key>,
    /// The first lines of the units of its document that have its key, and their numbers.
    same: Vec<(u64, usize)>,
    /// Whether its document has been shown.
    is_behind: bool,
    copies: Spots,
    repeat: Option<(Run, UnitAt)>,
    again: Spots,
    later: Vec<AtLevel>,
}

/// A unit somewhere in the corpus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitAt {
    /// Where it stands.
    pub spot: Spot,
    /// Its text, as it is written.
    pub text: Vec<u8>,
}

/// What is equal to the unit at a later level.
struct AtLevel {
    level: Level,
    options: Options,
    folder: Folder,
    /// The key of the unit there.
    key: Key,
    /// The first unit that is equal to it, and whether it stands before it.
    first: Option<(UnitAt, bool)>,
}

/// The units of a document on a line, counted from 1, by their numbers.
///
/// # Errors
/// There is none.
pub fn units_on_line(document: &Document, options: &Options, line: u64) -> Result<Range<usize>, NoUnit> {
    let mut units = Vec::new();
    each_unit(&document.body, &mut Hasher::new(options), |unit, _, _| units.push(unit))?;
    units_on(document, &units, line)
}

/// Hashes the units of a document.
fn each_unit(body: &Body, hasher: &mut Hasher<'_>, mut see: impl FnMut(Unit, &HashedUnit, &[u8])) -> io::Result<()> {
    let (mut bytes, mut before) = (0, 0);
    for piece in pieces(body, hasher.unit_kind(), PIECE as u64) {
        let (piece, Hashed { units, len, lines, .. }) = hasher.hash_piece(piece?);
        for hashed in &units {
            let range = hashed.unit.range();
            let text = &piece.bytes[range.start as usize..range.end as usize];
            see(hashed.unit.clone().moved(bytes, before), hashed, text);
        }
        (bytes, before) = (bytes + len, before + lines);
    }
    Ok(())
}

impl<'a> InCorpus<'a> {
    /// Begins with a unit, by its document, its place, and its number there; none if there is no such unit.
    ///
    /// # Errors
    /// A spooled document can't be read back.
    pub fn new(document: &Document, place: Place, at: usize, options: &'a Options) -> io::Result<Option<InCorpus<'a>>> {
        let mut hasher = Hasher::new(options);
        let mut units = Vec::new();
        let mut found = None;
        each_unit(&document.body, &mut hasher, |unit, hashed, text| {
            if units.len() == at {
                found = Some((lines_of(&unit), text.to_vec(), hashed.key, hashed.words, hashed.protected));
            }
            units.push((hashed.key, hashed.words, unit.first_line()));
        })?;
        let Some((lines, text, key, words, protected)) = found else { return Ok(None) };
        let same = units.iter().enumerate().filter(|(_, unit)| unit.0 == key);
        let same = same.map(|(number, (_, _, line))| (*line, number)).collect();
        let at_level = |(level, options): (Level, Options)| {
            let mut folder = Folder::new(options.folds);
            let key = Key::of(folder.fold(&text));
            AtLevel { level, options, folder, key, first: None }
        };
        // What is kept goes at no level.
        let levels = if protected { Vec::new() } else { options.further_levels() };
        Ok(Some(InCorpus {
            options,
            hasher,
            place,
            at,
            lines,
            later: levels.into_iter().map(at_level).collect(),
            text,
            key,
            words,
            protected,
            around: Around::new(units.iter().map(|&(key, words, _)| (key, words)), at),
            same,
            is_behind: false,
            copies: Spots::default(),
            repeat: None,
            again: Spots::default(),
        }))
    }

    /// Takes the next document of the corpus: where it is, what it is called, and what goes of it, in order.
    ///
    /// # Errors
    /// A spooled document can't be read back.
    pub fn see(
        &mut self,
        place: Place,
        name: impl Fn() -> String,
        document: &Document,
        gone: &[Gone],
    ) -> io::Result<()> {
        let InCorpus { hasher, key, later, at, .. } = self;
        let own = (place == self.place).then_some(*at);
        let spot = |lines: Lines| Spot { lines, document: own.is_none().then(&name) };
        // How many units stand before the one that is explained.
        let within = own.unwrap_or(if self.is_behind { 0 } else { usize::MAX });
        let (mut keys, mut equal) = (Vec::new(), Vec::new());
        each_unit(&document.body, hasher, |unit, hashed, text| {
            let number = keys.len();
            keys.push(hashed.key);
            if own == Some(number) {
                return;
            }
            if hashed.key == *key {
                equal.push((number, unit.clone()));
            }
            for at in later.iter_mut().filter(|at| at.first.is_none()) {
                if Key::of(at.folder.fold(text)) == at.key {
                    let unit = UnitAt { spot: spot(lines_of(&unit)), text: text.to_vec() };
                    at.first = Some((unit, number < within));
                }
            }
        })?;
        self.is_behind |= own.is_some();
        if let Some(run) = self.around.longest_in(&keys, within)
            && self.repeat.as_ref().is_none_or(|(most, _)| run.is_more_than(most))
            && let Some((_, unit)) = equal.iter().find(|(number, _)| *number == run.other)
        {
            let text = document.body.bytes(unit.range())?.into_owned();
            self.repeat = Some((run, UnitAt { spot: spot(lines_of(unit)), text }));
        }
        for (number, unit) in equal.iter().filter(|(number, _)| *number >= within) {
            let gone = gone.binary_search_by_key(&(*number as u64 + 1), |gone| gone.unit).ok().map(|at| &gone[at]);
            let stand = match gone {
                None => &mut self.again,
                Some(gone) if self.is_copied(gone) => &mut self.copies,
                // It is the copy of another one.
                Some(_) => continue,
            };
            if stand.named.len() < NAMED {
                stand.named.push(spot(lines_of(unit)));
            } else {
                stand.more += 1;
            }
        }
        Ok(())
    }

    /// Whether the unit is the original of one that goes and has its key.
    fn is_copied(&self, gone: &Gone) -> bool {
        let Why::Copy { document: Origin::Here(place), original, .. } = gone.why else { return false };
        place == self.place
            && original_from(&self.same, original.line(), |(line, _)| *line).is_some_and(|(_, at)| *at == self.at)
    }

    /// Says why the unit goes, or stays, when all documents have been shown: it is a copy of `original`, in this block, if it is one.
    /// `original_under` decides about the corpus under other options, and tells of which unit this one is a copy then.
    ///
    /// # Errors
    /// What `original_under` returned.
    pub fn explain<E>(
        self,
        original: Option<(UnitAt, Finding)>,
        original_under: impl FnMut(&Options) -> Result<Option<UnitAt>, E>,
    ) -> Result<Explanation, E> {
        let folded = Folder::new(self.options.folds).fold(&self.text).signs().collect();
        let (lines, words, key) = (self.lines, self.words, self.key);
        let verdict = match original {
            Some((UnitAt { spot, text }, block)) => Verdict::Copy(Box::new(Copied {
                original: spot,
                folds: self.folds(self.options.folds, &text),
                near: None,
                block,
                run_words: self.repeat.map_or(0, |(run, _)| run.words),
            })),
            None => Verdict::Stays(Box::new(self.staying(original_under)?)),
        };
        Ok(Explanation { lines, words, key, folded, within: Within::Corpus, verdict })
    }

    /// What makes the unit equal to another text, with these folds at most.
    fn folds(&self, folds: Folds, other: &[u8]) -> Option<Folds> {
        folds_needed(folds, &[(&self.text, other)])
    }

    fn staying<E>(
        mut self,
        mut original_under: impl FnMut(&Options) -> Result<Option<UnitAt>, E>,
    ) -> Result<Staying, E> {
        let mut staying = Staying {
            copies: std::mem::take(&mut self.copies),
            again: std::mem::take(&mut self.again),
            ..Staying::default()
        };
        if let Some((Run { units, words, .. }, UnitAt { spot, text })) = self.repeat.take() {
            let folds = self.folds(self.options.folds, &text);
            staying.repeat = Some(Repeat { folds, near: None, of: spot, units, words });
        }
        if self.protected {
            staying.kept_by = self.options.keep.what_keeps(&self.text, self.options.folds);
            // Without a unit before it that is equal it can't.
            if staying.repeat.is_some() {
                let unkept = Options { keep: Keep::default(), ..self.options.clone() };
                staying.would_repeat = original_under(&unkept)?.map(|original| original.spot);
            }
            return Ok(staying);
        }
        let is_alone = staying.copies.is_empty() && staying.again.is_empty() && staying.repeat.is_none();
        staying.later = self.later(is_alone, original_under)?;
        Ok(staying)
    }

    /// The first later level at which the unit is a copy; or, if it is alone at this level, the first at which it is not.
    fn later<E>(
        mut self,
        is_alone: bool,
        mut original_under: impl FnMut(&Options) -> Result<Option<UnitAt>, E>,
    ) -> Result<Option<Later>, E> {
        let mut equal = None;
        for AtLevel { level, options, first, .. } in std::mem::take(&mut self.later) {
            let Some((first, is_before)) = first else { continue };
            let original = if is_before { original_under(&options)? } else { None };
            let is_copy = original.is_some();
            let other = match original {
                None if is_alone && equal.is_none() => first,
                None => continue,
                Some(original) => original,
            };
            let folds = self.folds(options.folds, &other.text);
            let later = Later { level, other: other.spot, folds, near: None, is_copy };
            if is_copy {
                return Ok(Some(later));
            }
            equal = Some(later);
        }
        Ok(equal)
    }
}

fn lines_of(unit: &Unit) -> Lines {
    Lines { first: unit.first_line(), last: unit.last_line() }
}
