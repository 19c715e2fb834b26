//! What stands between two words, where it is of the most common kinds, so that a run goes on behind it.

use super::lookup::entry;
use super::runs::is_plain_letter;
use super::{CODE, class};
use crate::fold::tables::FAST;

/// Whether a run can begin here and gets further than this: at a letter that stays itself, or a digit.
pub(super) fn begins_word(rest: &[u8]) -> bool {
    match *rest {
        [byte, ..] if byte.is_ascii_alphanumeric() => true,
        [lead, last, ..] => is_plain_letter(lead, last),
        _ => false,
    }
}

/// Takes what stands between two words, if it is of the most common kinds: signs that hug what is on either side, or odd
/// white space. `text` ends with the one word, or a space after it. Returns the length of what is taken, and how many words
/// more begin behind it than there are spaces at the end of the text.
#[inline(always)]
pub(super) fn bridge(rest: &[u8], text: &mut Vec<u8>) -> Option<(usize, i32)> {
    // A single sign, then a space or none, then a letter: without a branch that is hard to foretell.
    if let Some(&[first, second, ..]) = rest.first_chunk::<6>() {
        let is_long = first == 0xD8;
        let sign = HUGGING[usize::from(if is_long { second } else { first }) | usize::from(is_long) << 8];
        let len = 1 + usize::from(is_long);
        let len = len + usize::from(rest[len] == b' ');
        if sign != 0 && is_plain_letter(rest[len], rest[len + 1]) {
            let after_space = text.last() == Some(&b' ');
            text.truncate(text.len() - usize::from(after_space));
            text.push(sign);
            return Some((len, i32::from(!after_space)));
        }
    } else if let [last] = *rest
        && HUGGING[usize::from(last)] != 0
    {
        // The sign that ends the unit.
        let after_space = text.last() == Some(&b' ');
        text.truncate(text.len() - usize::from(after_space));
        text.push(HUGGING[usize::from(last)]);
        return Some((1, -i32::from(after_space)));
    } else if rest.is_empty() {
        return None;
    }
    bridge_more(rest, text)
}

/// What the signs that hug both words turn into: by the byte of those in ASCII, and by the second byte of those of which
/// the first is D8.
static HUGGING: [u8; 512] = {
    let mut signs = [0; 512];
    let mut byte = 0;
    while byte < 512 {
        let entry = match byte {
            0..0x80 => FAST[byte],
            0x180..0x1C0 => FAST[0x600 | byte & 0x3F],
            _ => 0,
        };
        let code = entry & CODE;
        if code != 0
            && matches!(entry >> 11, class::STOP | class::QUOTE | class::OPENING | class::CLOSING | class::DASH)
        {
            signs[byte] = code as u8;
        }
        byte += 1;
    }
    signs
};

#[inline(never)]
fn bridge_more(rest: &[u8], text: &mut Vec<u8>) -> Option<(usize, i32)> {
    use class::{CLOSING, DASH, DIGIT, OPENING, QUOTE, SPACE, STOP};

    const MOST: usize = 3;
    let after_space = text.last() == Some(&b' ');
    let (mut signs, mut found, mut previous) = ([0; MOST], 0, 0);
    let mut at = 0;
    loop {
        let (entry, len) = entry(&rest[at..])?;
        let (class, code) = (entry >> 11, entry & CODE);
        match class {
            SPACE => {}
            STOP | QUOTE | OPENING | CLOSING | DASH if code != 0 && class != previous && found < MOST => {
                signs[found] = code as u8;
                found += 1;
                previous = class;
            }
            DIGIT if rest[at].is_ascii() => {
                // A dash may be its sign, a point its point, and a stop may part it from another number.
                let after_digit = text[..text.len() - usize::from(after_space)].last().is_some_and(u8::is_ascii_digit);
                if after_digit || previous == DASH || signs[..found].last() == Some(&b'.') {
                    return None;
                }
                break;
            }
            _ if at > 0 && begins_word(&rest[at..]) => break,
            _ => return None,
        }
        at += len;
    }
    match found {
        0 if after_space => return Some((at, 0)),
        0 => text.push(b' '),
        _ => {
            if after_space {
                text.pop();
            }
            text.extend_from_slice(&signs[..found]);
        }
    }
    Some((at, i32::from(!after_space)))
}
