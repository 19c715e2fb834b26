//! The report `json`: JSON Lines, an object for each finding and a last one of the whole run. `docs/report.schema.json` says
//! what is in them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::{
    DocumentName, Equality, Finding, Fingerprint, Found, Lines, Needs, OriginalIn, Reason, Report, Totals, escaped,
};
use crate::corpus::{Options, Originals};
use crate::near::Nearness;

/// The report.
pub struct Json;

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    Finding(Box<OfFinding<'a>>),
    Summary(OfRun<'a>),
}

#[derive(Serialize)]
struct OfFinding<'a> {
    rule: &'static str,
    #[serde(flatten)]
    document: &'a DocumentName,
    lines: Lines,
    units: u64,
    words: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<Original<'a>>,
    /// Of boilerplate: in how many documents it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<u64>,
    /// Of a document: the share of its words that others have.
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<f64>,
    /// Of copies that are only nearly the same as their originals: how near.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    near: Vec<Near<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identical: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    folds: Option<Vec<&'static str>>,
    message: String,
    excerpt: &'a str,
    fingerprint: Fingerprint,
}

#[derive(Serialize)]
struct Near<'a> {
    alignment: f64,
    jaccard: f64,
    differences: &'a str,
}

#[derive(Serialize)]
struct Original<'a> {
    #[serde(rename = "in")]
    whose: &'static str,
    #[serde(flatten)]
    document: Option<&'a DocumentName>,
    #[serde(flatten)]
    at: Option<At>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum At {
    Lines(Lines),
    From(u64),
    Within(u64),
}

#[derive(Serialize)]
struct OfRun<'a> {
    tikrar: &'static str,
    keys: String,
    unit: &'static str,
    files: u64,
    failed: u64,
    documents: u64,
    units: u64,
    copies: u64,
    blocks: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    let_pass: Option<LetPass>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    more_at: BTreeMap<&'a str, u64>,
}

#[derive(Serialize)]
struct LetPass {
    short: u64,
    protected: u64,
}

impl Report for Json {
    fn needs(&self) -> Needs {
        Needs { equality: true, let_pass: true, fingerprints: true, ..Needs::default() }
    }

    fn found(&mut self, found: &Found<'_>, out: &mut dyn Write) -> io::Result<()> {
        found.findings.iter().try_for_each(|finding| line(&of_finding(found.document, finding), out))
    }

    fn end(&mut self, options: &Options, totals: &Totals, out: &mut dyn Write) -> io::Result<()> {
        let Totals { files, failed, documents, units, copies, blocks, known, ref since, let_pass, ref more_at, .. } =
            *totals;
        let summary = OfRun {
            tikrar: env!("CARGO_PKG_VERSION"),
            keys: options.key_version().to_string(),
            unit: options.unit.name(),
            files,
            failed,
            documents,
            units,
            copies,
            blocks,
            known,
            since: since.as_ref().map(|since| &*since.revision),
            let_pass: let_pass.map(|let_pass| LetPass { short: let_pass.short, protected: let_pass.protected }),
            more_at: more_at.iter().filter(|(_, more)| **more > 0).map(|(level, more)| (level.name(), *more)).collect(),
        };
        line(&Line::Summary(summary), out)
    }
}

fn line(line: &Line<'_>, out: &mut dyn Write) -> io::Result<()> {
    escaped::write(line, out)?;
    writeln!(out)
}

fn of_finding<'a>(document: &'a DocumentName, finding: &'a Finding) -> Line<'a> {
    let (mut original, mut documents, mut share) = (None, None, None);
    match &finding.reason {
        Reason::Copy { of, at, .. } => {
            let at = match *at {
                Originals::Lines(first, last) => At::Lines(Lines { first, last }),
                Originals::From(line) => At::From(line),
                Originals::Within(line) => At::Within(line),
            };
            original = Some(Original::new(of, Some(at)));
        }
        Reason::Boilerplate { documents: number } => documents = Some(*number),
        Reason::Repeating(repeating) => {
            (original, share) = (Some(Original::new(&repeating.most, None)), Some(repeating.share()));
        }
    }
    let (identical, folds) = match finding.equality {
        None => (None, None),
        Some(Equality::Bytes) => (Some(true), Some(Vec::new())),
        Some(Equality::Folds(folds)) => (Some(false), Some(folds.iter().map(|fold| fold.name()).collect())),
    };
    Line::Finding(Box::new(OfFinding {
        rule: finding.reason.rule().id(),
        document,
        lines: finding.lines,
        units: finding.units,
        words: finding.words,
        original,
        documents,
        share,
        near: finding.near().iter().map(Near::of).collect(),
        identical,
        folds,
        message: finding.to_string(),
        excerpt: &finding.excerpt,
        fingerprint: finding.fingerprint,
    }))
}

impl<'a> Near<'a> {
    fn of(nearness: &'a Nearness) -> Near<'a> {
        let [alignment, jaccard] = [nearness.alignment(), nearness.jaccard()];
        Near { alignment, jaccard, differences: nearness.differences() }
    }
}

impl<'a> Original<'a> {
    fn new(of: &'a OriginalIn, at: Option<At>) -> Original<'a> {
        let (whose, document) = match of {
            OriginalIn::Same => ("same", None),
            OriginalIn::Other(document) => ("other", Some(document)),
            OriginalIn::Earlier(document) => ("earlier", Some(document)),
        };
        Original { whose, document, at }
    }
}
