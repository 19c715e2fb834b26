//! How a word can be read: as a form of a word of the table, with what Arabic writes as one word with it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use hashbrown::HashMap;

use super::lexicon::{Companion, Kind, Lexicon, Member};
use super::tokens::Tokens;

/// Where in a unit: before a word, or within it, behind its first letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) word: usize,
    /// Whether the first letter of the word is behind us.
    pub(super) within: bool,
}

impl Place {
    pub(super) fn before(word: usize) -> Place {
        Place { word, within: false }
    }

    /// Before the word that comes so many words later.
    pub(super) fn ahead(self, words: usize) -> Place {
        Place::before(self.word + words)
    }
}

/// The words of a unit that are compared: all but who sent it.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    /// Which tokens they are.
    tokens: Vec<usize>,
}

/// A way to read one word, or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) member: Member,
    /// The conjunction before it.
    pub(super) conjunction: Option<char>,
    /// What else stands before it.
    before: Before,
    /// The pronoun behind it.
    pronoun: &'static str,
    /// How many words it is.
    pub(super) words: usize,
}

/// What may stand before a word, as one with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Before {
    /// A preposition, or the س of what will be.
    letter: Option<char>,
    article: bool,
}

/// The pronouns that may stand behind a word.
const PRONOUNS: [&str; 5] = ["ها", "هم", "هما", "ه", "نا"];
const ARTICLE: &str = "ال";

impl Reading {
    /// Whether one may stand for the other, whatever the conjunctions before them.
    pub(super) fn stands_for(&self, other: &Reading) -> bool {
        self.member.kind != Kind::Lone
            && !self.member.kind.is_of_sender()
            && self.member.class == other.member.class
            && self.before == other.before
            && self.pronoun == other.pronoun
    }

    /// Whether it is a verb, of saying or any other: a conjunction before it may as well be another, or none.
    pub(super) fn is_verb(&self) -> bool {
        matches!(self.member.kind, Kind::Verb | Kind::Said)
    }

    /// Whether it is only a verb, with no letter or pronoun.
    pub(super) fn is_bare_verb(&self) -> bool {
        self.is_verb() && self.before == Before::default() && self.pronoun.is_empty()
    }

    /// Whether what comes with it may come later.
    pub(super) fn may_be_parted(&self) -> bool {
        self.member.kind.may_be_parted()
    }
}

impl Words {
    /// All tokens but some.
    pub(super) fn read(&mut self, tokens: &Tokens, is_left_out: impl Fn(usize) -> bool) {
        self.tokens.clear();
        self.tokens.extend((0..tokens.len()).filter(|&at| !is_left_out(at)));
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The number of the token that a word is.
    pub(super) fn token(&self, word: usize) -> usize {
        self.tokens[word]
    }
}

/// A unit as it is compared.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    tokens: &'a Tokens,
    words: &'a Words,
    known: &'a Known,
}

/// The ways to read what stands at places, as far as they were asked for.
#[derive(Default)]
pub(super) struct Known(RefCell<HashMap<Place, Rc<[Reading]>>>);

impl<'a> Side<'a> {
    pub(super) fn new(tokens: &'a Tokens, words: &'a Words, known: &'a Known) -> Side<'a> {
        Side { tokens, words, known }
    }

    pub(super) fn len(self) -> usize {
        self.words.len()
    }

    /// A word, whole.
    pub(super) fn word(self, word: usize) -> Option<&'a str> {
        (word < self.len()).then(|| self.tokens.get(self.words.token(word)))
    }

    /// The word at a place, as far as it is ahead. Behind ل an article has lost its alef, which is given back to it.
    pub(super) fn rest(self, place: Place) -> Option<Cow<'a, str>> {
        let word = self.word(place.word)?;
        if !place.within {
            return Some(word.into());
        }
        match word.strip_prefix('ل') {
            Some(rest) if rest.starts_with('ل') => Some(format!("ا{rest}").into()),
            Some(rest) => Some(rest.into()),
            None => {
                let mut letters = word.chars();
                letters.next();
                Some(letters.as_str().into())
            }
        }
    }

    /// Takes the first letter of the word at a place, if it is this and not all there is.
    pub(super) fn without(self, place: Place, letter: char) -> Option<Place> {
        let word = self.word(place.word).filter(|_| !place.within)?;
        let rest = word.strip_prefix(letter)?;
        (!rest.is_empty()).then_some(Place { word: place.word, within: true })
    }

    /// Calls `read` with each way to read what stands at a place.
    pub(super) fn readings(self, place: Place, read: impl FnMut(Reading)) {
        self.known(place).iter().copied().for_each(read);
    }

    /// All ways to read what stands at a place. Each place is asked for many times.
    pub(super) fn known(self, place: Place) -> Rc<[Reading]> {
        if let Some(known) = self.known.0.borrow().get(&place) {
            return Rc::clone(known);
        }
        let mut readings = Vec::new();
        self.read(place, |reading| readings.push(reading));
        let readings: Rc<[Reading]> = readings.into();
        self.known.0.borrow_mut().insert(place, Rc::clone(&readings));
        readings
    }

    fn read(self, place: Place, mut read: impl FnMut(Reading)) {
        let Some(whole) = self.rest(place) else { return };
        let lexicon = Lexicon::get();
        let conjunctions = [(None, &*whole)].into_iter().chain(conjunction(&whole).map(|(c, rest)| (Some(c), rest)));
        for (conjunction, word) in conjunctions {
            let mut each = |before: Before, stem: &str, allowed: fn(Kind) -> bool| {
                self.each_member(lexicon, place, (before.article, stem), |member, words| {
                    if allowed(member.kind) {
                        read(Reading { member, conjunction, before, pronoun: "", words });
                    }
                });
                if before.article {
                    return;
                }
                for pronoun in PRONOUNS {
                    let Some(stem) = stem.strip_suffix(pronoun) else { continue };
                    let mut with = |stem: &str, takes_pronoun: fn(Kind) -> bool| {
                        for member in lexicon.members(stem) {
                            if takes_pronoun(member.kind) && allowed(member.kind) {
                                read(Reading { member, conjunction, before, pronoun, words: 1 });
                            }
                        }
                    };
                    with(stem, |kind| matches!(kind, Kind::Verb | Kind::Noun));
                    if let Some(stem) = stem.strip_suffix('ت') {
                        with(&format!("{stem}ة"), |kind| kind == Kind::Noun);
                    }
                }
            };
            each(Before::default(), word, |_| true);
            if let Some(stem) = word.strip_prefix(ARTICLE) {
                each(Before { letter: None, article: true }, stem, takes_article);
            }
            let mut letters = word.chars();
            let Some(letter @ ('ب' | 'ل' | 'ك' | 'س')) = letters.next() else { continue };
            let stem = letters.as_str();
            if letter != 'س' || is_imperfect(stem) {
                each(Before { letter: Some(letter), article: false }, stem, takes_letter);
            }
            let definite = match letter {
                'س' => None,
                'ل' => stem.strip_prefix('ل'),
                _ => stem.strip_prefix(ARTICLE),
            };
            if let Some(stem) = definite {
                each(Before { letter: Some(letter), article: true }, stem, takes_article);
            }
        }
    }

    /// Calls `read` with each member that begins with a stem at a place, and with how many words it is.
    fn each_member(
        self,
        lexicon: &Lexicon,
        place: Place,
        (article, stem): (bool, &str),
        mut read: impl FnMut(Member, usize),
    ) {
        let most = lexicon.most_words(stem).min(self.len() - place.word);
        let mut phrase = String::new();
        for words in 1..=most {
            if words == 1 {
                lexicon.members(stem).for_each(|member| read(member, 1));
                continue;
            }
            if phrase.is_empty() {
                phrase.push_str(stem);
            }
            phrase.push(' ');
            phrase.push_str(self.word(place.word + words - 1).unwrap_or_default());
            // An adjective behind a noun with the article has it too: that is not made.
            if !article {
                lexicon.members(&phrase).for_each(|member| read(member, words));
            }
        }
    }

    /// The place behind what comes with a member, if that stands at a place.
    pub(super) fn behind(self, place: Place, with: Option<Companion>) -> Option<Place> {
        let Some(with) = with.and_then(|with| Lexicon::get().words_with(with)) else { return Some(place) };
        if place.within && !with.words.is_empty() {
            return None;
        }
        for (at, wanted) in with.words.iter().enumerate() {
            let word = self.word(place.word + at)?;
            let has_pronoun = with.has_pronoun && at + 1 == with.words.len();
            let is_it = match word.strip_prefix(&**wanted) {
                Some(pronoun) if has_pronoun => PRONOUNS.contains(&pronoun),
                Some(nothing) => nothing.is_empty(),
                None => false,
            };
            if !is_it {
                return None;
            }
        }
        let place = Place { word: place.word + with.words.len(), ..place };
        match with.letter {
            Some(letter) => self.without(place, letter),
            None => Some(place),
        }
    }
}

/// Whether a word begins as a verb does that has not come to its end, or as one that will be behind س.
pub(super) fn is_imperfect(word: &str) -> bool {
    word.starts_with(['ي', 'ت', 'ن'])
}

fn takes_letter(kind: Kind) -> bool {
    !matches!(kind, Kind::Drop | Kind::Lone | Kind::When) && !kind.is_of_sender()
}

fn takes_article(kind: Kind) -> bool {
    matches!(kind, Kind::Stem | Kind::Noun | Kind::Adjective)
}

/// The conjunction that a word begins with, and what is behind it.
pub(super) fn conjunction(word: &str) -> Option<(char, &str)> {
    let rest = word.strip_prefix(['و', 'ف']).filter(|rest| !rest.is_empty())?;
    word.chars().next().map(|first| (first, rest))
}
