//! `tikrar clean` as it is given.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::Arc;

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::super::place::Place;
use super::repair::Repairing;
use super::{Across, Look};
use crate::config::Config;
use crate::corpus::Empty;
use crate::share::Share;
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
  tikrar clean --repair -i articles/          and mend how the rest is set
  tikrar clean --level orthography --keep '^بسم الله' article.txt";

#[derive(Debug, Args)]
pub(in super::super) struct Clean {
    #[command(flatten)]
    pub(super) look: Look,
    #[command(flatten)]
    across: Across,
    #[command(flatten)]
    repairing: Repairing,
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
    #[arg(value_parser = a_name, conflicts_with_all = ["removed", "max_removed", "sample", "empty", "drop_document_above", "repair"])]
    #[arg(help_heading = "Output")]
    annotate: Option<String>,
    /// Look, say what would be removed, and write nothing
    #[arg(long, help_heading = "Output")]
    dry_run: bool,
    /// Write to this file, as JSON Lines, what was removed: each unit with where it stood, of what it is a copy, and its bytes
    ///
    /// `tikrar restore` puts it back, and not into text that is mended. It is written before anything else is, so all is read once more.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sample", "repair"], help_heading = "Output")]
    removed: Option<PathBuf>,
    /// Write nothing, and exit with 2, if more than this share of the units would go, as in 0.5 or 50%
    ///
    /// All is decided first, and written after, so all is read twice.
    #[arg(long, value_name = "SHARE", value_parser = Share::from_str, conflicts_with = "sample", help_heading = "Output")]
    max_removed: Option<Share>,
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
        self.across.resolve(&mut config)?;
        self.repairing.resolve(&mut config)?;
        if config.reads_twice() {
            config.read.stdin = Some(KeptStdin::default());
        }
        config.records.sample = self.sample.map(|share| Arc::new(Sample::of(share)));
        config.walk.leave_out.extend(self.output_dir.clone());
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
