//! `tikrar clean --scope corpus`: the documents strung together, without what any of them repeats.

use anyhow::Result;

use super::batch::{Batch, Same};
use super::feed::{self, Open};
use super::names;
use super::notes::Notes;
use super::records::Records;
use super::size::Size;
use super::{Status, place, progress, say};
use crate::config::Config;
use crate::corpus::{Documents, Finished, Originals, Place, Repeated, Stream, StreamError};
use crate::format::Format;
use crate::report::account::FileAccount;
use crate::report::{Lines, shown_name};
use crate::source::{Input, Opened, Source};

pub(super) fn clean(config: &Config, mut batch: Batch<'_>, status: &mut Status) -> Result<()> {
    batch.refuse_without_destination()?;
    let mut output = batch.output()?;
    let is_parquet = batch.is_one_of(Format::Parquet);
    let files = batch.take_files(Same::Again);
    let name = |file: usize| names::name(config, &files[file].input);
    let mut next = files.iter();
    let open = || Some(open(config, &next.next()?.input));
    let mut notes = Notes::default();
    let mut last = None;
    let mut records = Records::default();
    // Of a Parquet file, which can be written only when it is known what goes.
    let (mut cuts, mut dropped) = (Vec::new(), Vec::new());
    let mut finished = |event: Finished<anyhow::Error>| match event {
        Finished::Failed { file, error } => batch.fail(&files[file].input, error, status),
        Finished::Unreadable { file, error } => batch.fail(&files[file].input, error.into(), status),
        Finished::Begun { file, doubts, likelier } if !config.quiet => {
            if let Some((encoding, likelier)) = likelier {
                say(names::of_likelier(&name(file), encoding, likelier));
            }
            for doubt in doubts {
                say(names::of_doubt(&name(file), doubt));
            }
        }
        Finished::Begun { .. } => {}
        Finished::Ended { file, damage: Some(damage), too_damaged: true, .. } => {
            let error = anyhow::anyhow!(
                "{damage}: it is hardly UTF-8, and was passed through as it is; if it is in another encoding, give --encoding"
            );
            batch.fail(&files[file].input, error, status);
        }
        Finished::Ended { file, account, damage, .. } => {
            batch.did(FileAccount::of_text(name(file), account));
            if let (Some(damage), false) = (damage, config.quiet) {
                say(names::of_damage(&name(file), damage));
            }
        }
        Finished::Records { text_field, seen, account, bytes, rows, .. } => {
            if let Some(rows) = rows {
                let at = records.account.bytes_in;
                cuts.extend(rows.cuts.into_iter().map(|cut| cut.start + at..cut.end + at));
                dropped.extend(rows.dropped);
            }
            records.take(config, bytes, text_field.as_deref(), seen);
            records.account.add(&account);
        }
        Finished::RecordsEnded { file } => {
            let mut records = std::mem::take(&mut records);
            let result = records.end(config, &files[file].input, Ok(()));
            records.warnings.drain(..).for_each(say);
            match result {
                Ok(account) => batch.did(account),
                Err(error) => batch.fail(&files[file].input, error, status),
            }
        }
        Finished::Repeated(repeated) => {
            progress::add_copies(repeated.lines.1 - repeated.lines.0 + 1);
            notes.documents += u64::from(last.replace(repeated.document) != Some(repeated.document));
            notes.add_block(|| line(&repeated, name));
        }
    };
    let mut stream = Stream::new(&config.compare);
    stream.threads = config.threads;
    stream.strict = config.read.strict;
    stream.doubts = !config.quiet;
    stream.empty = config.empty;
    stream.spooling.temp_dir.clone_from(&config.read.spooling.temp_dir);
    stream.memory = config.memory;
    if let Some(memory) = stream.memory {
        let least = stream.least_memory();
        anyhow::ensure!(memory >= least, "--memory {}: a run takes at least {}", Size(memory), Size(least));
    }
    let totals = stream.clean(open, &mut output, &mut finished).map_err(|error| match error {
        StreamError::Write(_) | StreamError::Index(_) | StreamError::NoIndex(_) => anyhow::Error::new(error),
        StreamError::Read { file, .. }
        | StreamError::Damaged { file, .. }
        | StreamError::DamagedRecord { file, .. } => anyhow::Error::new(error).context(name(file)),
    })?;
    (notes.units, notes.removed) = (totals.units, totals.removed);
    if is_parquet && batch.is_all_done() && !config.dry_run {
        place::copy(config, &files[0].input, &cuts, &dropped, &mut output)?;
    }
    if totals.index_disk > 0 && !config.quiet {
        let folder = stream.spooling.temp_dir.unwrap_or_else(std::env::temp_dir);
        say(format_args!("tikrar: the index took {} of disk in {}", Size(totals.index_disk), shown_name(&folder)));
    }
    batch.windows = Some(totals.windows);
    batch.close()?;
    batch.finish_output(output)?;
    notes.finish(config);
    batch.finish()
}

fn open(config: &Config, input: &Input) -> Result<Documents> {
    Ok(match feed::open(config, input)? {
        Open::Text(source) => {
            let source = source.map_or_else(|| Source::open(input, &config.read), |source| Ok(*source))?;
            Documents::Text(Box::new(Opened::new(source, &config.read)?))
        }
        Open::Records(reader) => Documents::Records(reader),
    })
}

/// As in `b.txt: lines 9-13 repeat lines 4-8 of a.txt`.
fn line(repeated: &Repeated, name: impl Fn(usize) -> String) -> String {
    let copy = Lines { first: repeated.lines.0, last: repeated.lines.1 };
    let of = match repeated.of {
        Originals::Lines(first, last) => Lines { first, last }.to_string(),
        Originals::From(line) => format!("the text from line {line}"),
        Originals::Within(line) => format!("a part of the text from line {line}"),
    };
    let name = |place: Place, id: Option<&str>| match place.record {
        Some(record) => names::of_record(&name(place.file), record, id),
        None => name(place.file),
    };
    let of =
        if repeated.original == repeated.document { of } else { format!("{of} of {}", name(repeated.original, None)) };
    format!("{}: {copy} {} {of}", name(repeated.document, repeated.id.as_deref()), copy.repeat())
}
