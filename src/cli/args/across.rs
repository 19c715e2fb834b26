//! What counts as a copy across documents, as it is given.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::str::FromStr as _;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use super::super::size;
use super::number;
use crate::config::{Config, Scope};
use crate::share::Share;

#[derive(Debug, Args)]
#[command(next_help_heading = "What counts as a copy")]
pub(in super::super) struct Across {
    /// Where the earlier run may stand that makes a unit a copy
    ///
    /// With `corpus` the documents are read in one pass, in order, and `clean` writes them as they are read: what is kept in
    /// memory is an index of about 40 bytes a unit. What one pass leaves is not looked at again.
    #[arg(long, value_name = "SCOPE", value_enum, default_value_t)]
    scope: ScopeChoice,
    /// Take units that stand in at least N documents for copies wherever they stand, the first time too: disclaimers, "read also"
    ///
    /// This breaks the rule that the first occurrence of every text stays. However short they are, they go; those of --keep
    /// stay. They are listed with how often they stood, and recorded as any removal. All is read twice.
    #[arg(long, value_name = "N", value_parser = number::at_least_2)]
    boilerplate: Option<NonZeroU64>,
    /// Leave out documents whole of which more than this share of the words is copies of documents before, as in 0.8 or 80%
    ///
    /// Records, rows, or files of text. What goes so is nothing's original; each is named with the document that it repeats
    /// most of, and recorded as any removal. What a document repeats of itself does not count, and one with a unit of --keep stays.
    #[arg(long, value_name = "SHARE", value_parser = Share::from_str)]
    drop_document_above: Option<Share>,
    /// In corpus scope, compare the texts of units with one hash too, which takes a first reading of all
    #[arg(long)]
    verify: bool,
    /// Go on behind the runs before, which the index in FILE knows of: what they have seen is a copy; what is new `clean` adds to it
    ///
    /// Only with --scope corpus. FILE is made if it is not there. A document that it knows already is no copy of itself, so the
    /// same run again gives the same. Documents are known by their path from the folder of FILE, or by that and the id (or
    /// number) of their record, and by their text; with -i a file is known by its path alone. The index is changed once, at the end of the run,
    /// or not at all. `tikrar index` looks at it.
    #[arg(long, value_name = "FILE", conflicts_with = "verify")]
    index: Option<PathBuf>,
    /// How much memory the run may take, as in 512M or 2G: what of the index does not fit goes to temporary files
    ///
    /// Only with --scope corpus. What comes out is the same. In --temp-dir the index takes about 22 bytes a unit that is not a
    /// copy (44 for one with fewer words than --min-words), and for a while twice that. On top of the memory come the list of
    /// files; single lines and records of many MiB, up to 256 MiB, some times their length; of millions of lines without words
    /// in a row 80 bytes for each that is not like the one before; with --removed, -i or --output-dir what goes of one file; and
    /// with --verify or --boilerplate, where it is more than the index may take, 120 bytes a text that repeats.
    #[arg(long, value_name = "SIZE", value_parser = size::bytes)]
    memory: Option<u64>,
}

impl Across {
    /// Adds them to the options of a run.
    pub(super) fn resolve(self, config: &mut Config) -> Result<()> {
        config.walk.leave_out.extend(self.index.clone());
        config.index = self.index;
        config.scope = self.scope.into();
        config.verify = self.verify;
        config.boilerplate = self.boilerplate;
        config.drop_above = self.drop_document_above;
        config.memory = self.memory;
        if let Some(memory) = self.memory {
            // What is decided and what is to be told waits in memory as well, up to here.
            let hold = &mut config.read.spooling.hold;
            *hold = (*hold).min(memory / 64);
        }
        if config.index.is_some() && config.compare.near.is_some() {
            bail!(
                "--near looks at the texts of this run, and an index has no texts: leave out one of --near and --index"
            );
        }
        if config.scope == Scope::Corpus {
            return Ok(());
        }
        let of_corpus = [
            ("--verify", config.verify),
            ("--boilerplate", config.boilerplate.is_some()),
            ("--drop-document-above", config.drop_above.is_some()),
            ("--index", config.index.is_some()),
        ];
        if let Some((option, _)) = of_corpus.iter().find(|(_, is_given)| *is_given) {
            bail!("{option} looks across documents: give --scope corpus with it");
        }
        if config.memory.is_some() {
            bail!(
                "--memory is for --scope corpus: without it a document is looked at by itself, and there is no index of all"
            );
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum ScopeChoice {
    /// In the same document
    #[default]
    Document,
    /// In the same document, or in any before it
    Corpus,
}

impl From<ScopeChoice> for Scope {
    fn from(choice: ScopeChoice) -> Scope {
        match choice {
            ScopeChoice::Document => Scope::Document,
            ScopeChoice::Corpus => Scope::Corpus,
        }
    }
}
