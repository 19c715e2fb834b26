//! Who sent a text, as far as it says so: `(رويترز)` at its start or end.

use std::ops::Range;

use super::lexicon::{Kind, Lexicon};
use super::tokens::Tokens;

/// How far from its start a unit says who sent it: `واشنطن، الولايات المتحدة (رويترز) -`.
const DATELINE: usize = 10;
/// The most words of an agency at the end: `(رويترز، أ ف ب)`.
const SENT_BY: usize = 6;

/// Who sent a unit.
#[derive(Clone, Debug, Default)]
pub(super) struct Sender {
    /// The names of agencies.
    name: String,
    /// The tokens that say it.
    said: Vec<Range<usize>>,
}

impl Sender {
    pub(super) fn read(&mut self, tokens: &Tokens) {
        self.name.clear();
        self.said.clear();
        let end = end_without_agency(tokens);
        self.take(tokens, end..tokens.len());
        let mut at = 0;
        while at < end.min(DATELINE) {
            let words = if at == 0 || tokens.is_apart(at) { agency(tokens, at) } else { None };
            match words.filter(|words| at + words < end && tokens.is_apart(at + words)) {
                Some(words) => {
                    self.take(tokens, at..at + words);
                    at += words;
                }
                None => at += 1,
            }
        }
    }

    fn take(&mut self, tokens: &Tokens, said: Range<usize>) {
        if !said.is_empty() {
            self.name.push_str(tokens.joined(said.clone(), 0));
            self.said.push(said);
        }
    }

    /// Whether a token says who sent the unit.
    pub(super) fn is_said_by(&self, token: usize) -> bool {
        self.said.iter().any(|said| said.contains(&token))
    }

    /// Whether one says nothing different from the other: one of them says nothing, or they say the same.
    pub(super) fn agrees_with(&self, other: &Sender) -> bool {
        self.name.is_empty() || other.name.is_empty() || self.name == other.name
    }
}

/// How many words the agency is that is named at a token, if one is.
fn agency(tokens: &Tokens, at: usize) -> Option<usize> {
    let lexicon = Lexicon::get();
    let most = lexicon.most_words(tokens.get(at)).min(tokens.len() - at);
    (1..=most).rev().find(|words| lexicon.is_of(tokens.joined(at..at + words, 0), Kind::Agency))
}

/// Where a unit ends but for an agency in brackets, or behind a dash.
fn end_without_agency(tokens: &Tokens) -> usize {
    let len = tokens.len();
    for start in len.saturating_sub(SENT_BY).max(1)..len {
        let mut at = start;
        while at < len
            && let Some(words) = agency(tokens, at)
        {
            at += words;
        }
        if at == len && tokens.is_apart(start) {
            return start;
        }
    }
    len
}
