//! From files that are read as they come to pieces of text, and chunks of records.

use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use crate::format::{AnnotationError, Chunk, RecordError, RecordReader};
use crate::longest::{LONGEST, Lengthy, LineEnds, TooLong};
use crate::source::{LOOKED_AT, Opened};
use crate::unit::{UnitKind, last_end};

/// What a file holds.
pub enum Documents {
    /// One document of text.
    Text(Box<Opened>),
    /// Records.
    Records(Box<RecordReader>),
}

/// What is read at a time.
pub(super) enum Taken {
    Piece(ReadPiece),
    Chunk {
        /// The number of the file.
        file: usize,
        chunk: Chunk,
    },
    /// The records of a file are all read.
    End {
        file: usize,
    },
}

/// A piece of a document of text, as it was read.
pub(super) struct ReadPiece {
    /// The number of the file.
    pub(super) file: usize,
    pub(super) bytes: Vec<u8>,
    pub(super) begins: bool,
    pub(super) ends: bool,
    /// Of the first piece: the encoding the document is decoded from, and another that it looks more like.
    pub(super) likelier: Option<(&'static str, &'static str)>,
}

/// Why nothing is read of a file.
pub(super) enum NotRead<E> {
    /// It could not be opened.
    Failed { file: usize, error: E },
    /// Nothing can be read of it, not even its first piece or record.
    Unreadable { file: usize, error: RecordError },
    /// The field that is to be added can't be, to the record with this number in the chunk.
    Taken { file: usize, record: usize, error: AnnotationError },
    /// It can't be read further.
    Broken { file: usize, error: RecordError },
}

/// Reads files, one after the other.
pub(super) struct Reader<'a, F> {
    open: F,
    kind: UnitKind,
    /// How many bytes a piece has, if no unit is longer.
    piece: usize,
    buffers: &'a Buffers,
    /// The number of the file that is open, or opened next.
    file: usize,
    current: Option<Current>,
}

/// A file that is open.
enum Current {
    Text(Text),
    Records { reader: Box<RecordReader>, begun: bool },
}

/// A document that is open.
struct Text {
    reader: Box<dyn Read + Send>,
    /// The start of the next piece, which was read already.
    rest: Vec<u8>,
    begins: bool,
    likelier: Option<(&'static str, &'static str)>,
}

impl<'a, E, F: FnMut() -> Option<Result<Documents, E>>> Reader<'a, F> {
    /// A reader of the files that `open` opens.
    pub(super) fn new(open: F, kind: UnitKind, piece: usize, buffers: &'a Buffers) -> Reader<'a, F> {
        Reader { open, kind, piece: piece.max(1), buffers, file: 0, current: None }
    }

    /// What comes next; none where there is no file more.
    pub(super) fn next(&mut self) -> Option<Result<Taken, NotRead<E>>> {
        let current = match self.current.take() {
            Some(current) => current,
            None => match (self.open)()? {
                Ok(Documents::Text(opened)) => {
                    let likelier = opened.likelier();
                    let Opened { head, reader, .. } = *opened;
                    Current::Text(Text { reader, rest: head, begins: true, likelier })
                }
                Ok(Documents::Records(reader)) => {
                    Current::Records { reader: Box::new(reader.with_chunks_of(self.piece)), begun: false }
                }
                Err(error) => {
                    self.file += 1;
                    return Some(Err(NotRead::Failed { file: self.file - 1, error }));
                }
            },
        };
        Some(match current {
            Current::Text(text) => self.next_piece(text).map(Taken::Piece),
            Current::Records { reader, begun } => self.next_chunk(reader, begun),
        })
    }

    fn next_piece(&mut self, mut text: Text) -> Result<ReadPiece, NotRead<E>> {
        let file = self.file;
        let read = text.read(self.kind, self.piece, LONGEST as usize, self.buffers.take());
        let (bytes, ends) = match read {
            Ok(read) => read,
            Err(error) if text.begins => {
                self.file += 1;
                return Err(NotRead::Unreadable { file, error: error.into() });
            }
            Err(error) => return Err(NotRead::Broken { file, error: error.into() }),
        };
        let begins = std::mem::take(&mut text.begins);
        let likelier = text.likelier.take();
        match ends {
            true => self.file += 1,
            false => self.current = Some(Current::Text(text)),
        }
        Ok(ReadPiece { file, bytes, begins, ends, likelier })
    }

    fn next_chunk(&mut self, mut reader: Box<RecordReader>, begun: bool) -> Result<Taken, NotRead<E>> {
        let file = self.file;
        match reader.next(self.buffers.take()) {
            Ok(Some(chunk)) => {
                self.current = Some(Current::Records { reader, begun: true });
                Ok(Taken::Chunk { file, chunk })
            }
            Ok(None) => {
                self.file += 1;
                Ok(Taken::End { file })
            }
            Err(error) if begun => Err(NotRead::Broken { file, error }),
            Err(error) => {
                self.file += 1;
                Err(NotRead::Unreadable { file, error })
            }
        }
    }
}

impl Text {
    /// Reads the next piece into an empty buffer, with no unit longer than is said. Returns it, and whether it is the last.
    fn read(
        &mut self,
        kind: UnitKind,
        piece: usize,
        longest: usize,
        mut bytes: Vec<u8>,
    ) -> io::Result<(Vec<u8>, bool)> {
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
            if bytes.len() > longest {
                let start = last_end(kind, &bytes).unwrap_or(0);
                let mut before = LineEnds::default();
                before.add(&bytes[..start]);
                // Of those in the pieces before whoever has these knows.
                let number = Some(before.number() + 1);
                return Err(TooLong { what: Lengthy::Line, number, len: (bytes.len() - start) as u64 }.into());
            }
            // A unit of any length is looked at few times.
            wanted = (bytes.len() * 2).min(longest.max(piece) + 1);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_that_is_too_long_is_refused_before_more_of_it_is_read() {
        for (kind, end) in [(UnitKind::Line, "\n"), (UnitKind::Paragraph, "\n\n")] {
            let mut text = Text {
                reader: Box::new(io::Cursor::new(format!("a{end}b{end}")).chain(io::repeat(0))),
                rest: Vec::new(),
                begins: false,
                likelier: None,
            };
            let (piece, is_last) = text.read(kind, 8, 100, Vec::new()).unwrap();
            assert!(!is_last && piece.ends_with(end.as_bytes()));
            let error = RecordError::from(text.read(kind, 8, 100, Vec::new()).unwrap_err());
            assert!(matches!(error, RecordError::TooLong(TooLong { len: 101, .. })), "{error}");
        }
    }
}
