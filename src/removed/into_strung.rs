//! What is put back into texts that were strung together.

use std::io::{self, BufRead as _, BufReader, Read, Write};

use super::Part;
use crate::format::text::{InsertError, Insertion};
use crate::sink::Strung;

/// Copies what is read and puts back what is missing from it, each in its part, as [`crate::format::text::insert`] does; what there
/// is then are the parts strung together anew. So a line end stands wherever a part ends without one and another text
/// follows, and one that was supplied stands only where it is needed still.
///
/// # Errors
/// As there; or something belongs in no place of its part.
pub fn insert_strung(
    reader: &mut dyn Read,
    insertions: impl IntoIterator<Item = io::Result<(Part, Insertion)>>,
    out: &mut (dyn Write + Send),
) -> Result<(), InsertError> {
    let reader = BufReader::with_capacity(64 << 10, reader);
    let mut texts = Texts { reader, read: 0, supplied: 0, last: None, over: 0, out: Strung::new(out) };
    let mut part: Option<Part> = None;
    for insertion in insertions {
        let (of_part, Insertion { at, over, bytes }) = insertion?;
        let [from, to] = of_part.span;
        if part != Some(of_part) {
            if let Some(Part { span: [_, end], .. }) = part.replace(of_part) {
                texts.end(end)?;
            }
            texts.begin(from, at == from)?;
        }
        if at > to {
            return Err(InsertError::BeyondEnd { at, len: to });
        }
        texts.to(at)?;
        texts.out.write_all(&bytes)?;
        texts.over = texts.over.max(over);
    }
    if let Some(Part { span: [_, end], .. }) = part {
        texts.end(end)?;
    }
    texts.skip()?;
    io::copy(&mut texts.reader, &mut texts.out)?;
    Ok(texts.out.end()?)
}

/// Texts that were strung together, and are again.
struct Texts<'a, R> {
    reader: BufReader<R>,
    /// How much of them is read, and how much of that last is a line end that was supplied and may not be needed any more.
    read: u64,
    supplied: u64,
    /// The last byte of that.
    last: Option<u8>,
    /// How many bytes behind it stand in the stead of what was put back.
    over: u64,
    out: Strung<'a>,
}

impl<R: Read> Texts<'_, R> {
    /// A part begins, and with something that is put back if `is_put_back`. A byte order mark that it lost when it was strung
    /// together is in no other place.
    fn begin(&mut self, at: u64, is_put_back: bool) -> Result<(), InsertError> {
        self.edge(at)?;
        Ok(if is_put_back { self.out.begin() } else { self.out.join() }?)
    }

    /// A part has come to its end. What follows has lost its byte order mark, unless nothing stood before it.
    fn end(&mut self, at: u64) -> Result<(), InsertError> {
        self.edge(at)?;
        Ok(if at == 0 { self.out.begin() } else { self.out.join() }?)
    }

    /// Goes to where a part begins or ends, and behind a line end that was supplied there.
    fn edge(&mut self, at: u64) -> Result<(), InsertError> {
        self.to(at)?;
        self.skip()?;
        let next = self.reader.fill_buf()?.first().copied();
        let supplied = match (self.last, next) {
            (None | Some(b'\n'), _) | (_, None) => 0,
            // Behind a CR one was supplied only where a LF would have made one line end with it.
            (Some(b'\r'), Some(next)) => u64::from(next == b'\n'),
            (_, Some(b'\n')) => 1,
            (_, Some(b'\r')) => 2,
            _ => 0,
        };
        if supplied > 0 {
            self.supplied = supplied;
            self.pass(supplied, true)?;
        }
        Ok(())
    }

    /// Copies up to a place.
    fn to(&mut self, at: u64) -> Result<(), InsertError> {
        if at < self.read - self.supplied {
            return Err(InsertError::Unordered { at, before: self.read });
        }
        if at > self.read {
            self.skip()?;
            self.supplied = 0;
            self.pass(at.saturating_sub(self.read), false)?;
        }
        if self.read < at { Err(InsertError::BeyondEnd { at, len: self.read }) } else { Ok(()) }
    }

    /// Leaves out what stands in the stead of what was put back.
    fn skip(&mut self) -> Result<(), InsertError> {
        let over = std::mem::take(&mut self.over);
        self.pass(over, true)
    }

    /// Copies so many bytes, or leaves them out.
    fn pass(&mut self, mut len: u64, is_left_out: bool) -> Result<(), InsertError> {
        while len > 0 {
            let buffer = self.reader.fill_buf()?;
            let bytes = &buffer[..buffer.len().min(usize::try_from(len).unwrap_or(usize::MAX))];
            let Some(&last) = bytes.last() else { break };
            if !is_left_out {
                self.out.write_all(bytes)?;
            }
            let passed = bytes.len();
            (self.last, self.read, len) = (Some(last), self.read + passed as u64, len - passed as u64);
            self.reader.consume(passed);
        }
        Ok(())
    }
}
