//! `tikrar check`: the copies, listed.

use std::io::{self, IsTerminal as _};

use anyhow::{Context as _, Result};

use super::batch::{Batch, READ_BACK, Same, Subject, writing};
use super::{Status, args, decide};
use crate::config::{Config, Scope};
use crate::corpus::{Examined, Examiner, Options};
use crate::fold::Level;
use crate::report::account::Account;
use crate::report::check::{Totals, write, write_said};
use crate::report::{Finding, excerpt};
use crate::source::Document;

pub(super) fn run(arguments: args::Find, status: &mut Status) -> Result<()> {
    let config = arguments.resolve()?;
    match config.scope {
        Scope::Document => by_themselves(&config, status),
        Scope::Corpus => across(&config, status),
    }
}

/// What repeats in a corpus.
fn across(config: &Config, status: &mut Status) -> Result<()> {
    let mut batch = Batch::new(config, status)?;
    let mut output = batch.found_output()?;
    let isolate = output.is_stdout() && std::io::stdout().is_terminal();
    let (documents, notes) = decide::each_found(config, &mut batch, status, |found| {
        let name = found.named.name(config);
        for block in found.blocks() {
            let text = found.document.body.bytes(found.units[block.first].range()).context(READ_BACK)?;
            let (line, excerpt) = (block.lines.first, excerpt(&text));
            writing(write_said(&name, line, &block.said, &excerpt, isolate, &mut output))?;
        }
        Ok(())
    })?;
    let totals =
        Totals { documents, units: notes.units, copies: notes.gone(), blocks: notes.all_blocks(), ..Totals::default() };
    if !config.quiet {
        writing(totals.write(config.compare.unit, config.compare.min_words.get(), &mut output))?;
    }
    batch.close()?;
    batch.finish_output(output)?;
    batch.finish()
}

fn by_themselves(config: &Config, status: &mut Status) -> Result<()> {
    let mut batch = Batch::new(config, status)?;
    let mut output = batch.output()?;
    let isolate = output.is_stdout() && std::io::stdout().is_terminal();
    let mut totals = Totals::default();
    let options = further_levels(&config.compare);
    let examiner = batch.examiner(&config.compare);
    let further: Vec<_> = options.iter().map(|(level, options)| (*level, batch.examiner(options))).collect();
    batch.each_document(
        Same::Once,
        status,
        || (examiner.clone(), further.clone()),
        |(examiner, further), Subject { document, .. }| {
            let examined = examiner.examine(document)?;
            let finding = |block| Finding::of(&document.body, &examined, block, &config.compare);
            let findings = examined.plan.blocks().map(finding).collect::<io::Result<Vec<_>>>().context(READ_BACK)?;
            let totals = if config.quiet { Totals::default() } else { count(document, &examined, further)? };
            Ok((findings, totals))
        },
        |named, _, (findings, of_document), status| {
            let name = if findings.is_empty() { String::new() } else { named.name(config) };
            for finding in &findings {
                *status = (*status).max(Status::Found);
                writing(write(&name, finding, isolate, &mut output))?;
            }
            totals.add(&of_document);
            totals.blocks += findings.len() as u64;
            Ok(Account::default())
        },
    )?;
    if !config.quiet {
        writing(totals.write(config.compare.unit, config.compare.min_words.get(), &mut output))?;
    }
    batch.finish_output(output)?;
    batch.finish()
}

/// The levels beyond the folds in force, the loosest first, each with what it folds.
fn further_levels(options: &Options) -> Vec<(Level, Options)> {
    let folds = |level: Level| options.folds.union(level.folds());
    let levels = Level::ALL.into_iter().rev().filter(|&level| folds(level) != options.folds);
    levels.map(|level| (level, Options { folds: folds(level), ..options.clone() })).collect()
}

fn count(document: &Document, examined: &Examined, further: &mut [(Level, Examiner<'_>)]) -> Result<Totals> {
    let mut totals = Totals {
        documents: 1,
        units: examined.units.len() as u64,
        copies: examined.plan.copies() as u64,
        let_pass: examined.let_pass(),
        ..Totals::default()
    };
    for (level, examiner) in further {
        let further = examiner.examine(document)?;
        if further.texts() == further.units.len() {
            // Nothing is equal to anything here, and less so at the levels between.
            break;
        }
        let found = (0..examined.units.len()).filter(|&at| further.plan.is_copy(at) && !examined.plan.is_copy(at));
        totals.more_at.insert(*level, found.count() as u64);
    }
    Ok(totals)
}
