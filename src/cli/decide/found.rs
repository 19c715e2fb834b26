//! What was found in a corpus, with the documents that it was found in, which are read again for it.

use std::convert::Infallible;
use std::io;
use std::ops::Range;

use anyhow::{Context as _, Result};

use super::originals::{self, Originals};
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
use crate::corpus::{self, Origin, Place, Repairs};
use crate::fold::{self, Folder};
use crate::format::{Chunk, Value};
use crate::index::Recognised;
use crate::repair::Repairer;
use crate::report::{Equality, Finding, Fingerprint, Lines, OriginalIn, Pair, Reason, excerpt};
use crate::source::{Body, Document, Input, Located};
use crate::unit::{Splitter, Unit, UnitKind};

/// A document of a corpus, with what was found in it.
pub(in crate::cli) struct Found<'a> {
    pub(in crate::cli) named: Named<'a>,
    pub(in crate::cli) document: &'a Document,
    /// Its units, if one of them would go.
    pub(in crate::cli) units: Vec<Unit>,
    /// The units that would go, in order, and why.
    pub(super) gone: &'a [Gone],
    /// Which document it is.
    pub(super) place: Place,
    /// Of a record: where it lies.
    value: Option<(&'a Chunk, &'a Value)>,
    corpus: Corpus<'a>,
}

/// What a document is found in.
#[derive(Clone, Copy)]
pub(super) struct Corpus<'a> {
    pub(super) config: &'a Config,
    pub(super) files: &'a [Located],
    pub(super) originals: Option<&'a Originals>,
}

/// Decides about all files of a corpus, and shows the documents in which something was found. Returns the number of documents.
pub(in crate::cli) fn each_found(
    config: &Config,
    batch: &mut Batch<'_>,
    pairs: bool,
    status: &mut Status,
    mut show: impl FnMut(Found<'_>) -> Result<()>,
) -> Result<(u64, Notes)> {
    let files = batch.take_files(Same::Once);
    let Decisive { decisions, was, notes, .. } = decide(config, batch, &files, false, Recognised::ByText, status)?;
    let quiet = Config { quiet: true, read: again(config), ..config.clone() };
    let originals = match pairs {
        false => None,
        true => {
            let decided = decisions.read()?.map(|of_bytes| Ok(of_bytes.context(READ_DECIDED)?.decided.gone));
            Some(originals::read(&quiet, &files, &was, decided)?)
        }
    };
    let mut documents = 0;
    for of_bytes in decisions.read()? {
        let Decided { file, gone, account, is_done, cuts, .. } = of_bytes.context(READ_DECIDED)?.decided;
        documents += account.account.documents;
        // Of what is repaired nothing is kept but that the file changes.
        let any_repaired = config.repair.is_some() && !cuts.is_empty();
        if !gone.is_empty() || any_repaired {
            let corpus = Corpus { config, files: &files, originals: originals.as_ref() };
            batch::refuse_changed(&files[file].input, was[file].as_ref())?;
            let shown = each_with_gone(&quiet, corpus, (file, &gone), |found| {
                if found.gone.is_empty() && !any_repaired { Ok(()) } else { show(found) }
            });
            shown.with_context(|| names::name(config, &files[file].input))?;
            batch::refuse_changed(&files[file].input, was[file].as_ref())?;
        }
        if is_done {
            batch.did(account);
        }
    }
    Ok((documents, notes))
}

/// Shows the documents of a file, with what goes of each.
pub(super) fn each_with_gone(
    quiet: &Config,
    corpus: Corpus<'_>,
    (file, gone): (usize, &[Gone]),
    mut show: impl FnMut(Found<'_>) -> Result<()>,
) -> Result<()> {
    let mut by_record = gone.chunk_by(|one, other| one.record == other.record).peekable();
    each_document(quiet, &corpus.files[file].input, |named, document, value| {
        let record = named.record.map(|(number, ..)| number);
        let is_of = |gone: &&[Gone]| gone.first().is_some_and(|gone| gone.record == record);
        let gone = by_record.next_if(is_of).unwrap_or_default();
        let units = match gone {
            [] if corpus.config.repair.is_none() => Vec::new(),
            _ => units(&document.body, corpus.config.compare.unit).context(READ_BACK)?,
        };
        show(Found { named, document, units, gone, place: Place { file, record }, value, corpus })
    })
}

/// Reads the documents of a file.
pub(super) fn each_document(
    quiet: &Config,
    input: &Input,
    mut see: impl FnMut(Named<'_>, &Document, Option<(&Chunk, &Value)>) -> Result<()>,
) -> Result<()> {
    let mut reader = match feed::open(quiet, input, &quiet.of(input).read)? {
        Open::Text(source) => {
            let document = batch::read(quiet, input, source.map(|source| *source), &mut Vec::new())?;
            return see(Named { input, record: None }, &document, None);
        }
        Open::Records(reader) => reader,
    };
    let mut first = 1;
    while let Some(chunk) = reader.next(Vec::new())? {
        let looked = look_at::<_, Infallible>(&chunk, |_, _| Ok(()));
        let Looked { records, .. } = looked.unwrap_or_else(|NotLooked { error: never, .. }| match never {});
        for OfRecord { record, document, value, .. } in &records {
            see(Named::record(input, first, &chunk, *record), document, Some((&chunk, value)))?;
        }
        first += chunk.len() as u64;
    }
    Ok(())
}

/// The units of a text.
pub(in crate::cli) fn units(body: &Body, kind: UnitKind) -> io::Result<Vec<Unit>> {
    let (mut splitter, mut units) = (Splitter::new(kind), Vec::new());
    body.pieces::<io::Error>(|piece, last| Ok(splitter.split(piece, last, |unit, _| units.push(unit))))?;
    Ok(units)
}

impl Found<'_> {
    /// What is changed in the units that stay.
    pub(in crate::cli) fn repairs(&self, repairer: &mut Repairer) -> io::Result<Repairs> {
        let goes = |at: usize| self.gone.binary_search_by_key(&(at as u64 + 1), |gone| gone.unit).is_ok();
        Repairs::of_document(repairer, &self.document.body, &self.units, goes, self.value)
    }

    /// What was found, block by block, with the units of each block.
    pub(in crate::cli) fn findings(&self) -> io::Result<Vec<(Finding, Range<usize>)>> {
        let blocks = self.gone.chunk_by(|one, other| one.block == other.block);
        let units = |block: &[Gone]| {
            let number = |gone: Option<&Gone>| gone.map_or(0, |gone| gone.unit as usize);
            number(block.first()).saturating_sub(1)..number(block.last())
        };
        blocks.filter_map(|block| Some(self.finding(block)?.map(|finding| (finding, units(block))))).collect()
    }

    /// What there is to say of the units of a block.
    pub(super) fn finding(&self, block: &[Gone]) -> Option<io::Result<Finding>> {
        let (first, last) = (block.first()?, block.last()?);
        let unit = self.units.get(usize::try_from(first.unit - 1).ok()?)?.range();
        let reason = match &first.why {
            Why::Copy { document, original, .. } => Reason::Copy {
                near: block.iter().filter_map(|gone| gone.why.near()).cloned().collect(),
                of: self.original_in(document),
                at: match (*original, &last.why) {
                    (At::Lines(first, _) | At::Line(first), Why::Copy { original: At::Lines(_, last), .. }) => {
                        corpus::Originals::Lines(first, *last)
                    }
                    (At::Lines(line, _) | At::Line(line), _) => corpus::Originals::From(line),
                    (At::Run { original, .. }, _) => corpus::Originals::Within(original),
                },
            },
            Why::Boilerplate { documents } => Reason::Boilerplate { documents: *documents },
            Why::Document(repeating) => Reason::Repeating(repeating.map(|most| self.original_in(most))),
        };
        Some(self.with_reason(block, unit, (first, last), reason))
    }

    fn with_reason(
        &self,
        block: &[Gone],
        unit: Range<u64>,
        (first, last): (&Gone, &Gone),
        reason: Reason,
    ) -> io::Result<Finding> {
        let text = self.document.body.bytes(unit.clone())?;
        let pairs = self.pairs(block);
        Ok(Finding {
            lines: Lines { first: first.lines.0, last: last.lines.1 },
            start: unit.start,
            reason,
            units: block.len() as u64,
            words: block.iter().map(|gone| u64::from(gone.words)).sum(),
            // Without pairs the original is in no document that is at hand.
            equality: if block.iter().any(|gone| gone.why.near().is_some()) { None } else { self.equality(&pairs)? },
            excerpt: excerpt(&text),
            fingerprint: Fingerprint::of(block.iter().map(|gone| gone.key)),
            pairs,
        })
    }

    /// The units of a block beside their originals, if those were read.
    fn pairs(&self, block: &[Gone]) -> Vec<Pair> {
        let Some(originals) = self.corpus.originals else { return Vec::new() };
        let pair = |gone: &Gone| {
            let unit = self.units.get(usize::try_from(gone.unit - 1).ok()?)?.range();
            let lines = Lines { first: gone.lines.0, last: gone.lines.1 };
            Some(Pair { unit, lines, original: originals.of(gone).cloned() })
        };
        block.iter().filter_map(pair).collect()
    }

    /// What makes them equal, if all originals are at hand.
    fn equality(&self, pairs: &[Pair]) -> io::Result<Option<Equality>> {
        let mut texts = Vec::new();
        for Pair { unit, original, .. } in pairs {
            let Some(original) = original else { return Ok(None) };
            texts.push((self.document.body.bytes(unit.clone())?, &*original.text));
        }
        let texts: Vec<(&[u8], &[u8])> = texts.iter().map(|(unit, original)| (&**unit, *original)).collect();
        let folds = self.corpus.config.compare.folds;
        // Nearly the same can be an original too, as another unit of its kind.
        let (mut one, mut other) = (Folder::new(folds), Folder::new(folds));
        if !texts.iter().all(|(unit, original)| one.fold(unit).text() == other.fold(original).text()) {
            return Ok(None);
        }
        Ok((!texts.is_empty()).then(|| Equality::from(fold::folds_needed(folds, &texts))))
    }

    fn original_in(&self, origin: &Origin) -> OriginalIn {
        match origin {
            Origin::Here(place) if *place == self.place => OriginalIn::Same,
            Origin::Here(place) => {
                OriginalIn::Other(names::document_of_place(self.corpus.config, self.corpus.files, *place))
            }
            Origin::Earlier(name) => OriginalIn::Earlier(names::document_of_earlier(name)),
        }
    }
}
