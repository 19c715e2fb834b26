//! `tikrar check`: the copies, listed.

use std::io::IsTerminal as _;

use anyhow::Result;

use super::batch::{Batch, reading_back, writing};
use super::{Status, args};
use crate::corpus::{Examined, Examiner, Options};
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
    let options = further_levels(&config.compare);
    let mut further: Vec<_> = options.iter().map(|(level, options)| (*level, Examiner::new(options))).collect();
    for input in std::mem::take(&mut batch.inputs) {
        let Some((document, examined)) = batch.examine(&input, status) else { continue };
        if batch.is_read_again(&document) {
            continue;
        }
        let name = batch.name(&input);
        for block in examined.plan.blocks() {
            *status = (*status).max(Status::Found);
            let finding = reading_back(Finding::of(&document.body, &examined, block, &config.compare), &name)?;
            writing(write(&name, &finding, isolate, &mut output))?;
            totals.blocks += 1;
        }
        if !config.quiet {
            count(&mut totals, &document, &examined, &mut further)?;
        }
    }
    if !config.quiet {
        writing(totals.write(config.compare.unit, config.compare.min_words.get(), &mut output))?;
    }
    batch.finish_output(output)?;
    batch.finish();
    Ok(())
}

/// The levels beyond the folds in force, the loosest first, each with what it folds.
fn further_levels(options: &Options) -> Vec<(Level, Options)> {
    let folds = |level: Level| options.folds.union(level.folds());
    let levels = Level::ALL.into_iter().rev().filter(|&level| folds(level) != options.folds);
    levels.map(|level| (level, Options { folds: folds(level), ..options.clone() })).collect()
}

fn count(
    totals: &mut Totals,
    document: &Document,
    examined: &Examined,
    further: &mut [(Level, Examiner<'_>)],
) -> Result<()> {
    totals.documents += 1;
    totals.units += examined.units.len() as u64;
    totals.copies += examined.plan.copies() as u64;
    let passed = examined.let_pass();
    totals.let_pass.short += passed.short;
    totals.let_pass.protected += passed.protected;
    for (level, examiner) in further {
        let further = examiner.examine(document)?;
        if further.texts() == further.units.len() {
            // Nothing is equal to anything here, and less so at the levels between.
            break;
        }
        let found = (0..examined.units.len()).filter(|&at| further.plan.is_copy(at) && !examined.plan.is_copy(at));
        *totals.more_at.entry(*level).or_default() += found.count() as u64;
    }
    Ok(())
}
