//! The reports of a run, each with where it goes.

use std::io::{IsTerminal as _, Write};
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::args::STEP_SUMMARY;
use super::batch::{Batch, READ_BACK, writing};
use super::leave_nothing_unfinished;
use crate::config::{Color, Config, ReportTo};
use crate::cut::FileCuts;
use crate::report::text::Style;
use crate::report::{DocumentName, Finding, Found, Needs, Report, ReportKind, ReportOptions, Totals, shown_name};
use crate::sink::{self, Output};
use crate::source::Body;
use crate::unit::Unit;

/// The reports of a run.
pub(super) struct Reports<'a> {
    config: &'a Config,
    reports: Vec<Open<'a>>,
    needs: Needs,
    /// Whether what stands before all findings is written.
    has_begun: bool,
}

/// A report that is written.
struct Open<'a> {
    to: &'a ReportTo,
    report: Box<dyn Report>,
    out: Output,
}

impl Open<'_> {
    /// Says where it was that something could not be written.
    fn written(&self, result: Result<()>) -> Result<()> {
        match &self.to.file {
            None => result,
            Some(path) => result.with_context(|| format!("--report {}={}", self.to.kind.name(), shown_name(path))),
        }
    }
}

impl<'a> Reports<'a> {
    /// Opens where the reports of a run go. Files appear when the run is done.
    pub(super) fn open(config: &'a Config, batch: &Batch<'_>) -> Result<Reports<'a>> {
        let mut reports: Vec<Open<'a>> = Vec::new();
        let mut step_summary = match &config.step_summary {
            None => None,
            Some(path) => {
                let out = Output::append(path, &batch.files).with_context(|| STEP_SUMMARY)?;
                Some(Box::new(out) as Box<dyn Write + Send>)
            }
        };
        for to in &config.reports {
            let out = match &to.file {
                None => batch.found_output()?,
                Some(path) => {
                    leave_nothing_unfinished()?;
                    let context = || format!("--report {}={}", to.kind.name(), shown_name(path));
                    Output::open(Some(path), &batch.files).with_context(context)?
                }
            };
            let is_there = |to: &ReportTo, out: &Output| {
                out.is_stdout() || to.file.as_deref().is_some_and(sink::is_where_stdout_goes)
            };
            if let Some(other) = reports.iter().find(|other| is_there(other.to, &other.out) && is_there(to, &out)) {
                let (one, other) = (other.to.kind.name(), to.kind.name());
                bail!("the reports {one} and {other} would both go to standard output: give one of them a file");
            }
            let step_summary = if to.kind == ReportKind::Github { step_summary.take() } else { None };
            let options = ReportOptions { style: style(config, &out), quiet: config.quiet, step_summary };
            reports.push(Open { to, report: to.kind.report(options), out });
        }
        let needs = reports.iter().fold(Needs::default(), |needs, open| needs.and(open.report.needs()));
        Ok(Reports { config, reports, needs, has_begun: false })
    }

    /// Writes what stands before all findings, once there is something to write: a run that is refused has written nothing.
    fn begin(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.has_begun, true) {
            return Ok(());
        }
        self.each(|report, out| writing(report.begin(out)))
    }

    /// What they need together.
    pub(super) fn needs(&self) -> Needs {
        self.needs
    }

    /// Writes what was found in a document, which is called so in a diff.
    pub(super) fn found(
        &mut self,
        document: &DocumentName,
        path: &Path,
        body: &Body,
        units: &[Unit],
        cuts: &FileCuts,
        findings: &[Finding],
    ) -> Result<()> {
        self.begin()?;
        let found = Found { document, path, body, units, cuts, findings };
        self.each(|report, out| {
            if findings.is_empty() && !report.needs().cuts {
                return Ok(());
            }
            // What can't be read is told from what can't be written.
            let mut written = Vec::new();
            report.found(&found, &mut written).context(READ_BACK)?;
            writing(out.write_all(&written))
        })
    }

    /// Writes what stands at the end.
    pub(super) fn end(&mut self, totals: &Totals) -> Result<()> {
        self.begin()?;
        let options = &self.config.compare;
        self.each(|report, out| writing(report.end(options, totals, out)))
    }

    /// Lets files appear. Where no document could be read there are none, and what stood in their places stays.
    pub(super) fn finish(self, batch: &Batch<'_>) -> Result<()> {
        for Open { to, out, .. } in self.reports {
            match &to.file {
                None => batch.finish_output(out)?,
                Some(_) if batch.none_is_done() => {}
                Some(path) => {
                    out.finish().with_context(|| format!("--report {}={}", to.kind.name(), shown_name(path)))?;
                }
            }
        }
        Ok(())
    }

    fn each(&mut self, mut write: impl FnMut(&mut dyn Report, &mut Output) -> Result<()>) -> Result<()> {
        for open in &mut self.reports {
            let result = write(&mut *open.report, &mut open.out);
            open.written(result)?;
        }
        Ok(())
    }
}

/// How text is set that goes there.
fn style(config: &Config, out: &Output) -> Style {
    let on_terminal = out.is_stdout() && std::io::stdout().is_terminal();
    let asks_for_none = || {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        is_set("NO_COLOR") || std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb")
    };
    let coloured = match config.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => on_terminal && !asks_for_none(),
    };
    Style { on_terminal, coloured }
}
