//! Whether a store is as it should be.

use std::fmt;
use std::path::Path;

use super::error::Fault as Inner;
use super::{Contents, Store, StoreError, Tables, guard};
use crate::index::KnownDocument;

/// Something that is wrong with a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A part of the file is not what was written there.
    Damaged,
    /// A document has lines that the store does not have, or that another has.
    Document {
        /// The lines before it.
        first: u64,
        /// What it is called.
        name: String,
    },
    /// Documents that are not found again by one of their identities.
    Unrecognised {
        /// How many.
        documents: u64,
    },
    /// Identities that lead to no document.
    Identities {
        /// How many.
        identities: u64,
    },
    /// Windows that first began in no document.
    Windows {
        /// How many.
        windows: u64,
        /// The place of one of them.
        place: u64,
    },
    /// Windows that are not in their order, or there twice.
    Order {
        /// How many.
        windows: u64,
    },
    /// There are not as many windows as there should be.
    Count {
        /// How many there should be.
        told: u64,
        /// How many there are.
        counted: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Damaged => f.write_str("a part of the file is not what was written there"),
            Fault::Document { first, name } => {
                write!(f, "{name}, behind line {first}, has lines that are not there, or that are another document's")
            }
            Fault::Unrecognised { documents } => write!(f, "documents that would not be recognised: {documents}"),
            Fault::Identities { identities } => write!(f, "identities that lead to no document: {identities}"),
            Fault::Windows { windows, place } => {
                write!(f, "windows that first began in no document: {windows}, one of them in line {place}")
            }
            Fault::Order { windows } => write!(f, "windows that are out of order, or there twice: {windows}"),
            Fault::Count { told, counted } => write!(f, "{told} windows are told of, and there are {counted}"),
        }
    }
}

/// Goes through a store from end to end and says what it holds and what is wrong with it. The file is only read; for each
/// document it has, 16 bytes are held in memory.
///
/// # Errors
/// It can't be gone through: it is not there or no store, is in use by another process, or so damaged that nothing more can be
/// said of it.
pub fn verify(path: &Path, cache: usize) -> Result<(Contents, Vec<Fault>), StoreError> {
    let mut store = Store::look(path, cache)?;
    let mut faults = Vec::new();
    // What this mends is mended in memory.
    let is_sound =
        store.database.as_mut().map_or(Ok(true), |database| guard(path, || Ok(database.check_integrity()?)))?;
    if !is_sound {
        faults.push(Fault::Damaged);
    }
    let contents = store.contents()?;
    if let Some(database) = &store.database {
        guard(path, || sums(&Tables::open(&database.begin_read()?)?, &contents, &mut faults))?;
    }
    Ok((contents, faults))
}

fn sums(tables: &Tables, contents: &Contents, faults: &mut Vec<Fault>) -> Result<(), Inner> {
    let mut spans: Vec<(u64, u64)> = Vec::new();
    let mut unrecognised = 0;
    for document in tables.documents()? {
        let document = document?;
        let KnownDocument { first, lines, .. } = document;
        let end = first.checked_add(lines).filter(|&end| lines > 0 && end <= contents.lines);
        match end {
            Some(end) if spans.last().is_none_or(|&(_, last)| last <= first) => spans.push((first, end)),
            _ => faults.push(Fault::Document { first, name: document.shown_name() }),
        }
        let mut is_found = true;
        let file = document.by_file();
        is_found &= tables.identities.range((file, 0)..=(file, first))?.next().is_some();
        for identity in document.identities() {
            is_found &= tables.identities.get((identity, first))?.is_some();
        }
        unrecognised += u64::from(!is_found);
    }
    if unrecognised > 0 {
        faults.push(Fault::Unrecognised { documents: unrecognised });
    }
    let mut leading_nowhere = 0;
    for link in tables.links()? {
        let (_, first) = link?;
        leading_nowhere += u64::from(tables.documents.get(first)?.is_none());
    }
    if leading_nowhere > 0 {
        faults.push(Fault::Identities { identities: leading_nowhere });
    }
    let (mut outside, mut one, mut disordered, mut counted) = (0, 0, 0, 0);
    let mut last = None;
    for window in tables.windows()? {
        let [high, low, place] = window?;
        let key = (high, low);
        disordered += u64::from(last.replace(key).is_some_and(|last| last >= key));
        counted += 1;
        let at = spans.partition_point(|&(_, end)| end < place);
        if spans.get(at).is_none_or(|&(first, _)| first >= place) {
            outside += 1;
            one = place;
        }
    }
    if outside > 0 {
        faults.push(Fault::Windows { windows: outside, place: one });
    }
    if disordered > 0 {
        faults.push(Fault::Order { windows: disordered });
    }
    if counted != tables.windows {
        faults.push(Fault::Count { told: tables.windows, counted });
    }
    Ok(())
}
