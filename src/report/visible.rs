//! Folded texts as people can see them: what shows nothing of itself is named.

use std::fmt::Write as _;

use crate::fold::{Sign, is_unseen};
use crate::report::excerpt::is_control;

/// The signs as they can be shown: code points that show nothing, and bytes that are no UTF-8, are named in brackets. A single
/// space is itself.
#[must_use]
pub fn visible(signs: &[Sign]) -> String {
    let mut shown = String::new();
    for &sign in signs {
        match sign {
            Sign::Char(c) if c != ' ' && (is_control(c) || is_unseen(c)) => {
                let _ = write!(shown, "[{}]", code_point(sign));
            }
            Sign::Char(c) => shown.push(c),
            Sign::Byte(_) => {
                let _ = write!(shown, "[{}]", code_point(sign));
            }
        }
    }
    shown
}

/// A sign by its number and name, as in `U+064A ARABIC LETTER YEH`.
#[must_use]
pub fn code_point(sign: Sign) -> String {
    match sign {
        Sign::Byte(byte) => format!("byte 0x{byte:02X}, which is no UTF-8"),
        Sign::Char(c) => {
            let name = name(c).unwrap_or_else(|| match c {
                '\t' => "TAB".to_owned(),
                '\n' => "LINE FEED".to_owned(),
                '\r' => "CARRIAGE RETURN".to_owned(),
                _ if c.is_control() => "a control".to_owned(),
                _ => String::new(),
            });
            format!("U+{:04X} {name}", u32::from(c)).trim_end().to_owned()
        }
    }
}

#[cfg(feature = "cli")]
fn name(c: char) -> Option<String> {
    unicode_names2::name(c).map(|name| name.to_string())
}

/// The names are half a megabyte, which the library by itself does without: the character says which it is.
#[cfg(not(feature = "cli"))]
fn name(c: char) -> Option<String> {
    let is_seen = !(is_control(c) || is_unseen(c));
    is_seen.then(|| c.to_string())
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;

    #[test]
    fn what_shows_nothing_is_named() {
        let signs: Vec<Sign> = "قال \u{200F}نعم\u{A0}\n".chars().map(Sign::Char).chain([Sign::Byte(0xFF)]).collect();
        assert_eq!(
            visible(&signs),
            "قال [U+200F RIGHT-TO-LEFT MARK]نعم[U+00A0 NO-BREAK SPACE][U+000A LINE FEED][byte 0xFF, which is no UTF-8]"
        );
        assert_eq!(code_point(Sign::Char('ى')), "U+0649 ARABIC LETTER ALEF MAKSURA");
        assert_eq!(code_point(Sign::Char('\u{E000}')), "U+E000");
    }
}
