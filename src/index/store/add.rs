//! How a run is added to a store: in one transaction, which is on the disk when it is done and leaves nothing behind when
//! it is not.

use std::collections::BTreeMap;
use std::io;

use redb::{ReadableTable, Table, WriteTransaction};

use super::closing::Closing;
use super::error::{AddFault, Fault};
use super::segment::{self, Cursor};
use super::sorted::{Entry, Sorted, Sorter};
use super::{DOCUMENTS, DocumentRow, IDENTITIES, SEGMENTS, Segments, Store, read_segments};
use crate::index::{KnownDocument, Recognised};

/// A document that is new, by its places.
struct Span {
    /// The lines before it, and with it.
    first: u64,
    end: u64,
    /// Whether an earlier run had it too.
    is_known: bool,
    /// Whether a window first began in it.
    is_used: bool,
}

impl Span {
    /// Whether the document is kept: what is known of it already leads to where it stands.
    fn stays(&self) -> bool {
        self.is_used || !self.is_known
    }
}

/// What is added on top of the lines that are there.
pub(super) struct Adding<'t> {
    transaction: &'t WriteTransaction,
    documents: Closing<Table<'t, u64, DocumentRow>>,
    identities: Closing<Table<'t, (u128, u64), ()>>,
    segments: Closing<Table<'t, u32, u64>>,
    /// How many lines there were before.
    before: u64,
    /// How many there are after.
    lines: u64,
    spans: Vec<Span>,
    /// Of each document that was there before, by its first place: where it stands already.
    earlier: BTreeMap<u64, Vec<u64>>,
}

impl<'t> Adding<'t> {
    pub(super) fn new(transaction: &'t WriteTransaction, before: u64, lines: u64) -> Result<Adding<'t>, Fault> {
        if lines < before {
            return Err(Fault::Misplaced(format!("there are {before} lines, and {lines} would be fewer")));
        }
        Ok(Adding {
            transaction,
            documents: Closing::new(transaction.open_table(DOCUMENTS)?),
            identities: Closing::new(transaction.open_table(IDENTITIES)?),
            segments: Closing::new(transaction.open_table(SEGMENTS)?),
            before,
            lines,
            spans: Vec::new(),
            earlier: BTreeMap::new(),
        })
    }

    /// Adds a document behind all others. One without lines has no places, so nothing is to be known of it.
    pub(super) fn document(&mut self, document: &KnownDocument) -> Result<(), Fault> {
        let KnownDocument { first, lines, name, as_read, as_left } = document;
        let last = self.spans.last().map_or(self.before, |span| span.end);
        let end = first.checked_add(*lines).filter(|&end| *first >= last && end <= self.lines);
        let Some(end) = end else {
            let what = format!("the {lines} lines of {name} behind line {first} are not behind line {last}");
            return Err(Fault::Misplaced(format!("{what} and up to line {}", self.lines)));
        };
        if *lines > 0 {
            self.documents.insert(first, (*lines, &**name, *as_read, *as_left))?;
            self.spans.push(Span { first: *first, end, is_known: false, is_used: false });
        }
        Ok(())
    }

    /// The new document that begins behind so many lines.
    fn span(&mut self, first: u64) -> Option<&mut Span> {
        let at = self.spans.binary_search_by_key(&first, |span| span.first).ok()?;
        self.spans.get_mut(at)
    }

    /// Finds the documents that were there before and are not found yet. Takes what they may be recognised by, each with its first
    /// place, and once at most.
    fn recognise<E>(&mut self, links: impl Iterator<Item = Result<Entry, AddFault<E>>>) -> Result<(), AddFault<E>> {
        if self.identities.first()?.is_none() {
            return Ok(());
        }
        for link in links {
            let (identity, first) = link_of(link?);
            let mut places = Vec::new();
            for known in self.identities.range((identity, 0)..=(identity, u64::MAX))? {
                places.push(known?.0.value().1);
            }
            if !places.is_empty()
                && let Some(span) = self.span(first).filter(|span| !span.is_known)
            {
                span.is_known = true;
                self.earlier.entry(first).or_default().extend(places);
            }
        }
        Ok(())
    }

    /// Adds windows, which come in order. Those that are there keep their place; the others wait in `new`.
    pub(super) fn windows<E>(
        &mut self,
        windows: impl Iterator<Item = Result<Entry, AddFault<E>>>,
        mut new: Sorter,
    ) -> Result<(), AddFault<E>> {
        let mut segments = read_segments(&*self.segments)?;
        {
            let names: Vec<String> = segments.keys().map(|&number| segment::name(number)).collect();
            let mut known = Vec::new();
            for name in &names {
                known.push(Cursor::new(Closing::new(self.transaction.open_table(segment::definition(name))?)));
            }
            let mut last = None;
            'windows: for window in windows {
                let window = window?;
                let key = segment::key_bytes(&window);
                if last.replace(key) == Some(key) {
                    continue;
                }
                for segment in &mut known {
                    if segment.has(&key)? {
                        continue 'windows;
                    }
                }
                self.use_span(window[2])?;
                new.push(window)?;
            }
        }
        segment::add(self.transaction, &mut segments, &new.finish()?)?;
        keep(&mut self.segments, &segments)?;
        Ok(())
    }

    /// A window first began at this place.
    fn use_span(&mut self, place: u64) -> Result<(), Fault> {
        let at = self.spans.partition_point(|span| span.end < place);
        match self.spans.get_mut(at) {
            Some(span) if span.first < place => {
                span.is_used = true;
                Ok(())
            }
            _ => Err(Fault::Misplaced(format!("line {place} lies in none of the documents that are added"))),
        }
    }

    /// Adds the identities of the new documents, again each with its first place, so that they lead to every place where
    /// the document stands. Of a document that was there before, nothing else is kept if no window first began in it.
    pub(super) fn identities<E>(
        &mut self,
        links: impl Iterator<Item = Result<Entry, AddFault<E>>>,
    ) -> Result<(), AddFault<E>> {
        for link in links {
            let (identity, first) = link_of(link?);
            let Some(span) = self.span(first) else { continue };
            if span.stays() {
                self.identities.insert((identity, first), ())?;
            }
            for &place in self.earlier.get(&first).into_iter().flatten() {
                self.identities.insert((identity, place), ())?;
            }
        }
        for span in self.spans.iter().filter(|span| !span.stays()) {
            self.documents.remove(span.first)?;
        }
        Ok(())
    }

    /// Adds what the files of the new documents are recognised by, each with the first place of one of them, in order. Of a file that
    /// is known already there is one.
    pub(super) fn files<E>(
        &mut self,
        links: impl Iterator<Item = Result<Entry, AddFault<E>>>,
    ) -> Result<(), AddFault<E>> {
        let mut last = None;
        for link in links {
            let (file, first) = link_of(link?);
            if last == Some(file) || !self.span(first).is_some_and(|span| span.stays()) {
                continue;
            }
            last = Some(file);
            if self.identities.range((file, 0)..=(file, u64::MAX))?.next().is_none() {
                self.identities.insert((file, first), ())?;
            }
        }
        Ok(())
    }
}

/// What the documents that are added are recognised by, in the order in which it is looked for, or by their files.
pub(super) struct Links {
    recognised: Recognised,
    by_text: [Sorter; 2],
    files: Sorter,
}

impl Links {
    pub(super) fn new(store: &Store, recognised: Recognised) -> Links {
        Links { recognised, by_text: [store.sorter(), store.sorter()], files: store.sorter() }
    }

    pub(super) fn push(&mut self, document: &KnownDocument) -> io::Result<()> {
        for (identity, links) in document.recognised_by().into_iter().zip(&mut self.by_text) {
            links.push(link(identity, document.first))?;
        }
        self.files.push(link(document.by_file(), document.first))
    }

    /// Finds the documents that were there before. Returns the files of all.
    pub(super) fn recognise<E>(self, adding: &mut Adding<'_>) -> Result<Sorted, AddFault<E>> {
        let files = self.files.finish()?;
        match self.recognised {
            Recognised::ByText => {
                for links in self.by_text {
                    adding.recognise(links.finish()?.iter()?.map(sorted))?;
                }
            }
            Recognised::ByFile => adding.recognise(files.iter()?.map(sorted))?,
        }
        Ok(files)
    }
}

/// Keeps the list of segments.
fn keep(table: &mut Table<'_, u32, u64>, segments: &Segments) -> Result<(), Fault> {
    table.retain(|number, _| segments.contains_key(&number))?;
    for (number, windows) in segments {
        table.insert(number, windows)?;
    }
    Ok(())
}

fn link_of([high, low, first]: Entry) -> (u128, u64) {
    (u128::from(high) << 64 | u128::from(low), first)
}

/// The identity as an entry that can be sorted.
pub(super) fn link(identity: u128, first: u64) -> Entry {
    [(identity >> 64) as u64, identity as u64, first]
}

/// What goes wrong while sorting.
pub(super) fn sorted<E>(entry: io::Result<Entry>) -> Result<Entry, AddFault<E>> {
    entry.map_err(AddFault::from)
}
