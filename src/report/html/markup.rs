//! Text as markup that shows it: what is markup in it is text, and what can't be seen is a label.

use std::fmt::Write as _;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::fold::{Sign, is_unseen};
use crate::report::excerpt::is_safe;
use crate::report::visible;

/// Text from input, shown.
pub(super) fn text(bytes: &[u8], out: &mut String) {
    for chunk in bytes.utf8_chunks() {
        let mut chars = chunk.valid().chars().peekable();
        while let Some(c) = chars.next() {
            // The line ends of a paragraph.
            if c == '\n' || (c == '\r' && chars.peek() == Some(&'\n')) {
                if c == '\n' {
                    out.push('\n');
                }
                continue;
            }
            sign(Sign::Char(c), out);
        }
        for &byte in chunk.invalid() {
            sign(Sign::Byte(byte), out);
        }
    }
}

/// The same of a few signs: spaces and line ends are labels too.
pub(super) fn signs(bytes: &[u8], out: &mut String) {
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                ' ' => out.push_str(r#"<i data-sign="SP" title="U+0020 SPACE"> </i>"#),
                '\n' | '\r' => {
                    let _ = write!(out, r#"<i data-sign="{0}" title="{0}"> </i>"#, label(Sign::Char(c)));
                }
                c => sign(Sign::Char(c), out),
            }
        }
        chunk.invalid().iter().for_each(|&byte| sign(Sign::Byte(byte), out));
    }
}

/// The same, as a string.
pub(super) fn of(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    self::text(text.as_bytes(), &mut out);
    out
}

fn sign(sign: Sign, out: &mut String) {
    match sign {
        Sign::Char('&') => out.push_str("&amp;"),
        Sign::Char('<') => out.push_str("&lt;"),
        Sign::Char('>') => out.push_str("&gt;"),
        Sign::Char('"') => out.push_str("&quot;"),
        Sign::Char('\'') => out.push_str("&#39;"),
        Sign::Char(c) if c == ' ' || (is_safe(c) && !is_unseen(c)) => out.push(c),
        // It is in the attributes alone, so that it turns nothing; who looks for words finds a space in its place, if it is one.
        hidden => {
            let space = if matches!(hidden, Sign::Char(c) if c.is_whitespace()) { " " } else { "" };
            let (label, name) = (label(hidden), visible::code_point(hidden));
            let _ = write!(out, r#"<i data-sign="{label}" title="{name}">{space}</i>"#);
        }
    }
}

/// What a sign that can't be seen is called, in short.
fn label(sign: Sign) -> String {
    let c = match sign {
        Sign::Byte(byte) => return format!("{byte:02X}"),
        Sign::Char(c) => c,
    };
    let short = match c {
        '\t' => "TAB",
        '\n' => "LF",
        '\r' => "CR",
        '\u{A0}' => "NBSP",
        '\u{AD}' => "SHY",
        '\u{61C}' => "ALM",
        '\u{200B}' => "ZWSP",
        '\u{200C}' => "ZWNJ",
        '\u{200D}' => "ZWJ",
        '\u{200E}' => "LRM",
        '\u{200F}' => "RLM",
        '\u{2028}' => "LS",
        '\u{2029}' => "PS",
        '\u{202A}' => "LRE",
        '\u{202B}' => "RLE",
        '\u{202C}' => "PDF",
        '\u{202D}' => "LRO",
        '\u{202E}' => "RLO",
        '\u{202F}' => "NNBSP",
        '\u{2060}' => "WJ",
        '\u{2066}' => "LRI",
        '\u{2067}' => "RLI",
        '\u{2068}' => "FSI",
        '\u{2069}' => "PDI",
        '\u{FEFF}' => "BOM",
        _ => return format!("U+{:04X}", u32::from(c)),
    };
    short.to_owned()
}

/// A code point by its number and name.
pub(super) fn code_point(c: char) -> String {
    of(&visible::code_point(Sign::Char(c)))
}

/// The first so many bytes of a text, up to a grapheme, and how many are left out.
pub(super) fn first(text: &[u8], most: usize) -> (&[u8], usize) {
    if text.len() <= most {
        return (text, 0);
    }
    // The last grapheme before may go on behind.
    let end = char_start(text, most);
    let last = std::str::from_utf8(&text[..end]).ok().and_then(|text| text.grapheme_indices(true).next_back());
    let cut = last.map_or(0, |(at, _)| at);
    let cut = if cut == 0 { end } else { cut };
    (&text[..cut], text.len() - cut)
}

/// The start of the code point that this byte is in.
fn char_start(text: &[u8], at: usize) -> usize {
    (0..4).filter_map(|back| at.checked_sub(back)).find(|&at| text[at] & 0xC0 != 0x80).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text_and_hidden_signs_are_labels() {
        let hostile = "<script>alert('x')</script> &amp; \"\u{202E}عكس\u{A0}".as_bytes();
        let mut out = String::new();
        text(&[hostile, b"\xFF\r\n"].concat(), &mut out);
        let names =
            |label: &str, name: &str, text: &str| format!(r#"<i data-sign="{label}" title="{name}">{text}</i>"#);
        let wanted = format!(
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp;amp; &quot;{}عكس{}{}\n",
            names("RLO", &code_point('\u{202E}'), ""),
            names("NBSP", &code_point('\u{A0}'), " "),
            names("FF", "byte 0xFF, which is no UTF-8", ""),
        );
        assert_eq!(out, wanted);
    }

    #[test]
    fn a_long_text_is_cut_between_letters() {
        assert_eq!(first("كَكَ".as_bytes(), 8), ("كَكَ".as_bytes(), 0));
        assert_eq!(first("كَكَكَ".as_bytes(), 9), ("كَ".as_bytes(), 8));
        assert_eq!(first(&[0xFF; 5], 3), (&[0xFF; 3][..], 2));
        let marks = format!("ك{}", "\u{64E}".repeat(50));
        let (shown, left) = first(marks.as_bytes(), 11);
        assert_eq!((shown.len(), left), (10, 92));
    }
}
