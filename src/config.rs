//! What a run is to do: resolved options, free of how they were given.

use std::path::PathBuf;

use crate::corpus::{self, Threads};
use crate::source::ReadOptions;

/// The options of a run.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// What counts as a copy.
    pub compare: corpus::Options,
    /// How documents are read.
    pub read: ReadOptions,
    /// The paths of the command line. None means standard input.
    pub paths: Vec<PathBuf>,
    /// What standard input is called.
    pub stdin_filename: Option<PathBuf>,
    /// Take every file as text, whatever its name says.
    pub as_text: bool,
    /// Leave out of folders what git would ignore.
    pub gitignore: bool,
    /// No document at all is no error.
    pub allow_empty: bool,
    /// The file to write; none means standard output.
    pub output: Option<PathBuf>,
    /// How many threads may be used.
    pub threads: Threads,
    /// No notes.
    pub quiet: bool,
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
