//! `tikrar keys` and `tikrar drop` as they are given.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::{Compare, Configuration, FormatChoice, Inputs, Output, Reading, number};
use crate::config::Config;
use crate::engine;

const KEYS_EXAMPLES: &str = "\
Examples:
  tikrar keys news.jsonl > rows.jsonl
  zcat shard-*.jsonl.gz | tikrar keys --min-words 8 > rows.jsonl
  contrib/spark and contrib/duckdb have whole runs";

const DROP_EXAMPLES: &str = "\
Examples:
  tikrar drop listed.jsonl > cleaned.jsonl
  tikrar drop --min-words 8 --keep '^بسم الله' < listed.jsonl > cleaned.jsonl";

/// What both halves are given.
#[derive(Debug, Args)]
pub(super) struct Half {
    /// Files of JSON Lines, which may be compressed, and folders with such; none, or -, is standard input
    #[arg(value_name = "PATH", help_heading = "Input")]
    paths: Vec<PathBuf>,
    /// The field with the text of a document: a name, or a path of names as in article.body
    #[arg(long, value_name = "FIELD", default_value = engine::TEXT_FIELD, help_heading = "Records")]
    text_field: String,
    /// The field that a document is called by: a string, or a number as it is written. No two documents of a corpus may be called the same
    #[arg(long, value_name = "FIELD", default_value = "id", help_heading = "Records")]
    id_field: String,
    #[command(flatten)]
    compare: Compare,
    /// No document at all is no error
    #[arg(long, help_heading = "Input")]
    allow_empty: bool,
    /// Write to this file instead of standard output; it appears whole, or not at all
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// No notes on standard error
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,
    /// How many threads may be used; without it as many as there are processors. What is written is the same for any
    #[arg(short = 'j', long, value_name = "N", value_parser = number::threads, help_heading = "Output")]
    threads: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(super) configuration: Configuration,
}

/// Write a row for each run of JSON Lines that could be a copy, for another engine to group: half a corpus run
///
/// A row is {"k":KEY,"id":ID,"a":FIRST,"b":LAST}: the key of a run, the document (a number as it is written, in a string), its first and
/// last unit, counted from 0. Of all rows of a key the first, by id as UTF-8 bytes and then by unit, is the original, and the units of
/// every other go: `drop` takes them out. That no two documents have one id is for the engine to see to.
///
/// The last line is {"end":true,"docs":N,"texts":N,"rows":N,"version":VERSION}, where texts are the documents that have one; without it the
/// output is not whole. A document without an id, with a field `drop` or with bytes that are not UTF-8, and a line that is no object,
/// ends the run with status 2. What --keep protects has rows too: it is for `drop` to know.
#[derive(Debug, Args)]
#[command(after_help = KEYS_EXAMPLES)]
pub(in super::super) struct Keys {
    #[command(flatten)]
    pub(super) half: Half,
}

/// Take the units out of JSON Lines that another engine has listed: the other half
///
/// Each document has one more field, "drop":{"version":VERSION,"units":[UNIT,[FIRST,LAST],...]}, with the version that `keys` has told;
/// where nothing goes the list is empty. Units may be listed in any order and more than once. The field stands in the object itself, and is
/// taken out again with the comma before it, or behind it where it is the first; every other byte stays. The options have to be those of `keys`.
/// A document without an id or a list, or with a list of another version or of units that are not there, ends the run with
/// status 2. What is written then is not whole; --end tells that it is.
#[derive(Debug, Args)]
#[command(after_help = DROP_EXAMPLES)]
pub(in super::super) struct Drop {
    #[command(flatten)]
    pub(super) half: Half,
    /// End the output with {"end":true,"docs":N,"units":N,"version":VERSION}: the documents, and the units that are gone
    #[arg(long, help_heading = "Output")]
    end: bool,
}

impl Half {
    fn resolve(self) -> Result<Config> {
        let reading = Reading {
            text_field: Some(self.text_field),
            id_field: Some(self.id_field),
            format: FormatChoice::Jsonl,
            ..Reading::default()
        };
        let inputs = Inputs { paths: self.paths, reading, allow_empty: self.allow_empty, ..Inputs::default() };
        let output = Output { output: self.output, quiet: self.quiet, threads: self.threads, ..Output::default() };
        let mut config = super::resolve(inputs, &self.compare.folds, Some(&self.compare), output)?;
        self.configuration.from_file.resolve(&mut config)?;
        // A record in another encoding is told of by its number.
        config.read.as_utf8 = true;
        Ok(config)
    }
}

impl Keys {
    pub(in super::super) fn resolve(self) -> Result<Config> {
        self.half.resolve()
    }
}

impl Drop {
    /// The options, and whether the output ends with a line about itself.
    pub(in super::super) fn resolve(self) -> Result<(Config, bool)> {
        Ok((self.half.resolve()?, self.end))
    }
}
