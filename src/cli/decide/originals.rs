//! The originals of what was found in a corpus, for whose texts their documents are read once more.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io;

use anyhow::{Context as _, Result};
use hashbrown::HashMap;

use super::found::{each_document, units};
use crate::cli::batch::{self, READ_BACK};
use crate::cli::names;
use crate::config::Config;
use crate::corpus::gone::{Gone, Why, original_from};
use crate::corpus::{Origin, Place};
use crate::fold::Folder;
use crate::key::Key;
use crate::report::{Lines, Original};
use crate::source::{Document, Located};

/// The most originals that are read, and the most bytes of them that are held.
const MOST: usize = 250_000;
const HELD: usize = 64 << 20;

/// Originals, as far as they are held.
#[derive(Default)]
pub(super) struct Originals {
    texts: BTreeMap<Wanted, Option<Original>>,
}

/// An original: the first unit of a document, from a line on, with this key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Wanted {
    file: usize,
    record: Option<u64>,
    line: u64,
    key: Key,
}

impl Wanted {
    fn of(gone: &Gone) -> Option<Wanted> {
        let Why::Copy { document: Origin::Here(Place { file, record }), original, .. } = gone.why else { return None };
        Some(Wanted { file, record, line: original.line(), key: gone.key })
    }
}

/// Reads the originals of what was decided.
pub(super) fn read(
    config: &Config,
    files: &[Located],
    was: &[Option<Metadata>],
    decided: impl Iterator<Item = Result<Vec<Gone>>>,
) -> Result<Originals> {
    let mut originals = Originals::default();
    for gone in decided {
        let wanted = gone?.iter().filter_map(Wanted::of).collect::<Vec<_>>();
        let free = MOST - originals.texts.len();
        originals.texts.extend(wanted.into_iter().take(free).map(|wanted| (wanted, None)));
    }
    let mut held = 0;
    let mut of_files: Vec<usize> = originals.texts.keys().map(|wanted| wanted.file).collect();
    of_files.dedup();
    for file in of_files {
        let input = &files[file].input;
        let context = || names::name(config, input);
        batch::refuse_changed(input, was[file].as_ref())?;
        each_document(config, input, |named, document, _| {
            let record = named.record.map(|(number, ..)| number);
            let least = Wanted { file, record, line: 0, key: Key::from(0) };
            let most = Wanted { file, record, line: u64::MAX, key: Key::from(u128::MAX) };
            let mut wanted = originals.texts.range_mut(least..=most).peekable();
            if wanted.peek().is_none() || held >= HELD {
                return Ok(());
            }
            fill(config, document, wanted, &mut held).context(READ_BACK)
        })
        .with_context(context)?;
        batch::refuse_changed(input, was[file].as_ref())?;
    }
    Ok(originals)
}

/// Takes the originals of a document out of it.
fn fill<'a>(
    config: &Config,
    document: &Document,
    wanted: impl Iterator<Item = (&'a Wanted, &'a mut Option<Original>)>,
    held: &mut usize,
) -> io::Result<()> {
    let units = units(&document.body, config.compare.unit)?;
    let mut folder = Folder::new(config.compare.folds);
    let mut by_key: HashMap<Key, Vec<usize>> = HashMap::new();
    for (at, unit) in units.iter().enumerate() {
        by_key.entry(Key::of(folder.fold(&document.body.bytes(unit.range())?))).or_default().push(at);
    }
    for (Wanted { line, key, .. }, original) in wanted {
        let Some(with_key) = by_key.get(key) else { continue };
        let unit = original_from(with_key, *line, |&at| units[at].first_line()).map(|&at| &units[at]);
        let Some(unit) = unit else { continue };
        let text = document.body.bytes(unit.range())?.into_owned();
        *held += text.len();
        *original = Some(Original { lines: Lines { first: unit.first_line(), last: unit.last_line() }, text });
        if *held >= HELD {
            break;
        }
    }
    Ok(())
}

impl Originals {
    /// That of a unit, if it is held.
    pub(super) fn of(&self, gone: &Gone) -> Option<&Original> {
        self.texts.get(&Wanted::of(gone)?)?.as_ref()
    }
}
