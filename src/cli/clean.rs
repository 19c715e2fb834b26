//! `tikrar clean`: the text without its copies.

use anyhow::{Context as _, Result, bail};

use super::batch::{Batch, Part, READ_BACK, RunEnded, Same, Subject, writing};
use super::examiners::Examiners;
use super::names::{self, Named};
use super::notes::{Found, Notes};
use super::{Status, annotate, args, corpus, decide, place};
use crate::config::{Config, Scope};
use crate::corpus::gone::{self, Gone};
use crate::corpus::records::OfRecord;
use crate::cut::{self, FileCuts, Insertions};
use crate::format::{Chunk, Format, record, text};
use crate::report::account::Account;
use crate::sink::Strung;
use crate::source::Input;

pub(super) fn run(arguments: args::Clean, status: &mut Status) -> Result<()> {
    let (config, place) = arguments.resolve()?;
    let batch = Batch::without(&config, &decide::removed_before(&config, place.as_ref()), status)?;
    annotate::refuse(&config, &batch)?;
    let sampled = config.records.sample.is_some();
    match place {
        Some(place) if !sampled => place::run(&config, batch, &place, status),
        // A Parquet file can be written only when it is known what goes.
        _ if config.decides_first() || (batch.is_one_of(Format::Parquet) && !sampled) => {
            decide::on_one_output(&config, batch, status)
        }
        _ if config.scope == Scope::Corpus => corpus::clean(&config, batch, status),
        _ => on_one_output(&config, batch, status),
    }
}

/// Looks at a document: what goes, or changes, of it or, of a record, of the chunk that it lies in, and what was found.
pub(super) fn look(examiners: &mut Examiners<'_>, subject: &Subject<'_>) -> Result<(FileCuts, Found)> {
    let (config, examiner) = examiners.of(subject.input);
    if config.records.annotate.is_some() {
        return Ok((FileCuts::default(), annotate::look(examiner, subject)?));
    }
    let Subject { document, value, .. } = subject;
    let examined = examiner.examine(document)?;
    let cuts = match value {
        None => examined.cuts(&document.body),
        Some(_) => examined.cuts_of_value(&document.body),
    };
    let cuts = cuts.context(READ_BACK)?;
    let mut found = Found::of(&examined, &cuts);
    if config.tells() && !cuts.is_empty() {
        found.gone = gone::of_document(&examined, document, &config.compare, &cuts, *value).context(READ_BACK)?;
    }
    if let Some(repairer) = examiners.repairer(subject.input) {
        if let Some(why) = args::refusal(&config.compare) {
            bail!("--repair {why}");
        }
        found.repairs = examined.repairs(&document.body, repairer, *value).context(READ_BACK)?;
    }
    let edits = std::mem::take(&mut found.repairs.edits);
    let (cuts, edits) = match value {
        None => (cuts, edits),
        Some((chunk, value)) => {
            let text = document.body.held_bytes();
            (value.written(text, &chunk.bytes, &cuts), value.written_edits(&chunk.bytes, &edits))
        }
    };
    Ok((FileCuts::with_edits(cuts, edits), found))
}

fn on_one_output(config: &Config, mut batch: Batch<'_>, status: &mut Status) -> Result<()> {
    if config.records.sample.is_none() {
        batch.refuse_without_destination()?;
    }
    batch.is_strung = true;
    let mut output = batch.output()?;
    let mut notes = Notes::default();
    let mut strung = Strung::new(&mut output);
    let examiners = batch.examiners();
    let each = batch.each(
        Same::Again,
        status,
        || examiners.clone(),
        |examiners, subject| look(examiners, &subject),
        |input, part, _| {
            let before = strung.written();
            let mut account = match part {
                Part::Document(document, (cuts, found)) => {
                    writing(strung.begin())?;
                    writing(text::write_changed(&document.body, &cuts, &mut strung))?;
                    notes.add(|| names::name(config, input), &found);
                    found.account()
                }
                Part::Chunk { chunk, first, results } => {
                    if chunk.begins() {
                        writing(strung.begin())?;
                    }
                    let OfChunk { cuts, account, .. } = of_chunk(config, input, &chunk, first, results, &mut notes)?;
                    writing(record::write_changed(&chunk.bytes, &cuts, &mut strung))?;
                    account
                }
            };
            account.bytes_out = strung.written() - before;
            Ok(account)
        },
    );
    if each.as_ref().is_err_and(|error| error.is::<RunEnded>()) {
        return batch.finish();
    }
    each?;
    writing(strung.end())?;
    batch.close()?;
    batch.finish_output(output)?;
    notes.finish(config);
    batch.finish()
}

/// What goes of a chunk or is written into it, and what is to be added to the accounts.
pub(super) struct OfChunk {
    pub(super) cuts: FileCuts,
    pub(super) gone: Vec<Gone>,
    pub(super) account: Account,
}

pub(super) fn of_chunk(
    config: &Config,
    input: &Input,
    chunk: &Chunk,
    first: u64,
    results: Vec<OfRecord<(FileCuts, Found)>>,
    notes: &mut Notes,
) -> Result<OfChunk> {
    let mut account = Account::default();
    let (mut stretches, mut gone, mut lists) = (Vec::new(), Vec::new(), Vec::new());
    let mut repaired = Insertions::default();
    for OfRecord { record, result: (of_record, mut found), .. } in results {
        notes.add(|| Named::record(input, first, chunk, record).name(config), &found);
        let (number, id) = (Some(first + record as u64), if found.gone.is_empty() { None } else { chunk.id(record) });
        gone.extend(found.gone.drain(..).map(|gone| Gone {
            record: number,
            id: id.clone(),
            block: account.blocks + gone.block,
            why: gone.why.in_record(number),
            ..gone
        }));
        account.add(&found.account());
        stretches.extend(of_record.stretches);
        repaired.extend(&of_record.insertions);
        if let Some(annotated) = found.annotated {
            let (slot, spans) = annotated.of_record(config, input, first + record as u64);
            account.annotated += spans.iter().map(|span| span.units).sum::<u64>();
            lists.push((slot, spans));
        }
    }
    let mut insertions = chunk.insertions(lists)?;
    insertions.extend(&repaired);
    account.bytes_out = chunk.bytes.len() as u64 + insertions.bytes() - cut::len(&stretches);
    let cuts = FileCuts { insertions, ..FileCuts::of(stretches) };
    Ok(OfChunk { cuts, gone, account })
}
