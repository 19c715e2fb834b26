//! Copies beside their originals: what a report needs that shows both.

use std::io;
use std::ops::Range;

use super::Lines;
use crate::corpus::Examined;
use crate::plan::Block;
use crate::source::Body;

/// A unit that goes, and its original beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Where the unit stands in its document, in bytes.
    pub unit: Range<u64>,
    /// Its lines there.
    pub lines: Lines,
    /// The original; none where there is none, and where it is in no document that can be read.
    pub original: Option<Original>,
}

/// An original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// Its lines in its document.
    pub lines: Lines,
    /// Its bytes.
    pub text: Vec<u8>,
}

impl Pair {
    /// The units of a block of a document, beside their originals in it.
    ///
    /// # Errors
    /// A spooled document can't be read back.
    pub fn of_block(body: &Body, examined: &Examined, block: Block) -> io::Result<Vec<Pair>> {
        let pair = |at: usize| {
            let (unit, original) = (block.first + at, block.original + at);
            let text = body.bytes(examined.units[original].range())?.into_owned();
            Ok(Pair {
                unit: examined.units[unit].range(),
                lines: Lines::of(examined, unit, 1),
                original: Some(Original { lines: Lines::of(examined, original, 1), text }),
            })
        };
        (0..block.len).map(pair).collect()
    }
}
