//! What was decided is carried out on the one output of the run.

use anyhow::{Context as _, Result};

use super::{Decisive, READ_DECIDED, decide, removed};
use crate::cli::Status;
use crate::cli::batch::{self, Batch, Same, writing};
use crate::cli::earlier::Findings;
use crate::cli::place::copy;
use crate::config::Config;
use crate::format::Format;
use crate::index::Recognised;
use crate::report::account::{Account, FileAccount};
use crate::sink::Strung;

/// Decides about all files, and writes what is left of them.
pub(in crate::cli) fn on_one_output(config: &Config, mut batch: Batch<'_>, status: &mut Status) -> Result<()> {
    batch.refuse_without_destination()?;
    // One Parquet file is written as it is; there is nothing to be strung together.
    let is_parquet = batch.is_one_of(Format::Parquet);
    let mut output = batch.output()?;
    let files = batch.take_files(Same::Again);
    let Decisive { decisions, was, findings, notes } =
        decide(config, &mut batch, &files, false, Recognised::ByText, status)?;
    removed::write(config, (&files, &was), &decisions, None)?;
    let mut strung = Strung::new(&mut output);
    for of_bytes in decisions.read()? {
        let decided = of_bytes.context(READ_DECIDED)?.decided;
        let input = &files[decided.file].input;
        let mut account = decided.account;
        if !config.dry_run {
            let before = strung.written();
            if !is_parquet {
                writing(strung.begin())?;
            }
            batch::refuse_changed(input, was[decided.file].as_ref())?;
            let copied = copy(config, input, &decided.cuts, &mut strung);
            batch::refuse_changed(input, was[decided.file].as_ref())?;
            copied?;
            if !is_parquet {
                let bytes_out = strung.written() - before;
                account = FileAccount { account: Account { bytes_out, ..account.account }, ..account };
            }
        }
        if decided.is_done {
            batch.did(account);
        }
    }
    writing(strung.end())?;
    batch.close()?;
    batch.finish_output(output)?;
    findings.map_or(Ok(()), Findings::commit)?;
    notes.finish(config);
    batch.finish()
}
