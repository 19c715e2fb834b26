//! What was decided is carried out on the one output of the run.

use anyhow::{Context as _, Result};

use super::{Decisive, decide, removed};
use crate::cli::Status;
use crate::cli::batch::{Batch, Same, writing};
use crate::cli::place::copy;
use crate::config::Config;
use crate::format::Format;
use crate::report::account::{Account, FileAccount};
use crate::sink::{self, Strung};
use crate::source::Input;

/// Decides about all files, and writes what is left of them.
pub(in crate::cli) fn on_one_output(config: &Config, mut batch: Batch<'_>, status: &mut Status) -> Result<()> {
    batch.refuse_without_destination()?;
    // One Parquet file is written as it is; there is nothing to be strung together.
    let is_parquet = batch.is_one_of(Format::Parquet);
    let mut output = batch.output()?;
    let files = batch.take_files(Same::Again);
    let Decisive { decisions, was, notes } = decide(config, &mut batch, &files, status)?;
    removed::write(config, &files, &decisions, None)?;
    let mut strung = Strung::new(&mut output);
    for of_bytes in decisions.read()? {
        let decided = of_bytes.context("what was decided can't be read back")?.decided;
        let input = &files[decided.file].input;
        let mut account = decided.account;
        if !config.dry_run {
            let before = strung.written();
            if !is_parquet {
                writing(strung.begin())?;
            }
            copy(config, input, &decided.cuts, &mut strung)?;
            if let (Input::File(path), Some(was)) = (input, &was[decided.file]) {
                sink::unchanged(path, was).with_context(|| crate::report::shown_name(path))?;
            }
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
    notes.finish(config);
    batch.finish()
}
