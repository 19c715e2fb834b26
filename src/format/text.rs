//! Text: a file is one document, written back without the stretches that go, and with what went put back.

use std::io::{self, BufReader, Read, Write};
use std::ops::Range;

use super::record::EMPTY_FIELD;
use crate::cut::FileCuts;
use crate::source::Body;

/// Writes a document without the stretches to leave out, which are in order.
///
/// # Errors
/// The document can't be read or `out` can't be written.
pub fn write(body: &Body, cuts: &[Range<u64>], out: &mut dyn Write) -> io::Result<()> {
    let mut at = 0;
    for cut in cuts {
        body.write(at..cut.start, out)?;
        at = cut.end;
    }
    body.write(at..body.len(), out)
}

/// Writes a document as all of this makes it.
///
/// # Errors
/// The document can't be read or `out` can't be written.
pub fn write_changed(body: &Body, cuts: &FileCuts, out: &mut dyn Write) -> io::Result<()> {
    write_with(body, cuts.changes(EMPTY_FIELD).map(|(range, with)| (range, with.as_bytes())), out)
}

/// Writes a document with changes, in order: the bytes that go, and what stands in their place.
///
/// # Errors
/// The document can't be read or `out` can't be written.
pub fn write_with<'a>(
    body: &Body,
    changes: impl IntoIterator<Item = (Range<u64>, &'a [u8])>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut at = 0;
    for (range, bytes) in changes {
        body.write(at..range.start, out)?;
        out.write_all(bytes)?;
        at = range.end;
    }
    body.write(at..body.len(), out)
}

/// Copies a file that is read again, of whatever format but Parquet, without what goes of it, and with what is written into
/// it.
///
/// # Errors
/// `reader` can't be read, or ends before the last of these places, or `out` can't be written.
pub fn copy(reader: &mut dyn Read, cuts: &FileCuts, out: &mut dyn Write) -> io::Result<()> {
    if cuts.insertions.is_empty() {
        return copy_changed(reader, cuts, out);
    }
    // What is between insertions is short.
    copy_changed(&mut BufReader::with_capacity(64 << 10, reader), cuts, out)
}

fn copy_changed(reader: &mut dyn Read, cuts: &FileCuts, out: &mut dyn Write) -> io::Result<()> {
    let mut at = 0;
    let mut pass = |len: u64, out: &mut dyn Write| -> io::Result<()> {
        let copied = io::copy(&mut (&mut *reader).take(len), out)?;
        if copied < len { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    };
    for (range, with) in cuts.changes(EMPTY_FIELD) {
        pass(range.start.saturating_sub(at), out)?;
        out.write_all(with.as_bytes())?;
        pass(range.end - range.start, &mut io::sink())?;
        at = range.end;
    }
    io::copy(reader, out).map(drop)
}

/// Something that is put back into a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Insertion {
    /// Where, in bytes through the text that it is missing from.
    pub at: u64,
    /// How many bytes behind that place stand there in its stead, and go.
    pub over: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Why something can't be put back.
#[derive(Debug, thiserror::Error)]
pub enum InsertError {
    /// The text can't be read, or `out` can't be written, or there is no telling what is to be put back.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// An earlier one belongs behind it.
    #[error("it belongs at byte {at}, and what was put back before it behind byte {before}")]
    Unordered {
        /// Where it belongs.
        at: u64,
        /// How far the text is written.
        before: u64,
    },
    /// The text is too short.
    #[error("it belongs at byte {at}, and the text ends at byte {len}")]
    BeyondEnd {
        /// Where it belongs, or where what it stands in the stead of ends.
        at: u64,
        /// The length of the text.
        len: u64,
    },
}

/// Copies what is read and puts back what is missing from it, in order: the inverse of [`copy`]. Insertions are asked for
/// one by one, so that the last one asked for is the one that an error is about; what belongs at the same place is put
/// back in the order in which it comes. Gives the length of what was read.
///
/// # Errors
/// `reader` can't be read, `out` can't be written, an insertion is an error, out of order or beyond the end. The rest of the
/// text is read all the same if an insertion is beyond the end.
pub fn insert(
    reader: &mut dyn Read,
    insertions: impl IntoIterator<Item = io::Result<Insertion>>,
    out: &mut dyn Write,
) -> Result<u64, InsertError> {
    // How far the text is read; `over` bytes behind that are not to be written.
    let (mut read, mut over) = (0, 0);
    for insertion in insertions {
        let Insertion { at, over: instead, bytes } = insertion?;
        if at > read {
            skip(reader, &mut read, std::mem::take(&mut over))?;
        }
        let Some(len) = at.checked_sub(read) else { return Err(InsertError::Unordered { at, before: read }) };
        let copied = io::copy(&mut (&mut *reader).take(len), out)?;
        read += copied;
        if copied < len {
            return Err(InsertError::BeyondEnd { at, len: read });
        }
        out.write_all(&bytes)?;
        over = over.max(instead);
    }
    skip(reader, &mut read, over)?;
    Ok(read + io::copy(reader, out)?)
}

/// Leaves out so many bytes.
fn skip(reader: &mut dyn Read, read: &mut u64, len: u64) -> Result<(), InsertError> {
    let skipped = io::copy(&mut reader.take(len), &mut io::sink())?;
    *read += skipped;
    if skipped < len { Err(InsertError::BeyondEnd { at: *read - skipped + len, len: *read }) } else { Ok(()) }
}
