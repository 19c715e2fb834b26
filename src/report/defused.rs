//! Text that programs which read logs would take for a command. GitHub's runner does so with a line that begins with `::`, white
//! space aside, and with `##[` anywhere in one; others with `##name[`.

use std::borrow::Cow;

/// The same with a backslash where it would be one: before the `::` that it begins with, and before such a `[`.
pub(super) fn defused(text: &str) -> Cow<'_, str> {
    let mut begin = text.char_indices().filter(|(_, c)| !is_passed_over(*c));
    let begin = match (begin.next(), begin.next()) {
        (Some((at, ':')), Some((_, ':'))) => Some(at),
        _ => None,
    };
    if begin.is_none() && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut defused = String::with_capacity(text.len() + 1);
    let mut rest = text;
    if let Some(at) = begin {
        let (before, command) = text.split_at(at);
        defused.extend([before, "\\"]);
        rest = command;
    }
    while let Some(at) = rest.find("##") {
        let (before, behind) = rest.split_at(at + 2);
        defused.push_str(before);
        let name = behind.len() - behind.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).len();
        let (name, bracket) = behind.split_at(name);
        if bracket.starts_with('[') {
            defused.extend([name, "\\"]);
            rest = bracket;
        } else {
            // The second # may be the first of the next two.
            defused.pop();
            rest = &rest[at + 1..];
        }
    }
    defused.push_str(rest);
    Cow::Owned(defused)
}

/// White space, which is trimmed, and what a comparison that goes by a language does not see: invisible signs, marks, tatweel.
fn is_passed_over(c: char) -> bool {
    c == '\u{640}' || !c.is_alphanumeric() && !c.is_ascii_graphic()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_a_command_is_none_and_all_else_stays() {
        for (text, safe) in [
            ("::error::قال", "\\::error::قال"),
            (" ::error::", " \\::error::"),
            ("\u{200D}:\u{200C}:error::", "\u{200D}\\:\u{200C}:error::"),
            ("قال ::error::", "قال ::error::"),
            ("قال ##[error]", "قال ##\\[error]"),
            ("###[error]##vso[task]##", "###\\[error]##vso\\[task]##"),
            ("## عنوان [1]", "## عنوان [1]"),
            ("##", "##"),
            ("نعم", "نعم"),
        ] {
            assert_eq!(defused(text), safe);
            assert_eq!(defused(safe), safe);
        }
    }
}
