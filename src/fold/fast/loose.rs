//! From the level `orthography` to `loose`.

use super::{CODE, code_point, is_digit, is_letter, push};
use crate::fold::tables::FAST_LOOSE;

/// What becomes of a code point. The numbers are those of the table, made by `tests/fold_tables.rs`; 0 is what the plain
/// rules have to see.
mod action {
    /// Is written, or its counterpart is.
    pub(super) const WRITE: u16 = 1;
    /// White space or punctuation.
    pub(super) const GAP: u16 = 2;
}

/// Appends the folded text to `out` and returns its number of words. None where the plain rules have to do it.
pub(super) fn fold(text: &[u8], out: &mut Vec<u8>) -> Option<u32> {
    out.reserve(text.len());
    let (mut signs, mut after_digit) = (0_usize, false);
    let mut at = 0;
    // Where the gap starts that the text has come to.
    let mut gap: Option<usize> = None;
    while at < text.len() {
        let (code, len) = code_point(&text[at..])?;
        // The ellipsis is punctuation.
        let entry = if code == 0 { action::GAP << 11 } else { FAST_LOOSE[usize::from(code & CODE)] };
        match entry >> 11 {
            action::WRITE => {
                let target = entry & CODE;
                if let Some(start) = gap.take()
                    && is_digit(target)
                {
                    let gap = &text[start..at];
                    match after_digit {
                        true if gap.contains(&b' ') => out.push(b' '),
                        // A comma may group, and a point may start its number.
                        _ if gap == b"," || (!after_digit && gap.ends_with(b".")) => return None,
                        true => out.extend_from_slice(gap),
                        false => {}
                    }
                }
                signs += usize::from(is_letter(target) || is_digit(target));
                after_digit = is_digit(target);
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
