//! What `check` and `diff` find, handed to the reports that were asked for.

use std::io;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use super::batch::{Batch, READ_BACK, Same, Subject};
use super::counted::{Counted, InDocument};
use super::known::Known;
use super::names::Named;
use super::reports::Reports;
use super::since::Since;
use super::{Status, args, decide, say};
use crate::config::{Config, Scope};
use crate::corpus::{Examined, Examiner, Repairs};
use crate::cut::Edits;
use crate::fold::Level;
use crate::plan::Block;
use crate::repair::Repairer;
use crate::report::account::Account;
use crate::report::{DocumentName, Finding, Needs, Pair, Totals};
use crate::source::{Body, Document, Raw};

pub(super) fn run(config: &Config, status: &mut Status) -> Result<()> {
    let mut since = Since::of(config)?;
    // Whether there were files, and none is left of them: by `--exclude` already, or because nothing was added to any.
    let (mut is_excluded, mut is_old) = (false, false);
    let mut batch = Batch::with(config, status, |found| {
        is_excluded = found.has_excluded && found.files.is_empty() && found.errors.is_empty();
        if let Some(since) = &mut since {
            let any_file = !found.files.is_empty();
            since.leave_out(found);
            is_old = any_file && found.files.is_empty() && found.errors.is_empty();
        }
    })?;
    if !is_excluded && !is_old {
        batch.refuse_nothing()?;
    }
    let known = Known::open(config, &batch)?;
    let reports = Reports::open(config, &batch)?;
    let needs = reports.needs();
    let mut counted = Counted::new(config, reports, since, known);
    let totals = match config.scope {
        Scope::Document => by_themselves(config, &mut batch, needs, &mut counted, status)?,
        Scope::Corpus => across(config, &mut batch, needs, &mut counted, status)?,
    };
    let (counts, mut reports, known) = counted.end(status)?;
    let Totals { copies, blocks, known: passed, since, .. } = counts;
    let (files, failed) = batch.done_and_failed();
    let nothing = totals.documents == 0 && failed == 0 && !config.allow_empty;
    let may_be_nothing = is_excluded || since.is_some();
    reports.end(&Totals { files, failed, copies, blocks, known: passed, since, is_excluded, ..totals })?;
    batch.close()?;
    reports.finish(&batch)?;
    if nothing && !may_be_nothing {
        // A wrong path or pattern would let everything pass.
        say("tikrar: no document was found in the files, so nothing was looked at (--allow-empty makes that no error)");
        *status = Status::Failed;
    }
    if nothing && may_be_nothing && !config.quiet {
        match is_excluded {
            true => say("tikrar: nothing was looked at: all files are left out"),
            false => say("tikrar: nothing was looked at: no text was added"),
        }
    }
    if let Some(known) = known {
        known.finish(&batch, !nothing && *status != Status::Failed)?;
    }
    batch.finish()
}

/// What repeats in a corpus.
fn across(
    config: &Config,
    batch: &mut Batch<'_>,
    needs: Needs,
    counted: &mut Counted<'_>,
    status: &mut Status,
) -> Result<Totals> {
    let mut came = Status::Fine;
    let mut repairer = config.repair.map(Repairer::new);
    let (documents, notes) = decide::each_found(config, batch, needs.pairs, status, |found| {
        let InFile { name, path, encoding } = InFile::of(config, &found.named, found.document);
        let findings = found.findings().context(READ_BACK)?;
        let edits = match &mut repairer {
            Some(repairer) => found.repairs(repairer).context(READ_BACK)?.edits,
            None => Edits::new(),
        };
        let (body, units) = (&found.document.body, found.units);
        let hold = |body: &Body| Ok(Body::held(body.bytes(0..body.len())?.into_owned()));
        counted.found(InDocument { name, path, body, encoding, units, findings, edits }, hold, &mut came)
    })?;
    *status = (*status).max(came);
    Ok(Totals { documents, units: notes.units, ..Totals::default() })
}

/// What repeats in documents that are looked at by themselves.
fn by_themselves(
    config: &Config,
    batch: &mut Batch<'_>,
    needs: Needs,
    counted: &mut Counted<'_>,
    status: &mut Status,
) -> Result<Totals> {
    // Of documents of which a part is looked at, all that is let pass would be too much.
    let let_pass = needs.let_pass && config.diff_base.is_none();
    let examiners = batch.examiners();
    let mut totals = Totals::default();
    batch.each_document(
        Same::Once,
        status,
        || examiners.clone(),
        |examiners, Subject { input, document, value }| {
            let (Config { compare, .. }, examiner) = examiners.of(input);
            let folds = needs.equality.then_some(compare.folds);
            let examined = examiner.examine(document)?;
            let finding = |block: Block| {
                let body = &document.body;
                let pairs = if needs.pairs { Pair::of_block(body, &examined, block)? } else { Vec::new() };
                let finding = Finding { pairs, ..Finding::of(body, &examined, block, folds)? };
                Ok((finding, block.first..block.first + block.len))
            };
            let findings = examined.plan.blocks().map(finding).collect::<io::Result<Vec<_>>>().context(READ_BACK)?;
            let mut totals = Totals { documents: 1, units: examined.units.len() as u64, ..Totals::default() };
            let (kind, least) = (config.compare.unit, config.compare.min_words);
            totals.is_mixed = (compare.unit, compare.min_words) != (kind, least);
            if let_pass {
                look_further(document, &examined, examiners.further(input), &mut totals)?;
            }
            let mut repairs = Repairs::default();
            if let Some(repairer) = examiners.repairer(input) {
                if let Some(why) = args::refusal(compare) {
                    bail!("--repair {why}");
                }
                repairs = examined.repairs(&document.body, repairer, value).context(READ_BACK)?;
            }
            let mut account = Account {
                units: totals.units,
                // Counted by unit, and the copies by block, so that the sums say something.
                kept: (0..examined.units.len()).filter(|&at| !examined.plan.is_copy(at)).count() as u64,
                copies: examined.plan.blocks().map(|block| block.len as u64).sum(),
                near: examined.near_copies() as u64,
                blocks: examined.plan.blocks().count() as u64,
                ..Account::default()
            };
            repairs.count(&mut account);
            let units = if (needs.cuts || needs.pairs) && !findings.is_empty() { examined.units } else { Vec::new() };
            Ok(((findings, repairs.edits), units, totals, account))
        },
        |named, document, ((findings, edits), units, of_document, account), status| {
            if findings.is_empty() && edits.is_empty() && config.diff_base.is_none() {
                totals.add(&of_document);
                return Ok(account);
            }
            let InFile { name, path, encoding } = InFile::of(config, &named, &document);
            if let Some(units) = counted.units(&name, of_document.units) {
                totals.add(&Totals { units, ..of_document });
            }
            if !findings.is_empty() || !edits.is_empty() {
                let found = InDocument { name, path, body: document.body, encoding, units, findings, edits };
                counted.found(found, Ok, status)?;
            }
            Ok(account)
        },
    )?;
    Ok(totals)
}

/// What is said of a document where something is found in it.
struct InFile {
    name: DocumentName,
    path: PathBuf,
    encoding: Option<&'static str>,
}

impl InFile {
    fn of(config: &Config, named: &Named<'_>, document: &Document) -> InFile {
        let encoding = document.raw.as_ref().map(Raw::encoding);
        InFile { name: named.document(config), path: named.path(config), encoding }
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
