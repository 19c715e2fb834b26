//! A unit as signs: code points, each with where it stands and what it is to the rules.

use std::ops::Range;

/// What a sign is to the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Is {
    /// A letter of the Arabic script.
    Arabic,
    /// A mark over or under one.
    Mark,
    Tatweel,
    /// ZWNJ or ZWJ: they shape letters, and stay.
    Joiner,
    /// A letter of another script.
    Letter,
    Digit,
    /// White space that stands between words.
    Space,
    /// White space that ends lines or sets columns apart: it stays as it is.
    Hard,
    /// What ends or parts a phrase, as `،` and `.`.
    Stop,
    /// `…`, or more than one dot.
    Ellipsis,
    Dash,
    /// An opening bracket, and a closing one.
    Bracket,
    Unbracket,
    /// A quotation mark of which is not known what it does.
    Quote,
    /// One that opens, and one that closes.
    Opener,
    Closer,
    /// A code point that is not seen.
    Invisible,
    Other,
}

/// A code point of a unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sign {
    /// Where it begins, in bytes.
    pub(super) at: u32,
    pub(super) char: char,
    pub(super) is: Is,
    /// Whether it is in something that no rule touches, as an address.
    pub(super) locked: bool,
}

impl Sign {
    pub(super) fn range(&self) -> Range<usize> {
        let at = self.at as usize;
        at..at + self.char.len_utf8()
    }

    /// Whether a letter or digit of any script, or what belongs to one.
    pub(super) fn is_word(self) -> bool {
        matches!(self.is, Is::Arabic | Is::Mark | Is::Tatweel | Is::Joiner | Is::Letter | Is::Digit)
    }

    /// Whether it ends an Arabic word.
    pub(super) fn is_arabic(self) -> bool {
        matches!(self.is, Is::Arabic | Is::Mark)
    }

    pub(super) fn is_space(self) -> bool {
        matches!(self.is, Is::Space | Is::Hard)
    }
}

/// Takes a unit apart into signs.
pub(super) fn read(unit: &str, signs: &mut Vec<Sign>) {
    signs.clear();
    signs.extend(unit.char_indices().map(|(at, char)| Sign { at: at as u32, char, is: what(char), locked: false }));
    // More than one dot is no full stop.
    let mut at = 0;
    while at < signs.len() {
        let dots = signs[at..].iter().take_while(|sign| sign.char == '.').count();
        if dots > 1 {
            signs[at..at + dots].iter_mut().for_each(|sign| sign.is = Is::Ellipsis);
        }
        at += dots.max(1);
    }
}

/// What a code point is by itself.
fn what(char: char) -> Is {
    match char {
        '\u{640}' => Is::Tatweel,
        '\u{621}'..='\u{64A}'
        | '\u{620}'
        | '\u{66E}'..='\u{66F}'
        | '\u{671}'..='\u{6D3}'
        | '\u{6D5}'
        | '\u{6EE}'..='\u{6EF}'
        | '\u{6FA}'..='\u{6FC}'
        | '\u{6FF}'
        | '\u{750}'..='\u{77F}'
        | '\u{870}'..='\u{887}'
        | '\u{8A0}'..='\u{8C9}'
        | '\u{FB50}'..='\u{FBB1}'
        | '\u{FBD3}'..='\u{FD3D}'
        | '\u{FD50}'..='\u{FDFB}'
        | '\u{FE70}'..='\u{FEFC}' => Is::Arabic,
        '\u{610}'..='\u{61A}'
        | '\u{64B}'..='\u{65F}'
        | '\u{670}'
        | '\u{6D6}'..='\u{6DC}'
        | '\u{6DF}'..='\u{6E8}'
        | '\u{6EA}'..='\u{6ED}'
        | '\u{897}'..='\u{89F}'
        | '\u{8CA}'..='\u{8E1}'
        | '\u{8E3}'..='\u{8FF}' => Is::Mark,
        '\u{200C}' | '\u{200D}' => Is::Joiner,
        '\t' | '\n' | '\u{B}' | '\u{C}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Is::Hard,
        '،' | '؛' | '؟' | '.' | ':' | '!' | ',' | ';' | '?' => Is::Stop,
        '…' => Is::Ellipsis,
        '-' | '–' | '—' | '‐' | '‑' | '−' | '/' => Is::Dash,
        '(' | '[' => Is::Bracket,
        ')' | ']' => Is::Unbracket,
        '"' | '«' | '»' | '“' | '”' | '„' | '‟' | '＂' | '❝' | '❞' => Is::Quote,
        '\u{AD}'
        | '\u{61C}'
        | '\u{200B}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'
        | '\u{2066}'..='\u{2069}'
        | '\u{FEFF}' => Is::Invisible,
        // Numbers before letters: some are both.
        _ if char.is_numeric() => Is::Digit,
        _ if char.is_alphabetic() => Is::Letter,
        _ if char.is_whitespace() => Is::Space,
        _ => Is::Other,
    }
}
