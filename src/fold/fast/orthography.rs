//! From the level `typography` to `orthography`.

use super::class::{DUAL, LETTER, MARK};
use super::runs::Runs;
use super::{CODE, Sign, class_of, is_digit, is_letter, last_code, push, sign};
use crate::fold::letter;
use crate::fold::level::{Folds, Level};
use crate::fold::tables::FAST_ORTHOGRAPHY;

/// What becomes of a code point. The numbers are those of the table, made by `tests/fold_tables.rs`; 0 is what the plain
/// rules have to see, such as the letters that a language guard protects.
mod action {
    /// Is written, or its counterpart is.
    pub(super) const WRITE: u16 = 1;
    pub(super) const DROP: u16 = 2;
}

const YEH: u16 = letter::YEH as u16;
const ALEF_MAKSURA: u16 = letter::ALEF_MAKSURA as u16;
const HAMZA: u16 = letter::HAMZA as u16;
const YEH_HAMZA: u16 = letter::YEH_HAMZA as u16;
const WAW: u16 = letter::WAW as u16;
const WAW_HAMZA: u16 = letter::WAW_HAMZA as u16;
const PERCENT: u16 = '%' as u16;
const SPACE: u16 = ' ' as u16;

/// The folds that this level adds.
const ADDED: Folds = Folds::of_range(Level::Typography, Level::Orthography);

/// Appends the folded text to `out`. `text` has [`Runs::SLACK`] bytes behind its `end`. `words` is its number of words;
/// returns that of the folded text. None where the plain rules have to do it.
pub(super) fn fold(text: &[u8], end: usize, words: u32, runs: Runs, out: &mut Vec<u8>) -> Option<u32> {
    out.reserve(end + Runs::SLACK);
    let unit = &text[..end];
    let mut words = words;
    // The last code point, as it was and as it was written.
    let (mut before, mut written) = (0, 0);
    let mut at = 0;
    let mut may_copy = false;
    while at < end {
        if may_copy {
            let reached = runs.orthography(text, at, end, out);
            if reached > at {
                at = reached;
                before = last_code(&unit[..at]);
                written = last_code(out);
                may_copy = false;
                continue;
            }
        }
        let (code, len) = match sign(&unit[at..])? {
            (Sign::Code(code), len) => (code, len),
            (Sign::Rare(atom), len) if atom.mapped(ADDED).is_none() => {
                out.extend_from_slice(&unit[at..at + len]);
                at += len;
                (before, written, may_copy) = (0, 0, true);
                continue;
            }
            (Sign::Rare(_), _) => return None,
        };
        at += len;
        let entry = FAST_ORTHOGRAPHY[usize::from(code & CODE)];
        match entry >> 11 {
            action::WRITE => {}
            action::DROP => {
                // What follows looks at what stands before this.
                may_copy = false;
                continue;
            }
            _ => return None,
        }
        may_copy = true;
        let target = entry & CODE;
        let is_word = |code: u16| is_letter(code) || is_digit(code);
        let seat = matches!((before, target), (YEH, HAMZA | YEH_HAMZA) | (ALEF_MAKSURA, HAMZA));
        if seat && !next_unmarked(&unit[at..])?.is_some_and(is_letter) {
            out.truncate(out.len() - 2);
            push(YEH_HAMZA, out);
            (before, written) = (0, YEH_HAMZA);
            continue;
        }
        if target == PERCENT && !is_digit(written) && at_number(&unit[at..])? {
            return None;
        }
        if target == WAW && !is_word(written) {
            let gap = detached(&unit[at..])?;
            at += gap;
            words -= u32::from(gap > 0);
        }
        push(target, out);
        (before, written) = (code, target);
    }
    Some(words)
}

/// The next code point that is no vowel mark, if there is one.
fn next_unmarked(text: &[u8]) -> Option<Option<u16>> {
    let mut at = 0;
    while at < text.len() {
        let (Sign::Code(code), len) = sign(&text[at..])? else { return Some(Some(0)) };
        if class_of(code) != MARK {
            return Some(Some(code));
        }
        at += len;
    }
    Some(None)
}

/// Whether a number comes, be it behind a space.
fn at_number(text: &[u8]) -> Option<bool> {
    let text = text.strip_prefix(b" ").unwrap_or(text);
    Some(next_unmarked(text)?.is_some_and(is_digit))
}

/// The length of what parts a lone waw from the word it belongs to: nothing where there is no word, or one of one letter.
fn detached(text: &[u8]) -> Option<usize> {
    let (mut at, mut space, mut first) = (0, 0, None);
    while at < text.len() {
        let (Sign::Code(code), len) = sign(&text[at..])? else { return Some(0) };
        at += len;
        match (class_of(code), first) {
            (MARK, _) => {}
            _ if code == SPACE && space == 0 => space = at,
            (LETTER | DUAL, None) if space > 0 => first = Some(code),
            // The word may be one letter yet, once its hamza has its seat.
            (_, Some(YEH | ALEF_MAKSURA)) if matches!(code, HAMZA | YEH_HAMZA | WAW_HAMZA) => return None,
            (_, Some(_)) if is_letter(code) || is_digit(code) => return Some(space),
            _ => return Some(0),
        }
    }
    Some(0)
}
