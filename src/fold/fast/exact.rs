//! The level `exact`, for units that it leaves as they are but for what is around them.

use crate::fold::atom::{Atom, Class, first_char};

// What is asked of a code point: whether it is part of a word, and whether its place or form may change.
const WORD: u8 = 1;
const CHANGES: u8 = 2;
/// A vowel mark, which composes with nothing, and whose place among others is that of its code point.
const VOWEL: u8 = 4;

const fn traits(class: Class) -> u8 {
    let word = class.is(Class::LETTER.or(Class::MARK).or(Class::DIGIT));
    (word as u8 * WORD) | (class.is(Class::COMPOSES) as u8 * CHANGES)
}

/// The traits of the code points of at most two bytes.
static TRAITS: [u8; 0x800] = {
    let mut table = [0; 0x800];
    let mut code = 0;
    while code < 0x800 {
        table[code] = match code {
            0x64B..=0x652 => WORD | VOWEL,
            _ => traits(Class::of(code)),
        };
        code += 1;
    }
    table
};

/// Appends the folded unit to `text` and returns its number of words. None where the plain rules have to do it: where the
/// unit is no UTF-8, or its line ends or marks may change.
pub(super) fn fold(unit: &[u8], text: &mut Vec<u8>) -> Option<u32> {
    let unit = simdutf8::basic::from_utf8(unit).ok()?;
    let unit = unit.strip_prefix('\u{FEFF}').unwrap_or(unit);
    if memchr::memchr(b'\r', unit.as_bytes()).is_some() {
        return None;
    }
    let unit = unit.trim();
    let (mut words, mut before, mut seen, mut vowel) = (0, 0, 0, 0);
    let mut rest = unit.as_bytes();
    while !rest.is_empty() {
        let (traits, len) = match *rest {
            [byte @ ..0x80, ..] => (TRAITS[usize::from(byte)], 1),
            [lead @ ..0xE0, second, ..] => (TRAITS[usize::from(lead & 0x1F) << 6 | usize::from(second & 0x3F)], 2),
            _ => {
                let c = first_char(rest)?;
                (traits(Atom::from(c).class()), c.len_utf8())
            }
        };
        if traits & VOWEL != 0 {
            // Both are of two bytes, and of one lead.
            if before & VOWEL != 0 && rest[1] < vowel {
                return None;
            }
            vowel = rest[1];
        }
        words += u32::from(traits & WORD & !before);
        seen |= traits;
        before = traits;
        rest = &rest[len..];
    }
    if seen & CHANGES != 0 {
        return None;
    }
    text.extend_from_slice(unit.as_bytes());
    Some(words)
}
