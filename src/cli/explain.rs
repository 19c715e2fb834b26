//! `tikrar explain`: why a unit goes, or is still here.

mod across;

use std::io::{self, IsTerminal as _, Write as _};
use std::ops::Range;

use anyhow::{Context as _, Result, bail};

use super::batch::{self, READ_BACK, writing};
use super::feed::{self, Open};
use super::names::{name, of_record};
use super::{Status, args, config, say};
use crate::config::{Config, Scope};
use crate::format::{NoText, RecordReader};
use crate::near::{Nearness, Verifier};
use crate::report::explain::{Compared, Explainer, NoUnit, said_of_two, said_of_unit};
use crate::source::Document;

pub(super) fn run(arguments: args::Explain, status: &mut Status) -> Result<()> {
    let (config, places) = arguments.resolve()?;
    let isolate = io::stdout().is_terminal();
    let said = match (config.scope, &*places) {
        (Scope::Corpus, [place]) => across::said(&config, place, isolate, status)?,
        // Two units are equal, or not, in any scope.
        _ => of_documents(&config, &places, isolate)?,
    };
    let mut out = io::stdout().lock();
    for line in said {
        writing(writeln!(out, "{line}"))?;
    }
    writing(out.flush())
}

/// What is said of lines whose documents are looked at by themselves.
fn of_documents(config: &Config, places: &[args::PlaceOfLine], isolate: bool) -> Result<Vec<String>> {
    config::tell(config, places.iter().map(|place| &place.input));
    let quiet = Config { quiet: true, ..config.clone() };
    let mut found = Vec::new();
    for (at, place) in places.iter().enumerate() {
        // What there is to note of a file is said once.
        let is_said = places[..at].iter().any(|before| before.input == place.input);
        found.push(find(if is_said { &quiet } else { config }, place)?);
    }
    match &*found {
        [one, other] => of_two(one, other, isolate),
        found => {
            Ok(found.iter().map(|found| of_one(found.config, found, isolate)).collect::<Result<Vec<_>>>()?.concat())
        }
    }
}

/// A line, with its document.
struct Found<'a> {
    /// The options that it has.
    config: &'a Config,
    /// What the document is called, and with its line.
    document_name: String,
    name: String,
    document: Document,
    line: u64,
}

fn find<'a>(config: &'a Config, place: &args::PlaceOfLine) -> Result<Found<'a>> {
    let config = config.of(&place.input);
    let file = name(config, &place.input);
    let (document_name, document) = match feed::open(config, &place.input, &config.read) {
        Ok(Open::Text(source)) => {
            if place.record.is_some() {
                bail!("{file} is one text, and has no records: give FILE:LINE");
            }
            let mut warnings = Vec::new();
            let document = batch::read(config, &place.input, source.map(|source| *source), &mut warnings)
                .with_context(|| file.clone())?;
            warnings.into_iter().for_each(say);
            (file, document)
        }
        Ok(Open::Records(reader)) => {
            let Some(number) = place.record else {
                bail!("{file} is a file of records: name the record too, as in {file}:1:{}", place.line);
            };
            let (id, document) = record(*reader, number).with_context(|| file.clone())?;
            if config.read.strict
                && document.body.bytes(0..document.body.len())?.utf8_chunks().any(|chunk| !chunk.invalid().is_empty())
            {
                bail!("{file}: record {number}: it has bytes that are not UTF-8, and --strict allows none such");
            }
            (of_record(&file, number, id.as_deref()), document)
        }
        Err(error) => return Err(error.context(file)),
    };
    let name = format!("{document_name}:{}", place.line);
    Ok(Found { config, document_name, name, document, line: place.line })
}

/// The id and the text of the record with this number.
fn record(mut reader: RecordReader, number: u64) -> Result<(Option<String>, Document)> {
    let mut before = 0;
    while let Some(chunk) = reader.next(Vec::new())? {
        let record = number - 1 - before;
        if record >= chunk.len() as u64 {
            before += chunk.len() as u64;
            continue;
        }
        let record = record as usize;
        let why = match chunk.text(record) {
            Ok(value) => return Ok((chunk.id(record), Document::of_bytes(value.text))),
            Err(NoText::Missing) => "its field is not there (--text-field names another)".to_owned(),
            Err(NoText::Null) => "it is null".to_owned(),
            Err(NoText::NotText) => "it is no string".to_owned(),
            Err(NoText::LoneSurrogate) => "it has half a surrogate pair".to_owned(),
            Err(NoText::Malformed { at, reason }) => format!("{reason}, at byte {at} of the record"),
        };
        bail!("record {number} has no text: {why}");
    }
    bail!("there is no record {number}: it has {before}")
}

fn of_one(config: &Config, found: &Found<'_>, isolate: bool) -> Result<Vec<String>> {
    let options = &config.compare;
    let explainer = explainer(found, config)?;
    let units = match on_line(explainer.units_on(found.line), found)? {
        Ok(units) => units,
        Err(blank) => return Ok(vec![blank]),
    };
    let mut said = Vec::new();
    for at in units {
        let explanation = explainer.explain(at).context(READ_BACK)?;
        let lines = said_of_unit(&explanation, options, isolate);
        said.extend(indented(lines, &format!("{}: ", found.name)));
    }
    Ok(said)
}

fn of_two(one: &Found<'_>, other: &Found<'_>, isolate: bool) -> Result<Vec<String>> {
    let options = &one.config.compare;
    if options.key_version() != other.config.compare.key_version() {
        bail!(
            "{} and {} have different options in a tikrar.toml, so the two are never compared (--no-config)",
            one.document_name,
            other.document_name
        );
    }
    let mut units = Vec::new();
    for found in [one, other] {
        let explainer = explainer(found, found.config)?;
        match on_line(explainer.units_on(found.line), found)? {
            Ok(on) => {
                let range = explainer.examined().units[on.start].range();
                units.push(found.document.body.bytes(range).context(READ_BACK)?.into_owned());
            }
            Err(blank) => return Ok(vec![blank]),
        }
    }
    let compared = Compared::of(&units[0], &units[1], options);
    let mut lines = said_of_two([&one.name, &other.name], &compared, options, isolate);
    if let (Some(near), Compared::EqualAt { .. } | Compared::Different { .. }) = (options.near, &compared) {
        let mut verifier = Verifier::new(near, options.folds);
        let says_more = |more: &Found<'_>, less: &Found<'_>, nearness: &Nearness| {
            format!("{} is nearly the same as {}, which says more: {}", less.name, more.name, nearness.said())
        };
        lines.push(match (verifier.nearness(&units[0], &units[1]), verifier.nearness(&units[1], &units[0])) {
            (Some(nearness), Some(_)) => format!("they are nearly the same: {}", nearness.said()),
            (Some(nearness), None) => says_more(one, other, &nearness),
            (None, Some(nearness)) => says_more(other, one, &nearness),
            (None, None) => format!("they are not nearly the same (--{near})"),
        });
    }
    Ok(indented(lines, "").collect())
}

/// The units on a line; or, if it is blank, that it is, for that explains it too.
fn on_line(on_line: Result<Range<usize>, NoUnit>, found: &Found<'_>) -> Result<Result<Range<usize>, String>> {
    match on_line {
        Ok(units) => Ok(Ok(units)),
        Err(blank @ NoUnit::Blank { .. }) => Ok(Err(format!("{}: {blank}", found.name))),
        Err(error) => Err(error).with_context(|| found.document_name.clone()),
    }
}

fn explainer<'a>(found: &'a Found<'_>, config: &'a Config) -> Result<Explainer<'a>> {
    Explainer::new(&found.document, &config.compare, config.threads).with_context(|| found.document_name.clone())
}

/// The first line with what it is of, and the others below it.
fn indented(lines: Vec<String>, of: &str) -> impl Iterator<Item = String> {
    lines
        .into_iter()
        .enumerate()
        .map(move |(at, line)| if at == 0 { format!("{of}{line}") } else { format!("  {line}") })
}
