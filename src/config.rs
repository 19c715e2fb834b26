//! What a run is to do: resolved options, free of how they were given.

use std::path::PathBuf;

use crate::corpus;
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
    /// No notes.
    pub quiet: bool,
}
