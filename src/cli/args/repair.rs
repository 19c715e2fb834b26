//! What is mended in the text that stays, as it is given.

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::config::Config;
use crate::corpus;
use crate::fold::Level;
use crate::repair::{Kind, Kinds, QuoteStyle, Repair};
use crate::report::ReportKind;
use crate::unit::UnitKind;

#[derive(Debug, Args)]
#[command(next_help_heading = "Repair")]
pub(super) struct Repairing {
    /// Mend how the text that stays is set, without changing a word: all of it, or only what is named
    ///
    /// quotes: quotation marks that pair become those of one style. spaces: one between words, none before a comma or full stop and one
    /// behind it, none within quotation marks and brackets. invisible: stray invisible signs go. tatweel: what only stretches a
    /// word goes. Several are named with commas between; all and none are names too. Lines that would be another text stay as
    /// they are. What is a copy is decided before.
    #[arg(long, value_name = "KINDS", num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    #[arg(value_parser = kinds)]
    repair: Option<Kinds>,
    /// The quotation marks that --repair writes; a quotation within one is in the other kind
    #[arg(long, value_name = "STYLE", value_enum, default_value_t)]
    repair_quotes: StyleChoice,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum StyleChoice {
    /// «نص»
    #[default]
    Guillemets,
    /// "نص"
    Straight,
    /// ”نص“
    Curly,
}

impl Repairing {
    /// Adds it to the options of a run.
    pub(super) fn resolve(self, config: &mut Config) -> Result<()> {
        let quotes = match self.repair_quotes {
            StyleChoice::Guillemets => QuoteStyle::Guillemets,
            StyleChoice::Straight => QuoteStyle::Straight,
            StyleChoice::Curly => QuoteStyle::Curly,
        };
        let is_of_file = config.file.as_ref().is_some_and(|file| file.places.contains_key("repair-quotes"));
        if self.repair.is_none() && quotes != QuoteStyle::default() && !is_of_file {
            bail!("--repair-quotes is for --repair: give that too");
        }
        config.repair = self.repair.filter(|kinds| !kinds.is_empty()).map(|kinds| Repair { kinds, quotes });
        if config.repair.is_none() {
            return Ok(());
        }
        match refusal(&config.compare) {
            Some(why) => bail!("{} {why}", config.option("repair")),
            None => Ok(()),
        }
    }

    /// As [`Repairing::resolve`], for `diff`, of which only one report shows it.
    pub(super) fn resolve_shown(self, config: &mut Config) -> Result<()> {
        self.resolve(config)?;
        if config.repair.is_some() && !config.reports.iter().any(|report| report.kind == ReportKind::Unified) {
            let is_of_file = config.file.as_ref().is_some_and(|file| file.places.contains_key("repair"));
            if !is_of_file {
                bail!("--repair is shown by the report unified alone: add --report unified");
            }
            config.repair = None;
        }
        Ok(())
    }
}

/// Why units that are compared so are not mended, if they are not.
pub(in super::super) fn refusal(compare: &corpus::Options) -> Option<&'static str> {
    if compare.unit == UnitKind::Sentence {
        return Some("mends lines and paragraphs, and quotations reach over sentences: give --unit line or paragraph");
    }
    // What is equal only after it was mended would be found by the next run.
    let typography = Level::Typography.folds();
    let looks_past_all = compare.folds.union(typography) == compare.folds;
    (!looks_past_all).then_some("changes how text is set, which is compared here: give --level typography or a later one, without taking folds away")
}

fn kinds(given: &str) -> Result<Kinds, String> {
    match given {
        "all" => Ok(Kinds::default()),
        "none" => Ok(Kinds::of(&[])),
        names => {
            let kinds =
                names.split(',').map(|name| name.trim().parse().map_err(|error| format!("{error}, all and none")));
            Ok(Kinds::of(&kinds.collect::<Result<Vec<Kind>, String>>()?))
        }
    }
}

/// What `diff` is given.
#[derive(Debug, Args)]
pub(in super::super) struct Diff {
    #[command(flatten)]
    pub(super) find: super::Find,
    #[command(flatten)]
    repairing: Repairing,
}

impl Diff {
    /// The options of a run.
    pub(in super::super) fn resolve(self) -> Result<Config> {
        let mut config = self.find.resolve(ReportKind::Unified)?;
        self.repairing.resolve_shown(&mut config)?;
        Ok(config)
    }
}
