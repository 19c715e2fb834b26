//! The fast path: the levels in one pass each over the bytes, for units in which every rule is settled by what stands
//! next to a sign.
//!
//! A pass gives up on anything else, and the plain rules fold the unit then. What it folds it must fold as they do:
//! `tests/folding.rs` compares them. The passes of the later levels read the text that the one before has written.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod bridge;
mod exact;
mod lookup;
mod loose;
mod marks;
mod orthography;
mod runs;
mod typography;

pub(super) use runs::Runs;

use std::ops::Range;

use super::atom::{Atom, first_char};
use super::tables::FAST;
use super::{Folds, Level, TYPOGRAPHY};

const ORTHOGRAPHY: Folds = Level::Orthography.folds();

const ELLIPSIS: &[u8] = "…".as_bytes();

/// The code point of an entry of a fast table; what is above it is the class or action.
const CODE: u16 = 0x7FF;

/// What a code point is to the fast path. The numbers are those of the table, made by `tests/fold_tables.rs`; 0 is what
/// the plain rules have to see.
mod class {
    /// Goes without a trace.
    pub(super) const INVISIBLE: u16 = 1;
    pub(super) const SPACE: u16 = 2;
    /// An Arabic letter; of the second kind one that is drawn joined to what follows.
    pub(super) const LETTER: u16 = 3;
    pub(super) const DUAL: u16 = 4;
    /// A vowel mark whose order is that of its code point.
    pub(super) const MARK: u16 = 5;
    pub(super) const DIGIT: u16 = 6;
    pub(super) const LATIN: u16 = 7;
    pub(super) const STOP: u16 = 8;
    pub(super) const OPENING: u16 = 9;
    pub(super) const CLOSING: u16 = 10;
    pub(super) const DASH: u16 = 11;
    pub(super) const QUOTE: u16 = 12;
    /// Percent and the like.
    pub(super) const RATE: u16 = 13;
    /// Stands for itself, and spaces beside it stay.
    pub(super) const ITSELF: u16 = 14;
    pub(super) const FARSI_YEH: u16 = 15;
    pub(super) const TATWEEL: u16 = 16;
    /// A quotation mark, apostrophe or prime.
    pub(super) const SINGLE: u16 = 17;
    pub(super) const BULLET: u16 = 18;
    pub(super) const AMPERSAND: u16 = 19;
    pub(super) const ANGLE: u16 = 20;
    pub(super) const BACKSLASH: u16 = 21;
    /// A letter that is neither Arabic nor Latin.
    pub(super) const OTHER_LETTER: u16 = 22;
    pub(super) const ARABIC_POINT: u16 = 23;
    /// Before the first sign.
    pub(super) const START: u16 = 24;
}

/// Folds a unit, some of `bytes`, into `text` by the folds of a level, and returns its number of words. None where the plain
/// rules have to do it; what `text` holds then means nothing. `spare` is a buffer to use. The faster where there is more in
/// `bytes` behind the unit.
pub(super) fn fold(
    bytes: &[u8],
    unit: Range<usize>,
    folds: Folds,
    runs: Runs,
    text: &mut Vec<u8>,
    spare: &mut Vec<u8>,
) -> Option<u32> {
    text.clear();
    if folds.is_empty() {
        return exact::fold(&bytes[unit], text);
    }
    let mut words = typography::fold(bytes, unit.start, unit.end, runs, text)?;
    if folds != TYPOGRAPHY {
        words = later(text, spare, |text, end, spare| orthography::fold(text, end, words, runs, spare))?;
        if folds != ORTHOGRAPHY {
            words = later(text, spare, |text, end, spare| loose::fold(text, end, runs, spare))?;
        }
    }
    Some(words)
}

/// Folds the text further, and puts what comes out in its place.
fn later(
    text: &mut Vec<u8>,
    spare: &mut Vec<u8>,
    pass: impl FnOnce(&[u8], usize, &mut Vec<u8>) -> Option<u32>,
) -> Option<u32> {
    let end = text.len();
    // A run is read in vectors, over the end.
    text.resize(end + Runs::SLACK, 0);
    spare.clear();
    let words = pass(text, end, spare)?;
    std::mem::swap(text, spare);
    Some(words)
}

/// Whether the fast path knows these folds: those of a level.
pub(super) fn knows(folds: Folds) -> bool {
    folds.level().is_some()
}

/// One sign of a text that a fast pass has written.
enum Sign {
    /// A code point below U+0800, which the tables are for.
    Code(u16),
    /// Any other.
    Rare(Atom),
}

/// The sign at the start of `bytes`, and its length in bytes. None where that is not UTF-8.
fn sign(bytes: &[u8]) -> Option<(Sign, usize)> {
    match *bytes {
        [byte @ ..0x80, ..] => Some((Sign::Code(byte.into()), 1)),
        [lead @ 0xC2..0xE0, next, ..] => Some((Sign::Code(u16::from(lead & 0x1F) << 6 | u16::from(next & 0x3F)), 2)),
        _ => {
            let c = first_char(bytes)?;
            Some((Sign::Rare(Atom::from(c)), c.len_utf8()))
        }
    }
}

/// The last code point of a text, where that is a sign of the tables.
fn last_code(text: &[u8]) -> u16 {
    match *text {
        [.., byte @ ..0x80] => byte.into(),
        [.., lead @ 0xC2..0xE0, last] => u16::from(lead & 0x1F) << 6 | u16::from(last & 0x3F),
        _ => 0,
    }
}

/// What a code point that a fast pass has written is.
fn class_of(code: u16) -> u16 {
    FAST[usize::from(code & CODE)] >> 11
}

/// Whether a code point that a fast pass has written is a letter.
fn is_letter(code: u16) -> bool {
    matches!(class_of(code), class::LETTER | class::DUAL | class::LATIN | class::OTHER_LETTER)
}

fn is_digit(code: u16) -> bool {
    class_of(code) == class::DIGIT
}

fn push(code: u16, text: &mut Vec<u8>) {
    match code {
        0 => text.extend_from_slice(ELLIPSIS),
        1..0x80 => text.push(code as u8),
        _ => text.extend_from_slice(&[0xC0 | (code >> 6) as u8, 0x80 | (code & 0x3F) as u8]),
    }
}
