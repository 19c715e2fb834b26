//! `tikrar clean` with a place for each file: in its own, or in a folder that mirrors where it was found.
//!
//! A file is read twice at most: once to see what goes, and again to write what stays. Where nothing goes, nothing is
//! written in place, and a copy is made in a folder.

mod checks;
mod planned;
mod together;
mod worker;

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::batch::{Batch, Same};
use super::notes::Notes;
use super::{Status, leave_nothing_unfinished, say};
use crate::config::{Config, Scope};
use crate::corpus::Threads;
use crate::corpus::ordered::ordered;
use crate::report::account::FileAccount;
use crate::report::shown_name;
use crate::sink::{self, Journal};
use crate::source::{Input, Located};
use checks::{check_backups, check_targets};
pub(super) use planned::{copy, plan};
use worker::{Job, Outcome, Worker};

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

/// One file on the output of the run, where it can't be written as it is read.
pub(super) fn on_one_output(config: &Config, mut batch: Batch<'_>, status: &mut Status) -> Result<()> {
    let mut output = batch.output()?;
    let files = batch.take_files(Same::Again);
    let examiner = &mut batch.examiner(&config.compare);
    let mut notes = Notes::default();
    for Located { input, .. } in &files {
        let mut warnings = Vec::new();
        let planned = plan(config, config.threads, examiner, input, &config.read, &mut warnings);
        warnings.into_iter().for_each(say);
        let written = planned.and_then(|planned| {
            if !config.dry_run {
                copy(config, input, &planned.cuts, &mut output)?;
            }
            Ok(planned)
        });
        match written {
            Ok(planned) => {
                notes.merge(planned.notes);
                batch.did(planned.account);
            }
            Err(error) => batch.fail(input, error, status),
        }
    }
    batch.close()?;
    batch.finish_output(output)?;
    notes.finish(config);
    batch.finish()
}

pub(super) fn run(config: &Config, mut batch: Batch<'_>, place: &Place, status: &mut Status) -> Result<()> {
    if batch.files.iter().any(|file| file.input == Input::Stdin) {
        bail!("standard input has no place: name files or folders");
    }
    let (same, journal) = match place {
        Place::Own { suffix, .. } => {
            if suffix.contains('/') {
                bail!("-i{suffix}: a suffix is added to the file's name and can't lead to another folder");
            }
            check_backups(config, &batch, suffix)?;
            (Same::Once, None)
        }
        Place::Folder { folder, resume } => {
            if config.dry_run {
                check_targets(config, &batch, folder, *resume)?;
                (Same::Again, None)
            } else {
                (Same::Again, Some(begin(config, &batch, folder, *resume)?))
            }
        }
    };
    leave_nothing_unfinished()?;
    let files = batch.take_files(same);
    let threads = if files.len() == 1 { config.threads } else { Threads::ONE };
    let mut notes = Notes::default();
    let root = match place {
        Place::Folder { folder, .. } if !config.dry_run => std::fs::canonicalize(folder)?,
        _ => PathBuf::new(),
    };
    let worker = Worker { config, place, journal: journal.as_ref(), threads, root };
    if config.scope == Scope::Corpus {
        notes = together::run(config, &mut batch, &files, &worker, status)?;
    } else {
        by_themselves(&mut batch, &files, &worker, &mut notes, status);
    }
    if let Some(journal) = journal
        && batch.is_all_done()
        && journal.tells_only_of(files.iter().map(|file| &*file.target))
    {
        journal.finish().context("the journal can't be removed")?;
    }
    batch.close()?;
    notes.finish(config);
    batch.finish()
}

/// Writes files of which each is decided about by itself.
fn by_themselves(
    batch: &mut Batch<'_>,
    files: &[Located],
    worker: &Worker<'_>,
    notes: &mut Notes,
    status: &mut Status,
) {
    let config = worker.config;
    let examiner = batch.examiner(&config.compare);
    let mut next = files.iter();
    ordered(
        config.threads,
        || examiner.clone(),
        || next.next().map(|file| (&file.input, &*file.target)),
        |examiner, job: Job<'_>| (job.0, worker.file(examiner, job)),
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
}

/// Begins the journal of a run into a folder, or goes on with it.
fn begin(config: &Config, batch: &Batch<'_>, folder: &Path, resume: bool) -> Result<Journal<FileAccount>> {
    if !resume && folder.join(sink::JOURNAL).exists() {
        return Err(sink::JournalError::Unfinished { folder: folder.to_owned() }.into());
    }
    check_targets(config, batch, folder, resume)?;
    std::fs::create_dir_all(folder).with_context(|| format!("--output-dir {}", shown_name(folder)))?;
    if resume {
        let folders: BTreeSet<&Path> = batch.files.iter().filter_map(|file| file.target.parent()).collect();
        for below in folders.into_iter().map(|below| folder.join(below)).filter(|below| below.is_dir()) {
            sink::remove_left_behind(&below).with_context(|| shown_name(&below))?;
        }
    }
    Ok(Journal::open(folder, &config.settings())?)
}
