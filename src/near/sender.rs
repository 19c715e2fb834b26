//! Who sent a text and from where, or wrote it, as far as it says so: `بيروت (رويترز) -` at its start, `(رويترز)` or
//! `- بقلم: ليلى حداد` at its end.

use std::ops::Range;

use super::lexicon::{Kind, Lexicon};
use super::tokens::{self as token, Apart, Tokens};

/// How far from its start a unit says who sent it: `واشنطن، الولايات المتحدة (رويترز) -`.
const DATELINE: usize = 10;
/// The most words of an agency at the end: `(رويترز، أ ف ب)`.
const SENT_BY: usize = 6;
/// The most words of a name.
const NAME: usize = 4;
/// The most places of a dateline: a city and its country.
const PLACES: usize = 2;

/// Who sent a unit.
#[derive(Clone, Debug, Default)]
pub(super) struct Sender {
    /// The names of agencies, with a line end behind each.
    names: String,
    /// Who wrote it, likewise.
    author: String,
    /// Where it was sent from.
    place: String,
    /// Whether it is an agency that says so.
    is_dateline: bool,
    /// The tokens that say it.
    said: Vec<Range<usize>>,
}

impl Sender {
    pub(super) fn read(&mut self, tokens: &Tokens) {
        let Sender { names, author, place, is_dateline, said } = self;
        names.clear();
        author.clear();
        place.clear();
        *is_dateline = false;
        said.clear();
        let mut take = |words: Range<usize>, to: &mut String| {
            to.push_str(tokens.joined(words.clone(), 0));
            to.push('\n');
            said.push(words);
        };
        let ending = end_without_sender(tokens);
        let end = ending.as_ref().map_or(tokens.len(), |(end, _)| *end);
        match ending {
            Some((_, Says::Who)) => take(end..tokens.len(), author),
            Some((_, Says::Agencies)) => take(end..tokens.len(), names),
            None => {}
        }
        let is_apart = |at: usize| at < end && tokens.is_apart(at);
        // Nearly all units say nothing of the kind, and to look up words takes time.
        if !(0..=end.min(DATELINE)).any(is_apart) {
            return;
        }
        let places = places_end(tokens);
        let mut at = places;
        while at < end.min(DATELINE) {
            let words = if at == 0 || is_apart(at) { words_of(tokens, at, Kind::Agency) } else { 0 };
            if words > 0 && is_apart(at + words) {
                take(at..at + words, names);
                at += words;
            } else {
                at += 1;
            }
        }
        if places == 0 || !is_apart(places) {
            return;
        }
        let agency = said.iter().find(|said| said.start == places);
        // One of two places is a team, or a host.
        let is_one_of_two = |at: usize| words_of(tokens, at, Kind::Place) > 0;
        *is_dateline = agency.is_some_and(|agency| !is_one_of_two(agency.end));
        let may_be_dateline = agency.is_none() && tokens.apart(places) == Apart::Dash && !is_one_of_two(places);
        if *is_dateline || may_be_dateline {
            place.push_str(tokens.joined(0..places, 0));
            said.push(0..places);
        }
    }

    /// Whether a token says who sent the unit.
    pub(super) fn is_said_by(&self, token: usize) -> bool {
        self.said.iter().any(|said| said.contains(&token))
    }

    /// Whether an original with this sender says all that a copy with that one does. An agency may be named by either of them.
    /// Who wrote it may be left out; and so may where it was sent from, if an agency stands behind that: else it may be what the
    /// text is about.
    pub(super) fn is_enough_for(&self, copy: &Sender) -> bool {
        let has_all =
            |one: &Sender, other: &Sender| other.names.lines().all(|name| one.names.lines().any(|here| here == name));
        (has_all(self, copy) || has_all(copy, self))
            && (self.author == copy.author || copy.author.is_empty())
            && (self.place == copy.place || (self.is_dateline && copy.place.is_empty()))
    }
}

/// How many words at a token are a name of a kind.
fn words_of(tokens: &Tokens, at: usize, kind: Kind) -> usize {
    let lexicon = Lexicon::get();
    if at >= tokens.len() {
        return 0;
    }
    let most = lexicon.most_words(tokens.get(at)).min(tokens.len() - at);
    (1..=most).rev().find(|words| lexicon.is_of(tokens.joined(at..at + words, 0), kind)).unwrap_or(0)
}

/// Where the places end that a unit begins with, as in `دبي، الإمارات العربية المتحدة`.
fn places_end(tokens: &Tokens) -> usize {
    let mut at = 0;
    for _ in 0..PLACES {
        if at > 0 && (at == tokens.len() || tokens.is_apart(at)) {
            break;
        }
        at += words_of(tokens, at, Kind::Place);
    }
    at
}

/// What the end of a unit says.
enum Says {
    /// Which agencies sent it: in brackets, or behind a dash.
    Agencies,
    /// Who wrote it.
    Who,
}

/// Where the end of a unit begins that says who sent or wrote it.
fn end_without_sender(tokens: &Tokens) -> Option<(usize, Says)> {
    let len = tokens.len();
    let last = len.saturating_sub(SENT_BY).max(1)..len;
    if last.clone().any(|at| tokens.is_apart(at)) {
        for start in last {
            let author = named_at(tokens, start, Kind::Byline);
            let named = author.or_else(|| named_at(tokens, start, Kind::Source));
            let is_apart = tokens.is_apart(start);
            if (is_apart && is_agencies(tokens, start)) || named.is_some_and(|name| is_agencies(tokens, name)) {
                return Some((start, Says::Agencies));
            }
            // A source that is no agency may be a joke.
            if is_apart && author.is_some_and(|name| is_name(tokens, name)) {
                return Some((start, Says::Who));
            }
        }
    }
    None
}

/// Whether all from a token on are agencies.
fn is_agencies(tokens: &Tokens, mut at: usize) -> bool {
    let start = at;
    while at < tokens.len() {
        at += match words_of(tokens, at, Kind::Agency) {
            0 => return false,
            words => words,
        };
    }
    at > start
}

/// Where the name is that comes behind a word of a kind and a colon at a token, as in `بقلم:`.
fn named_at(tokens: &Tokens, start: usize, kind: Kind) -> Option<usize> {
    let name = start + words_of(tokens, start, kind);
    (name > start && name < tokens.len() && tokens.apart(name) == Apart::Colon).then_some(name)
}

/// Whether all from a token on may be the name of a writer: words that are not known as others.
fn is_name(tokens: &Tokens, start: usize) -> bool {
    let lexicon = Lexicon::get();
    let is_unknown = |at: usize| {
        let word = tokens.get(at);
        let bare = word.strip_prefix("ال").unwrap_or(word);
        tokens.kind(at) == token::Kind::Word && [word, bare].iter().all(|word| lexicon.members(word).next().is_none())
    };
    let words = start..tokens.len();
    (2..=NAME).contains(&words.len()) && words.clone().all(is_unknown) && words.skip(1).all(|at| !tokens.is_apart(at))
}
