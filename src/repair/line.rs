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

/// A code point of a unit, or letters of a script or digits that stand together: most of a text is words, of which rules look at
/// few letters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sign {
    /// Where it begins and ends, in bytes.
    at: u32,
    end: u32,
    /// The first code point.
    pub(super) char: char,
    pub(super) is: Is,
    /// Whether it is in something that no rule touches, as an address.
    pub(super) locked: bool,
    /// Whether it is a mark within a stretch that may be text or not: then no mark of the unit is sure.
    pub(super) blocks: bool,
}

impl Sign {
    pub(super) fn range(&self) -> Range<usize> {
        self.at as usize..self.end as usize
    }

    pub(super) fn text<'t>(&self, unit: &'t str) -> &'t str {
        unit.get(self.range()).unwrap_or_default()
    }

    /// Whether it is one code point.
    pub(super) fn is_single(self) -> bool {
        (self.end - self.at) as usize == self.char.len_utf8()
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

/// Units that are longer are few.
const LONG: usize = 1 << 20;

/// Takes a unit, which 32 bits count the bytes of, apart into signs.
pub(super) fn read(unit: &str, signs: &mut Vec<Sign>) {
    signs.clear();
    let bytes = unit.as_bytes();
    if bytes.len() > LONG {
        // Growing would take up to three times as much for a while.
        signs.reserve_exact(unit.chars().count());
    }
    let mut at = 0;
    while let Some(&first) = bytes.get(at) {
        let is_word = |at: usize| matches!(bytes.get(at..at + 2), Some([0xD8, 0xA1..=0xBF] | [0xD9, 0x81..=0x8A]));
        let char = match first {
            0..0x80 => char::from(first),
            _ => unit[at..].chars().next().unwrap_or(char::REPLACEMENT_CHARACTER),
        };
        let mut end = at + char.len_utf8();
        let is = if is_word(at) { Is::Arabic } else { what(char) };
        match is {
            Is::Arabic => {
                while is_word(end) {
                    end += 2;
                }
            }
            Is::Letter if char.is_ascii() => end += run(&bytes[end..], u8::is_ascii_alphabetic),
            Is::Digit if char.is_ascii() => end += run(&bytes[end..], u8::is_ascii_digit),
            _ => {}
        }
        signs.push(Sign { at: at as u32, end: end as u32, char, is, locked: false, blocks: false });
        // More than one dot is no full stop.
        if let [.., before, sign] = &mut signs[..]
            && (before.char, sign.char) == ('.', '.')
        {
            (before.is, sign.is) = (Is::Ellipsis, Is::Ellipsis);
        }
        at = end;
    }
}

/// How many bytes of such a kind come first.
fn run(bytes: &[u8], is: fn(&u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| is(byte)).count()
}

/// The letters of Arabic words at the end, from the last to the first.
pub(super) fn last_letters<'s>(unit: &'s str, before: &'s [Sign]) -> impl Iterator<Item = char> + 's {
    let letters = before.iter().rev().take_while(|sign| sign.is == Is::Arabic);
    letters.flat_map(|sign| sign.text(unit).chars().rev())
}

/// What a code point is by itself.
fn what(char: char) -> Is {
    match char {
        ' ' => Is::Space,
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
