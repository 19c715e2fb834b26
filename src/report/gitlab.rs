//! The report `gitlab`: an array of code quality issues, as they are shown beside a merge request.

use std::io::{self, Write};

use serde::Serialize;

use super::{Found, Needs, Report, Totals, escaped, place};
use crate::corpus::Options;

/// The report.
#[derive(Default)]
pub struct Gitlab {
    /// Whether an issue stands before the next.
    has_issues: bool,
}

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'a str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Begin,
}

#[derive(Serialize)]
struct Begin {
    begin: u64,
}

impl Report for Gitlab {
    fn needs(&self) -> Needs {
        Needs { equality: true, fingerprints: true, ..Needs::default() }
    }

    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "[")
    }

    fn found(&mut self, found: &Found<'_>, out: &mut dyn Write) -> io::Result<()> {
        let document = found.document;
        for finding in found.findings {
            // A line there has to be, even of a record.
            let begin = if document.record.is_some() { 1 } else { finding.lines.first };
            let issue = Issue {
                description: format!("{}{finding}: {}", place::of_record(document), finding.excerpt),
                check_name: finding.reason.rule().id(),
                fingerprint: finding.fingerprint.to_string(),
                severity: "minor",
                location: Location {
                    path: place::path(document, |_| true).unwrap_or_else(|| document.name.clone()),
                    lines: Begin { begin },
                },
            };
            writeln!(out, "{}", if std::mem::replace(&mut self.has_issues, true) { "," } else { "" })?;
            escaped::write(&issue, out)?;
        }
        Ok(())
    }

    fn end(&mut self, _: &Options, _: &Totals, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}]", if self.has_issues { "\n" } else { "" })
    }
}
