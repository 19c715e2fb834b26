//! `tikrar check`: the copies, listed.

use std::io::IsTerminal as _;

use anyhow::Result;

use super::batch::{Batch, writing};
use super::{Status, args};
use crate::config::Config;
use crate::corpus::{Examined, Options};
use crate::fold::Level;
use crate::report::Finding;
use crate::report::check::{Totals, write};
use crate::source::Document;

pub(super) fn run(arguments: args::Look, status: &mut Status) -> Result<()> {
    let config = arguments.resolve()?;
    let mut batch = Batch::new(&config, status)?;
    let mut output = batch.output()?;
    let isolate = output.is_stdout() && std::io::stdout().is_terminal();
    let mut totals = Totals::default();
    for input in std::mem::take(&mut batch.inputs) {
        let Some((document, examined)) = batch.examine(&input, status) else { continue };
        if batch.is_read_again(&document) {
            continue;
        }
        let name = batch.name(&input);
        for block in examined.plan.blocks() {
            *status = (*status).max(Status::Found);
            let finding = writing(Finding::of(&document.body, &examined, block, &config.compare))?;
            writing(write(&name, &finding, isolate, &mut output))?;
            totals.blocks += 1;
        }
        if !config.quiet {
            count(&mut totals, &document, &examined, &config)?;
        }
    }
    if !config.quiet {
        writing(totals.write(config.compare.unit, config.compare.min_words.get(), &mut output))?;
    }
    batch.finish_output(output)?;
    batch.finish();
    Ok(())
}

fn count(totals: &mut Totals, document: &Document, examined: &Examined, config: &Config) -> Result<()> {
    totals.documents += 1;
    totals.units += examined.units.len() as u64;
    totals.copies += examined.plan.copies() as u64;
    let passed = examined.let_pass();
    totals.let_pass.short += passed.short;
    totals.let_pass.protected += passed.protected;
    let folds = config.compare.folds;
    for level in Level::ALL.into_iter().rev() {
        let more = folds.union(level.folds());
        if more == folds {
            break;
        }
        let further = Examined::new(document, &Options { folds: more, ..config.compare.clone() })?;
        if further.texts() == further.units.len() {
            // Nothing is equal to anything here, and less so at the levels between.
            break;
        }
        let found = (0..examined.units.len()).filter(|&at| further.plan.is_copy(at) && !examined.plan.is_copy(at));
        *totals.more_at.entry(level).or_default() += found.count() as u64;
    }
    Ok(())
}
