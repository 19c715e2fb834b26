//! `--annotate`: records are written as they are, with a field that tells of their copies.

use anyhow::{Context as _, Result, bail};

use super::batch::{Batch, READ_BACK, Subject};
use super::feed;
use super::names;
use super::notes::Found;
use crate::config::Config;
use crate::corpus::{Examiner, Span, spans};
use crate::format::{Format, Slot};
use crate::removed::Original;
use crate::source::Input;

/// What to do with files that have no fields.
const ADVICE: &str = "name JSON Lines, JSON, CSV or TSV files (--format if they are called otherwise), or leave others \
                      out of folders with --exclude";

/// Refuses files that no field can be added to, before anything is done.
pub(super) fn refuse(config: &Config, batch: &Batch<'_>) -> Result<()> {
    if config.records.annotate.is_none() {
        return Ok(());
    }
    for file in &batch.files {
        match feed::format(config, &file.input) {
            Some(format @ (Format::Text | Format::Parquet)) => {
                bail!("{}: {}", names::name(config, &file.input), refusal(format))
            }
            Some(Format::JsonLines | Format::Json | Format::Csv | Format::Tsv) | None => {}
        }
    }
    Ok(())
}

/// Why no field can be added to a file.
pub(super) fn refusal(format: Format) -> String {
    let why = match format {
        Format::Parquet => "to which --annotate adds no column",
        _ => "which has no records to --annotate",
    };
    format!("is {}, {why}: {ADVICE}", format.name())
}

/// What is added to a record.
pub(super) struct Annotated {
    slot: Slot,
    spans: Vec<Span>,
}

impl Annotated {
    /// The place of the field, and the spans in it, of which the originals are in this record.
    pub(super) fn of_record(self, config: &Config, input: &Input, number: u64) -> (Slot, Vec<Span>) {
        let Annotated { slot, spans } = self;
        let file = names::file_name(config, input);
        let of_record = |span: Span| {
            let original = |original| Original { file: file.clone(), record: Some(number), ..original };
            Span { original: span.original.map(original), ..span }
        };
        (slot, spans.into_iter().map(of_record).collect())
    }
}

/// Looks at a document as [`super::clean::look`] does, and what is to be added to it if that is a record.
pub(super) fn look(examiner: &mut Examiner<'_>, subject: &Subject<'_>) -> Result<Found> {
    let Subject { document, value, .. } = subject;
    let examined = examiner.examine(document)?;
    let mut found = Found::of(&examined, &[]);
    let Some((chunk, value)) = value else { return Ok(found) };
    if let Some(slot) = chunk.slot(value)? {
        let text = document.body.bytes(0..document.body.len()).context(READ_BACK)?;
        found.annotated = Some(Annotated { slot, spans: spans::of_document(&examined, &text) });
    }
    Ok(found)
}
