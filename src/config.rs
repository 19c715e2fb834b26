//! What a run is to do: resolved options, free of how they were given.

mod overrides;

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::corpus::{self, Empty, Threads};
use crate::fold::{FoldChanges, Level};
use crate::format::{Format, RecordOptions};
use crate::repair::Repair;
use crate::report::{ReportKind, shown_name};
use crate::share::Share;
use crate::source::{Input, ReadOptions, WalkOptions};

pub use overrides::{Changes, Override, Overrides};

/// The options of a run.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// What counts as a copy.
    pub compare: corpus::Options,
    /// The level that its folds are made of.
    pub level: Level,
    /// What is changed of that.
    pub fold_changes: FoldChanges,
    /// Where the earlier run may be of which a copy is one.
    pub scope: Scope,
    /// How many bytes of memory a run with the scope of a corpus may take; none means as many as its index takes.
    pub memory: Option<u64>,
    /// The index of earlier runs that a run with the scope of a corpus goes on behind.
    pub index: Option<PathBuf>,
    /// What becomes of records that lose all their text.
    pub empty: Empty,
    /// How documents are read.
    pub read: ReadOptions,
    /// The paths of the command line. None means standard input.
    pub paths: Vec<PathBuf>,
    /// What standard input is called.
    pub stdin_filename: Option<PathBuf>,
    /// What is mended in the text that stays, if something is.
    pub repair: Option<Repair>,
    /// The format of every file; none means what its name says.
    pub format: Option<Format>,
    /// Where the text of records is.
    pub records: RecordOptions,
    /// Paths that were listed in a file.
    pub listed: Vec<PathBuf>,
    /// Whether there was such a list, if an empty one.
    pub is_listed: bool,
    /// Which files are taken.
    pub walk: WalkOptions,
    /// No document at all is no error.
    pub allow_empty: bool,
    /// The file to write; none means standard output.
    pub output: Option<PathBuf>,
    /// Files that were read to know what to do, by the options that named them.
    pub read_before: Vec<(&'static str, PathBuf)>,
    /// The file to write the paths of files to that could not be done.
    pub failed: Option<PathBuf>,
    /// Whether such lists are separated by NUL.
    pub nul_separated: bool,
    /// The file to write the accounts to.
    pub summary: Option<PathBuf>,
    /// Look, and write nothing.
    pub dry_run: bool,
    /// Whether texts confirm keys in corpus scope too, by a first reading.
    pub verify: bool,
    /// In corpus scope: units that stand in at least so many documents go everywhere.
    pub boilerplate: Option<NonZeroU64>,
    /// In corpus scope: the greatest share of the words of a document that may be copies of others; if more are, it goes as a whole.
    pub drop_above: Option<Share>,
    /// Whether each unit that goes is to be told of, and why it does.
    pub is_told: bool,
    /// The file to write what was removed to.
    pub removed: Option<PathBuf>,
    /// The greatest share of the units that may go, from 0 to 1; if more would, nothing is written.
    pub max_removed: Option<Share>,
    /// The file of findings that are known, and passed.
    pub baseline: Option<PathBuf>,
    /// The one that the file of options names, whether or not the command has to do with it.
    pub own_baseline: Option<PathBuf>,
    /// Whether the file of findings that are known is made anew, of what is found.
    pub update_baseline: bool,
    /// The revision of git since which text has to have been added for what is found in it to count.
    pub diff_base: Option<String>,
    /// What is written of findings, and where.
    pub reports: Vec<ReportTo>,
    /// The file that a summary of the step is added to, if a report has one.
    pub step_summary: Option<PathBuf>,
    /// Whether what is written for people has colours.
    pub color: Color,
    /// How it is shown how far the run is.
    pub progress: Progress,
    /// How many threads may be used.
    pub threads: Threads,
    /// No notes.
    pub quiet: bool,
    /// What is otherwise for some paths.
    pub overrides: Overrides,
    /// The `tikrar.toml` that options come from, if there is one.
    pub file: Option<OptionsFile>,
    /// What counts as a copy at later levels, once that was asked for.
    pub later: Later,
}

/// What counts as a copy at later levels. A copy of the options knows nothing of it, since they may be changed.
#[derive(Debug, Default)]
pub struct Later(OnceLock<Vec<(Level, corpus::Options)>>);

impl Clone for Later {
    fn clone(&self) -> Later {
        Later::default()
    }
}

/// A file that options come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionsFile {
    /// Where it is.
    pub path: PathBuf,
    /// Whether an option of the whole run would be another without it.
    pub changes: bool,
    /// Where it sets the options that hold, by their names, as in `tikrar.toml:3:1: index`.
    pub places: BTreeMap<&'static str, String>,
}

impl Config {
    /// Whether everything is decided before the first byte is written.
    #[must_use]
    pub fn decides_first(&self) -> bool {
        self.removed.is_some() || self.max_removed.is_some()
    }

    /// What an option is called in errors: by the place in a file that sets it, or as on the command line.
    #[must_use]
    pub fn option(&self, name: &str) -> String {
        let place = self.file.as_ref().and_then(|file| file.places.get(name));
        place.map_or_else(|| format!("--{name}"), |place| format!("{place}: {name}"))
    }

    /// Whether standard input is one of the texts.
    #[must_use]
    pub fn reads_stdin(&self) -> bool {
        let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
        let names_none = self.paths.is_empty() && !self.is_listed;
        names_none || self.paths.iter().chain(&self.listed).any(is_stdin)
    }

    /// Whether something is read twice that may come on standard input.
    #[must_use]
    pub fn reads_twice(&self) -> bool {
        self.decides_first() || self.verify || self.boilerplate.is_some()
    }

    /// Whether it is told of each unit that goes why it does.
    #[must_use]
    pub fn tells(&self) -> bool {
        self.is_told || self.decides_first()
    }

    /// The levels that look past more than the folds in force, the strictest first, each with what counts as a copy at it.
    pub fn further_levels(&self) -> &[(Level, corpus::Options)] {
        self.later.0.get_or_init(|| self.compare.further_levels())
    }

    /// What holds for a file: this, or what the overrides make of it.
    #[must_use]
    pub fn of(&self, input: &Input) -> &Config {
        if self.overrides.is_empty() {
            return self;
        }
        let path = match input {
            Input::File(path) => Some(path),
            Input::Stdin => self.stdin_filename.as_ref(),
        };
        path.map_or(self, |path| self.overrides.of(self, path))
    }

    /// What decides about the bytes that are written, by the names of the options.
    #[must_use]
    pub fn settings(&self) -> BTreeMap<String, String> {
        let auto = || "auto".to_owned();
        let records = &self.records;
        let scope = match self.scope {
            Scope::Document => "document",
            Scope::Corpus => "corpus",
        };
        let empty = match self.empty {
            Empty::Keep => "keep",
            Empty::Drop => "drop",
        };
        let encodings = Some(self.read.encodings.to_string()).filter(|encodings| !encodings.is_empty());
        [
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("keys", self.compare.key_version().to_string()),
            ("--scope", scope.to_owned()),
            ("--keep", self.compare.keep.fingerprint()),
            ("--encoding", encodings.unwrap_or_else(auto)),
            ("--strict", self.read.strict.to_string()),
            ("--format", self.format.map_or_else(auto, |format| format.name().to_owned())),
            ("--text-field", records.text_field.clone().unwrap_or_else(auto)),
            ("--delimiter", records.delimiter.map_or_else(auto, |delimiter| char::from(delimiter).to_string())),
            ("--no-quoting", (!records.quoting).to_string()),
            ("--annotate", records.annotate.as_ref().map_or_else(|| "none".to_owned(), |field| format!("{field:?}"))),
            ("--empty", empty.to_owned()),
            ("--index", self.index.as_deref().map_or_else(|| "none".to_owned(), shown_name)),
            ("--drop-document-above", self.drop_above.map_or_else(|| "none".to_owned(), |share| share.to_string())),
            ("--verify", self.verify.to_string()),
            ("--repair", self.repair.map_or_else(|| "none".to_owned(), |repair| repair.to_string())),
            ("--boilerplate", self.boilerplate.map_or_else(|| "none".to_owned(), |least| least.to_string())),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .chain(self.overrides.settings())
        .collect()
    }
}

/// A report, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportTo {
    /// Which one.
    pub kind: ReportKind,
    /// The file to write it to; none means the output of the run.
    pub file: Option<PathBuf>,
}

/// Whether there are colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How it is shown how far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// A bar where standard error is a terminal, and else nothing.
    #[default]
    Auto,
    /// A bar.
    Bar,
    /// A line every ten seconds.
    Plain,
    /// Not at all.
    None,
}

/// Where the earlier run may be of which a copy is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// In the same document.
    #[default]
    Document,
    /// In any document of the run, in order.
    Corpus,
}
