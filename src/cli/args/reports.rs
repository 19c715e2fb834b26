//! What is written of findings, and where, as it is given.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::builder::{EnumValueParser, OsStringValueParser, PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Args, Command, Error, ValueEnum};

use super::FormatChoice;
use crate::config::{Color, Config, ReportTo};
use crate::report::ReportKind;

/// The variable that names the file for the summary of a step of a workflow.
pub(in super::super) const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct Reports {
    /// What is written of the findings, and to which file; without one, where -o says. May be given several times
    ///
    /// text: for people; what check writes if nothing is asked for. unified: a diff; what diff writes. json: JSON Lines, an
    /// object a finding and a last one of the run. github: workflow commands, and a summary of the step. gitlab: code quality
    /// issues. sarif: a log in SARIF 2.1.0. html: a page for a browser.
    #[arg(long, value_name = "NAME[=FILE]", value_parser = OsStringValueParser::new().try_map(|given| report(&given)))]
    report: Vec<ReportTo>,
    /// Whether the report text has colours; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    color: ColorChoice,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

impl Reports {
    /// Adds them to the options of a run; without any there is the one that its command writes.
    pub(super) fn resolve(self, config: &mut Config, usual: ReportKind) -> Result<()> {
        config.color = match self.color {
            ColorChoice::Auto => Color::Auto,
            ColorChoice::Always => Color::Always,
            ColorChoice::Never => Color::Never,
        };
        config.reports = self.report;
        if config.reports.is_empty() {
            config.reports.push(ReportTo { kind: usual, file: None });
        }
        if config.reports.iter().any(|report| report.kind == ReportKind::Github) {
            config.step_summary = std::env::var_os(STEP_SUMMARY).filter(|path| !path.is_empty()).map(PathBuf::from);
            config.walk.leave_out.extend(config.step_summary.clone());
        }
        config.walk.leave_out.extend(config.reports.iter().filter_map(|report| report.file.clone()));
        let mut on_output =
            config.reports.iter().filter(|report| report.file.is_none()).map(|report| report.kind.name());
        match (on_output.next(), on_output.next(), &config.output) {
            (Some(one), Some(other), _) => {
                bail!(
                    "the reports {one} and {other} would go to one place: give one of them a file, as in --report {other}=FILE"
                )
            }
            (None, _, Some(_)) => bail!("-o is for the report without a file, and each has one"),
            _ => Ok(()),
        }
    }
}

/// A report and where it goes.
fn report(given: &OsStr) -> Result<ReportTo, String> {
    let bytes = given.as_encoded_bytes();
    let end = bytes.iter().position(|&byte| byte == b'=').unwrap_or(bytes.len());
    let kind = String::from_utf8_lossy(&bytes[..end]).parse::<ReportKind>().map_err(|error| error.to_string())?;
    let file = match bytes.get(end + 1..) {
        None => None,
        Some([]) => return Err(format!("there is no file behind {}=", kind.name())),
        Some(path) => Some(path_of(path)?),
    };
    Ok(ReportTo { kind, file: file.filter(|path| path.as_os_str() != "-") })
}

fn path_of(bytes: &[u8]) -> Result<PathBuf, String> {
    super::path_of(bytes).map_err(|error| error.to_string())
}

/// The format of the input. Who names a report there has mistaken it for that of the output.
#[derive(Clone)]
pub(super) struct FormatParser;

impl TypedValueParser for FormatParser {
    type Value = FormatChoice;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<FormatChoice, Error> {
        let formats = EnumValueParser::<FormatChoice>::new();
        let report = value.to_str().and_then(|name| name.parse::<ReportKind>().ok());
        formats.parse_ref(command, arg, value).map_err(|error| match report {
            Some(report) => command.clone().error(
                ErrorKind::InvalidValue,
                format!(
                    "--format is how the input is read, and {0} is a report of diff and check: --report {0}",
                    report.name()
                ),
            ),
            None => error,
        })
    }

    fn parse(&self, command: &Command, arg: Option<&Arg>, value: OsString) -> Result<FormatChoice, Error> {
        self.parse_ref(command, arg, &value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let values = FormatChoice::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        Some(Box::new(values))
    }
}
