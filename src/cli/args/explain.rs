//! `tikrar explain` as it is given.

use std::ffi::{OsStr, OsString};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::across::ScopeChoice;
use super::nearly::Nearly;
use super::{Compare, Configuration, Inputs, Output, Reading, Walking, path_of, resolve};
use crate::config::{Config, Scope};
use crate::source::{Input, KeptStdin};

pub(super) const EXAMPLES: &str = "\
Examples:
  tikrar explain article.txt:9                  why line 9 goes, or is still here
  tikrar explain article.txt:9 article.txt:4    whether the two are equal, and by which folds
  tikrar explain --level orthography article.txt:9
  tikrar explain news.jsonl:12:3                line 3 of the text of record 12
  tikrar explain --scope corpus --among articles/ articles/b.txt:9
  tikrar explain --scope corpus news.jsonl:12:3         among all records of the file
  curl -s https://example.org/article.txt | tikrar explain -:9";

#[derive(Debug, Args)]
pub(in super::super) struct Explain {
    /// A line, as in article.txt:9, or two; of a file of records FILE:RECORD:LINE
    ///
    /// LINE is the line in the file, or in the text of the record, and RECORD is the number of the record in the file, both
    /// from 1. The unit on that line is explained. - is standard input, as in -:9; so is no FILE, as in :9.
    #[arg(value_name = "FILE:LINE", num_args = 1..=2, required = true, value_hint = clap::ValueHint::FilePath)]
    places: Vec<OsString>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    compare: Compare,
    #[command(flatten)]
    nearly: Nearly,
    /// Where the earlier run may stand that makes a unit a copy
    ///
    /// With `corpus` the line is explained as `check --scope corpus` decides about it, and the corpus is read several times.
    /// Two lines are compared by themselves in any scope.
    #[arg(long, value_name = "SCOPE", value_enum, default_value_t, help_heading = "What counts as a copy")]
    scope: ScopeChoice,
    /// With --scope corpus: files and folders that are the corpus, in order, FILE among them; give it once for each
    ///
    /// They are walked as `check` walks its paths, and - is standard input. Without it the corpus is FILE alone.
    #[arg(long, value_name = "PATH", help_heading = "Input")]
    among: Vec<PathBuf>,
    #[command(flatten)]
    walking: Walking,
    /// No notes on standard error
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,
    /// How many threads may be used; without it as many as there are processors
    #[arg(short = 'j', long, value_name = "N", value_parser = super::number::threads, help_heading = "Output")]
    threads: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(super) configuration: Configuration,
}

/// A line of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct PlaceOfLine {
    pub(in super::super) input: Input,
    /// The number of the record, if the file has records.
    pub(in super::super) record: Option<u64>,
    pub(in super::super) line: u64,
}

impl Explain {
    /// The plain options, and the lines.
    pub(in super::super) fn resolve(self) -> Result<(Config, Vec<PlaceOfLine>)> {
        let places = self.places.iter().map(|given| place(given)).collect::<Result<Vec<_>>>()?;
        let scope = Scope::from(self.scope);
        self.refuse_without_corpus(scope, &places)?;
        let paths = match (&*places, self.among) {
            ([place], among) if among.is_empty() && scope == Scope::Corpus => vec![path_of_input(&place.input)],
            (_, among) => among,
        };
        let input = Inputs { paths, reading: self.reading, walking: self.walking, ..Inputs::default() };
        let output = Output { quiet: self.quiet, threads: self.threads, ..Output::default() };
        let mut config = resolve(input, &self.compare.folds, Some(&self.compare), output)?;
        self.configuration.from_file.resolve(&mut config)?;
        // Two lines may be of it, and a corpus is read again.
        config.read.stdin = Some(KeptStdin::default());
        config.compare.near = self.nearly.near()?;
        config.scope = scope;
        if scope == Scope::Corpus && config.compare.near.is_some() {
            bail!("explain looks for near copies in a document alone: leave out --near, or --scope corpus");
        }
        if scope == Scope::Corpus {
            // Nothing is written, and it is to be known why what goes does.
            (config.dry_run, config.is_told) = (true, true);
        }
        Ok((config, places))
    }

    /// Refuses what says which files are a corpus, where there is none.
    fn refuse_without_corpus(&self, scope: Scope, places: &[PlaceOfLine]) -> Result<()> {
        let Walking { gitignore, include, exclude } = &self.walking;
        if !self.among.is_empty() && places.len() > 1 {
            bail!("two lines are compared by themselves, whatever is among others: leave --among out");
        }
        if !self.among.is_empty() && scope == Scope::Document {
            bail!("--among names the files of a corpus: give --scope corpus with it");
        }
        if self.among.is_empty() && (*gitignore || !include.is_empty() || !exclude.is_empty()) {
            bail!("--gitignore, --include and --exclude are for the files of a corpus: name those with --among");
        }
        Ok(())
    }
}

/// The path by which `check` would be given it.
fn path_of_input(input: &Input) -> PathBuf {
    match input {
        Input::Stdin => PathBuf::from("-"),
        Input::File(path) => path.clone(),
    }
}

/// Takes a place apart from its end, for a path may have colons too. A second number is that of a record, unless a file is
/// called so.
fn place(given: &OsStr) -> Result<PlaceOfLine> {
    let bytes = given.as_encoded_bytes();
    // As `check` writes it before what it says.
    let bytes = bytes.strip_suffix(b":").unwrap_or(bytes);
    let number = |bytes: &[u8]| std::str::from_utf8(bytes).ok().and_then(|digits| digits.parse::<u64>().ok());
    let split = |bytes: &'_ [u8]| {
        let colon = bytes.iter().rposition(|&byte| byte == b':')?;
        Some((colon, number(&bytes[colon + 1..])?))
    };
    let wrong = |what: &str| {
        let shown = crate::report::shown_name(given.as_ref());
        format!("{shown} {what}: give FILE:LINE, as in article.txt:9, or FILE:RECORD:LINE")
    };
    let Some((colon, line)) = split(bytes) else { bail!(wrong("names no line")) };
    let file = &bytes[..colon];
    let whole = path_of(file)?;
    let (path, record) = match split(file) {
        Some((colon, record)) if !whole.exists() => (path_of(&file[..colon])?, Some(record)),
        _ => (whole, None),
    };
    if line == 0 || record == Some(0) {
        bail!(wrong("counts from 0, and lines and records are counted from 1"));
    }
    Ok(PlaceOfLine { input: input(path), record, line })
}

fn input(path: PathBuf) -> Input {
    if path.as_os_str().is_empty() || path.as_os_str() == "-" { Input::Stdin } else { Input::File(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_taken_apart_from_their_end() {
        let of = |given: &str| {
            let PlaceOfLine { input, record, line } = place(OsStr::new(given)).unwrap();
            let path = match input {
                Input::Stdin => "standard input".to_owned(),
                Input::File(path) => path.to_str().unwrap().to_owned(),
            };
            (path, record, line)
        };
        assert_eq!(of("a.txt:9"), ("a.txt".to_owned(), None, 9));
        assert_eq!(of("a.txt:9:"), ("a.txt".to_owned(), None, 9));
        assert_eq!(of("a.jsonl:12:3"), ("a.jsonl".to_owned(), Some(12), 3));
        assert_eq!(of("a:b.txt:9"), ("a:b.txt".to_owned(), None, 9));
        assert_eq!(of("-:9"), ("standard input".to_owned(), None, 9));
        assert_eq!(of(":9"), ("standard input".to_owned(), None, 9));
        assert_eq!(of(":12:9"), ("standard input".to_owned(), Some(12), 9));
        for wrong in ["a.txt", "a.txt:", "", ":", "9", "a.txt:nine", "a.txt:0", "a.jsonl:0:1", "a.txt:-1", "a.txt:٩"] {
            assert!(place(OsStr::new(wrong)).is_err(), "{wrong}");
        }
    }
}
