//! Vowel marks: their order, and that of a fathatan and the letter that carries it.

use super::class;
use super::lookup::last_entry;

const ALEF: &[u8] = "ا".as_bytes();
const ALEF_MAKSURA: &[u8] = "ى".as_bytes();
pub(super) const FATHATAN: u16 = 0x64B;

/// Whether the text ends with a letter that a fathatan is written on, and read before.
pub(super) fn carries_fathatan(text: &[u8]) -> bool {
    text.ends_with(ALEF) || text.ends_with(ALEF_MAKSURA)
}

/// Puts a fathatan before the letter at the end, which carries it, among the marks that stand there. None where neither a
/// mark nor a letter stands there.
pub(super) fn put_before_carrier(text: &mut Vec<u8>) -> Option<()> {
    let carrier = text.len() - 2;
    let before = &text[..carrier];
    if !matches!(last_entry(before) >> 11, class::LETTER | class::DUAL | class::MARK) {
        return None;
    }
    let marks = carrier - 2 * marks_at_end(before);
    let carrier = [text[carrier], text[carrier + 1]];
    text.truncate(text.len() - 2);
    put_in_order(FATHATAN, marks, text);
    text.extend_from_slice(&carrier);
    Some(())
}

/// Puts a mark among those that stand from `start` to the end, in order. One that is there already is not added.
pub(super) fn put_in_order(code: u16, start: usize, text: &mut Vec<u8>) {
    let mark = [0xC0 | (code >> 6) as u8, 0x80 | (code & 0x3F) as u8];
    let place = start + text[start..].chunks_exact(2).take_while(|other| **other < mark[..]).count() * 2;
    if text[place..].starts_with(&mark) {
        return;
    }
    text.extend_from_slice(&mark);
    text[place..].rotate_right(2);
}

/// How many vowel marks end the text.
pub(super) fn marks_at_end(text: &[u8]) -> usize {
    text.rchunks_exact(2).take_while(|pair| is_mark(pair)).count()
}

fn is_mark(pair: &[u8]) -> bool {
    matches!(pair, [0xD9, 0x8B..=0x92])
}
