//! From documents that are read as they come to pieces.

use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use crate::source::{LOOKED_AT, Opened};
use crate::unit::{UnitKind, last_end};

/// A piece of a document, as it was read.
pub(super) struct ReadPiece {
    pub(super) document: usize,
    pub(super) bytes: Vec<u8>,
    pub(super) begins: bool,
    pub(super) ends: bool,
    /// Of the first piece: the encoding the document is decoded from, and another that it looks more like.
    pub(super) likelier: Option<(&'static str, &'static str)>,
}

/// Why there is no piece of a document.
pub(super) enum NotRead<E> {
    /// It could not be opened.
    Failed { document: usize, error: E },
    /// It can't be read further.
    Broken { document: usize, source: io::Error },
}

/// Reads documents, one after the other, in pieces.
pub(super) struct Reader<'a, F> {
    open: F,
    kind: UnitKind,
    /// How many bytes a piece has, if no unit is longer.
    piece: usize,
    buffers: &'a Buffers,
    /// The number of the document that is open, or opened next.
    document: usize,
    current: Option<Current>,
}

/// A document that is open.
struct Current {
    reader: Box<dyn Read + Send>,
    /// The start of the next piece, which was read already.
    rest: Vec<u8>,
    begins: bool,
    likelier: Option<(&'static str, &'static str)>,
}

impl<'a, E, F: FnMut() -> Option<Result<Opened, E>>> Reader<'a, F> {
    /// A reader of the documents that `open` opens.
    pub(super) fn new(open: F, kind: UnitKind, piece: usize, buffers: &'a Buffers) -> Reader<'a, F> {
        Reader { open, kind, piece: piece.max(1), buffers, document: 0, current: None }
    }

    /// The next piece; none where there is no document more.
    pub(super) fn next(&mut self) -> Option<Result<ReadPiece, NotRead<E>>> {
        let mut current = match self.current.take() {
            Some(current) => current,
            None => match (self.open)()? {
                Ok(Opened { head, reader, likelier }) => Current { reader, rest: head, begins: true, likelier },
                Err(error) => {
                    self.document += 1;
                    return Some(Err(NotRead::Failed { document: self.document - 1, error }));
                }
            },
        };
        let document = self.document;
        Some(match current.read(self.kind, self.piece, self.buffers.take()) {
            Ok((bytes, ends)) => {
                let begins = std::mem::take(&mut current.begins);
                let likelier = current.likelier.take();
                match ends {
                    true => self.document += 1,
                    false => self.current = Some(current),
                }
                Ok(ReadPiece { document, bytes, begins, ends, likelier })
            }
            Err(source) => Err(NotRead::Broken { document, source }),
        })
    }
}

impl Current {
    /// Reads the next piece into an empty buffer. Returns it, and whether it is the last.
    fn read(&mut self, kind: UnitKind, piece: usize, mut bytes: Vec<u8>) -> io::Result<(Vec<u8>, bool)> {
        // A document is judged by how it starts.
        let least = if self.begins { piece.min(LOOKED_AT) } else { 1 };
        let mut wanted = piece;
        bytes.append(&mut self.rest);
        loop {
            let missing = wanted.saturating_sub(bytes.len());
            bytes.reserve(missing);
            let read = self.reader.by_ref().take(missing as u64).read_to_end(&mut bytes)?;
            if read < missing {
                return Ok((bytes, true));
            }
            if let Some(end) = last_end(kind, &bytes).filter(|&end| end >= least) {
                self.rest.extend_from_slice(&bytes[end..]);
                bytes.truncate(end);
                return Ok((bytes, false));
            }
            // A unit of any length is looked at few times.
            wanted = bytes.len() * 2;
        }
    }
}

/// Buffers to be used again: memory that is new has to be fetched page by page.
#[derive(Default)]
pub(super) struct Buffers(Mutex<Vec<Vec<u8>>>);

impl Buffers {
    /// How many are kept.
    const MOST: usize = 16;

    /// An empty buffer.
    fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Takes back a buffer that is done with.
    pub(super) fn give_back(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        let mut buffers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buffers.len() < Buffers::MOST {
            buffers.push(buffer);
        }
    }
}
