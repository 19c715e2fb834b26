//! Stray invisible signs: marks of direction where all text runs one way, byte order marks, soft hyphens.
//!
//! What shapes a word stays (ZWNJ, ZWJ, variation selectors), and so does what orders text of two directions.

use super::Edit;
use super::line::{Is, Sign};

/// Takes stray ones away.
pub(super) fn repair(signs: &mut Vec<Sign>, edits: &mut Vec<Edit>) {
    if !signs.iter().any(|sign| sign.is == Is::Invisible) {
        return;
    }
    // Text that is forced into a direction may be stored the other way round.
    let is_forced = signs.iter().any(|sign| matches!(sign.char, '\u{202D}' | '\u{202E}'));
    // An embedding goes with what ends it, or stays.
    let one_way = signs.iter().all(|sign| !matches!(sign.is, Is::Letter | Is::Digit | Is::Other));
    let strays = strays(signs, is_forced, one_way);
    let mut strays = strays.into_iter();
    signs.retain(|sign| {
        let goes = strays.next().unwrap_or(false);
        if goes {
            edits.push(Edit { range: sign.range(), with: "" });
        }
        !goes
    });
}

/// Of each sign, whether it is stray.
fn strays(signs: &[Sign], is_forced: bool, one_way: bool) -> Vec<bool> {
    // What gives the text a direction behind each sign: the next letter or number.
    let mut strays = vec![false; signs.len()];
    let mut before = None;
    let mut is_parting = false;
    let mut at = 0;
    while at < signs.len() {
        let strong = |sign: &Sign| matches!(sign.is, Is::Arabic | Is::Letter | Is::Digit | Is::Other);
        let len = signs[at..].iter().take_while(|sign| !strong(sign)).count();
        let stretch = at..at + len;
        let after = signs.get(stretch.end).map(|sign| sign.is);
        let is_arabic = |is: Option<Is>| is.is_none_or(|is| is == Is::Arabic);
        let mut parted = stretch.start;
        let mut between_words = |here: usize| {
            // Of several that are not seen each stands between the same two.
            if parted <= here {
                let seen = |sign: &&Sign| sign.is != Is::Invisible;
                let next = signs[here..].iter().position(|sign| sign.is != Is::Invisible).map(|len| here + len);
                parted = next.unwrap_or(signs.len());
                let last = signs[..here].iter().rev().find(seen);
                is_parting = last.is_some_and(|sign| sign.is_word()) && next.is_some_and(|next| signs[next].is_word());
            }
            is_parting
        };
        let within = is_arabic(before) && is_arabic(after) && !(before.is_none() && after.is_none());
        for here in stretch.clone() {
            let sign = &signs[here];
            strays[here] = sign.is == Is::Invisible
                && !sign.locked
                && within
                && match sign.char {
                    '\u{200E}' | '\u{200F}' | '\u{61C}' => !is_forced,
                    '\u{202A}'..='\u{202C}' | '\u{2066}'..='\u{2069}' => one_way && !is_forced,
                    // All there is between two words.
                    '\u{200B}' => !between_words(here),
                    '\u{202D}' | '\u{202E}' => false,
                    _ => true,
                };
        }
        before = after;
        at = stretch.end + 1;
    }
    strays
}
