//! `tikrar clean` as it is given.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use super::super::place::Place;
use super::super::size;
use super::Look;
use crate::config::{Config, Scope};
use crate::corpus::Empty;
use crate::source::{KeptStdin, Sample};

pub(super) const EXAMPLES: &str = "\
Examples:
  tikrar clean article.txt > cleaned.txt
  curl -s https://example.org/article.txt | tikrar clean
  tikrar clean -i articles/                   every file in its place
  tikrar clean -i.bak article.txt             and the old text in article.txt.bak
  tikrar clean corpus/ --output-dir cleaned   whatever lies in it, beside it
  tikrar clean news.jsonl.zst -o cleaned.jsonl.zst
  tikrar clean --scope corpus articles/ -o all.txt      no paragraph twice in all of them
  tikrar clean --annotate news.jsonl          the copies told of in a field, and kept
  tikrar clean --level orthography --keep '^بسم الله' article.txt";

#[derive(Debug, Args)]
pub(in super::super) struct Clean {
    #[command(flatten)]
    look: Look,
    /// Where the earlier run may stand that makes a unit a copy
    ///
    /// With `corpus` the documents are read in one pass, in order, and written as they are read: what is kept in memory
    /// is an index of about 40 bytes a unit. What one pass leaves is not looked at again.
    #[arg(long, value_name = "SCOPE", value_enum, default_value_t, help_heading = "What counts as a copy")]
    scope: ScopeChoice,
    /// Remove units that stand in at least N documents wherever they stand, the first time too: disclaimers, "read also"
    ///
    /// This breaks the rule that the first occurrence of every text stays. However short they are, they go; those of --keep
    /// stay. They are listed with how often they stood, and recorded as any removal. All is read twice.
    #[arg(long, value_name = "N", value_parser = at_least_2, help_heading = "What counts as a copy")]
    boilerplate: Option<NonZeroU64>,
    /// Leave out documents whole of which more than this share of the words is copies of documents before, as in 0.8 or 80%
    ///
    /// Records, rows, or files of text. What goes so is nothing's original; each is named with the document that it repeats
    /// most of, and recorded as any removal. What a document repeats of itself does not count, and one with a unit of --keep stays.
    #[arg(long, value_name = "SHARE", value_parser = share_of_one, help_heading = "What counts as a copy")]
    drop_document_above: Option<f64>,
    /// In corpus scope, compare the texts of units with one hash too, which takes a first reading of all
    #[arg(long, help_heading = "What counts as a copy")]
    verify: bool,
    /// Go on behind the runs before, which the index in FILE knows of: what they have seen is left out; what is new is added to it
    ///
    /// Only with --scope corpus. FILE is made if it is not there. A document that it knows already is no copy of itself, so the
    /// same run again gives the same. Documents are known by their path from the folder of FILE, or by that and the id (or
    /// number) of their record, and by their text; with -i by the former alone. The index is changed once, at the end of the run,
    /// or not at all. `tikrar index` looks at it.
    #[arg(long, value_name = "FILE", conflicts_with = "verify", help_heading = "What counts as a copy")]
    index: Option<PathBuf>,
    /// How much memory the run may take, as in 512M or 2G: what of the index does not fit goes to temporary files
    ///
    /// Only with --scope corpus. What is written is the same. In --temp-dir the index takes about 22 bytes a unit that is not a
    /// copy (44 for one with fewer words than --min-words), and for a while twice that. The list of files, and single lines
    /// and records of many MiB, come on top of the memory.
    #[arg(long, value_name = "SIZE", value_parser = size::bytes, help_heading = "What counts as a copy")]
    memory: Option<u64>,
    /// Write each file in its place, whole or not at all; with a SUFFIX the old text stays beside it under that
    ///
    /// A file with nothing to remove is not touched. A file in another encoding, or compressed, stays that. `-iSUFFIX` is
    /// the short form.
    #[arg(short, long, value_name = "SUFFIX", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    #[arg(conflicts_with_all = ["output", "output_dir"], help_heading = "Output")]
    in_place: Option<String>,
    /// Write files that are in another encoding as UTF-8 in their place, whether or not something goes
    #[arg(long, requires = "in_place", help_heading = "Output")]
    to_utf8: bool,
    /// Write each file into this folder, under the name of the folder or file that was given and the path below that
    ///
    /// Nothing there is replaced. Files stay compressed as they were; those with nothing to remove are copied as they are,
    /// but for other encodings, which become UTF-8.
    #[arg(long, value_name = "DIR", conflicts_with = "output", help_heading = "Output")]
    output_dir: Option<PathBuf>,
    /// Go on with a run into the same folder that was stopped: what it has written is checked by content, and not made anew
    #[arg(long, requires = "output_dir", conflicts_with_all = ["in_place", "output"], help_heading = "Output")]
    resume: bool,
    /// What becomes of a record that loses all its text
    #[arg(long, value_name = "WHAT", value_enum, default_value_t, help_heading = "Output")]
    empty: EmptyChoice,
    /// Write the records unchanged with a field of spans instead of removing; without a FIELD it is called repeats
    ///
    /// For JSON Lines, JSON, CSV and TSV. Each record that has a text gets the field, as its last or in a new column: a list
    /// with an object for each run of copies in one block. That has its `span` in the text, in code points, its `lines`,
    /// and where its `original` is. With -i every file is written, and one that has the field already is refused.
    #[arg(long, value_name = "FIELD", num_args = 0..=1, require_equals = true, default_missing_value = "repeats")]
    #[arg(value_parser = a_name, conflicts_with_all = ["removed", "max_removed", "sample", "empty", "drop_document_above"])]
    #[arg(help_heading = "Output")]
    annotate: Option<String>,
    /// Look, say what would be removed, and write nothing
    #[arg(long, help_heading = "Output")]
    dry_run: bool,
    /// Write to this file, as JSON Lines, what was removed: each unit with where it stood, of what it is a copy, and its bytes
    ///
    /// `tikrar restore` puts it back. It is written before anything else is, so all is read once more.
    #[arg(long, value_name = "FILE", conflicts_with = "sample", help_heading = "Output")]
    removed: Option<PathBuf>,
    /// Write nothing, and exit with 2, if more than this share of the units would go, as in 0.5 or 50%
    ///
    /// All is decided first, and written after, so all is read twice.
    #[arg(long, value_name = "SHARE", value_parser = share_of_one, conflicts_with = "sample", help_heading = "Output")]
    max_removed: Option<f64>,
    /// Look at this part of the corpus only, as in 1%, and estimate what there is in all of it
    #[arg(long, value_name = "PERCENT", value_parser = share, requires = "dry_run", help_heading = "Output")]
    sample: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum EmptyChoice {
    /// It stays, with an empty text
    #[default]
    Keep,
    /// It goes
    Drop,
}

impl Clean {
    /// The plain options of the run, and where each file is written; none where all go to one output.
    pub(in super::super) fn resolve(self) -> Result<(Config, Option<Place>)> {
        let mut config = self.look.resolve()?;
        config.dry_run = self.dry_run;
        config.records.annotate = self.annotate;
        config.max_removed = self.max_removed;
        config.walk.leave_out.extend(self.removed.clone());
        config.removed = self.removed;
        config.walk.leave_out.extend(self.index.clone());
        config.index = self.index;
        config.scope = self.scope.into();
        config.verify = self.verify;
        config.boilerplate = self.boilerplate;
        config.drop_above = self.drop_document_above;
        if config.scope == Scope::Document {
            let of_corpus = [
                ("--verify", self.verify),
                ("--boilerplate", self.boilerplate.is_some()),
                ("--drop-document-above", config.drop_above.is_some()),
                ("--index", config.index.is_some()),
            ];
            if let Some((option, _)) = of_corpus.iter().find(|(_, is_given)| *is_given) {
                bail!("{option} looks across documents: give --scope corpus with it");
            }
        }
        if config.reads_twice() {
            config.read.stdin = Some(KeptStdin::default());
        }
        config.records.sample = self.sample.map(|share| Arc::new(Sample::of(share)));
        config.walk.leave_out.extend(self.output_dir.clone());
        config.memory = self.memory;
        if config.memory.is_some() && config.scope != Scope::Corpus {
            bail!(
                "--memory is for --scope corpus: without it a document is looked at by itself, and there is no index of all"
            );
        }
        config.empty = match self.empty {
            EmptyChoice::Keep => Empty::Keep,
            EmptyChoice::Drop => Empty::Drop,
        };
        let place = match (self.in_place, self.output_dir) {
            (Some(suffix), _) => Some(Place::Own { suffix, to_utf8: self.to_utf8 }),
            (None, Some(folder)) => Some(Place::Folder { folder, resume: self.resume }),
            (None, None) => None,
        };
        Ok((config, place))
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ScopeChoice {
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

fn a_name(given: &str) -> Result<String, String> {
    if given.trim().is_empty() { Err("it is a name".to_owned()) } else { Ok(given.to_owned()) }
}

fn share(given: &str) -> Result<f64, String> {
    let percent: f64 = given.strip_suffix('%').unwrap_or(given).trim().parse().map_err(|_| "it is a percentage")?;
    if percent > 0.0 && percent <= 100.0 {
        Ok(percent / 100.0)
    } else {
        Err("it is above 0% and at most 100%".to_owned())
    }
}

fn share_of_one(given: &str) -> Result<f64, String> {
    let share = match given.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
        None => given.parse(),
    };
    match share {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        Ok(_) => Err("it is from 0 to 1, or from 0% to 100%".to_owned()),
        Err(_) => Err("it is a number from 0 to 1, or a percentage".to_owned()),
    }
}

fn at_least_2(number: &str) -> Result<NonZeroU64, String> {
    let number: u64 = number.parse().map_err(|error: std::num::ParseIntError| error.to_string())?;
    NonZeroU64::new(number).filter(|number| number.get() > 1).ok_or_else(|| "it is at least 2".to_owned())
}
