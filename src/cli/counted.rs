//! Which findings count: not those that a baseline knows, nor those in text that was there before a revision.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::batch::READ_BACK;
use super::known::Known;
use super::reports::Reports;
use super::since::Since;
use super::{Status, say};
use crate::config::Config;
use crate::cut::{self, Edits, FileCuts};
use crate::key::Key;
use crate::report::{DocumentName, Finding, Numbering, Totals};
use crate::source::Body;
use crate::unit::Unit;

/// A document in which something was found.
pub(super) struct InDocument<B> {
    pub(super) name: DocumentName,
    /// What it is called in a diff.
    pub(super) path: PathBuf,
    pub(super) body: B,
    /// The encoding of its file, if that is another.
    pub(super) encoding: Option<&'static str>,
    /// Its units, if a report needs them, or what goes.
    pub(super) units: Vec<Unit>,
    /// What was found, each with its units.
    pub(super) findings: Vec<(Finding, Range<usize>)>,
    /// What is changed in the units that stay.
    pub(super) edits: Edits,
}

/// Passes on the findings that count, to the reports.
pub(super) struct Counted<'a> {
    config: &'a Config,
    reports: Reports<'a>,
    since: Option<Since<'a>>,
    known: Option<Known<'a>>,
    numbering: Option<Numbering>,
    /// How many findings have been passed or found so far, by what is said in them.
    seen: HashMap<Key, u32>,
    /// Where some are known and have to have been added too: those were, until it is known how many others there are.
    held: Vec<InDocument<Body>>,
    /// What counts.
    totals: Totals,
    /// Whether a diff of a record was written.
    any_record: bool,
}

impl<'a> Counted<'a> {
    pub(super) fn new(
        config: &'a Config,
        reports: Reports<'a>,
        since: Option<Since<'a>>,
        known: Option<Known<'a>>,
    ) -> Counted<'a> {
        let numbering = (reports.needs().fingerprints || known.is_some()).then(Numbering::default);
        let totals =
            Totals { known: known.is_some().then_some(0), since: since.as_ref().map(Since::told), ..Totals::default() };
        let (seen, held) = (HashMap::new(), Vec::new());
        Counted { config, reports, since, known, numbering, seen, held, totals, any_record: false }
    }

    /// How many of so many units of a document are looked at; none where the document is not.
    pub(super) fn units(&self, document: &DocumentName, units: u64) -> Option<u64> {
        self.since.as_ref().map_or(Some(units), |since| since.units(document, units))
    }

    /// Takes what was found in a document, all of it. `hold` makes the text one that can be kept.
    pub(super) fn found<B: Borrow<Body>>(
        &mut self,
        mut found: InDocument<B>,
        hold: impl FnOnce(B) -> std::io::Result<Body>,
        status: &mut Status,
    ) -> Result<()> {
        for (finding, _) in &mut found.findings {
            if let Some(numbering) = &mut self.numbering {
                numbering.number(finding);
            }
            if let Some(known) = &mut self.known {
                known.add(finding, found.name.file.as_ref());
            }
        }
        if let Some(since) = &self.since {
            let (seen, is_known) = (&mut self.seen, self.known.is_some());
            found.findings.retain(|(finding, _)| {
                let counts = since.counts(&found.name, finding);
                if is_known && !counts {
                    *seen.entry(finding.fingerprint.hash()).or_default() += 1;
                }
                counts
            });
            if is_known && !found.findings.is_empty() {
                let InDocument { name, path, body, encoding, units, findings, edits } = found;
                let body = hold(body).context(READ_BACK)?;
                self.held.push(InDocument { name, path, body, encoding, units, findings, edits });
                return Ok(());
            }
        }
        let InDocument { name, path, body, encoding, units, findings, edits } = found;
        self.pass_on(InDocument { name, path, body: body.borrow(), encoding, units, findings, edits }, status)
    }

    /// Hands what is not known to the reports.
    fn pass_on(&mut self, mut found: InDocument<&Body>, status: &mut Status) -> Result<()> {
        if let Some(known) = &self.known {
            let (seen, passed) = (&mut self.seen, self.totals.known.get_or_insert_default());
            found.findings.retain(|(finding, _)| {
                let seen = seen.entry(finding.fingerprint.hash()).or_default();
                *seen += 1;
                let is_known = *seen <= known.passes(finding);
                *passed += u64::from(is_known);
                !is_known
            });
        }
        if found.findings.is_empty() && found.edits.is_empty() {
            return Ok(());
        }
        *status = (*status).max(Status::Found);
        let InDocument { name, path, body, encoding, units, findings, edits } = found;
        self.totals.copies += findings.iter().map(|(finding, _)| finding.units).sum::<u64>();
        self.totals.blocks += findings.len() as u64;
        let (findings, blocks): (Vec<Finding>, Vec<Range<usize>>) = findings.into_iter().unzip();
        let mut cuts = FileCuts::default();
        if self.reports.needs().cuts {
            let goes = |at: usize| {
                let next = blocks.partition_point(|block| block.end <= at);
                blocks.get(next).is_some_and(|block| block.start <= at)
            };
            let stretches = match name.record {
                Some(_) => cut::stretches_of_value(body, &units, goes),
                None => cut::stretches(body, &units, goes),
            }
            .context(READ_BACK)?;
            cuts = FileCuts::with_edits(stretches, edits);
            self.say_of_diff(&name, encoding);
        }
        self.reports.found(&name, &path, body, &units, &cuts, &findings)
    }

    /// Says what is not to be expected of the diff of a document.
    fn say_of_diff(&mut self, document: &DocumentName, encoding: Option<&str>) {
        if self.config.quiet {
            return;
        }
        if document.record.is_some() && !std::mem::replace(&mut self.any_record, true) {
            say("tikrar: a diff of records shows their texts, and patch can't apply it");
        }
        if let Some(encoding) = encoding {
            let name = &document.name;
            say(format_args!("tikrar: warning: {name}: is {encoding}, so the diff applies to its text in UTF-8"));
        }
    }

    /// All was looked at: hands on what was held, and returns what counted, and where to go on.
    pub(super) fn end(mut self, status: &mut Status) -> Result<(Totals, Reports<'a>, Option<Known<'a>>)> {
        for InDocument { name, path, body, encoding, units, findings, edits } in std::mem::take(&mut self.held) {
            self.pass_on(InDocument { name, path, body: &body, encoding, units, findings, edits }, status)?;
        }
        Ok((self.totals, self.reports, self.known))
    }
}
