//! Findings, which are data, and what is written of them: one file a report.

pub mod account;
pub mod baseline;
mod defused;
mod escaped;
mod excerpt;
pub mod explain;
mod finding;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod json;
mod pair;
mod place;
mod rule;
pub mod sarif;
pub mod summary;
pub mod text;
mod totals;
pub mod unified;
mod visible;

use std::io::{self, Write};
use std::path::Path;
use std::str::FromStr;

use crate::corpus::Options;
use crate::cut::FileCuts;
use crate::source::Body;
use crate::unit::Unit;

pub use excerpt::{excerpt, shown_name, shown_start, shown_text};

pub use finding::{DocumentName, Equality, Finding, Fingerprint, Lines, Numbering, OriginalIn, Reason, Repetition};
pub use pair::{Original, Pair};
pub use rule::Rule;
pub use totals::{Since, Totals};

/// A report: what is written of findings, document by document, as they come.
pub trait Report: Send {
    /// What it tells of that takes work to know.
    fn needs(&self) -> Needs;

    /// Writes what stands before all findings.
    ///
    /// # Errors
    /// `out` can't be written.
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let _ = out;
        Ok(())
    }

    /// Writes what was found in a document, which is something.
    ///
    /// # Errors
    /// `out` can't be written, or the document can't be read back.
    fn found(&mut self, found: &Found<'_>, out: &mut dyn Write) -> io::Result<()>;

    /// Writes what stands behind all findings.
    ///
    /// # Errors
    /// `out` can't be written.
    fn end(&mut self, options: &Options, totals: &Totals, out: &mut dyn Write) -> io::Result<()> {
        let _ = (options, totals, out);
        Ok(())
    }
}

/// What was found in a document.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    /// What the document is called.
    pub document: &'a DocumentName,
    /// What it is called in a diff.
    pub path: &'a Path,
    /// Its text.
    pub body: &'a Body,
    /// Its units, if a report needs them.
    pub units: &'a [Unit],
    /// What of it goes or changes, if a report needs that.
    pub cuts: &'a FileCuts,
    /// What was found, in order.
    pub findings: &'a [Finding],
}

/// What reports tell of that takes work to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Which stretches go.
    pub cuts: bool,
    /// What makes copies and originals equal.
    pub equality: bool,
    /// Which repeats stay, and what a later level would find.
    pub let_pass: bool,
    /// Fingerprints that are numbered.
    pub fingerprints: bool,
    /// The units of documents, and copies beside their originals.
    pub pairs: bool,
}

impl Needs {
    /// What two need together.
    #[must_use]
    pub fn and(self, other: Needs) -> Needs {
        Needs {
            cuts: self.cuts || other.cuts,
            equality: self.equality || other.equality,
            let_pass: self.let_pass || other.let_pass,
            fingerprints: self.fingerprints || other.fingerprints,
            pairs: self.pairs || other.pairs,
        }
    }
}

/// The reports that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportKind {
    /// For people.
    Text,
    /// A unified diff.
    Unified,
    /// JSON Lines.
    Json,
    /// Workflow commands of GitHub.
    Github,
    /// Code quality issues of GitLab.
    Gitlab,
    /// The Static Analysis Results Interchange Format.
    Sarif,
    /// A page for a browser.
    Html,
}

/// How reports are made.
#[derive(Default)]
pub struct ReportOptions {
    /// How `text` is set.
    pub style: text::Style,
    /// Without the totals of `text`.
    pub quiet: bool,
    /// Where the summary of a step goes that `github` writes.
    pub step_summary: Option<Box<dyn Write + Send>>,
}

impl ReportKind {
    /// All of them.
    pub const ALL: [ReportKind; 7] = [
        ReportKind::Text,
        ReportKind::Unified,
        ReportKind::Json,
        ReportKind::Github,
        ReportKind::Gitlab,
        ReportKind::Sarif,
        ReportKind::Html,
    ];

    /// The name used on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ReportKind::Text => "text",
            ReportKind::Unified => "unified",
            ReportKind::Json => "json",
            ReportKind::Github => "github",
            ReportKind::Gitlab => "gitlab",
            ReportKind::Sarif => "sarif",
            ReportKind::Html => "html",
        }
    }

    /// Makes such a report.
    #[must_use]
    pub fn report(self, options: ReportOptions) -> Box<dyn Report> {
        match self {
            ReportKind::Text => Box::new(text::Text { style: options.style, has_totals: !options.quiet }),
            ReportKind::Unified => Box::new(unified::Unified),
            ReportKind::Json => Box::new(json::Json),
            ReportKind::Github => Box::new(github::Github::new(options.step_summary)),
            ReportKind::Gitlab => Box::new(gitlab::Gitlab::default()),
            ReportKind::Sarif => Box::new(sarif::Sarif::default()),
            ReportKind::Html => Box::new(html::Html::default()),
        }
    }
}

impl FromStr for ReportKind {
    type Err = UnknownReport;

    fn from_str(name: &str) -> Result<ReportKind, UnknownReport> {
        let found = ReportKind::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| UnknownReport { name: name.to_owned() })
    }
}

/// A name that no report has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no report '{}'; there are {}", name.escape_debug(), ReportKind::ALL.map(ReportKind::name).join(", "))]
pub struct UnknownReport {
    name: String,
}
