//! Where pieces wait that are too many to hold: their text, and what is known of their units.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::num::NonZeroU64;

use super::Mended;
use super::pending::Placed;
use crate::key::Key;
use crate::source::{Spooling, read_at};
use crate::unit::Terminator;
use crate::varint;

/// A piece as it is read, and its units.
#[derive(Default)]
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    pub(super) units: Vec<Placed>,
    /// What would be repaired in them, as far as that is at hand: it is not put aside, and can be looked for again.
    pub(super) mended: Option<Mended>,
}

/// What a unit takes in memory.
const A_UNIT: u64 = size_of::<Placed>() as u64;

impl Content {
    /// What it takes in memory.
    pub(super) fn held(&self) -> u64 {
        let mended = self.mended.as_ref().map_or(0, Mended::held);
        self.bytes.len() as u64 + self.units.len() as u64 * A_UNIT + mended
    }
}

/// Where in the temporary file a piece is.
#[derive(Clone, Copy)]
pub(super) struct At {
    start: u64,
    len: usize,
    text: usize,
}

/// A temporary file of pieces.
#[derive(Default)]
pub(super) struct Aside {
    file: Option<File>,
    len: u64,
    buffer: Vec<u8>,
}

impl Aside {
    /// Writes a piece behind the others.
    pub(super) fn put(&mut self, content: &Content, spooling: &Spooling) -> io::Result<At> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(spooling.file()?),
        };
        self.buffer.clear();
        let (mut end, mut line) = (0, 0);
        for unit in &content.units {
            for number in [
                unit.range.start - end,
                unit.range.end - unit.range.start,
                unit.line.wrapping_sub(line),
                u64::from(unit.lines),
                u64::from(unit.terminator.code()),
                u64::from(unit.protected),
                u64::from(unit.words),
                unit.boilerplate.map_or(0, NonZeroU64::get),
            ] {
                varint::put(&mut self.buffer, number);
            }
            self.buffer.extend(unit.key.halves().iter().flat_map(|half| half.to_le_bytes()));
            (end, line) = (unit.range.end, unit.line);
        }
        // Reading has moved the place where there is only one.
        file.seek(SeekFrom::Start(self.len))?;
        file.write_all(&content.bytes)?;
        file.write_all(&self.buffer)?;
        let at = At { start: self.len, len: content.bytes.len() + self.buffer.len(), text: content.bytes.len() };
        self.len += at.len as u64;
        Ok(at)
    }

    /// Reads a piece back.
    pub(super) fn get(&self, at: At) -> io::Result<Content> {
        let mut bytes = vec![0; at.len];
        if let Some(file) = &self.file {
            read_at(file, &mut bytes, at.start)?;
        }
        let mut rest = &bytes[at.text..];
        let mut units = Vec::new();
        let (mut end, mut line) = (0, 0_u64);
        while !rest.is_empty() {
            let mut numbers = [0; 8];
            for number in &mut numbers {
                *number = varint::take(&mut rest).ok_or(io::ErrorKind::UnexpectedEof)?;
            }
            let [gap, len, lines_on, lines, terminator, protected, words, boilerplate] = numbers;
            let mut half = || {
                let (half, others) = rest.split_first_chunk().ok_or(io::ErrorKind::UnexpectedEof)?;
                rest = others;
                io::Result::Ok(u128::from(u64::from_le_bytes(*half)))
            };
            let key = Key::from(half()? | half()? << 64);
            line = line.wrapping_add(lines_on);
            units.push(Placed {
                range: end + gap..end + gap + len,
                line,
                lines: lines as u32,
                terminator: Terminator::of_code(terminator as u8),
                protected: protected == 1,
                boilerplate: NonZeroU64::new(boilerplate),
                key,
                words: words as u32,
            });
            end += gap + len;
        }
        bytes.truncate(at.text);
        Ok(Content { bytes, units, mended: None })
    }

    /// No piece is needed any more.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        match &self.file {
            Some(file) if self.len > 0 => {
                self.len = 0;
                file.set_len(0)
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::{Splitter, UnitKind};

    #[test]
    fn pieces_are_read_back_as_they_were() {
        let mut aside = Aside::default();
        for round in 0..2 {
            let mut all = Vec::new();
            for n in 0..5_u64 {
                let bytes = format!("سطر {n}\r\n\n* * *\rآخر\u{2029}و\u{c}نهاية").repeat(n as usize * 50).into_bytes();
                let mut units = Vec::new();
                for kind in UnitKind::ALL {
                    units.clear();
                    Splitter::new(kind).split(&bytes, true, |unit, text| {
                        units.push(Placed {
                            range: unit.with_terminator(),
                            line: unit.first_line() + (n << 40),
                            lines: unit.lines(),
                            terminator: unit.terminator(),
                            protected: text.len() % 2 == 0,
                            boilerplate: NonZeroU64::new(text.len() as u64 % 3 * 1000),
                            key: Key::from(u128::from(unit.first_line()) * 0x0123_4567_89AB_CDEF_0123_4567_89AB),
                            words: text.len() as u32 * 300,
                        });
                    });
                }
                let content = Content { bytes, units, mended: None };
                all.push((aside.put(&content, &Spooling::default()).unwrap(), content));
            }
            for (at, content) in &all {
                let back = aside.get(*at).unwrap();
                assert_eq!(back.bytes, content.bytes);
                assert_eq!(back.units, content.units);
            }
            aside.clear().unwrap();
            assert_eq!(aside.len, 0, "{round}");
        }
    }
}
