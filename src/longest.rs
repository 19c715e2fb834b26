//! How long a unit, or a record, may be.
//!
//! Each is held as a whole while it is folded, which takes several times its length, so there has to be an end: else a packed
//! file of some hundred KiB that is one line of zeros takes all the memory that there is.

use std::io::{self, Read, Write};

use memchr::{memrchr2, memrchr3};

/// The most bytes of a unit or a record. The longest line of any text is a thousandth of it, and what is longer than all that is
/// held of a document ([`crate::source::Spooling`]) would have to be held here after all.
pub const LONGEST: u64 = 256 << 20;

/// A unit or a record that is longer than [`LONGEST`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} has {len} bytes so far and no end, where {} MiB is the most: {}", self.shown(), LONGEST >> 20, what.advice())]
pub struct TooLong {
    /// What is too long.
    pub what: Lengthy,
    /// Its number in the file, from 1, if that is known: of a unit that of the line it begins on.
    pub number: Option<u64>,
    /// How many of its bytes were looked at.
    pub len: u64,
}

/// What can be too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lengthy {
    /// A unit of a text.
    Line,
    /// A record of JSON.
    Record,
    /// A row of a table, the header being the first.
    Row,
    /// A row, in a field that began with a quotation mark.
    Quoted,
}

impl Lengthy {
    fn advice(self) -> &'static str {
        match self {
            Lengthy::Line => "it is no text, or its lines have to be parted first",
            Lengthy::Record => "it is not in this format, or its records have to be parted first",
            Lengthy::Row => "it is no table of this kind, or its rows have to be parted first",
            Lengthy::Quoted => {
                "a quotation mark at the start of a field has none at its end, or such marks are part of the text, which \
                 --no-quoting says"
            }
        }
    }
}

impl TooLong {
    fn shown(&self) -> String {
        let what = match self.what {
            Lengthy::Line => "line",
            Lengthy::Record => "record",
            Lengthy::Row | Lengthy::Quoted => "row",
        };
        self.number.map_or_else(|| format!("a {what}"), |number| format!("{what} {number}"))
    }

    /// The one that an error in reading is, if it is one; or that error.
    pub(crate) fn of(error: io::Error) -> Result<TooLong, io::Error> {
        error.downcast()
    }
}

impl From<TooLong> for io::Error {
    fn from(error: TooLong) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}

/// What ends a stretch of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// A line end, in any encoding that has one byte for it among others.
    Lines,
    /// A line end, or what may end an object: there may be records in the file.
    LinesOrObjects,
}

impl Ends {
    fn last(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Ends::Lines => memrchr2(b'\n', b'\r', bytes),
            Ends::LinesOrObjects => memrchr3(b'\n', b'\r', b'}', bytes),
        }
    }
}

/// Copies all of a file, unless so many bytes come without an end among them.
///
/// # Errors
/// It can't be read or written; or a line is too long, of which the number is not known.
pub(crate) fn copy(mut from: impl Read, mut to: impl Write, ends: Ends, longest: u64) -> io::Result<()> {
    let mut buffer = vec![0; 32 << 10];
    let mut len = 0;
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        to.write_all(&buffer[..read])?;
        len = ends.last(&buffer[..read]).map_or(len + read, |end| read - end - 1);
        if len as u64 > longest {
            return Err(TooLong { what: Lengthy::Line, number: None, len: len as u64 }.into());
        }
    }
}

/// Counts line ends.
#[derive(Default)]
pub(crate) struct LineEnds {
    number: u64,
    after_cr: bool,
}

impl LineEnds {
    /// Those of the next bytes.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let is_half = bytes[at] == b'\n' && if at == 0 { self.after_cr } else { bytes[at - 1] == b'\r' };
            self.number += u64::from(!is_half);
        }
        self.after_cr = bytes.last().map_or(self.after_cr, |&last| last == b'\r');
    }

    /// How many there are.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(parts: &[&str], ends: Ends, longest: u64) -> Result<Vec<u8>, TooLong> {
        let mut copy_of = Vec::new();
        // A part is what one read has.
        let mut parts: Box<dyn Read> = parts
            .iter()
            .fold(Box::new(io::empty()), |all, part| Box::new(all.chain(io::Cursor::new(part.to_string()))));
        copy(&mut parts, &mut copy_of, ends, longest).map_err(|error| TooLong::of(error).unwrap())?;
        Ok(copy_of)
    }

    #[test]
    fn what_has_no_end_is_refused_wherever_reads_end() {
        for parts in [["abcd\n", "efgh\n", "ij"], ["ab", "cd\nefgh", "\nij"], ["abcd", "\refgh\r", "ij"]] {
            assert_eq!(copied(&parts, Ends::Lines, 4).unwrap(), parts.concat().into_bytes());
        }
        assert_eq!(copied(&["a\nab", "cd", "e\n"], Ends::Lines, 3).unwrap_err().len, 4);
        assert!(copied(&["{}{}", "{}"], Ends::Lines, 5).is_err());
        assert!(copied(&["{}{}", "{}"], Ends::LinesOrObjects, 2).is_ok());
    }

    #[test]
    fn line_ends_are_counted_across_pieces() {
        let text = b"a\r\nb\rc\nd\n\r\n\n\re";
        for cut in 0..text.len() {
            let mut ends = LineEnds::default();
            ends.add(&text[..cut]);
            ends.add(&text[cut..]);
            assert_eq!(ends.number(), 7, "{cut}");
        }
    }
}
