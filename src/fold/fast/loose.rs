//! From the level `orthography` to `loose`.

use super::runs::Runs;
use super::{CODE, Sign, is_digit, is_letter, last_code, push, sign};
use crate::fold::atom::Class;
use crate::fold::level::{Folds, Level};
use crate::fold::tables::FAST_LOOSE;

/// What becomes of a code point. The numbers are those of the table, made by `tests/fold_tables.rs`; 0 is what the plain
/// rules have to see.
mod action {
    /// Is written, or its counterpart is.
    pub(super) const WRITE: u16 = 1;
    /// White space or punctuation.
    pub(super) const GAP: u16 = 2;
}

/// The folds that this level adds.
const ADDED: Folds = Folds::of_range(Level::Orthography, Level::Loose);

/// Appends the folded text to `out` and returns its number of words. `text` has [`Runs::SLACK`] bytes behind its `end`.
/// None where the plain rules have to do it.
pub(super) fn fold(text: &[u8], end: usize, runs: Runs, out: &mut Vec<u8>) -> Option<u32> {
    out.reserve(end + Runs::SLACK);
    let unit = &text[..end];
    let mut signs = 0;
    let mut at = 0;
    // Where the gap starts that the text has come to.
    let mut gap: Option<usize> = None;
    while at < end {
        if gap.is_none() {
            let (reached, more) = runs.loose(text, at, end, out);
            signs += more;
            // What the run has left out at its end is a gap that has been come to.
            let open = gap_at_end(&unit[at..reached]);
            gap = (open > 0).then(|| reached - open);
            at = reached;
            if at == end {
                break;
            }
        }
        let (sign, len) = sign(&unit[at..])?;
        let entry = match sign {
            Sign::Code(code) => FAST_LOOSE[usize::from(code & CODE)],
            Sign::Rare(atom) if atom.class().is(Class::PUNCTUATION.or(Class::SPACE)) => action::GAP << 11,
            Sign::Rare(atom) if atom.mapped(ADDED).is_none() && !atom.is_word() => {
                out.extend_from_slice(&unit[at..at + len]);
                (gap, at) = (None, at + len);
                continue;
            }
            Sign::Rare(_) => return None,
        };
        match entry >> 11 {
            action::WRITE => {
                let target = entry & CODE;
                if let Some(start) = gap.take()
                    && is_digit(target)
                {
                    between(&unit[start..at], number_at(unit, at), out)?;
                }
                signs += usize::from(is_letter(target) || is_digit(target));
                push(target, out);
            }
            action::GAP => {
                gap.get_or_insert(at);
            }
            _ => return None,
        }
        at += len;
    }
    u32::try_from(signs.div_ceil(5)).ok()
}

/// What stays of a gap before a digit of `number`: what keeps two numbers apart, and the point that a number starts with.
fn between(gap: &[u8], number: &[u8], out: &mut Vec<u8>) -> Option<()> {
    match out.last().is_some_and(u8::is_ascii_digit) {
        true if gap.contains(&b' ') => out.push(b' '),
        true if gap == b"," && is_grouped(number)? => {}
        true => out.extend_from_slice(gap),
        // Right behind a word it would be a full stop.
        false if gap.ends_with(b".") && !(gap.len() == 1 && ends_with_word(out)) => out.push(b'.'),
        false => {}
    }
    Some(())
}

fn ends_with_word(out: &[u8]) -> bool {
    let last = last_code(out);
    is_letter(last) || is_digit(last)
}

/// The digits, points and commas around a place.
fn number_at(unit: &[u8], at: usize) -> &[u8] {
    let is_part = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'.' | b',');
    let start = at - unit[..at].iter().rev().take_while(is_part).count();
    let end = at + unit[at..].iter().take_while(is_part).count();
    &unit[start..end]
}

/// Whether each comma groups three digits. None where points and commas do not stand between digits one by one.
fn is_grouped(number: &[u8]) -> Option<bool> {
    let mut parts = number.split(|byte| !byte.is_ascii_digit());
    if parts.any(<[u8]>::is_empty) {
        return None;
    }
    let whole = number.split(|byte| *byte == b'.').next().unwrap_or_default();
    let fraction = &number[whole.len()..];
    let mut groups = whole.split(|byte| *byte == b',');
    let first = groups.next().unwrap_or_default();
    Some(!fraction.contains(&b',') && first.len() <= 3 && groups.all(|group| group.len() == 3))
}

/// The length of the white space and ASCII punctuation that a text ends with.
fn gap_at_end(text: &[u8]) -> usize {
    text.iter().rev().take_while(|byte| is_gap(**byte)).count()
}

/// Whether a byte is white space or punctuation of ASCII.
pub(super) const fn is_gap(byte: u8) -> bool {
    byte < 0x80 && FAST_LOOSE[byte as usize] >> 11 == action::GAP
}
