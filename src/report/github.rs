//! The report `github`: a workflow command for each finding, which the host shows beside the text. It shows a few of each step
//! only, so there is a summary of the step too, in Markdown.

use std::io::{self, Write};

use super::excerpt::is_safe;
use super::{DocumentName, Finding, Found, Needs, Report, Totals, place, text};
use crate::corpus::Options;

/// The most findings in the summary of a step.
const LISTED: u64 = 200;

/// The most bytes of them: the summary of a step may have a MiB.
const BYTES: usize = 512 << 10;

/// The report.
pub struct Github {
    /// Where the summary of the step goes.
    step_summary: Option<Box<dyn Write + Send>>,
    rows: String,
    listed: u64,
    seen: u64,
}

impl Github {
    /// The report, with a summary of the step if there is a place for it.
    #[must_use]
    pub fn new(step_summary: Option<Box<dyn Write + Send>>) -> Github {
        Github { step_summary, rows: String::new(), listed: 0, seen: 0 }
    }

    fn list(&mut self, document: &DocumentName, finding: &Finding) {
        self.seen += 1;
        if self.step_summary.is_none() || self.listed >= LISTED {
            return;
        }
        let place = markdown(&format!("{}:{}", document.name, finding.lines.first));
        let (said, excerpt) = (markdown(&finding.to_string()), markdown(&finding.excerpt));
        let row = format!("| {place} | {said} | {excerpt} |\n");
        if self.rows.len() + row.len() <= BYTES {
            self.rows.push_str(&row);
            self.listed += 1;
        }
    }

    fn summary(&self, options: &Options, totals: &Totals) -> String {
        let mut summary = format!("### Repeated text\n\n{}\n", text::in_short(options, totals));
        if totals.failed > 0 {
            summary.push_str(&format!("\n{} could not be looked at\n", text::count(totals.failed, "file")));
        }
        if !self.rows.is_empty() {
            summary.push_str("\n| where | what | text |\n| --- | --- | --- |\n");
            summary.push_str(&self.rows);
        }
        if self.seen > self.listed {
            summary.push_str(&format!("\nand {} more\n", text::count(self.seen - self.listed, "finding")));
        }
        summary.push('\n');
        summary
    }
}

impl Report for Github {
    fn needs(&self) -> Needs {
        Needs { equality: true, ..Needs::default() }
    }

    fn found(&mut self, found: &Found<'_>, out: &mut dyn Write) -> io::Result<()> {
        for finding in found.findings {
            write_command(found.document, finding, out)?;
            self.list(found.document, finding);
        }
        Ok(())
    }

    fn end(&mut self, options: &Options, totals: &Totals, _: &mut dyn Write) -> io::Result<()> {
        let summary = self.summary(options, totals);
        match &mut self.step_summary {
            None => Ok(()),
            Some(file) => {
                file.write_all(summary.as_bytes())?;
                file.flush()
            }
        }
    }
}

/// One command.
fn write_command(document: &DocumentName, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "::warning ")?;
    // The path is what GitHub knows the file by, and the line is read on terminals too.
    if let Some(path) = place::path(document, |c| is_safe(c) || matches!(c, '\n' | '\r' | '\t')) {
        write!(out, "file={},", property(&path))?;
    }
    if document.record.is_none() {
        write!(out, "line={},endLine={},", finding.lines.first, finding.lines.last)?;
    }
    let title = property(finding.reason.rule().title());
    let said = format!("{}{finding}\n{}", place::of_record(document), finding.excerpt);
    writeln!(out, "title={title}::{}", data(&said))
}

/// What stands behind the second `::` of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Text in which Markdown and HTML see nothing but text.
fn markdown(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            ' ' | '.' | ',' | ':' | '/' | '-' | ';' | '%' | '?' => escaped.push(c),
            _ if c.is_ascii_punctuation() => escaped.push_str(&format!("&#{};", u32::from(c))),
            _ => escaped.push(c),
        }
    }
    escaped
}
