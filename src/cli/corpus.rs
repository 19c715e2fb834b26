//! `tikrar clean --scope corpus`: the documents strung together, without what any of them repeats.

use anyhow::Result;

use super::batch::{self, Batch};
use super::notes::Notes;
use super::{Status, say};
use crate::config::Config;
use crate::corpus::{Finished, Originals, Repeated, Stream, StreamError};
use crate::report::Lines;
use crate::source::Opened;

pub(super) fn clean(config: &Config, mut batch: Batch<'_>, status: &mut Status) -> Result<()> {
    batch.refuse_folder_without_destination()?;
    let mut output = batch.output()?;
    let inputs = std::mem::take(&mut batch.inputs);
    let name = |document: usize| batch::name(config, &inputs[document]);
    let mut next = inputs.iter();
    let open = || {
        let input = next.next()?;
        let check = |head: &[u8]| if batch::is_stdin(input) { batch::check_head(config, head) } else { Ok(()) };
        Some(batch::check_name(config, input).and_then(|()| Opened::new(input, &config.read, check)))
    };
    let mut notes = Notes::default();
    let mut last = None;
    let mut finished = |event: Finished<anyhow::Error>| match event {
        Finished::Failed { document, error } => batch.fail(&name(document), error, status),
        Finished::Begun { document, doubts, likelier } if !config.quiet => {
            if let Some((encoding, likelier)) = likelier {
                say(batch::of_likelier(&name(document), encoding, likelier));
            }
            for doubt in doubts {
                say(batch::of_doubt(&name(document), doubt));
            }
        }
        Finished::Begun { .. } => {}
        Finished::Ended { document, damage: Some(damage), too_damaged: true } => {
            let error = anyhow::anyhow!(
                "{damage}: it is hardly UTF-8, and was passed through as it is; if it is in another encoding, give --encoding"
            );
            batch.fail(&name(document), error, status);
        }
        Finished::Ended { document, damage, .. } => {
            batch.did_one();
            if let (Some(damage), false) = (damage, config.quiet) {
                say(batch::of_damage(&name(document), damage));
            }
        }
        Finished::Repeated(repeated) => {
            notes.documents += u64::from(last.replace(repeated.document) != Some(repeated.document));
            notes.add_block(|| line(&repeated, name));
        }
    };
    let mut stream = Stream::new(&config.compare);
    stream.threads = config.threads;
    stream.strict = config.read.strict;
    stream.doubts = !config.quiet;
    stream.spooling.temp_dir.clone_from(&config.read.spooling.temp_dir);
    let totals = stream.clean(open, &mut output, &mut finished).map_err(|error| match error {
        StreamError::Write(_) => anyhow::Error::new(error),
        StreamError::Read { document, .. } | StreamError::Damaged { document, .. } => {
            anyhow::Error::new(error).context(name(document))
        }
    })?;
    (notes.units, notes.removed) = (totals.units, totals.removed);
    batch.finish_output(output)?;
    notes.finish(config);
    batch.finish();
    Ok(())
}

/// As in `b.txt: lines 9-13 repeat lines 4-8 of a.txt`.
fn line(repeated: &Repeated, name: impl Fn(usize) -> String) -> String {
    let copy = Lines { first: repeated.lines.0, last: repeated.lines.1 };
    let of = match repeated.of {
        Originals::Lines(first, last) => Lines { first, last }.to_string(),
        Originals::From(line) => format!("the text from line {line}"),
        Originals::Within(line) => format!("a part of the text from line {line}"),
    };
    let of = if repeated.original == repeated.document { of } else { format!("{of} of {}", name(repeated.original)) };
    format!("{}: {copy} {} {of}", name(repeated.document), copy.repeat())
}
