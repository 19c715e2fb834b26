//! `tikrar explain --scope corpus`: a line among all documents of a corpus.

use anyhow::{Context as _, Result, bail};
use same_file::Handle;

use super::{find, indented, on_line};
use crate::cli::Status;
use crate::cli::args::PlaceOfLine;
use crate::cli::batch::{Batch, READ_BACK, Same};
use crate::cli::decide::Asked;
use crate::cli::names::name;
use crate::cli::place::again;
use crate::config::Config;
use crate::corpus::Place;
use crate::report::explain::{InCorpus, said_of_unit, units_on_line};
use crate::source::{Input, Located};

/// How many of the units on one line are explained: for each of them the corpus is read.
const UNITS: usize = 5;

/// What is said of the units on a line.
pub(super) fn said(config: &Config, line: &PlaceOfLine, isolate: bool, status: &mut Status) -> Result<Vec<String>> {
    refuse_no_file(config, &line.input)?;
    let mut batch = Batch::new(config, status)?;
    let files = batch.take_files(Same::Once);
    let file = member(config, &files, &line.input)?;
    // What there is to note of it is said where all are read.
    let quiet = Config { quiet: true, read: again(config), ..config.clone() };
    let line = PlaceOfLine { input: files[file].input.clone(), ..line.clone() };
    let found = find(&quiet, &line)?;
    let units = match on_line(units_on_line(&found.document, &config.compare, found.line), &found)? {
        Ok(units) => units,
        Err(blank) => return Ok(vec![blank]),
    };
    let asked = Asked::of(config, &mut batch, &files, status)?;
    batch.close()?;
    let place = Place { file, record: line.record };
    let mut said = Vec::new();
    let more = units.len().saturating_sub(UNITS);
    // Why it can't be read has been said.
    for at in units.take(if batch.has_failed(&line.input) { 0 } else { UNITS }) {
        let explained = InCorpus::new(&found.document, place, at, &config.compare).context(READ_BACK)?;
        let mut explained = explained.context("has been changed since it was read")?;
        let original = asked.show(&mut explained, place, at)?;
        let explanation = explained.explain(original, |options| {
            let config = Config { compare: options.clone(), ..quiet.clone() };
            Asked::of(&config, &mut batch, &files, status)?.original(place, at)
        })?;
        let lines = said_of_unit(&explanation, &config.compare, isolate);
        said.extend(indented(lines, &format!("{}: ", found.name)));
    }
    if more > 0 && !said.is_empty() {
        said.push(format!("{}: {more} more units stand on this line", found.name));
    }
    batch.finish()?;
    Ok(said)
}

/// Refuses what is no file at all, before a corpus is looked through for it.
fn refuse_no_file(config: &Config, input: &Input) -> Result<()> {
    let Input::File(path) = input else { return Ok(()) };
    let file = name(config, input);
    match path.metadata() {
        Err(error) => bail!("{file}: cannot be read: {error}"),
        Ok(metadata) if metadata.is_dir() => bail!("{file}: is a folder"),
        Ok(_) => Ok(()),
    }
}

/// Which file of the corpus this is, however it is spelled.
fn member(config: &Config, files: &[Located], input: &Input) -> Result<usize> {
    if let Some(at) = files.iter().position(|file| file.input == *input) {
        return Ok(at);
    }
    // What is no regular file may wait when it is opened.
    let handle = |input: &Input| match input {
        Input::File(path) if path.is_file() => Handle::from_path(path).ok(),
        _ => None,
    };
    if let Some(own) = handle(input)
        && let Some(at) = files.iter().position(|file| handle(&file.input).is_some_and(|other| other == own))
    {
        return Ok(at);
    }
    bail!("{} is not in the corpus: give --among with it too, or with a folder that it is in", name(config, input))
}
