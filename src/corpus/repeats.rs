//! Which lines of a corpus repeat which, as copies come up one by one.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::gone::At;
use crate::index::{Earlier, IndexError, Starts};

/// Consecutive copies that lie together in repeated runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// Where they are.
    pub document: Place,
    /// The first and the last line of it, counted from 1.
    pub lines: (u64, u64),
    /// Where the originals are.
    pub original: Origin,
    /// The lines of the originals.
    pub of: Originals,
    /// Whether some of them are only nearly the same as their originals.
    pub nearly: bool,
    /// What the record with the copies is called by itself.
    pub id: Option<String>,
}

/// The document of an original.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// One of this run.
    Here(Place),
    /// One of an earlier run, as it is called there.
    Earlier(String),
}

impl Origin {
    /// Changes the place of a document of this run.
    #[must_use]
    pub fn map(self, change: impl FnOnce(Place) -> Place) -> Origin {
        match self {
            Origin::Here(place) => Origin::Here(change(place)),
            earlier => earlier,
        }
    }
}

/// A document of a corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The number of the file, from 0.
    pub file: usize,
    /// The number of the record in it, from 1, if the file has records.
    pub record: Option<u64>,
}

/// Where originals are, in lines counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Originals {
    /// On these lines, the first and the last.
    Lines(u64, u64),
    /// From this line on.
    From(u64),
    /// Somewhere in a run that begins on this line.
    Within(u64),
}

/// Puts copies together, as long as they repeat one stretch of a document. Lines are numbered through the corpus, from 1, behind
/// those of earlier runs.
pub(super) struct Repeats {
    documents: Starts,
    earlier: Option<Arc<dyn Earlier>>,
    files: Vec<File>,
    open: Option<Open>,
}

/// A file, by its number and that of its first document in the corpus.
#[derive(Clone, Copy, Debug)]
struct File {
    number: usize,
    first: usize,
    has_records: bool,
}

/// Copies that may go on.
#[derive(Debug)]
struct Open {
    first: u64,
    last: u64,
    /// Where the originals start, or the run that they are in.
    original: u64,
    /// The last line of the originals, while each of them is known.
    original_last: Option<u64>,
    /// Whether the originals start there, and are not only somewhere in it.
    starts_there: bool,
    /// The last line of the document that they are in.
    document_last: u64,
    nearly: bool,
}

/// The document that a line is in.
struct Around {
    document: Origin,
    /// The lines before it.
    before: u64,
    /// The last line of it, if another has begun since.
    last: Option<u64>,
}

impl Repeats {
    /// No file has begun.
    pub(super) fn new(documents: Starts, earlier: Option<Arc<dyn Earlier>>) -> Repeats {
        Repeats { documents, earlier, files: Vec::new(), open: None }
    }

    /// The bytes on disk.
    pub(super) fn disk_bytes(&self) -> u64 {
        self.documents.disk_bytes()
    }

    /// A file begins, whose documents are records or which is one document.
    pub(super) fn begin_file(&mut self, number: usize, has_records: bool) {
        self.files.push(File { number, first: self.documents.len(), has_records });
    }

    /// A document begins behind so many lines.
    pub(super) fn begin_document(&mut self, lines: u64) -> Result<(), IndexError> {
        self.documents.push(lines)
    }

    /// Takes a copy: its first line and how many there are, where its original starts if that is known, and a repeated run
    /// that it lies in, by where that starts and where it first began. Returns the copies before, if it does not go on with
    /// them.
    pub(super) fn add(
        &mut self,
        line: u64,
        lines: u32,
        original: Option<u64>,
        run: (u64, u64),
    ) -> Result<Option<Repeated>, IndexError> {
        let more = u64::from(lines) - 1;
        if let Some(open) = &mut self.open
            && open.goes_on(line, original, run)
        {
            open.last = line + more;
            open.original_last = open.original_last.and(original).map(|original| original + more);
            return Ok(None);
        }
        let ended = self.end()?;
        let start = original.unwrap_or(run.1);
        let document = self.around(start)?;
        self.open = Some(Open {
            first: line,
            last: line + more,
            original: start,
            original_last: original.map(|original| original + more),
            starts_there: original.is_some(),
            document_last: document.and_then(|document| document.last).unwrap_or(u64::MAX),
            nearly: false,
        });
        Ok(ended)
    }

    /// The last copy is only nearly the same as its original.
    pub(super) fn nearly(&mut self) {
        self.open.iter_mut().for_each(|open| open.nearly = true);
    }

    /// No copy comes next. Returns those before.
    pub(super) fn end(&mut self) -> Result<Option<Repeated>, IndexError> {
        let Some(open) = self.open.take() else { return Ok(None) };
        let (document, original) = (self.documents.around(open.first)?, self.around(open.original)?);
        let (Some(document), Some(original)) = (document, original) else { return Ok(None) };
        let start = open.original - original.before;
        let of = match open.original_last {
            Some(last) => Originals::Lines(start, last - original.before),
            None if open.starts_there => Originals::From(start),
            None => Originals::Within(start),
        };
        let lines = (open.first - document.before, open.last - document.before);
        let document = self.place(document.document);
        Ok(Some(Repeated { document, lines, original: original.document, of, nearly: open.nearly, id: None }))
    }

    /// Where the original of a copy is: its document, and where in that. A copy is given as to [`Repeats::add`].
    pub(super) fn original_of(
        &mut self,
        lines: u32,
        original: Option<u64>,
        run: (u64, u64),
    ) -> Result<Option<(Origin, At)>, IndexError> {
        let Some((document, line)) = self.place_of(original.unwrap_or(run.1))? else { return Ok(None) };
        let at = match original {
            Some(_) if lines == 1 => At::Lines(line, line),
            Some(_) => At::Line(line),
            None => {
                let Some((_, copy)) = self.place_of(run.0)? else { return Ok(None) };
                At::Run { copy, original: line }
            }
        };
        Ok(Some((document, at)))
    }

    /// The document that a line of the corpus is in, and which line of it that is.
    pub(super) fn place_of(&mut self, line: u64) -> Result<Option<(Origin, u64)>, IndexError> {
        let around = self.around(line)?;
        Ok(around.map(|Around { document, before, .. }| (document, line - before)))
    }

    fn around(&mut self, line: u64) -> Result<Option<Around>, IndexError> {
        if let Some(earlier) = self.earlier.as_ref().filter(|earlier| line <= earlier.lines()) {
            let known = earlier.document(line)?;
            let last = known.first.saturating_add(known.lines);
            return Ok(Some(Around {
                document: Origin::Earlier(known.shown_name()),
                before: known.first,
                last: Some(last),
            }));
        }
        let around = self.documents.around(line)?;
        Ok(around.map(|around| {
            let document = Origin::Here(self.place(around.document));
            Around { document, before: around.before, last: around.last }
        }))
    }

    fn place(&self, document: usize) -> Place {
        let at = self.files.partition_point(|file| file.first <= document) - 1;
        let File { number, first, has_records } = self.files[at];
        Place { file: number, record: has_records.then(|| (document - first) as u64 + 1) }
    }
}

impl Open {
    /// Whether a copy is of the same stretch. With an original of its own that has to be the next one; without, it goes with
    /// a run that begins in the stretch. Lines are known, and not which of them are blank, so that the line alone could fit by
    /// chance: behind a copy without an original of its own none that has one goes on, for in a run both would have one.
    fn goes_on(&self, line: u64, original: Option<u64>, run: (u64, u64)) -> bool {
        let is_there = |line: u64, original: u64| original.wrapping_sub(self.original) == line - self.first;
        self.starts_there
            && match original {
                Some(original) => {
                    self.original_last.is_some() && original <= self.document_last && is_there(line, original)
                }
                None => (self.first..=self.last).contains(&run.0) && is_there(run.0, run.1),
            }
    }
}
