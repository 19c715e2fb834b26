//! What `check` and `diff` find, handed to the reports that were asked for.

use std::io;

use anyhow::{Context as _, Result};

use super::batch::{Batch, READ_BACK, Same, Subject};
use super::names::Named;
use super::reports::Reports;
use super::{Status, decide, say};
use crate::config::{Config, Scope};
use crate::corpus::{Examined, Examiner};
use crate::cut;
use crate::fold::Level;
use crate::report::account::Account;
use crate::report::{Finding, Pair, Totals};
use crate::source::{Document, Raw};

pub(super) fn run(config: &Config, status: &mut Status) -> Result<()> {
    let mut batch = Batch::new(config, status)?;
    let mut reports = Reports::open(config, &batch)?;
    let totals = match config.scope {
        Scope::Document => by_themselves(config, &mut batch, &mut reports, status)?,
        Scope::Corpus => across(config, &mut batch, &mut reports, status)?,
    };
    let (files, failed) = batch.done_and_failed();
    let nothing = totals.documents == 0 && failed == 0;
    reports.end(&Totals { files, failed, ..totals })?;
    batch.close()?;
    reports.finish(&batch)?;
    if nothing && !config.allow_empty {
        // A wrong path or pattern would let everything pass.
        say("tikrar: no document was found in the files, so nothing was looked at (--allow-empty makes that no error)");
        *status = Status::Failed;
    }
    batch.finish()
}

/// What repeats in a corpus.
fn across(config: &Config, batch: &mut Batch<'_>, reports: &mut Reports<'_>, status: &mut Status) -> Result<Totals> {
    let needs = reports.needs();
    let mut any_record = false;
    let (documents, notes) = decide::each_found(config, batch, needs.pairs, status, |found| {
        let body = &found.document.body;
        let mut cuts = Vec::new();
        if needs.cuts {
            cuts = match found.named.is_record() {
                true => cut::stretches_of_value(body, &found.units, |at| found.is_gone(at)),
                false => cut::stretches(body, &found.units, |at| found.is_gone(at)),
            }
            .context(READ_BACK)?;
            say_of_diff(config, &found.named, found.document, &mut any_record);
        }
        reports.found(&found.named, body, &found.units, &cuts, found.findings().context(READ_BACK)?)
    })?;
    Ok(Totals { documents, units: notes.units, copies: notes.gone(), blocks: notes.all_blocks(), ..Totals::default() })
}

/// What repeats in documents that are looked at by themselves.
fn by_themselves(
    config: &Config,
    batch: &mut Batch<'_>,
    reports: &mut Reports<'_>,
    status: &mut Status,
) -> Result<Totals> {
    let needs = reports.needs();
    let examiners = batch.examiners();
    let mut any_record = false;
    let mut totals = Totals::default();
    batch.each_document(
        Same::Once,
        status,
        || examiners.clone(),
        |examiners, Subject { input, document, .. }| {
            let (Config { compare, .. }, examiner) = examiners.of(input);
            let folds = needs.equality.then_some(compare.folds);
            let examined = examiner.examine(document)?;
            let body = &document.body;
            let finding = |block| {
                let pairs = if needs.pairs { Pair::of_block(body, &examined, block)? } else { Vec::new() };
                Ok(Finding { pairs, ..Finding::of(body, &examined, block, folds)? })
            };
            let findings = examined.plan.blocks().map(finding).collect::<io::Result<Vec<_>>>().context(READ_BACK)?;
            let cuts = if needs.cuts { examined.cuts(body).context(READ_BACK)? } else { Vec::new() };
            let mut totals = count(&examined);
            let (kind, least) = (config.compare.unit, config.compare.min_words);
            totals.is_mixed = (compare.unit, compare.min_words) != (kind, least);
            if needs.let_pass {
                look_further(document, &examined, examiners.further(input), &mut totals)?;
            }
            let units = if needs.pairs { examined.units } else { Vec::new() };
            Ok((findings, units, cuts, totals))
        },
        |named, document, (findings, units, cuts, of_document), status| {
            totals.add(&of_document);
            if !findings.is_empty() {
                *status = (*status).max(Status::Found);
                if needs.cuts {
                    say_of_diff(config, &named, &document, &mut any_record);
                }
                reports.found(&named, &document.body, &units, &cuts, findings)?;
            }
            Ok(Account::default())
        },
    )?;
    Ok(totals)
}

fn count(examined: &Examined) -> Totals {
    Totals {
        documents: 1,
        units: examined.units.len() as u64,
        copies: examined.plan.copies() as u64,
        blocks: examined.plan.blocks().count() as u64,
        ..Totals::default()
    }
}

/// Counts which repeats stay, and what later levels find.
fn look_further(
    document: &Document,
    examined: &Examined,
    further: &mut [(Level, Examiner<'_>)],
    totals: &mut Totals,
) -> Result<()> {
    totals.let_pass = Some(examined.let_pass());
    // The loosest first: where nothing is equal at that, nothing is before it.
    for (level, examiner) in further {
        let further = examiner.examine(document)?;
        if further.texts() == further.units.len() {
            // Nothing is equal to anything here, and less so at the levels between.
            break;
        }
        let found = (0..examined.units.len()).filter(|&at| further.plan.is_copy(at) && !examined.plan.is_copy(at));
        totals.more_at.insert(*level, found.count() as u64);
    }
    Ok(())
}

/// Says what is not to be expected of the diff of a document.
fn say_of_diff(config: &Config, named: &Named<'_>, document: &Document, any_record: &mut bool) {
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
