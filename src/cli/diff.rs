//! `tikrar diff`: what would go, as a unified diff.

use std::io::Write as _;

use anyhow::{Context as _, Result};

use super::batch::{Batch, READ_BACK, Same, Subject, writing};
use super::names::Named;
use super::{Status, args, decide, say};
use crate::config::{Config, Scope};
use crate::cut;
use crate::report::account::Account;
use crate::report::unified;
use crate::source::{Document, Raw};

pub(super) fn run(arguments: args::Find, status: &mut Status) -> Result<()> {
    let config = arguments.resolve()?;
    match config.scope {
        Scope::Document => by_themselves(&config, status),
        Scope::Corpus => across(&config, status),
    }
}

/// What would go of a corpus.
fn across(config: &Config, status: &mut Status) -> Result<()> {
    let mut batch = Batch::new(config, status)?;
    let mut output = batch.found_output()?;
    let mut any_record = false;
    decide::each_found(config, &mut batch, status, |found| {
        let body = &found.document.body;
        let cuts = match found.named.is_record() {
            true => cut::stretches_of_value(body, &found.units, |at| found.is_gone(at)),
            false => cut::stretches(body, &found.units, |at| found.is_gone(at)),
        };
        let cuts = cuts.context(READ_BACK)?;
        say_of(config, &found.named, found.document, &mut any_record);
        let headings = found.blocks().map(|block| (block.start, block.said));
        let mut diff = Vec::new();
        unified::write_cuts(&found.named.path(config), body, &cuts, headings, &mut diff).context(READ_BACK)?;
        writing(output.write_all(&diff))
    })?;
    batch.close()?;
    batch.finish_output(output)?;
    batch.finish()
}

/// Says what is not to be expected of the diff of a document.
fn say_of(config: &Config, named: &Named<'_>, document: &Document, any_record: &mut bool) {
    if config.quiet {
        return;
    }
    if named.is_record() && !std::mem::replace(any_record, true) {
        say("tikrar: a diff of records shows their texts, and patch can't apply it");
    }
    if let Some(encoding) = document.raw.as_ref().map(Raw::encoding) {
        let name = named.name(config);
        say(format_args!("tikrar: warning: {name}: is {encoding}, so the diff applies to its text in UTF-8"));
    }
}

fn by_themselves(config: &Config, status: &mut Status) -> Result<()> {
    let mut batch = Batch::new(config, status)?;
    let mut output = batch.output()?;
    let mut any_record = false;
    let examiner = batch.examiner(&config.compare);
    batch.each_document(
        Same::Once,
        status,
        || examiner.clone(),
        |examiner, Subject { document, .. }| {
            let examined = examiner.examine(document)?;
            Ok((examined.plan.copies() > 0).then_some(examined))
        },
        |named, document, found, status| {
            let Some(examined) = found else { return Ok(Account::default()) };
            let mut diff = Vec::new();
            unified::write(&named.path(config), &document.body, &examined, &mut diff).context(READ_BACK)?;
            *status = (*status).max(Status::Found);
            say_of(config, &named, &document, &mut any_record);
            writing(output.write_all(&diff)).map(|()| Account::default())
        },
    )?;
    batch.finish_output(output)?;
    batch.finish()
}
