//! What the tables of the fast path say of the code points of a text.
//!
//! An entry is a class, and in its lower bits what the code point turns into.

use super::class;
use crate::fold::tables::{FAST, FAST_FORMS_A, FAST_FORMS_B, FAST_GENERAL};

/// What the table says of the code point at the start of `bytes`, and its length in bytes.
pub(super) fn entry(bytes: &[u8]) -> Option<(u16, usize)> {
    match *bytes {
        [byte @ ..0x80, ..] => Some((FAST[usize::from(byte)], 1)),
        [lead @ 0xC2..0xE0, next @ 0x80..0xC0, ..] => {
            Some((FAST[usize::from(lead & 0x1F) << 6 | usize::from(next & 0x3F)], 2))
        }
        [0xE2, next @ 0x80..0x82, last @ 0x80..0xC0, ..] => {
            Some((FAST_GENERAL[usize::from(next & 1) << 6 | usize::from(last & 0x3F)], 3))
        }
        [0xEF, next @ 0xAD..0xBC, last @ 0x80..0xC0, ..] => Some((form(next, last), 3)),
        _ => None,
    }
}

/// What the table says of a presentation form, EF `next` `last`.
pub(super) fn form(next: u8, last: u8) -> u16 {
    let code = usize::from(next & 0x3F) << 6 | usize::from(last & 0x3F);
    match code {
        0xB50..0xE00 => FAST_FORMS_A[code - 0xB50],
        0xE70..0xF00 => FAST_FORMS_B[code - 0xE70],
        _ => 0,
    }
}

/// The entry of the sign that comes next; none where that is for the plain rules to say, or nothing to be seen comes.
pub(super) fn next_entry(rest: &[u8]) -> Option<u16> {
    match entry(rest) {
        Some((0, _)) => None,
        Some((entry, _)) if entry >> 11 == class::INVISIBLE => None,
        Some((entry, _)) => Some(entry),
        None => rest.is_empty().then_some(0),
    }
}

pub(super) fn next_class(rest: &[u8]) -> Option<u16> {
    next_entry(rest).map(|entry| entry >> 11)
}

/// The entry of the last code point of a text. What is not in the table has been written as it is.
pub(super) fn last_entry(text: &[u8]) -> u16 {
    match *text {
        [.., byte @ ..0x80] => FAST[usize::from(byte)],
        [.., lead @ 0xC2..0xE0, last] => FAST[usize::from(lead & 0x1F) << 6 | usize::from(last & 0x3F)],
        [] => class::START << 11,
        _ => class::ITSELF << 11,
    }
}
