//! `tikrar index` as it is given.

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub(super) const EXAMPLES: &str = "\
Examples:
  tikrar index info news.index
  tikrar index merge -o all.index news.index sports.index
  tikrar index verify news.index";

#[derive(Debug, Subcommand)]
pub(in super::super) enum Index {
    /// Say what they hold: of which kind their keys are, documents, windows, lines, bytes, runs
    #[command(after_help = INFO_EXAMPLES)]
    Info(Indexes),
    /// Put several together, as if the runs of each had been made after those of the one before
    ///
    /// A paragraph that several have counts as first seen where the first of them has it. They must have been made with
    /// the same options.
    #[command(after_help = MERGE_EXAMPLES)]
    Merge(Merge),
    /// Go through them from end to end and say what is wrong; exit 2 when something is
    ///
    /// Nothing is written. Every window must have begun in a document, every document must be recognised again, and no two
    /// may have the same lines; the sums must be those that are told, and the file what was written.
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(Indexes),
}

const INFO_EXAMPLES: &str = "\
Examples:
  tikrar index info news.index";

const MERGE_EXAMPLES: &str = "\
Examples:
  tikrar index merge -o all.index news.index sports.index
  tikrar index merge -o all.index days/*.index      in the order of their names";

const VERIFY_EXAMPLES: &str = "\
Examples:
  tikrar index verify news.index";

#[derive(Debug, Args)]
pub(in super::super) struct Indexes {
    /// Indexes, as `clean --index` makes them
    #[arg(value_name = "FILE", required = true)]
    pub(in super::super) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(in super::super) struct Merge {
    #[command(flatten)]
    pub(in super::super) indexes: Indexes,
    /// The new index; it appears whole, or not at all, and replaces nothing
    #[arg(short, long, value_name = "FILE")]
    pub(in super::super) output: PathBuf,
}
