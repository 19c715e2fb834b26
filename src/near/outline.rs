//! The outline of a unit: the words and numbers that no rewording can touch, in order, but for who sent it. Units are near copies only if theirs are
//! equal, so its hash finds all that can be: it takes one entry a unit and no chance.
//!
//! Of a word it has the *core*: what is left without the letters that may come before or behind it. So a word has the same core
//! with و or an article before it and without, and all forms of a word of the table are of one that the table knows.

use super::lexicon::Lexicon;
use super::sender::Sender;
use super::tokens::{Kind, Tokens};

/// What is a word by itself in a name, and written as one with the next, or the one before, as often.
const SERVANT: &str = "عبد";
const OF: [&str; 2] = ["الدين", "الله"];

/// What is left of a word without what may come before and behind it.
pub(super) fn core(word: &str) -> &str {
    let mut core = word.trim_start_matches(may_come_before);
    while let Some(rest) = core.strip_prefix(SERVANT) {
        core = rest.trim_start_matches(may_come_before);
    }
    if core.ends_with(['ن', 'ه']) {
        core = OF.into_iter().find_map(|of| core.strip_suffix(of)).unwrap_or(core);
    }
    core.trim_end_matches(may_come_behind)
}

/// Whether a letter may come before a word as one with it. Each does as often as it likes.
fn may_come_before(letter: char) -> bool {
    matches!(letter, 'و' | 'ف' | 'ب' | 'ل' | 'ك' | 'س' | 'ا')
}

/// Whether a letter may come behind a word, as of a pronoun, or of what stands for teh marbuta before one.
fn may_come_behind(letter: char) -> bool {
    matches!(letter, 'ه' | 'ا' | 'م' | 'ن' | 'ة' | 'ت')
}

/// Reads the outline of a unit.
pub(super) fn read(tokens: &Tokens, sender: &Sender, outline: &mut Vec<u8>) {
    let lexicon = Lexicon::get();
    outline.clear();
    for at in (0..tokens.len()).filter(|&at| !sender.is_said_by(at)) {
        let (word, is_word) = (tokens.get(at), tokens.kind(at) == Kind::Word);
        let rest = if is_word { core(word) } else { word };
        if (is_word && rest.is_empty()) || lexicon.has_core(rest) {
            continue;
        }
        outline.extend_from_slice(rest.as_bytes());
        outline.push(b' ');
    }
}

#[cfg(test)]
mod tests {
    use super::core;

    #[test]
    fn what_is_written_as_one_with_a_word_leaves_its_core() {
        for (one, other) in [
            ("مدينة", "وبالمدينة"),
            ("مدينة", "مدينته"),
            ("اعلن", "فاعلن"),
            ("عبدالعزيز", "العزيز"),
            ("عزالدين", "عز"),
            ("لاتزال", "تزال"),
        ] {
            assert_eq!(core(one), core(other));
        }
        assert_ne!(core("حسن"), core("حسين"));
    }
}
