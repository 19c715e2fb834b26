//! Documents with a list of the units that go to documents without them.

use std::ops::Range;

use hashbrown::HashSet;
use serde::Deserialize;

use super::{FIELD, Unfit, Why, each, text};
use crate::corpus::Options;
use crate::cut;
use crate::fold::Folder;
use crate::format::{Chunk, FieldError, Value, record};
use crate::key::Key;
use crate::source::Document;
use crate::unit::{Splitter, Unit};

/// Some documents without what was listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// The documents as they were written, without the units that were listed, and without the list.
    pub lines: Vec<u8>,
    /// How many documents there were.
    pub docs: u64,
    /// How many units went.
    pub units: u64,
}

/// The list of a document, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with the version of the keys and the units that go")]
struct List {
    version: String,
    units: Vec<Listed>,
}

/// Units of a list, counted from 0.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged, expecting = "a unit is a number, and several are a pair of the first and the last")]
enum Listed {
    One(u64),
    /// From the first to the last.
    Run(u64, u64),
}

/// Takes units out of documents.
pub struct Cleaner<'a> {
    options: &'a Options,
    version: String,
    folder: Folder,
    /// The keys of the units that are kept.
    kept: HashSet<Key>,
}

impl<'a> Cleaner<'a> {
    /// Under the options that the keys were made under. What is to be kept stays though it is listed.
    #[must_use]
    pub fn new(options: &'a Options) -> Cleaner<'a> {
        let mut folder = Folder::new(options.folds);
        let kept = options.keep.keys(&mut folder);
        Cleaner { options, version: options.key_version().to_string(), folder, kept }
    }

    /// The records of a chunk without the units that they list.
    ///
    /// # Errors
    /// A record has no list, or none that can be of its text.
    pub fn cleaned(&mut self, chunk: &Chunk) -> Result<Cleaned, Unfit> {
        let mut cleaned = Cleaned::default();
        let mut cuts = Vec::new();
        each(chunk, |record, _| {
            cleaned.docs += 1;
            let field = chunk.field(record, FIELD).map_err(|error| match error {
                FieldError::Unclear => Why::Lists,
                FieldError::Malformed { at, reason } => Why::Malformed { at, reason },
            })?;
            let field = field.ok_or(Why::NoList)?;
            let list: List = serde_json::from_slice(field.value).map_err(|error| Why::List(error.to_string()))?;
            if list.version != self.version {
                return Err(Why::Version { theirs: list.version, ours: self.version.clone() });
            }
            let first = cuts.len();
            cuts.push(field.whole);
            if let Some(value) = text(chunk, record)? {
                self.cut(chunk, value, &list, &mut cleaned.units, &mut cuts)?;
            } else if let Some(listed) = list.units.first() {
                return Err(Why::NoUnit { unit: listed.last(), units: 0 });
            }
            cuts[first..].sort_unstable_by_key(|cut| cut.start);
            Ok(())
        })?;
        let unfit = |error| Unfit { record: chunk.len() as u64, id: None, why: Why::Io(error) };
        record::write(&chunk.bytes, &cuts, &mut cleaned.lines).map_err(unfit)?;
        Ok(cleaned)
    }

    /// Adds the stretches of the chunk that go with the units of a text that are listed.
    fn cut(
        &mut self,
        chunk: &Chunk,
        mut value: Value,
        list: &List,
        gone: &mut u64,
        cuts: &mut Vec<Range<u64>>,
    ) -> Result<(), Why> {
        if list.units.is_empty() {
            return Ok(());
        }
        let text = std::mem::take(&mut value.text);
        let mut units: Vec<Unit> = Vec::new();
        Splitter::new(self.options.unit).split(&text, true, |unit, _| units.push(unit));
        let mut goes = list.of(units.len())?;
        for (unit, goes) in units.iter().zip(&mut goes).filter(|(_, goes)| **goes) {
            let range = unit.range();
            let bytes = &text[range.start as usize..range.end as usize];
            let is_kept = self.options.keep.has_pattern_in(bytes)
                || !self.kept.is_empty() && self.kept.contains(&Key::of(self.folder.fold(bytes)));
            *goes = !is_kept;
            *gone += u64::from(!is_kept);
        }
        let document = Document::of_bytes(text);
        let stretches = cut::stretches_of_value(&document.body, &units, |at| goes[at])?;
        cuts.extend(value.written(document.body.held_bytes(), &chunk.bytes, &stretches));
        Ok(())
    }
}

impl Listed {
    fn last(self) -> u64 {
        match self {
            Listed::One(unit) | Listed::Run(_, unit) => unit,
        }
    }
}

impl List {
    /// Which of so many units are listed.
    fn of(&self, units: usize) -> Result<Vec<bool>, Why> {
        // How many runs begin at a unit, less those that have ended: they may overlap at will.
        let mut changes = vec![0_i64; units + 1];
        for listed in &self.units {
            let (first, last) = match *listed {
                Listed::One(unit) => (unit, unit),
                Listed::Run(first, last) if first <= last => (first, last),
                Listed::Run(first, last) => return Err(Why::List(format!("[{first},{last}] ends before it begins"))),
            };
            if last >= units as u64 {
                return Err(Why::NoUnit { unit: last, units });
            }
            changes[first as usize] += 1;
            changes[last as usize + 1] -= 1;
        }
        let running = changes[..units].iter().scan(0, |runs, change| {
            *runs += change;
            Some(*runs > 0)
        });
        Ok(running.collect())
    }
}
