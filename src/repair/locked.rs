//! What no rule touches: verses of the Quran, tags, code, addresses, handles, hashtags, file names.

use super::line::{Is, Sign};

/// Locks what no rule touches.
pub(super) fn lock(signs: &mut [Sign]) {
    spans(signs);
    let mut at = 0;
    while at < signs.len() {
        let token = signs[at..].iter().take_while(|sign| !sign.is_space()).count();
        if token == 0 {
            at += 1;
            continue;
        }
        lock_token(&mut signs[at..at + token]);
        at += token;
    }
}

/// Locks what has a beginning and an end: verses, tags and code.
fn spans(signs: &mut [Sign]) {
    // Where there was no end of one to be found, there is none further on either.
    let (mut any_tag, mut any_code, mut any_link) = (true, true, true);
    let mut at = 0;
    while at < signs.len() {
        let rest = &signs[at + 1..];
        let next = rest.first().map(|sign| sign.char);
        let len = match signs[at].char {
            // The ornate brackets are often swapped. What is not closed goes on to the end.
            open @ ('\u{FD3E}' | '\u{FD3F}') => {
                let is_close = |sign: &Sign| matches!(sign.char, '\u{FD3E}' | '\u{FD3F}') && sign.char != open;
                Some(rest.iter().position(is_close).map_or(rest.len(), |end| end + 1))
            }
            '<' if any_tag && next.is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!')) => {
                let end = rest.iter().position(|sign| sign.char == '>');
                any_tag = end.is_some();
                end.map(|end| end + 1)
            }
            // Where a link of Markdown leads.
            ']' if any_link && next == Some('(') => {
                let end = rest.iter().position(|sign| sign.char == ')');
                any_link = end.is_some();
                end.map(|end| end + 1)
            }
            '`' if any_code => {
                let end = rest.iter().position(|sign| sign.char == '`');
                any_code = end.is_some();
                end.map(|end| end + 1)
            }
            _ => None,
        };
        let Some(len) = len else {
            at += 1;
            continue;
        };
        signs[at..=at + len].iter_mut().for_each(|sign| sign.locked = true);
        at += len + 1;
    }
}

/// Locks what is in a stretch without white space, but for the marks around it, if it is no text.
fn lock_token(token: &mut [Sign]) {
    let is_around = |sign: &Sign| matches!(sign.is, Is::Quote | Is::Bracket | Is::Unbracket | Is::Stop | Is::Invisible);
    let Some(start) = token.iter().position(|sign| !is_around(sign)) else { return };
    let end = token.iter().rposition(|sign| !is_around(sign)).map_or(token.len(), |last| last + 1);
    let core = &mut token[start..end];
    if is_no_text(core) {
        for sign in core {
            (sign.locked, sign.blocks) = (true, sign.is == Is::Quote && !sign.locked);
        }
    }
}

fn is_no_text(core: &[Sign]) -> bool {
    let mut any_latin = false;
    let mut dotted = false;
    for (at, sign) in core.iter().enumerate() {
        let next = core.get(at + 1).map(|sign| sign.char);
        match sign.char {
            '@' | '#' | '\\' | '_' | '=' | '&' | '~' | '{' | '}' | '$' | '^' | '|' => return true,
            ':' if next == Some('/') => return true,
            '/' if next == Some('/') => return true,
            // As in `file.txt` and `example.com/path`.
            '.' | '/' | ':' => dotted = true,
            _ => any_latin |= sign.is == Is::Letter,
        }
    }
    any_latin && dotted
}
