//! Text: a file is one document, written back without the stretches that go.

use std::io::{self, Read, Write};
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

/// Copies a file that is read again, of whatever format but Parquet, without what goes of it.
///
/// # Errors
/// `reader` can't be read, or ends before the last stretch does, or `out` can't be written.
pub fn copy(reader: &mut dyn Read, cuts: &FileCuts, out: &mut dyn Write) -> io::Result<()> {
    let mut at = 0;
    let mut pass = |len: u64, out: &mut dyn Write| -> io::Result<()> {
        let copied = io::copy(&mut (&mut *reader).take(len), out)?;
        if copied < len { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    };
    let mut fills = cuts.fills.iter().peekable();
    for cut in &cuts.stretches {
        pass(cut.start - at, out)?;
        if fills.next_if_eq(&&cut.start).is_some() {
            out.write_all(EMPTY_FIELD)?;
        }
        pass(cut.end - cut.start, &mut io::sink())?;
        at = cut.end;
    }
    io::copy(reader, out).map(drop)
}
