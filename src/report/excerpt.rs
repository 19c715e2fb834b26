//! Text from documents and file names, made safe for a terminal.

use std::borrow::Cow;
use std::path::Path;

use unicode_segmentation::UnicodeSegmentation;

use super::defused::defused;

/// The most graphemes of an excerpt.
const GRAPHEMES: usize = 60;

/// The most code points of an excerpt: one letter can carry any number of marks.
const CODE_POINTS: usize = 4 * GRAPHEMES;

/// How a unit starts, on one line: cut at a grapheme, runs of white space as one space, without bidi controls, and with
/// a dot for every other control and for bytes that are not UTF-8.
#[must_use]
pub fn excerpt(unit: &[u8]) -> String {
    let mut text = String::new();
    let mut points = 0;
    'text: for chunk in unit.utf8_chunks() {
        let invalid = (!chunk.invalid().is_empty()).then_some('·');
        for c in chunk.valid().chars().chain(invalid) {
            // Far more than is shown, so that the cut below falls where it would in the whole unit.
            if points > 4 * CODE_POINTS {
                break 'text;
            }
            points += 1;
            match c {
                _ if is_bidi_control(c) => {}
                _ if c.is_whitespace() => {
                    if !text.ends_with(' ') {
                        text.push(' ');
                    }
                }
                _ if is_control(c) => text.push('·'),
                _ => text.push(c),
            }
        }
    }
    let text = text.trim();
    let mut end = 0;
    let mut points = 0;
    for (at, grapheme) in text.grapheme_indices(true).take(GRAPHEMES) {
        points += grapheme.chars().count();
        if points > CODE_POINTS {
            break;
        }
        end = at + grapheme.len();
    }
    if end == 0 {
        // A letter under more marks than are shown: the letter is.
        end = text.chars().next().map_or(0, char::len_utf8);
    }
    let mut shown = text[..end].trim_end().to_owned();
    if end < text.len() {
        shown.push('…');
    }
    shown
}

/// A file name on one line: controls and bidi controls are spelled, and bytes that are not UTF-8 too, and what a program that
/// reads logs would take for a command. Arabic stays.
#[must_use]
pub fn shown_name(path: &Path) -> String {
    let mut shown = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_safe(c) {
                shown.push(c);
            } else {
                shown.extend(c.escape_default());
            }
        }
        for byte in chunk.invalid() {
            shown.push_str(&format!("\\x{byte:02X}"));
        }
    }
    match defused(&shown) {
        Cow::Borrowed(_) => shown,
        Cow::Owned(defused) => defused,
    }
}

/// A text that is said of, as [`shown_name`] does it.
#[must_use]
pub fn shown_text(text: &str) -> String {
    shown_name(Path::new(text))
}

/// [`shown_text`] of a name that need not be one: a long one is cut.
#[must_use]
pub fn shown_start(name: &str) -> String {
    let ends = name.grapheme_indices(true).map(|(at, grapheme)| at + grapheme.len());
    let end = ends.take(GRAPHEMES).take_while(|&end| end <= 4 * CODE_POINTS).last().unwrap_or(0);
    let more = if end < name.len() { "…" } else { "" };
    shown_text(&name[..end]) + more
}

fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{206F}')
}

/// Whether it is nothing but itself on a terminal, and turns nothing around it.
pub(super) fn is_safe(c: char) -> bool {
    !is_control(c) && !is_bidi_control(c)
}

/// What a terminal may act on, or what hides from it.
pub(super) fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_terminal_acts_on_is_left() {
        let hostile = "\u{1B}[31mأحمر\u{7}\u{202E}عكس\u{202C}\u{2067}\t\r\n  ثم\u{9B}31m\u{E0041}".as_bytes();
        assert_eq!(excerpt(hostile), "·[31mأحمر·عكس ثم·31m·");
        assert_eq!(excerpt(b"a\xFFb"), "a·b");
    }

    #[test]
    fn the_cut_falls_between_graphemes() {
        let text = "كَ".repeat(61);
        assert_eq!(excerpt(text.as_bytes()), format!("{}…", "كَ".repeat(60)));
        assert_eq!(excerpt("كَ".repeat(60).as_bytes()), "كَ".repeat(60));
        let pile = format!("ك{}", "\u{64E}".repeat(5_000));
        assert_eq!(excerpt(pile.as_bytes()), "ك…");
    }

    #[test]
    #[cfg(unix)]
    fn names_stay_readable_and_on_one_line() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;

        let name = OsStr::from_bytes(b"\xD9\x85\xD8\xA7\xD8\xA1\n\xFF.txt");
        assert_eq!(shown_name(Path::new(name)), "ماء\\n\\xFF.txt");
    }
}
