//! Text: a file is one document, written back without the stretches that go.

use std::io::{self, Write};
use std::ops::Range;

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
