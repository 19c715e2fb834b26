//! `tikrar keys` and `tikrar drop`: the halves of a corpus run before and behind another engine. All of it is done, or it fails.

use std::io::Write as _;
use std::ops::ControlFlow;

use anyhow::{Result, anyhow, bail};

use super::batch::{Batch, Same, writing};
use super::feed::{Feed, Job};
use super::names::name;
use super::{Status, args};
use crate::config::Config;
use crate::corpus::ordered::ordered;
use crate::engine::{Cleaned, Cleaner, End, Keys, Rows, Unfit};
use crate::format::Chunk;
use crate::report::text::count;
use crate::sink::Strung;
use crate::source::Input;

/// Fewer texts that seem to be lost tell nothing of the others.
const FEWEST_LOST: u64 = 20;

pub(super) fn keys(arguments: args::Keys, status: &mut Status) -> Result<()> {
    let config = arguments.resolve()?;
    let version = config.compare.key_version().to_string();
    let mut all = Rows::default();
    let work = |keys: &mut Keys<'_>, chunk: &Chunk| keys.rows(chunk);
    filter(
        &config,
        status,
        || Keys::new(&config.compare),
        work,
        |part| {
            let Some(Rows { lines, rows, docs, texts, lost }) = part else {
                refuse_lost(&all)?;
                let (texts, rows) = (Some(all.texts), Some(all.rows));
                return line(&End { end: true, docs: all.docs, texts, rows, units: None, version: version.clone() });
            };
            all.docs += docs;
            all.texts += texts;
            all.rows += rows;
            all.lost += lost;
            Ok(lines)
        },
    )
}

pub(super) fn drop(arguments: args::Drop, status: &mut Status) -> Result<()> {
    let (config, tells_end) = arguments.resolve()?;
    let version = config.compare.key_version().to_string();
    let mut all = Cleaned::default();
    let work = |cleaner: &mut Cleaner<'_>, chunk: &Chunk| cleaner.cleaned(chunk);
    filter(
        &config,
        status,
        || Cleaner::new(&config.compare),
        work,
        |part| {
            let Some(Cleaned { lines, docs, units }) = part else {
                let end = End {
                    end: true,
                    docs: all.docs,
                    texts: None,
                    rows: None,
                    units: Some(all.units),
                    version: version.clone(),
                };
                return if tells_end { line(&end) } else { Ok(Vec::new()) };
            };
            all.docs += docs;
            all.units += units;
            Ok(lines)
        },
    )
}

fn line(end: &End) -> Result<Vec<u8>> {
    Ok(format!("{}\n", serde_json::to_string(end)?).into_bytes())
}

/// Text that was written in an encoding without Arabic on its way here is all alike, and would be taken for copies.
fn refuse_lost(all: &Rows) -> Result<()> {
    if all.lost >= FEWEST_LOST && all.lost * 2 > all.texts {
        bail!(
            "{} of {} are `?` or U+FFFD for the most part: they were written in an encoding without Arabic before they came \
             here; pass them on as UTF-8, or with JSON escapes",
            all.lost,
            count(all.texts, "text")
        );
    }
    Ok(())
}

/// Does `work` on the records of the run, chunk by chunk and side by side, and writes what `write` makes of each result, in order,
/// and at the end of none.
fn filter<W, R: Send>(
    config: &Config,
    status: &mut Status,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, &Chunk) -> Result<R, Unfit> + Sync,
    mut write: impl FnMut(Option<R>) -> Result<Vec<u8>> + Send,
) -> Result<()> {
    // Also where the pipe is closed: whoever reads it may not know that this is not all.
    *status = Status::Failed;
    let mut found = Status::Fine;
    let mut batch = Batch::new(config, &mut found)?;
    if !batch.is_all_done() {
        return batch.finish();
    }
    let mut output = batch.output()?;
    let files = batch.take_files(Same::Once);
    let mut feed = Feed::new(config, &files);
    let mut out = Strung::new(&mut output);
    let mut records = 0;
    let mut result = Ok(());
    let work = |worker: &mut W, job| match job {
        Job::Chunk(input, chunk) => {
            let done = work(worker, &chunk);
            Done::Chunk { input, begins: chunk.begins(), records: chunk.len() as u64, done }
        }
        Job::Failed(input, error) => Done::Failed(error.context(name(config, input))),
        Job::End(_) => Done::Nothing,
        Job::Text(input, _) => Done::Failed(anyhow!("{}: no JSON Lines", name(config, input))),
    };
    let mut take = |done: Done<'_, R>| match done {
        Done::Nothing => Ok(()),
        Done::Failed(error) => Err(error),
        Done::Chunk { input, begins, records: of_chunk, done } => {
            if begins {
                records = 0;
                writing(out.begin())?;
            }
            let done = done.map_err(|unfit| {
                let unfit = Unfit { record: unfit.record + records, ..unfit };
                anyhow!(unfit).context(name(config, input))
            })?;
            records += of_chunk;
            writing(out.write_all(&write(Some(done))?))
        }
    };
    ordered(
        config.threads,
        worker,
        || feed.next(),
        work,
        |done| {
            result = take(done);
            if result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        },
    );
    result?;
    let end = write(None)?;
    writing(out.begin())?;
    writing(out.write_all(&end))?;
    writing(out.end())?;
    batch.close()?;
    batch.finish_output(output)?;
    *status = found;
    batch.finish()
}

/// A job that is done.
enum Done<'i, R> {
    Chunk { input: &'i Input, begins: bool, records: u64, done: Result<R, Unfit> },
    Failed(anyhow::Error),
    Nothing,
}
