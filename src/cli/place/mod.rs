//! `tikrar clean` with a place for each file: in its own, or in a folder that mirrors where it was found.
//!
//! A file is read twice at most: once to see what goes, and again to write what stays. Where nothing goes, nothing is
//! written in place, and a copy is made in a folder.

pub(super) mod checks;
pub(super) mod planned;
mod raw;
mod worker;

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::batch::{Batch, Same};
use super::notes::Notes;
use super::{Status, decide, leave_nothing_unfinished, say};
use crate::config::{Config, Scope};
use crate::corpus::Threads;
use crate::corpus::ordered::ordered;
use crate::report::account::FileAccount;
use crate::report::shown_name;
use crate::sink::{self, Journal};
use crate::source::Located;
use checks::{check_backups, check_targets, refuse_stdin};
pub(super) use planned::{Content, Planned, again, copy, plan};
use worker::{Job, Outcome};
pub(super) use worker::{ReadHash, Worker, Writing};

/// Where files are written.
pub(super) enum Place {
    /// Each in its own place.
    Own {
        /// What is added to the name under which the old text stays; nothing where it does not.
        suffix: String,
        /// Whether files in another encoding become UTF-8.
        to_utf8: bool,
    },
    /// Below a folder.
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Whether a run that was stopped goes on.
        resume: bool,
    },
}

pub(super) fn run(config: &Config, mut batch: Batch<'_>, place: &Place, status: &mut Status) -> Result<()> {
    refuse_stdin(&batch.files)?;
    let same = match place {
        Place::Own { suffix, .. } => {
            check_backups(config, &batch.files, suffix)?;
            Same::Once
        }
        Place::Folder { folder, resume } => {
            check_targets(config, &batch.files, folder, *resume)?;
            Same::Again
        }
    };
    leave_nothing_unfinished()?;
    let files = batch.take_files(same);
    let decided = if config.scope == Scope::Corpus || config.decides_first() {
        Some(decide::for_places(config, &mut batch, &files, place, status)?)
    } else {
        None
    };
    let (mut journal, mut root) = (None, PathBuf::new());
    if let (Place::Folder { folder, resume }, false) = (place, config.dry_run) {
        journal = Some(begin(config, &files, folder, *resume)?);
        root = std::fs::canonicalize(folder).with_context(|| shown_name(folder))?;
    }
    let threads = if files.len() == 1 { config.threads } else { Threads::ONE };
    let worker = Worker { config, place, journal: journal.as_ref(), threads, root };
    let notes = match decided {
        Some(decided) => decided.carry_out(config, &mut batch, &files, &worker, status)?,
        None => by_themselves(&mut batch, &files, &worker, status),
    };
    if let Some(journal) = journal
        && batch.is_all_done()
        && journal.tells_only_of(files.iter().map(|file| &*file.target))
    {
        journal.finish().context("all files are done")?;
    }
    batch.close()?;
    notes.finish(config);
    batch.finish()
}

/// Writes files of which each is decided about by itself.
fn by_themselves(batch: &mut Batch<'_>, files: &[Located], worker: &Worker<'_>, status: &mut Status) -> Notes {
    let mut notes = Notes::default();
    let config = worker.config;
    let examiners = batch.examiners();
    let mut next = files.iter();
    ordered(
        config.threads,
        || examiners.clone(),
        || next.next().map(|file| (&file.input, &*file.target)),
        |examiners, job: Job<'_>| (job.0, worker.file(examiners, job)),
        |(input, Outcome { warnings, result })| {
            warnings.into_iter().for_each(say);
            match result {
                Ok((account, of_file)) => {
                    notes.merge(of_file);
                    batch.did(account);
                }
                Err(error) => batch.fail(input, error, status),
            }
            ControlFlow::Continue(())
        },
    );
    notes
}

/// Begins the journal of a run into a folder, or goes on with it.
fn begin(config: &Config, files: &[Located], folder: &Path, resume: bool) -> Result<Journal<FileAccount>> {
    std::fs::create_dir_all(folder).with_context(|| format!("--output-dir {}", shown_name(folder)))?;
    let journal = Journal::open(folder, &config.settings())?;
    // Only now no other run is writing there.
    if resume {
        let folders: BTreeSet<&Path> = files.iter().filter_map(|file| file.target.parent()).collect();
        for below in folders.into_iter().map(|below| folder.join(below)).filter(|below| below.is_dir()) {
            sink::remove_left_behind(&below).with_context(|| shown_name(&below))?;
        }
    }
    Ok(journal)
}
