//! `tikrar clean` where all is decided before the first byte is written.

mod asked;
mod broken;
mod found;
mod originals;
mod output;
mod places;
mod removed;

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::fs::Metadata;
use std::io;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::batch::{self, Batch};
use super::corpus::Pass;
use super::earlier::Findings;
use super::notes::Notes;
use super::place::{Planned, ReadHash, plan};
use super::{Status, names, say};
use crate::config::{Config, Scope};
use crate::corpus::gone::{Gone, Why};
use crate::corpus::ordered::ordered;
use crate::corpus::{Most, Origin, Threads};
use crate::cut::{self, FileCuts};
use crate::index::Recognised;
use crate::report::account::{Account, FileAccount};
use crate::sink::{Collected, ContentHash, Decisions, Output};
use crate::source::{Input, Located, ReadOptions};
pub(super) use asked::Asked;
pub(super) use found::{each_found, units};
pub(super) use output::on_one_output;
pub(super) use places::{for_places, removed_before};

/// An error in what was put aside.
const READ_DECIDED: &str = "what was decided can't be read back";

/// What is decided about a file.
#[derive(Serialize, Deserialize)]
pub(super) struct Decided {
    /// The number of the file.
    pub(super) file: usize,
    /// What goes of it, or is written into it.
    pub(super) cuts: FileCuts,
    /// The units that go and why, if that is to be told.
    pub(super) gone: Vec<Gone>,
    /// Whether it goes whole.
    pub(super) goes: bool,
    /// Whether it was not reported as one that can't be done. It is written all the same, since others may repeat it.
    pub(super) is_done: bool,
    pub(super) account: FileAccount,
}

impl Decided {
    /// The accounts of the file where it is written by itself.
    pub(super) fn account_of_its_own(&self) -> FileAccount {
        let account = self.account.account.clone();
        let fills = 2 * self.cuts.fills.len() as u64;
        let left = account.bytes_in + fills + self.cuts.insertions.bytes() - cut::len(&self.cuts.stretches);
        let bytes_out = if self.goes { 0 } else { left };
        FileAccount { account: Account { bytes_out, ..account }, ..self.account.clone() }
    }
}

/// What is decided about a file, and of which bytes.
#[derive(Serialize, Deserialize)]
struct OfBytes {
    /// Their hash, if the decisions are kept for another run or told of in a journal.
    read: Option<ContentHash>,
    decided: Decided,
}

/// All that was decided.
struct Decisive {
    decisions: Decisions<OfBytes>,
    /// What each file was like before it was read.
    was: Vec<Option<Metadata>>,
    /// What an index of earlier runs is to be told.
    findings: Option<Findings>,
    notes: Notes,
}

/// What was read of a file.
struct Read {
    hash: Option<ReadHash>,
    /// What it was like before; nothing of standard input.
    like: io::Result<Option<Metadata>>,
}

/// Decides about all files; `hashes` says whether their bytes are to be known again, `recognised` by what a document of an
/// earlier run is.
fn decide(
    config: &Config,
    batch: &mut Batch<'_>,
    files: &[Located],
    hashes: bool,
    recognised: Recognised,
    status: &mut Status,
) -> Result<Decisive> {
    let mut left_out = BTreeSet::new();
    let decisive = loop {
        // Each time: another may have put a pipe in the place of a file.
        batch::refuse_read_once(files)?;
        let attempt = Attempt { config, files, hashes, recognised, left_out: &left_out };
        match attempt.run(batch, status) {
            Ok(decisive) => break decisive,
            Err(error) => broken::leave_out(config, batch, files, &mut left_out, error, status)?,
        }
    };
    refuse_too_much(config, &decisive.notes)?;
    Ok(decisive)
}

/// One reading of all files but those that are left out.
struct Attempt<'a> {
    config: &'a Config,
    files: &'a [Located],
    hashes: bool,
    recognised: Recognised,
    left_out: &'a BTreeSet<usize>,
}

impl Attempt<'_> {
    fn run(&self, batch: &mut Batch<'_>, status: &mut Status) -> Result<Decisive> {
        let Attempt { config, files, hashes, recognised, left_out } = *self;
        let aside = "what was decided can't be put aside (--temp-dir names another folder)";
        let reads: Mutex<HashMap<usize, Read>> = Mutex::default();
        let read = |file: usize| {
            let hash = hashes.then(ReadHash::default);
            let read = &config.of(&files[file].input).read;
            let read = hash.as_ref().map_or_else(|| read.clone(), |hash| hash.tapped(read));
            let like = match &files[file].input {
                Input::Stdin => Ok(None),
                Input::File(path) => std::fs::metadata(path).map(Some),
            };
            reads.lock().unwrap_or_else(PoisonError::into_inner).insert(file, Read { hash, like });
            read
        };
        let mut collected = Collected::new(&config.read.spooling);
        let mut notes = Notes::default();
        let mut was: Vec<Option<Metadata>> = vec![None; files.len()];
        let mut decided = |mut decided: Decided| -> Result<()> {
            decided.account = decided.account_of_its_own();
            let read = reads.lock().unwrap_or_else(PoisonError::into_inner).remove(&decided.file);
            let Some(read) = read else { bail!("was not read") };
            was[decided.file] = read.like.with_context(|| names::name(config, &files[decided.file].input))?;
            collected.add(&OfBytes { read: read.hash.map(|hash| hash.hash()), decided }).context(aside)
        };
        let findings = match config.scope {
            Scope::Corpus => {
                let pass = Pass { config, files, left_out, read: &read, wants_cuts: true, recognised };
                pass.run(batch, status, &mut notes, &mut Output::Nowhere, |_, of_file| decided(of_file))?
            }
            Scope::Document => {
                by_themselves(config, batch, files, &read, status, &mut notes, &mut decided)?;
                None
            }
        };
        Ok(Decisive { decisions: collected.finish().context(aside)?, was, findings, notes })
    }
}

/// Decides about files of which each document is a scope of its own.
fn by_themselves(
    config: &Config,
    batch: &mut Batch<'_>,
    files: &[Located],
    read: &(dyn Fn(usize) -> ReadOptions + Sync),
    status: &mut Status,
    notes: &mut Notes,
    decided: &mut (dyn FnMut(Decided) -> Result<()> + Send),
) -> Result<()> {
    let threads = if files.len() == 1 { config.threads } else { Threads::ONE };
    let examiners = batch.examiners();
    let mut next = files.iter().enumerate();
    let mut ended = Ok(());
    let mut most = Most::default();
    ordered(
        config.threads,
        || examiners.clone(),
        || next.next(),
        |examiners, (file, Located { input, .. })| {
            let mut warnings = Vec::new();
            let planned = plan(config, threads, examiners, input, &read(file), &mut warnings);
            (file, planned, warnings)
        },
        |(file, planned, warnings)| {
            warnings.into_iter().for_each(say);
            match planned {
                Ok(Planned { cuts, gone, account, notes: of_file, .. }) => {
                    let before = notes.blocks();
                    notes.merge(of_file);
                    let gone: Vec<Gone> = gone
                        .into_iter()
                        .map(|gone| Gone { block: gone.block + before, why: gone.why.in_file(file), ..gone })
                        .collect();
                    for Gone { key, why, .. } in &gone {
                        if let Why::Copy { document: Origin::Here(place), original, .. } = why {
                            most.add(*key, (*place, *original));
                        }
                    }
                    ended = decided(Decided { file, cuts, gone, goes: false, is_done: true, account });
                }
                Err(error) => batch.fail(&files[file].input, error, status),
            }
            if ended.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        },
    );
    notes.most = most.get().map(|(_, count, (place, at))| {
        let name = names::of_place(place, None, |file| names::name(config, &files[file].input));
        (count, format!("line {} of {name}", at.line()))
    });
    ended
}

/// Refuses to write anything where more goes than may.
fn refuse_too_much(config: &Config, notes: &Notes) -> Result<()> {
    let Some(most) = config.max_removed else { return Ok(()) };
    if !most.is_less_than(notes.gone(), notes.units) {
        return Ok(());
    }
    let commonest = match &notes.most {
        Some((count, of)) => format!("; at least {count} of them are what stands on {of}"),
        None => String::new(),
    };
    let most_listed = notes.boilerplate.iter().max_by_key(|listed| (listed.removed, Reverse(listed.key)));
    let commonest = match most_listed {
        Some(listed) if notes.most.as_ref().is_none_or(|(count, _)| *count < listed.removed) => {
            format!("; {} of them are boilerplate: {}", listed.removed, listed.text)
        }
        _ => commonest,
    };
    let share = notes.gone() as f64 / notes.units as f64 * 100.0;
    bail!(
        "{} of {} units would go, {share:.1}% where --max-removed allows {}, so nothing is written{commonest}",
        notes.gone(),
        notes.units,
        most.percent(),
    )
}
