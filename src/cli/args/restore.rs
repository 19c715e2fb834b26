//! `tikrar restore` as it is given.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::super::place::Place;
use super::{FoldsArgs, Inputs, LevelChoice, Output, ProgressChoice, Reading, UnitChoice, Walking, resolve};
use crate::config::Config;
use crate::removed::Choice;

pub(super) const EXAMPLES: &str = "\
Examples:
  tikrar restore --removed removed.jsonl cleaned.txt > article.txt
  tikrar restore --removed removed.jsonl --block 3,7-9 -i cleaned/
  tikrar restore --removed removed.jsonl cleaned/ --output-dir restored
  grep '\"id\":\"x\"' removed.jsonl | tikrar restore --removed - news.jsonl -o news2.jsonl";

#[derive(Debug, Args)]
pub(in super::super) struct Restore {
    /// What was removed: the file that `clean --removed` has written, or some lines of it; - is standard input
    ///
    /// Lines may be left out, but not moved or doubled, so a filter can choose what is put back. The line at the end of an output says what was
    /// written there; if it is there, another file is refused.
    #[arg(long, value_name = "FILE", help_heading = "What is put back")]
    removed: PathBuf,
    /// Put back only the copies of these blocks, as in 3,7-9
    #[arg(long, value_name = "N", value_parser = blocks, value_delimiter = ',', help_heading = "What is put back")]
    block: Vec<RangeInclusive<u64>>,
    /// Cleaned files, and folders with files of known kinds; none, or -, is standard input
    ///
    /// A file gets back what was removed from the output of that name. One of which all went is made anew, if it is named or a folder
    /// that it was in. If one file is named and goes to one output, and the removals speak of one, that need not be its name.
    #[arg(value_name = "CLEANED", help_heading = "Input")]
    paths: Vec<PathBuf>,
    /// Encodings to try, in order, as in utf-8,windows-1256; what is decoded is written as UTF-8
    #[arg(long, value_name = "LIST", help_heading = "Input")]
    encoding: Option<String>,
    /// Leave out of folders what git would ignore
    #[arg(long, help_heading = "Input")]
    gitignore: bool,
    /// Take only files that fit this pattern, by whatever extension: '*.txt', 'news/**/2024-*'
    #[arg(long, value_name = "GLOB", help_heading = "Input")]
    include: Vec<String>,
    /// Leave out files and folders that fit this pattern
    #[arg(long, value_name = "GLOB", help_heading = "Input")]
    exclude: Vec<String>,
    /// Take the paths in this file too, a line each; - is standard input
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    files_from: Option<PathBuf>,
    /// In --files-from and --failed paths end with NUL, not with a line end
    #[arg(short = '0', long = "null", help_heading = "Input")]
    nul_separated: bool,
    /// Write the paths of files that could not be done to this file, a line each
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    failed: Option<PathBuf>,
    /// What to call standard input, where the removals speak of several outputs
    #[arg(long, value_name = "PATH", help_heading = "Input")]
    stdin_filename: Option<PathBuf>,
    /// No file at all is no error
    #[arg(long, help_heading = "Input")]
    allow_empty: bool,
    /// Where what is read from standard input waits
    #[arg(long, value_name = "FOLDER", help_heading = "Input")]
    temp_dir: Option<PathBuf>,
    /// Write to this file instead of standard output; it appears whole, or not at all
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Write each file in its place, whole or not at all; with a SUFFIX the cleaned text stays beside it under that
    ///
    /// A file that gets nothing back is not touched. A file in another encoding becomes UTF-8; a compressed one stays
    /// that. `-iSUFFIX` is the short form.
    #[arg(short, long, value_name = "SUFFIX", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    #[arg(conflicts_with_all = ["output", "output_dir"], help_heading = "Output")]
    in_place: Option<String>,
    /// Write each file into this folder, under the name of the folder or file that was given and the path below that
    ///
    /// Nothing there is replaced. Files stay compressed as they were; those that get nothing back are copied as they are.
    #[arg(long, value_name = "DIR", conflicts_with = "output", help_heading = "Output")]
    output_dir: Option<PathBuf>,
    /// How it is shown how far the run is
    #[arg(long, value_name = "HOW", value_enum, default_value_t, help_heading = "Output")]
    progress: ProgressChoice,
    /// No notes on standard error
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,
}

/// A number, or the first and the last of several.
fn blocks(given: &str) -> Result<RangeInclusive<u64>, String> {
    let number = |text: &str| text.trim().parse::<u64>().ok().filter(|&number| number > 0);
    let (first, last) = given.split_once('-').unwrap_or((given, given));
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => Ok(first..=last),
        _ => Err("it is a number of a block from 1, or two with - between".to_owned()),
    }
}

impl Restore {
    /// The plain options of the run, what was removed and is to be put back, and where each file is written; none where one
    /// goes to one output.
    pub(in super::super) fn resolve(self) -> Result<(Config, PathBuf, Choice, Option<Place>)> {
        let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
        if is_stdin(&self.removed) {
            if self.files_from.as_ref().is_some_and(is_stdin) {
                bail!("standard input can't be both --removed and --files-from");
            }
            if self.paths.iter().any(is_stdin) || self.paths.is_empty() && self.files_from.is_none() {
                bail!("standard input can't be both --removed and a cleaned file: name one of them");
            }
        }
        let place = match (self.in_place, self.output_dir.clone()) {
            (Some(suffix), _) => Some(Place::Own { suffix, to_utf8: true }),
            (None, Some(folder)) => Some(Place::Folder { folder, resume: false }),
            (None, None) => None,
        };
        let input = Inputs {
            paths: self.paths,
            reading: Reading {
                encoding: self.encoding,
                stdin_filename: self.stdin_filename,
                temp_dir: self.temp_dir,
                ..Reading::default()
            },
            walking: Walking { gitignore: self.gitignore, include: self.include, exclude: self.exclude },
            files_from: self.files_from,
            nul_separated: self.nul_separated,
            failed: self.failed,
            allow_empty: self.allow_empty,
        };
        let output =
            Output { output: self.output, summary: None, progress: self.progress, quiet: self.quiet, threads: None };
        let folds = FoldsArgs { level: LevelChoice::default(), fold: Vec::new(), unit: UnitChoice::default() };
        let mut config = resolve(input, &folds, None, output)?;
        config.walk.leave_out.extend(self.output_dir);
        config.walk.leave_out.push(self.removed.clone());
        config.read_before.push(("--removed", self.removed.clone()));
        Ok((config, self.removed, Choice { blocks: self.block }, place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_numbers_from_1_and_from_one_to_another() {
        assert_eq!(blocks("3"), Ok(3..=3));
        assert_eq!(blocks("7-9"), Ok(7..=9));
        for wrong in ["0", "", "-", "9-7", "a", "1-", "-1"] {
            assert!(blocks(wrong).is_err(), "{wrong}");
        }
    }
}
