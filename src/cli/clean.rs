//! `tikrar clean`: the text without its copies.

use std::ops::Range;

use anyhow::{Context as _, Result};

use super::batch::{Batch, Part, READ_BACK, Same, Subject, writing};
use super::names::{self, Named};
use super::notes::{Found, Notes};
use super::{Status, args, corpus, place};
use crate::config::{Config, Scope};
use crate::corpus::Examiner;
use crate::corpus::records::OfRecord;
use crate::cut;
use crate::format::{Chunk, Format, record, text};
use crate::report::account::Account;
use crate::sink::Strung;
use crate::source::Input;

pub(super) fn run(arguments: args::Clean, status: &mut Status) -> Result<()> {
    let (config, place) = arguments.resolve()?;
    let batch = Batch::new(&config, status)?;
    match (config.scope, place) {
        (_, Some(place)) if config.records.sample.is_none() => place::run(&config, batch, &place, status),
        (Scope::Document, _) => on_one_output(&config, batch, status),
        (Scope::Corpus, _) => corpus::clean(&config, batch, status),
    }
}

/// Looks at a document: what goes, of it or, of a record, of the chunk that it lies in, and what was found.
pub(super) fn look(examiner: &mut Examiner<'_>, subject: &Subject<'_>) -> Result<(Vec<Range<u64>>, Found)> {
    let Subject { document, value } = subject;
    let examined = examiner.examine(document)?;
    let cuts = match value {
        None => examined.cuts(&document.body),
        Some(_) => examined.cuts_of_value(&document.body),
    };
    let cuts = cuts.context(READ_BACK)?;
    let found = Found::of(&examined, &cuts);
    let cuts = match value {
        None => cuts,
        Some((chunk, value)) => value.written(document.body.held_bytes(), &chunk.bytes, &cuts),
    };
    Ok((cuts, found))
}

fn on_one_output(config: &Config, mut batch: Batch<'_>, status: &mut Status) -> Result<()> {
    if config.records.sample.is_none() {
        batch.refuse_without_destination()?;
        if batch.is_one_of(Format::Parquet) {
            return place::on_one_output(config, batch, status);
        }
    }
    batch.is_strung = true;
    let mut output = batch.output()?;
    let mut notes = Notes::default();
    let mut strung = Strung::new(&mut output);
    let examiner = batch.examiner(&config.compare);
    batch.each(
        Same::Again,
        status,
        || examiner.clone(),
        |examiner, subject| look(examiner, &subject),
        |input, part, _| {
            let before = strung.written();
            let mut account = match part {
                Part::Document(document, (cuts, found)) => {
                    writing(strung.begin())?;
                    writing(text::write(&document.body, &cuts, &mut strung))?;
                    notes.add(|| names::name(config, input), &found);
                    found.account()
                }
                Part::Chunk { chunk, first, results } => {
                    if chunk.begins() {
                        writing(strung.begin())?;
                    }
                    let (cuts, account) = of_chunk(config, input, &chunk, first, results, &mut notes);
                    writing(record::write(&chunk.bytes, &cuts, &mut strung))?;
                    account
                }
            };
            account.bytes_out = strung.written() - before;
            Ok(account)
        },
    )?;
    writing(strung.end())?;
    batch.close()?;
    batch.finish_output(output)?;
    notes.finish(config);
    batch.finish()
}

/// What goes of a chunk, and what is to be added to the accounts.
pub(super) fn of_chunk(
    config: &Config,
    input: &Input,
    chunk: &Chunk,
    first: u64,
    results: Vec<OfRecord<(Vec<Range<u64>>, Found)>>,
    notes: &mut Notes,
) -> (Vec<Range<u64>>, Account) {
    let mut account = Account::default();
    let mut cuts = Vec::new();
    for OfRecord { record, result: (of_record, found), .. } in results {
        notes.add(|| Named::record(input, first, chunk, record).name(config), &found);
        account.add(&found.account());
        cuts.extend(of_record);
    }
    account.bytes_out = chunk.bytes.len() as u64 - cut::len(&cuts);
    (cuts, account)
}
