//! Where options come from besides the command line, as it is given; and `tikrar config`.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use super::{Check, Command, Compare, Reading};
use crate::config::{Changes, Config, OptionsFile, Override};
use crate::source::{Encodings, Globs, ReadOptions};

pub(super) const EXAMPLES: &str = "\
Examples:
  tikrar config show
  tikrar config show poems/a.txt          what holds for this file";

const SHOW_EXAMPLES: &str = "\
Examples:
  tikrar config show
  tikrar config show --level orthography poems/a.txt
  tikrar config show --no-config --min-words 8 > tikrar.toml";

/// What the baseline is called that a file names.
pub(super) const OWN_BASELINE: &str = "the `baseline` of tikrar.toml";

/// Where options come from.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Configuration")]
pub(super) struct Configuration {
    /// Take options from this file, and not from the tikrar.toml of the working folder or the nearest one above it
    ///
    /// What the command line says stands over the file. For text from standard input, and for `keys` and `drop`, a file is only
    /// taken if it is named here.
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config: Option<PathBuf>,
    /// Take options from no file
    #[arg(long)]
    no_config: bool,
    /// What the file says that is no argument.
    #[arg(skip)]
    pub(super) from_file: FromFile,
}

/// What a file of options says, beside the options that were put before those of the command line.
#[derive(Debug, Default)]
pub(in super::super) struct FromFile {
    pub(in super::super) file: Option<OptionsFile>,
    /// By which option the file was named.
    pub(in super::super) by: &'static str,
    pub(in super::super) baseline: Option<PathBuf>,
    pub(in super::super) include: Option<Globs>,
    pub(in super::super) exclude: Option<Globs>,
    pub(in super::super) overrides: Vec<OverrideGiven>,
}

/// What is otherwise for some paths, as a file gives it.
#[derive(Debug)]
pub(in super::super) struct OverrideGiven {
    pub(in super::super) paths: Globs,
    pub(in super::super) told: String,
    compared: Option<String>,
    given: ByPath,
    /// The options that are otherwise.
    names: BTreeSet<&'static str>,
}

/// The options that can differ by path.
#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct ByPath {
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    compare: Compare,
}

impl OverrideGiven {
    /// What these arguments say is otherwise; those of flags that are off are not among them.
    pub(in super::super) fn new(
        paths: Globs,
        told: String,
        compared: Option<String>,
        names: BTreeSet<&'static str>,
        arguments: Vec<OsString>,
    ) -> Result<OverrideGiven, clap::Error> {
        Ok(OverrideGiven { paths, told, compared, names, given: ByPath::try_parse_from(arguments)? })
    }

    fn resolve(self, read: &ReadOptions) -> Result<Override> {
        let OverrideGiven { paths, told, compared, names, given: ByPath { reading, compare } } = self;
        let has = |name: &str| names.contains(name);
        let folds = &compare.folds;
        let encodings = reading.encoding.map(|labels| labels.parse::<Encodings>()).transpose()?;
        let changes = Changes {
            level: has("level").then(|| folds.level()),
            fold_changes: if has("fold") { Some(folds.changes()?) } else { None },
            unit: has("unit").then(|| folds.unit()),
            min_words: has("min-words").then_some(compare.min_words),
            keep: compare.keep(read)?,
            format: has("format").then(|| reading.format.format()),
            text_field: reading.text_field,
            id_field: reading.id_field,
            delimiter: reading.delimiter,
            quoting: has("no-quoting").then_some(!reading.no_quoting),
            encodings: if has("encoding") { Some(encodings.unwrap_or_default()) } else { None },
            strict: has("strict").then_some(reading.strict),
        };
        Ok(Override { paths, changes, told, compared })
    }
}

impl FromFile {
    /// Adds what the file says to the options of a run.
    pub(super) fn resolve(self, config: &mut Config) -> Result<()> {
        let FromFile { file, by, baseline, include, exclude, overrides } = self;
        let Some(file) = file else { return Ok(()) };
        // It is not to be written over, nor taken for a text.
        config.walk.leave_out.push(file.path.clone());
        config.read_before.push((by, file.path.clone()));
        config.walk.leave_out.extend(baseline.clone());
        config.read_before.extend(baseline.clone().map(|path| (OWN_BASELINE, path)));
        config.own_baseline = baseline;
        config.file = Some(file);
        if include.is_some() {
            config.walk.include = include;
        }
        config.walk.exclude = match (config.walk.exclude.take(), exclude) {
            (Some(one), Some(other)) => Some(one.and(other)),
            (one, other) => one.or(other),
        };
        let overrides = overrides.into_iter().map(|given| given.resolve(&config.read));
        config.overrides = overrides.collect::<Result<_>>()?;
        Ok(())
    }
}

impl Command {
    /// Takes what a file of options says.
    pub(in super::super) fn take(&mut self, from_file: FromFile) {
        let configuration = match self {
            Command::Clean(clean) => &mut clean.look.configuration,
            Command::Diff(diff) => &mut diff.find.look.configuration,
            Command::Check(check) | Command::Config(ConfigCommand::Show(check)) => &mut check.find.look.configuration,
            Command::Explain(explain) => &mut explain.configuration,
            Command::Fold(fold) => &mut fold.configuration,
            Command::Keys(keys) => &mut keys.half.configuration,
            Command::Drop(drop) => &mut drop.half.configuration,
            Command::Restore(_) | Command::Index(_) | Command::Completions(_) | Command::Man(_) => return,
        };
        configuration.from_file = from_file;
    }
}

#[derive(Debug, Subcommand)]
pub(in super::super) enum ConfigCommand {
    /// Print the options that hold, as a tikrar.toml, with where each comes from
    ///
    /// The options are those of `check`. What is printed can be saved as a tikrar.toml in the same folder, and says the same there.
    #[command(after_help = SHOW_EXAMPLES)]
    #[command(mut_arg("paths", |paths| paths.help("Show what holds for these files too, which need not be there").long_help(None)))]
    #[command(mut_args(|arg| { let hides = arg.get_long().is_some_and(|name| WHERE_TO.contains(&name)); arg.hide(hides) }))]
    Show(Check),
}

/// Options of `check` that say where a run reads or writes, and here there is none.
pub(in super::super) const WHERE_TO: [&str; 9] =
    ["files-from", "null", "failed", "stdin-filename", "output", "summary", "report", "update-baseline", "diff-base"];
