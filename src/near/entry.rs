//! Whether a unit is an entry of a list. What such a one is about stands elsewhere, so two of them are never near copies.

use super::lexicon::{Kind, Lexicon};
use super::reading::conjunction;
use super::sender::Sender;
use super::tokens::{Apart, Tokens};

/// The most words of a label.
const LABEL: usize = 3;

/// Whether a unit has a bullet or a number before it, or a label and a colon, as in `الطقس: غائم`.
pub(super) fn is_entry(tokens: &Tokens, sender: &Sender) -> bool {
    let label = (1..=LABEL.min(tokens.len().saturating_sub(1))).find(|&at| tokens.apart(at) == Apart::Colon);
    tokens.has_bullet() || label.is_some_and(|len| !(0..len).any(|at| sender.is_said_by(at) || says_who(tokens, at)))
}

/// Whether the word at a token says who says what, or who sent it: that is no label.
fn says_who(tokens: &Tokens, at: usize) -> bool {
    let lexicon = Lexicon::get();
    let is_one = |first: &str, cut: usize| {
        let most = lexicon.most_words(first).min(tokens.len() - at);
        (1..=most).any(|words| {
            let mut members = lexicon.members(tokens.joined(at..at + words, cut));
            members.any(|member| matches!(member.kind, Kind::Said | Kind::Agency | Kind::Drop))
        })
    };
    let word = tokens.get(at);
    is_one(word, 0) || conjunction(word).is_some_and(|(_, rest)| is_one(rest, word.len() - rest.len()))
}
