//! How documents are recognised that earlier runs had too: one of them is no copy of what it was itself.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use hashbrown::HashMap;
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::stream::StreamError;
use crate::cut::FileCuts;
use crate::format::text;
use crate::index::{Earlier, KnownDocument, Recognised, TextHash, document_name, identity};
use crate::source::Body;

/// What earlier runs have found, and how a run recognises their documents.
#[derive(Clone)]
pub struct Before<'a> {
    /// What they have found.
    pub earlier: Arc<dyn Earlier>,
    /// What a file is called, by its number in this run: the same in every run.
    pub file_name: &'a (dyn Fn(usize) -> String + Sync),
    /// By what a document is recognised.
    pub recognised: Recognised,
}

impl fmt::Debug for Before<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Before").field("recognised", &self.recognised).finish_non_exhaustive()
    }
}

/// Recognises the documents of one file after the other.
pub(super) struct Recogniser<'a> {
    before: Before<'a>,
    file: String,
    /// The current document of text, as it is read and as it is left.
    as_read: Xxh3,
    as_left: Xxh3,
    /// How often each document of earlier runs was met.
    met: HashMap<u128, usize>,
}

impl<'a> Recogniser<'a> {
    pub(super) fn new(before: Before<'a>) -> Recogniser<'a> {
        Recogniser { before, file: String::new(), as_read: Xxh3::new(), as_left: Xxh3::new(), met: HashMap::new() }
    }

    /// A file begins. Where it is to be replaced: the lines before it where an earlier run had it first.
    pub(super) fn begin_file(&mut self, file: usize) -> Result<Option<u64>, StreamError> {
        self.file = (self.before.file_name)(file);
        self.as_read.reset();
        self.as_left.reset();
        match self.before.recognised {
            Recognised::ByText => Ok(None),
            Recognised::ByFile => {
                let first = self.before.earlier.first_with(identity(&self.file, TextHash::Any));
                first.map_err(StreamError::Index)
            }
        }
    }

    /// The next bytes of a document of text.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        self.as_read.update(bytes);
    }

    /// The document of text that was read to its end, which begins behind so many lines and has so many; and the lines
    /// before it where an earlier run had it.
    pub(super) fn text(&mut self, first: u64, lines: u64) -> Result<(KnownDocument, Option<u64>), StreamError> {
        self.document(None, self.as_read.digest128(), (first, lines))
    }

    /// The same of a record with this text, by its number and what it is called by itself.
    pub(super) fn record(
        &mut self,
        record: (u64, Option<&str>),
        text: &[u8],
        lines: (u64, u64),
    ) -> Result<(KnownDocument, Option<u64>), StreamError> {
        self.document(Some(record), xxh3_128(text), lines)
    }

    fn document(
        &mut self,
        record: Option<(u64, Option<&str>)>,
        as_read: u128,
        (first, lines): (u64, u64),
    ) -> Result<(KnownDocument, Option<u64>), StreamError> {
        let name = document_name(&self.file, record);
        let document = KnownDocument { first, lines, name, as_read, as_left: as_read };
        let before = self.recognise(&document)?;
        Ok((document, before))
    }

    /// The lines before the document where it stood first. Of several that were read with this name and text each is met once; one
    /// more is new.
    fn recognise(&mut self, document: &KnownDocument) -> Result<Option<u64>, StreamError> {
        if self.before.recognised == Recognised::ByFile {
            return Ok(None);
        }
        let own = |identity| self.before.earlier.own(identity).map_err(StreamError::Index);
        let [as_read, as_left] = document.recognised_by();
        let places = own(as_read)?;
        if places.is_empty() {
            return Ok(own(as_left)?.ranges().first().map(|places| places.start - 1));
        }
        let met = self.met.entry(as_read).or_default();
        *met += 1;
        Ok(places.ranges().get(*met - 1).map(|places| places.start - 1))
    }

    /// Where what stays of a document of text passes on its way to `out`.
    pub(super) fn leaving<'b, W: Write>(&'b mut self, out: &'b mut W) -> Leaving<'b, W> {
        Leaving { as_left: &mut self.as_left, out }
    }

    /// The hash of what was left of the document of text.
    pub(super) fn left(&self) -> u128 {
        self.as_left.digest128()
    }
}

/// The hash of what is left of a text that this is done with.
pub(super) fn left_of(body: &Body, cuts: &FileCuts) -> io::Result<u128> {
    let mut as_left = Xxh3::new();
    text::write_changed(body, cuts, &mut Leaving { as_left: &mut as_left, out: &mut io::sink() })?;
    Ok(as_left.digest128())
}

/// Hashes what is written.
pub(super) struct Leaving<'a, W> {
    as_left: &'a mut Xxh3,
    out: &'a mut W,
}

impl<W: Write> Write for Leaving<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.as_left.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
