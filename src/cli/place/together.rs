//! `tikrar clean --scope corpus` with a place for each file: all is decided first, and written after.

use std::collections::HashMap;
use std::fs::Metadata;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::Place;
use super::planned::Content;
use super::worker::{ReadHash, Worker, Writing};
use crate::cli::batch::Batch;
use crate::cli::corpus::{Decided, Pass};
use crate::cli::notes::Notes;
use crate::cli::{Status, say};
use crate::config::Config;
use crate::corpus::ordered::ordered;
use crate::report::account::FileAccount;
use crate::sink::{Collected, ContentHash, Kept, Output};
use crate::source::{Input, Located};

/// What is decided about a file, and of which bytes.
#[derive(Serialize, Deserialize)]
struct OfBytes {
    read: ContentHash,
    decided: Decided,
}

/// What was read of a file.
struct Read {
    hash: ReadHash,
    file: Option<Metadata>,
}

/// Decides about all files, or finds what a run that was stopped has decided, and writes what is left of each.
pub(super) fn run(
    config: &Config,
    batch: &mut Batch<'_>,
    files: &[Located],
    worker: &Worker<'_>,
    status: &mut Status,
) -> Result<Notes> {
    let inputs: Vec<&Path> = files.iter().map(|file| path(&file.input)).collect::<Result<_>>()?;
    let in_place = matches!(worker.place, Place::Own { .. }) && !config.dry_run;
    if in_place && let Some((kept, decisions)) = Kept::of_stopped_run::<OfBytes>(&inputs, &config.settings())? {
        if !config.quiet {
            say("tikrar: a run over these files was stopped: what it decided is carried out");
        }
        let was = |file: usize, read: &ContentHash| unwritten(files, &kept, file, read);
        let all = carry_out(config, batch, files, worker, decisions, Some(&kept), &was, status)?;
        end(kept, all)?;
        return Ok(Notes::default());
    }
    let reads: Mutex<HashMap<usize, Read>> = Mutex::default();
    let read = |file: usize| {
        let hash = ReadHash::default();
        let read = hash.tapped(&config.read);
        let metadata = std::fs::metadata(inputs[file]).ok();
        reads.lock().unwrap_or_else(PoisonError::into_inner).insert(file, Read { hash, file: metadata });
        read
    };
    let mut collected = Collected::new(&config.read.spooling);
    let mut notes = Notes::default();
    let mut was: Vec<Option<Metadata>> = vec![None; files.len()];
    let pass = Pass { config, files, read: &read, wants_cuts: true };
    pass.run(batch, status, &mut notes, &mut Output::Nowhere, |_, mut decided| {
        decided.account = decided.account_of_its_own();
        let read = reads.lock().unwrap_or_else(PoisonError::into_inner).remove(&decided.file);
        let Some(read) = read else { bail!("was not read") };
        was[decided.file] = read.file;
        let of_bytes = OfBytes { read: read.hash.hash(), decided };
        collected.add(&of_bytes).context("what was decided can't be put aside (--temp-dir names another folder)")
    })?;
    let decisions = collected.finish().context("what was decided can't be put aside")?;
    let kept = if in_place && notes.removed > 0 { Some(decisions.keep(&inputs, &config.settings())?) } else { None };
    let was = |file: usize, _: &ContentHash| Ok(was[file].clone());
    let all = carry_out(config, batch, files, worker, decisions.read()?, kept.as_ref(), &was, status)?;
    kept.map_or(Ok(()), |kept| end(kept, all))?;
    Ok(notes)
}

/// Decisions that are all carried out are kept no longer.
fn end(kept: Kept, all: bool) -> Result<()> {
    if all {
        return kept.finish().context("what was decided is carried out and can't be removed");
    }
    let kept = crate::report::shown_name(kept.path());
    say(format_args!("tikrar: what was decided is kept in {kept}: run the same again to finish it"));
    Ok(())
}

/// Writes what is left of each file. `was` says what it was when it was read; none where it is written already. Returns
/// whether all of them were written.
#[allow(clippy::too_many_arguments, reason = "it is the second half of one function")]
fn carry_out(
    config: &Config,
    batch: &mut Batch<'_>,
    files: &[Located],
    worker: &Worker<'_>,
    decisions: impl Iterator<Item = io::Result<OfBytes>> + Send,
    kept: Option<&Kept>,
    was: &(dyn Fn(usize, &ContentHash) -> Result<Option<Metadata>> + Sync),
    status: &mut Status,
) -> Result<bool> {
    let mut decisions = decisions;
    let mut ended = Ok(true);
    ordered(
        config.threads,
        || (),
        || decisions.next(),
        |(), of_bytes: io::Result<OfBytes>| {
            let of_bytes = of_bytes?;
            let written = write(config, files, worker, &of_bytes, kept, was);
            Ok((of_bytes.decided, written))
        },
        |done: io::Result<(Decided, Result<FileAccount>)>| match done {
            Ok((decided, written)) => {
                match written {
                    Ok(account) if decided.is_done => batch.did(account),
                    Ok(_) => {}
                    Err(error) => {
                        batch.fail(&files[decided.file].input, error, status);
                        ended = Ok(false);
                    }
                }
                ControlFlow::Continue(())
            }
            Err(error) => {
                ended = Err(error).context("what was decided can't be read back");
                ControlFlow::Break(())
            }
        },
    );
    ended
}

fn write(
    config: &Config,
    files: &[Located],
    worker: &Worker<'_>,
    OfBytes { read, decided }: &OfBytes,
    kept: Option<&Kept>,
    was: &(dyn Fn(usize, &ContentHash) -> Result<Option<Metadata>> + Sync),
) -> Result<FileAccount> {
    let Decided { file, cuts, goes, account, .. } = decided;
    let Located { input, target } = &files[*file];
    account.account.check()?;
    let nothing_goes = cuts.is_empty() && matches!(worker.place, Place::Own { to_utf8: false, .. });
    if config.dry_run || nothing_goes {
        return Ok(account.clone());
    }
    if let Some(account) = worker.resumed(input, target)? {
        return Ok(account);
    }
    let Some(was) = was(*file, read)? else { return Ok(account.clone()) };
    let Content::Again { codec, is_decoded, .. } = Content::again(config, input)? else {
        bail!("is to be read again");
    };
    let content = Content::Again { file: was, codec, is_decoded };
    let writing = Writing { content: &content, cuts, goes: *goes, account, read: Some(read.clone()) };
    worker.write((input, target), writing, |hash| kept.map_or(Ok(()), |kept| kept.about_to_appear(*file, hash)))?;
    Ok(account.clone())
}

/// Of a run that was stopped: what a file is like now, if it is still the one that was read; none if it is written already.
fn unwritten(files: &[Located], kept: &Kept, file: usize, read: &ContentHash) -> Result<Option<Metadata>> {
    let path = path(&files[file].input)?;
    let now = match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && kept.written(file) == Some(&None) => return Ok(None),
        now => now?,
    };
    let hash = ContentHash::of_file(path)?;
    if hash == *read {
        return Ok(Some(now));
    }
    if kept.written(file).and_then(Option::as_ref) == Some(&hash) {
        return Ok(None);
    }
    bail!(
        "has been changed since the run that was stopped read it: put it back as it was, or move {} away to decide anew about \
         the files as they are",
        crate::report::shown_name(kept.path())
    )
}

fn path(input: &Input) -> Result<&Path> {
    match input {
        Input::File(path) => Ok(path),
        Input::Stdin => bail!("standard input has no place"),
    }
}
