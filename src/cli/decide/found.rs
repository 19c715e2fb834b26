//! What was found in a corpus, with the documents that it was found in, which are read again for it.

use std::convert::Infallible;
use std::io;

use anyhow::{Context as _, Result};

use super::{Decided, Decisive, READ_DECIDED, decide};
use crate::cli::Status;
use crate::cli::batch::{self, Batch, READ_BACK, Same};
use crate::cli::feed::{self, Open};
use crate::cli::names::{self, Named};
use crate::cli::notes::Notes;
use crate::cli::place::again;
use crate::config::Config;
use crate::corpus::gone::{At, Gone, Why};
use crate::corpus::records::{Looked, NotLooked, OfRecord, look_at};
use crate::corpus::{Origin, Place};
use crate::index::Recognised;
use crate::report::Lines;
use crate::source::{Body, Document, Located};
use crate::unit::{Splitter, Unit, UnitKind};

/// A document in which something was found.
pub(in crate::cli) struct Found<'a> {
    pub(in crate::cli) named: Named<'a>,
    pub(in crate::cli) document: &'a Document,
    pub(in crate::cli) units: Vec<Unit>,
    /// The units that would go, in order, and why.
    pub(in crate::cli) gone: &'a [Gone],
    /// Which document it is.
    place: Place,
    config: &'a Config,
    files: &'a [Located],
}

/// Units in one block, of which this is said.
pub(in crate::cli) struct Block {
    /// Where it begins in the text of its document, in bytes.
    pub(in crate::cli) start: u64,
    pub(in crate::cli) lines: Lines,
    /// As in `lines 9-13 repeat lines 4-8 of a.txt`.
    pub(in crate::cli) said: String,
    /// The first unit.
    pub(in crate::cli) first: usize,
}

/// Decides about all files of a corpus, and shows the documents in which something was found. Returns the number of documents.
pub(in crate::cli) fn each_found(
    config: &Config,
    batch: &mut Batch<'_>,
    status: &mut Status,
    mut show: impl FnMut(&Found<'_>) -> Result<()>,
) -> Result<(u64, Notes)> {
    let files = batch.take_files(Same::Once);
    let Decisive { decisions, was, notes, .. } = decide(config, batch, &files, false, Recognised::ByText, status)?;
    let quiet = Config { quiet: true, read: again(config), ..config.clone() };
    let mut documents = 0;
    for of_bytes in decisions.read()? {
        let Decided { file, gone, account, is_done, .. } = of_bytes.context(READ_DECIDED)?.decided;
        documents += account.account.documents;
        if !gone.is_empty() {
            *status = (*status).max(Status::Found);
            let shown = show_file(&quiet, config, &files, (file, &gone), &mut show);
            shown.with_context(|| names::name(config, &files[file].input))?;
            batch::refuse_changed(&files[file].input, was[file].as_ref())?;
        }
        if is_done {
            batch.did(account);
        }
    }
    Ok((documents, notes))
}

/// Shows the documents of a file in which something was found.
fn show_file(
    quiet: &Config,
    config: &Config,
    files: &[Located],
    (file, gone): (usize, &[Gone]),
    show: &mut impl FnMut(&Found<'_>) -> Result<()>,
) -> Result<()> {
    let input = &files[file].input;
    let mut reader = match feed::open(quiet, input, &quiet.read)? {
        Open::Text(source) => {
            let document = batch::read(quiet, input, source.map(|source| *source), &mut Vec::new())?;
            let units = units(&document.body, config.compare.unit).context(READ_BACK)?;
            let (named, place) = (Named { input, record: None }, Place { file, record: None });
            return show(&Found { named, document: &document, units, gone, place, config, files });
        }
        Open::Records(reader) => reader,
    };
    let mut by_record = gone.chunk_by(|one, other| one.record == other.record).peekable();
    let mut first = 1;
    while let Some(chunk) = reader.next(Vec::new())? {
        let looked = look_at::<_, Infallible>(&chunk, |_, _| Ok(()));
        let Looked { records, .. } = looked.unwrap_or_else(|NotLooked { error: never, .. }| match never {});
        for OfRecord { record, document, .. } in &records {
            let number = first + *record as u64;
            let Some(gone) = by_record.next_if(|gone| gone.first().and_then(|gone| gone.record) == Some(number)) else {
                continue;
            };
            let units = units(&document.body, config.compare.unit).context(READ_BACK)?;
            let place = Place { file, record: Some(number) };
            let named = Named::record(input, first, &chunk, *record);
            show(&Found { named, document, units, gone, place, config, files })?;
        }
        first += chunk.len() as u64;
    }
    Ok(())
}

fn units(body: &Body, kind: UnitKind) -> io::Result<Vec<Unit>> {
    let (mut splitter, mut units) = (Splitter::new(kind), Vec::new());
    body.pieces::<io::Error>(|piece, last| Ok(splitter.split(piece, last, |unit, _| units.push(unit))))?;
    Ok(units)
}

impl Found<'_> {
    /// Whether a unit would go.
    pub(in crate::cli) fn is_gone(&self, at: usize) -> bool {
        self.gone.binary_search_by_key(&(at as u64 + 1), |gone| gone.unit).is_ok()
    }

    /// What was found, block by block.
    pub(in crate::cli) fn blocks(&self) -> impl Iterator<Item = Block> + '_ {
        self.gone.chunk_by(|one, other| one.block == other.block).filter_map(|block| {
            let (first, last) = (block.first()?, block.last()?);
            let lines = Lines { first: first.lines.0, last: last.lines.1 };
            let at = usize::try_from(first.unit - 1).ok()?;
            let start = self.units.get(at)?.range().start;
            Some(Block { start, lines, said: self.said(lines, first, last), first: at })
        })
    }

    fn said(&self, lines: Lines, first: &Gone, last: &Gone) -> String {
        let name = |file: usize| names::name(self.config, &self.files[file].input);
        match &first.why {
            Why::Copy { document, original, .. } => {
                let of = match (*original, &last.why) {
                    (At::Lines(first, _) | At::Line(first), Why::Copy { original: At::Lines(_, last), .. }) => {
                        Lines { first, last: *last }.to_string()
                    }
                    (At::Lines(line, _) | At::Line(line), _) => format!("the text from line {line}"),
                    (At::Run { original, .. }, _) => format!("a part of the text from line {original}"),
                };
                let of = match document {
                    Origin::Here(place) if *place == self.place => of,
                    origin => format!("{of} of {}", names::of_origin(origin, name)),
                };
                format!("{lines} {} {of}", lines.repeat())
            }
            Why::Boilerplate { documents } => format!("{lines} stands in {documents} documents"),
            Why::Document(repeating) => {
                let (percent, most) = (repeating.percent(), names::of_origin(&repeating.most, name));
                format!("{lines}: {percent}% of the words repeat documents before, most of them {most}")
            }
        }
    }
}
