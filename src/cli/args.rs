//! The command line as it is given.

mod across;
mod check;
mod clean;
mod config;
mod engine;
mod explain;
mod index;
mod nearly;
mod number;
mod program;
mod repair;
mod reports;
mod restore;

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};

use self::across::Across;
pub(super) use self::check::Check;
pub(super) use self::clean::Clean;
use self::config::Configuration;
pub(super) use self::config::{ConfigCommand, FromFile, OverrideGiven, WHERE_TO};
pub(super) use self::engine::{Drop, Keys};
pub(super) use self::explain::{Explain, PlaceOfLine};
pub(super) use self::index::Index;
#[cfg(feature = "index")]
pub(super) use self::index::{Indexes, Merge};
use self::nearly::Nearly;
pub(super) use self::program::{Completions, Man};
pub(super) use self::repair::{Diff, refusal};
pub(super) use self::reports::STEP_SUMMARY;
use self::reports::{FormatParser, Reports};
pub(super) use self::restore::Restore;
use super::progress;
use crate::config::{Color, Config, Later, Overrides, Progress, Scope};
use crate::corpus::{self, Empty, Keep, KeepPlace, Threads};
use crate::fold::{FoldChanges, Level, RULES, UNICODE_VERSION};
use crate::format::{Format, RecordOptions};
use crate::report::{ReportKind, shown_name};
use crate::source::{Document, Encodings, Globs, Input, KeptStdin, ReadOptions, Spooling, WalkOptions};
use crate::unit::{Splitter, UnitKind};

/// Finds and removes repeated paragraphs in Arabic text.
///
/// A unit (a line, a paragraph or a sentence) is a copy when it lies in a run of at least 10 words that already began earlier in the
/// same document. Units are compared folded: quotation marks, spaces, invisible characters, digits and the like may be
/// typed another way. What is kept is written byte for byte as it was.
#[derive(Debug, Parser)]
#[command(name = "tikrar", version, long_version = long_version(), arg_required_else_help = true, max_term_width = 100)]
#[command(disable_help_subcommand = true, after_help = STATUS)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

const STATUS: &str = "\
Examples:
  tikrar diff article.txt                     look first
  tikrar clean article.txt > cleaned.txt
  tikrar clean -i articles/
  tikrar explain article.txt:9                why is line 9 still here?

Exit status:
  0  nothing found, or the work is done
  1  check or diff found copies
  2  an error: usage, unreadable input, unknown encoding";

fn long_version() -> String {
    let (major, minor, patch) = UNICODE_VERSION;
    let composed = unicode_normalization::UNICODE_VERSION;
    let segmented = unicode_segmentation::UNICODE_VERSION;
    format!(
        "{}\nkeys: rules {RULES} and its tables, Unicode {major}.{minor}.{patch}; composed by Unicode {}.{}.{}\n\
         excerpts: Unicode {}.{}.{}",
        env!("CARGO_PKG_VERSION"),
        composed.0,
        composed.1,
        composed.2,
        segmented.0,
        segmented.1,
        segmented.2,
    )
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write the text without its copies
    #[command(after_help = clean::EXAMPLES)]
    Clean(Clean),
    /// Show what would go, as a unified diff that `patch` applies; exit 1 when something would
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(Diff),
    /// List the copies, for people and CI; exit 1 when there is one
    #[command(after_help = CHECK_EXAMPLES)]
    Check(Check),
    /// Say why the unit on a line goes, or is still here; or whether two are equal, and by which folds
    #[command(after_help = explain::EXAMPLES)]
    Explain(Explain),
    /// Write the folded text, a line a unit: what is compared
    #[command(after_help = FOLD_EXAMPLES)]
    Fold(Fold),
    /// Show the options that hold, and where they come from
    #[command(subcommand, after_help = config::EXAMPLES, disable_help_subcommand = true, arg_required_else_help = true)]
    Config(ConfigCommand),
    /// Put back what `clean --removed` has told of, byte for byte
    #[command(after_help = restore::EXAMPLES)]
    Restore(Restore),
    Keys(Keys),
    Drop(Drop),
    /// Look at indexes that are kept between runs, check them, put several together
    #[command(subcommand, after_help = index::EXAMPLES, disable_help_subcommand = true, arg_required_else_help = true)]
    Index(Index),
    /// Write what a shell needs to complete command lines of tikrar
    #[command(after_help = program::COMPLETIONS_EXAMPLES)]
    Completions(Completions),
    /// Write the manual page of tikrar, or of one of its commands, as roff
    #[command(after_help = program::MAN_EXAMPLES)]
    Man(Man),
}

const DIFF_EXAMPLES: &str = "\
Examples:
  tikrar diff article.txt
  tikrar diff articles/ > copies.patch; patch -p0 < copies.patch";

const CHECK_EXAMPLES: &str = "\
Examples:
  tikrar check article.txt
  tikrar check --min-words 5 articles/
  tikrar check -q articles/ > findings.txt || echo 'something repeats'
  tikrar check --report text --report sarif=tikrar.sarif articles/
  tikrar check --baseline known.jsonl --update-baseline articles/     from now on only what is new
  tikrar check --baseline known.jsonl articles/
  tikrar check --diff-base origin/main articles/
  tikrar check --scope corpus --report html=copies.html articles/";

const FOLD_EXAMPLES: &str = "\
Examples:
  tikrar fold article.txt
  tikrar fold --level loose article.txt | sort | uniq -d";

#[derive(Debug, Args)]
pub(super) struct Look {
    #[command(flatten)]
    input: Inputs,
    #[command(flatten)]
    compare: Compare,
    #[command(flatten)]
    nearly: Nearly,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    configuration: Configuration,
}

#[derive(Debug, Args)]
pub(super) struct Fold {
    #[command(flatten)]
    input: Inputs,
    #[command(flatten)]
    folds: FoldsArgs,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    configuration: Configuration,
}

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Input")]
struct Inputs {
    /// Files, and folders with files of known kinds; none, or -, is standard input
    ///
    /// A file is text, or by its extension JSON Lines (.jsonl .ndjson), JSON, CSV, TSV or Parquet, and each of them may be
    /// compressed (.gz .zst .bz2 .xz).
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    walking: Walking,
    /// Take the paths in this file too, a line each; - is standard input
    #[arg(long, value_name = "FILE")]
    files_from: Option<PathBuf>,
    /// In --files-from and --failed paths end with NUL, not with a line end
    #[arg(short = '0', long = "null")]
    nul_separated: bool,
    /// Write the paths of files that could not be done to this file, a line each
    #[arg(long, value_name = "FILE")]
    failed: Option<PathBuf>,
    /// No document at all is no error
    #[arg(long)]
    allow_empty: bool,
}

/// Which files are taken.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Input")]
struct Walking {
    /// Leave out of folders what git would ignore
    #[arg(long)]
    gitignore: bool,
    /// Take only files that fit this pattern, by whatever extension: '*.txt', 'news/**/2024-*'
    ///
    /// A pattern without a slash is of names; one with a slash is of the path as given, or from the folder that was named.
    /// It holds for paths that are given by name too.
    #[arg(long, value_name = "GLOB")]
    include: Vec<String>,
    /// Leave out files and folders that fit this pattern
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
}

/// How a file is read.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Input")]
struct Reading {
    /// Encodings to try, in order, as in utf-8,windows-1256; any label of the WHATWG Encoding Standard
    ///
    /// Without it text is UTF-8, or UTF-16 by its byte order mark. Decoded text is written as UTF-8.
    #[arg(long, value_name = "LIST")]
    encoding: Option<String>,
    /// Refuse text in which a byte is not UTF-8, instead of passing it through with a warning
    #[arg(long)]
    strict: bool,
    /// How the input is read, whatever its name says
    #[arg(long, value_name = "FORMAT", value_parser = FormatParser, default_value = "auto")]
    format: FormatChoice,
    /// The field with the text of a record: a name, or a path of names as in article.body
    ///
    /// Without it, the first of text, content, body and article that there is in the first record that has one of them. In
    /// JSON an array of strings is an array of paragraphs.
    #[arg(long, value_name = "FIELD", help_heading = "Records")]
    text_field: Option<String>,
    /// The field that a record is called by in what is said of it [default: id]
    #[arg(long, value_name = "FIELD", help_heading = "Records")]
    id_field: Option<String>,
    /// What stands between the fields of CSV and TSV files; without it, what the first row has most of: , ; tab or |
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter, help_heading = "Records")]
    delimiter: Option<u8>,
    /// Quotation marks around the fields of CSV and TSV files are part of their text
    #[arg(long, help_heading = "Records")]
    no_quoting: bool,
    /// What to call standard input
    #[arg(long, value_name = "PATH")]
    stdin_filename: Option<PathBuf>,
    /// Where documents over 256 MiB wait while they are looked at
    #[arg(long, value_name = "FOLDER")]
    temp_dir: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum FormatChoice {
    /// What the name says; without one, JSON Lines if it looks like that, and else text
    #[default]
    Auto,
    /// Each file is one document
    Text,
    /// Each line is a JSON object, a document
    Jsonl,
    /// Each element of an array is a document, or each of the objects that stand one after the other
    Json,
    /// Each row is a document; the first row names the columns
    Csv,
    /// As csv, with tabs
    Tsv,
    /// Each row is a document
    Parquet,
}

impl FormatChoice {
    fn format(self) -> Option<Format> {
        Some(match self {
            FormatChoice::Auto => return None,
            FormatChoice::Text => Format::Text,
            FormatChoice::Jsonl => Format::JsonLines,
            FormatChoice::Json => Format::Json,
            FormatChoice::Csv => Format::Csv,
            FormatChoice::Tsv => Format::Tsv,
            FormatChoice::Parquet => Format::Parquet,
        })
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What counts as equal")]
struct FoldsArgs {
    /// How much may differ between a text and its copy
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t)]
    level: LevelChoice,
    /// Add folds to the level, or take some away: +diacritics,-digits
    ///
    /// typography: spaces invisible controls entities forms fullwidth tatweel yehkaf tanwin doubledmarks digits quotes
    /// dashes punctuation bullets. orthography: diacritics hamza yeh heh kaf waw percent. loose: teh case grouping
    /// nobullets nopunctuation nospaces.
    #[arg(long, value_name = "CHANGES", allow_hyphen_values = true)]
    fold: Vec<String>,
    /// What is compared
    #[arg(long, value_name = "UNIT", value_enum, default_value_t)]
    unit: UnitChoice,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum LevelChoice {
    /// Byte for byte, but for line ends, outer white space and canonical equivalence
    Exact,
    /// The same text, set differently: no letter and no number is lost
    #[default]
    Typography,
    /// The same words, spelled by another habit: vowel marks, hamza, yeh
    Orthography,
    /// The same letters and numbers: punctuation, spaces, teh marbuta do not count
    Loose,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum UnitChoice {
    /// A line that is not blank
    #[default]
    Line,
    /// The lines between blank lines, joined
    Paragraph,
    /// A sentence of a line
    Sentence,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What counts as a copy")]
struct Compare {
    #[command(flatten)]
    folds: FoldsArgs,
    /// The fewest words of a run that can be a copy
    #[arg(long, value_name = "N", default_value_t = corpus::MIN_WORDS, value_parser = number::at_least_1)]
    min_words: NonZeroU32,
    /// Never remove a unit in which this is found: a regular expression, on the unit as it is written
    #[arg(long, value_name = "REGEX")]
    keep: Vec<String>,
    /// Never remove a unit that folds as a line of this file does
    #[arg(long, value_name = "FILE")]
    keep_file: Vec<PathBuf>,
}

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Output")]
struct Output {
    /// Write to this file instead of standard output; it appears whole, or not at all
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write what was read, removed and written to this file, as JSON: in all, and file by file
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// How it is shown how far the run is
    #[arg(long, value_name = "HOW", value_enum, default_value_t)]
    progress: ProgressChoice,
    /// No notes on standard error, and no totals
    #[arg(short, long)]
    quiet: bool,
    /// How many threads may be used; without it as many as there are processors. What is written is the same for any
    #[arg(short = 'j', long, value_name = "N", value_parser = number::threads)]
    threads: Option<NonZeroUsize>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ProgressChoice {
    /// A bar on standard error if that is a terminal, and else nothing
    #[default]
    Auto,
    /// A bar, or lines where there is no terminal
    Bar,
    /// A line every ten seconds
    Plain,
    /// Nothing
    None,
}

fn delimiter(given: &str) -> Result<u8, String> {
    match given.as_bytes() {
        _ if given == "\\t" => Ok(b'\t'),
        [b'"' | b'\n' | b'\r'] => Err("it can't stand between fields".to_owned()),
        &[byte] if byte.is_ascii() => Ok(byte),
        _ => Err("it is one ASCII character, or \\t".to_owned()),
    }
}

/// `-iSUFFIX` as its long form, which is how clap can tell the suffix from a path; and `-:LINE`, a line of standard input, without
/// its hyphen, as clap would take it for options.
pub(super) fn with_long_in_place(arguments: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let mut options_end = false;
    let mut after_fold = false;
    arguments.map(move |argument| {
        options_end |= argument == "--";
        let is_value = std::mem::replace(&mut after_fold, argument == "--fold");
        let bytes = argument.as_encoded_bytes();
        match argument.to_str().and_then(|text| text.strip_prefix("-i")) {
            Some(suffix) if bytes.len() > 2 && !options_end && !is_value => {
                format!("--in-place={}", suffix.strip_prefix('=').unwrap_or(suffix)).into()
            }
            _ => match argument.to_str().and_then(|text| text.strip_prefix('-')) {
                Some(line) if line.starts_with(':') && !options_end && !is_value => line.into(),
                _ => argument,
            },
        }
    })
}

impl FoldsArgs {
    fn level(&self) -> Level {
        match self.level {
            LevelChoice::Exact => Level::Exact,
            LevelChoice::Typography => Level::Typography,
            LevelChoice::Orthography => Level::Orthography,
            LevelChoice::Loose => Level::Loose,
        }
    }

    fn changes(&self) -> Result<FoldChanges> {
        FoldChanges::of(&self.fold).context("--fold")
    }

    fn unit(&self) -> UnitKind {
        match self.unit {
            UnitChoice::Line => UnitKind::Line,
            UnitChoice::Paragraph => UnitKind::Paragraph,
            UnitChoice::Sentence => UnitKind::Sentence,
        }
    }
}

impl Compare {
    /// Keep files are read as documents are, in the same encodings.
    fn keep(&self, read: &ReadOptions) -> Result<Keep> {
        let (mut texts, mut places) = (Vec::new(), Vec::new());
        for path in &self.keep_file {
            let context = || format!("--keep-file {}", shown_name(path));
            let document = Document::read(&Input::File(path.clone()), read).with_context(context)?;
            if let Some(damage) = document.damage {
                super::say(format_args!("tikrar: warning: {}: {damage}", context()));
            }
            let text = document.body.bytes(0..document.body.len()).with_context(context)?;
            let file: Arc<str> = shown_name(path).into();
            Splitter::new(UnitKind::Line).split(&text, true, |unit, line| {
                texts.push(line.to_vec());
                places.push(KeepPlace { file: Arc::clone(&file), line: unit.first_line() });
            });
        }
        Ok(Keep::new(&self.keep, texts).context("--keep")?.with_places(places))
    }
}

/// The paths that a file lists.
fn listed(list: &Path, nul_separated: bool, paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut text = Vec::new();
    if list.as_os_str() == "-" {
        if paths.iter().any(|path| path.as_os_str() == "-") {
            bail!("standard input can't be both a list of files and a text");
        }
        io::stdin().read_to_end(&mut text).context("--files-from -")?;
    } else {
        text = std::fs::read(list).with_context(|| format!("--files-from {}", shown_name(list)))?;
    }
    let end = if nul_separated { 0 } else { b'\n' };
    text.split(|&byte| byte == end).filter(|path| !path.is_empty()).map(path_of).collect()
}

#[cfg(unix)]
pub(super) fn path_of(bytes: &[u8]) -> Result<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    Ok(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
}

#[cfg(not(unix))]
pub(super) fn path_of(bytes: &[u8]) -> Result<PathBuf> {
    let path = std::str::from_utf8(bytes).context("--files-from: a path is not UTF-8")?;
    Ok(PathBuf::from(path.strip_suffix('\r').unwrap_or(path)))
}

/// The plain options of a run.
fn resolve(input: Inputs, folds: &FoldsArgs, compare: Option<&Compare>, output: Output) -> Result<Config> {
    let progress = match output.progress {
        ProgressChoice::Auto if output.quiet => Progress::None,
        ProgressChoice::Auto => Progress::Auto,
        ProgressChoice::Bar => Progress::Bar,
        ProgressChoice::Plain => Progress::Plain,
        ProgressChoice::None => Progress::None,
    };
    let reading = input.reading;
    let encodings = reading.encoding.map(|labels| labels.parse::<Encodings>()).transpose().context("--encoding")?;
    let read = ReadOptions {
        encodings: encodings.unwrap_or_default(),
        strict: reading.strict,
        as_utf8: false,
        spooling: Spooling { temp_dir: reading.temp_dir, ..Spooling::default() },
        tap: progress::tap(progress),
        stdin: None,
    };
    let keep_files = compare.into_iter().flat_map(|compare| &compare.keep_file);
    let mut read_before: Vec<_> = keep_files.map(|path| ("--keep-file", path.clone())).collect();
    read_before.extend(input.files_from.clone().map(|path| ("--files-from", path)));
    let list = input.files_from.as_deref();
    let listed = list.map_or_else(|| Ok(Vec::new()), |list| listed(list, input.nul_separated, &input.paths))?;
    let records = RecordOptions {
        text_field: reading.text_field,
        id_field: reading.id_field,
        delimiter: reading.delimiter,
        quoting: !reading.no_quoting,
        joint: folds.unit().joint(),
        sample: None,
        annotate: None,
    };
    let (level, fold_changes) = (folds.level(), folds.changes()?);
    let leave_out = [&input.failed, &output.summary].into_iter().flatten().cloned().collect();
    Ok(Config {
        level,
        fold_changes,
        scope: Scope::Document,
        memory: None,
        empty: Empty::Keep,
        compare: corpus::Options {
            folds: fold_changes.of_set(level.folds()),
            unit: folds.unit(),
            min_words: compare.map_or(corpus::MIN_WORDS, |compare| compare.min_words),
            keep: compare.map(|compare| compare.keep(&read)).transpose()?.unwrap_or_default(),
            near: None,
        },
        read,
        repair: None,
        paths: input.paths,
        stdin_filename: reading.stdin_filename,
        format: reading.format.format(),
        records,
        listed,
        is_listed: input.files_from.is_some(),
        walk: WalkOptions {
            gitignore: input.walking.gitignore,
            include: Globs::new(&input.walking.include)
                .and_then(|globs| Globs::refuse_folders(&input.walking.include).map(|()| globs))
                .context("--include")?,
            exclude: Globs::new(&input.walking.exclude).context("--exclude")?,
            leave_out,
        },
        allow_empty: input.allow_empty,
        output: output.output,
        read_before,
        failed: input.failed,
        nul_separated: input.nul_separated,
        summary: output.summary,
        dry_run: false,
        verify: false,
        boilerplate: None,
        drop_above: None,
        index: None,
        removed: None,
        is_told: false,
        max_removed: None,
        progress,
        quiet: output.quiet,
        baseline: None,
        own_baseline: None,
        update_baseline: false,
        diff_base: None,
        reports: Vec::new(),
        step_summary: None,
        color: Color::default(),
        threads: output.threads.map_or(Threads::All, Threads::AtMost),
        overrides: Overrides::default(),
        file: None,
        later: Later::default(),
    })
}

/// What `diff` and `check` are given.
#[derive(Debug, Args)]
pub(super) struct Find {
    #[command(flatten)]
    look: Look,
    #[command(flatten)]
    across: Across,
    #[command(flatten)]
    reports: Reports,
}

impl Find {
    /// The options of a run, which writes this report if none is asked for.
    pub(super) fn resolve(self, usual: ReportKind) -> Result<Config> {
        let mut config = self.look.resolve()?;
        self.across.resolve(&mut config)?;
        self.reports.resolve(&mut config, usual)?;
        if config.scope == Scope::Corpus {
            // All is read again for what is shown of it, and nothing is written.
            config.read.stdin = Some(KeptStdin::default());
            (config.dry_run, config.is_told) = (true, true);
        }
        Ok(config)
    }
}

impl Look {
    pub(super) fn resolve(self) -> Result<Config> {
        let mut config = resolve(self.input, &self.compare.folds, Some(&self.compare), self.output)?;
        config.compare.near = self.nearly.near()?;
        self.configuration.from_file.resolve(&mut config)?;
        Ok(config)
    }
}

impl Fold {
    pub(super) fn resolve(self) -> Result<Config> {
        let mut config = resolve(self.input, &self.folds, None, self.output)?;
        self.configuration.from_file.resolve(&mut config)?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_suffix_behind_i_is_one_and_nothing_else_is() {
        let given = ["tikrar", "clean", "-i.bak", "--fold", "-invisible", "-i", "-:9", "--", "-in.txt", "-:9"];
        let long: Vec<OsString> = with_long_in_place(given.into_iter().map(OsString::from)).collect();
        let wanted = ["tikrar", "clean", "--in-place=.bak", "--fold", "-invisible", "-i", ":9", "--", "-in.txt", "-:9"];
        assert_eq!(long, wanted);
    }

    #[test]
    fn the_help_of_each_command_has_examples() {
        let mut commands = vec![Arguments::command()];
        while let Some(mut command) = commands.pop() {
            for help in [command.render_help(), command.render_long_help()] {
                let help = help.to_string();
                let (_, behind) = help.rsplit_once("\nExamples:\n").unwrap();
                assert!(behind.contains("tikrar ") && !behind.contains("\nOptions:"), "{help}");
            }
            commands.extend(command.get_subcommands().cloned());
        }
    }
}
