//! `tikrar keys` and `tikrar drop`: the halves of a corpus run before and behind another engine. All of it is done, or it fails.

use std::io::Write as _;
use std::ops::ControlFlow;

use anyhow::{Result, anyhow, bail};

use super::batch::{Batch, Same, writing};
use super::feed::{Feed, Job};
use super::names::name;
use super::{Status, args, names, say};
use crate::config::Config;
use crate::corpus::ordered::ordered;
use crate::engine::{Cleaner, End, Keys, Rows, Unfit};
use crate::format::Chunk;
use crate::report::shown_text;
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
        |part, out| {
            let Some(rows) = part else {
                refuse_lost(&all)?;
                if all.texts == 0 && all.docs > 0 && !config.quiet {
                    let field = config.records.text_field.as_deref().unwrap_or_default();
                    let docs = count(all.docs, "document");
                    say(format_args!(
                        "tikrar: warning: of {docs} none has a text in {} (--text-field)",
                        shown_text(field)
                    ));
                }
                let (texts, rows) = (Some(all.texts), Some(all.rows));
                return tell(
                    out,
                    &End { end: true, docs: all.docs, texts, rows, units: None, version: version.clone() },
                );
            };
            all.docs += rows.docs;
            all.texts += rows.texts;
            all.rows += rows.rows;
            all.lost += rows.lost;
            writing(rows.write(out))
        },
    )
}

pub(super) fn drop(arguments: args::Drop, status: &mut Status) -> Result<()> {
    let (config, tells_end) = arguments.resolve()?;
    let version = config.compare.key_version().to_string();
    let (mut docs, mut units) = (0, 0);
    let work = |cleaner: &mut Cleaner<'_>, chunk: &Chunk| cleaner.cleaned(chunk);
    filter(
        &config,
        status,
        || Cleaner::new(&config.compare),
        work,
        |part, out| {
            let Some(cleaned) = part else {
                let units = Some(units);
                let end = End { end: true, docs, texts: None, rows: None, units, version: version.clone() };
                return if tells_end { tell(out, &end) } else { Ok(()) };
            };
            docs += cleaned.docs;
            units += cleaned.units;
            writing(out.write_all(&cleaned.lines))
        },
    )
}

/// Writes the line that the output ends with.
fn tell(out: &mut Strung<'_>, end: &End) -> Result<()> {
    writing(out.begin())?;
    writing(writeln!(out, "{end}"))
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

/// Does `work` on the records of the run, chunk by chunk and side by side, and has `write` write each result, in order, and then none.
fn filter<W, R: Send>(
    config: &Config,
    status: &mut Status,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, &Chunk) -> Result<R, Unfit> + Sync,
    mut write: impl FnMut(Option<R>, &mut Strung<'_>) -> Result<()> + Send,
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
            let done = done.map_err(|Unfit { record, id, why }| {
                let record = names::of_record(&name(config, input), records + record + 1, id.as_deref());
                anyhow!(why).context(record)
            })?;
            records += of_chunk;
            write(Some(done), &mut out)
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
    write(None, &mut out)?;
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
