//! The words that may differ between a unit and a near copy of it: `data/words.tsv`, read once.

use std::sync::LazyLock;

use hashbrown::HashMap;
use xxhash_rust::xxh3::xxh3_64;

use super::forms::{self, PLACES, Place};
use super::outline::core;
use super::tokens::Tokens;
use crate::fold::{Folder, Level};

/// Words, and of which classes each is.
pub(super) struct Lexicon {
    entries: HashMap<Box<str>, Entry>,
    /// A bit for each print of a core of a word that is in a member: see [`Lexicon::has_core`].
    cores: Box<[u64; PRINTS / 64]>,
    /// What comes with members, by their numbers.
    rests: Vec<Rest>,
}

/// How many prints there are.
const PRINTS: usize = 1 << 21;

/// What is known of a word, or of several with spaces between them.
#[derive(Default)]
struct Entry {
    members: Vec<Member>,
    /// The most words of a member that begins with it.
    words: usize,
    /// How it is spelled in the line that had it last, and whether one had it in two spellings.
    spelled: Option<(u32, Box<str>)>,
    is_spelled_freely: bool,
}

/// A word, or several, that may stand for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) kind: Kind,
    /// What it may stand for has the same number.
    pub(super) class: u32,
    /// What comes with it, behind it or behind its subject.
    pub(super) with: Option<With>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It may be there or not.
    Drop,
    /// It may have a conjunction before it.
    Word,
    /// It stands for nothing else, and may have a conjunction before it.
    Lone,
    /// It may have an article and a preposition before it as well.
    Stem,
    /// Who sent the text.
    Agency,
    /// It tells who says what: a conjunction before it says nothing.
    Said,
    /// A verb: a conjunction before it says nothing either, and its subject may come before it.
    Verb,
    Noun,
    Adjective,
    /// A day, or a part of one.
    When,
}

impl Kind {
    /// The kind that has this name in the table.
    fn named(name: &str) -> Option<Kind> {
        Some(match name {
            "drop" => Kind::Drop,
            "word" => Kind::Word,
            "lone" => Kind::Lone,
            "stem" => Kind::Stem,
            "agency" => Kind::Agency,
            "said" => Kind::Said,
            "verb" => Kind::Verb,
            "noun" => Kind::Noun,
            "adj" => Kind::Adjective,
            "when" => Kind::When,
            _ => return None,
        })
    }

    /// Whether its subject may stand between it and the preposition that comes with it.
    pub(super) fn may_be_parted(self) -> bool {
        matches!(self, Kind::Said | Kind::Verb | Kind::Noun | Kind::Adjective)
    }
}

/// What comes with a member, by its number: see [`Lexicon::rest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct With(u32);

/// What comes with a word: words, as `القبض على` with `ألقى`, and the letter that the word behind them begins with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Rest {
    pub(super) words: Vec<Box<str>>,
    /// Whether the last of them has a pronoun, whichever, as `مصرعهم` with `لقي`.
    pub(super) has_pronoun: bool,
    pub(super) letter: Option<char>,
}

/// Prepositions that are words, as they are folded.
const PREPOSITIONS: [&str; 6] = ["الي", "علي", "عن", "في", "من", "مع"];

impl Member {
    /// The class of the form that the verb has before its subject.
    pub(super) fn class_before_subject(self) -> u32 {
        let place = self.class % PLACES;
        self.class - place + forms::before_its_subject(place)
    }
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::of(include_str!("data/words.tsv")));

impl Lexicon {
    /// The words of this version.
    pub(super) fn get() -> &'static Lexicon {
        &LEXICON
    }

    /// Lines of a kind, what is meant, and the members, separated by tabs. Others say nothing.
    fn of(table: &str) -> Lexicon {
        let mut reader = Reader {
            lexicon: Lexicon { entries: HashMap::new(), cores: Box::new([0; PRINTS / 64]), rests: Vec::new() },
            numbers: HashMap::new(),
            folder: Folder::new(Level::Orthography.folds()),
            tokens: Tokens::default(),
        };
        let mut line_class = 0;
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split('\t');
            let Some(kind) = columns.next().and_then(Kind::named) else { continue };
            for member in columns.nth(1).unwrap_or_default().split(", ") {
                each_form(kind, member, |place, form| reader.add(kind, line_class + place, &form));
            }
            line_class += PLACES;
        }
        reader.lexicon
    }

    /// The members that are this word, or these with spaces between them.
    pub(super) fn members(&self, words: &str) -> &[Member] {
        self.entries.get(words).map_or(&[], |entry| &entry.members)
    }

    /// What comes with a member.
    pub(super) fn rest(&self, with: With) -> Option<&Rest> {
        self.rests.get(with.0 as usize)
    }

    /// The most words of a member that begins with this word.
    pub(super) fn most_words(&self, word: &str) -> usize {
        self.entries.get(word).map_or(0, |entry| entry.words)
    }

    /// Whether a word may be spelled as it likes, as أن and إن: the table has both in one line.
    pub(super) fn is_spelled_freely(&self, word: &str) -> bool {
        self.entries.get(word).is_some_and(|entry| entry.is_spelled_freely)
    }

    /// Whether this word is of a kind.
    pub(super) fn is_of(&self, word: &str, kind: Kind) -> bool {
        self.members(word).iter().any(|member| member.kind == kind)
    }

    /// Whether a core can be that of a word of a member. It is always told of one that is.
    pub(super) fn has_core(&self, core: &str) -> bool {
        let print = print(core);
        self.cores[print / 64] >> (print % 64) & 1 == 1
    }
}

/// What it takes to read the table.
struct Reader {
    lexicon: Lexicon,
    /// The numbers of what comes with members.
    numbers: HashMap<Rest, u32>,
    folder: Folder,
    tokens: Tokens,
}

impl Reader {
    fn add(&mut self, kind: Kind, class: u32, form: &str) {
        let Reader { lexicon, folder, tokens, numbers } = self;
        let (form, letter) = without_letter(form);
        let (form, has_pronoun) = form.strip_suffix('+').map_or((form, false), |form| (form, true));
        let Ok(folded) = std::str::from_utf8(folder.fold(form.as_bytes()).text()) else { return };
        tokens.read(folded);
        let mut words = tokens.len();
        for at in 0..words {
            let print = print(core(tokens.get(at)));
            lexicon.cores[print / 64] |= 1 << (print % 64);
        }
        if words == 0 {
            return;
        }
        match kind {
            Kind::Verb | Kind::Said => words = 1,
            // A noun has its words behind it, but for the preposition.
            Kind::Noun | Kind::Adjective if letter.is_none() && PREPOSITIONS.contains(&tokens.get(words - 1)) => {
                words = (words - 1).max(1);
            }
            _ => {}
        }
        let with = (words < tokens.len() || letter.is_some()).then(|| {
            let rest = Rest {
                words: (words..tokens.len()).map(|at| tokens.get(at).into()).collect(),
                has_pronoun: has_pronoun && words < tokens.len(),
                letter,
            };
            let next = lexicon.rests.len() as u32;
            With(*numbers.entry(rest).or_insert_with_key(|rest| {
                lexicon.rests.push(rest.clone());
                next
            }))
        });
        let first = lexicon.entries.entry(tokens.get(0).into()).or_default();
        first.words = first.words.max(words);
        let whole = lexicon.entries.entry(tokens.joined(0..words, 0).into()).or_default();
        let member = Member { kind, class, with };
        if with.is_none() {
            let spelled = Some((class, Box::from(form)));
            let was_in_line = whole.spelled.as_ref().is_some_and(|(last, _)| *last == class);
            whole.is_spelled_freely |= kind == Kind::Drop || (was_in_line && whole.spelled != spelled);
            whole.spelled = spelled;
        }
        if !whole.members.contains(&member) {
            whole.members.push(member);
        }
    }
}

/// The forms of a member, as far as its kind has several.
fn each_form(kind: Kind, member: &str, mut form: impl FnMut(Place, String)) {
    let (forms, rest) = match member.split_once('/') {
        // Each of the two may have words behind it: the first has those of the paradigm.
        Some((one, other)) => {
            let (one, rest) = one.split_once(' ').map_or((one, ""), |(one, rest)| (one, rest));
            ((one, Some(other.split_once(' ').map_or(other, |(other, _)| other))), rest)
        }
        None => {
            let (one, rest) = member.split_once(' ').unwrap_or((member, ""));
            ((one, None), rest)
        }
    };
    let with_rest = |form: String| if rest.is_empty() { form } else { format!("{form} {rest}") };
    let is_there = |form: &&str| *form != "-";
    match (kind, forms) {
        (Kind::Verb, (past, Some(present))) => forms::of_verb(past, present, |at, one| form(at, with_rest(one))),
        (Kind::Noun, (singular, plural)) => {
            forms::of_noun(Some(singular).filter(is_there), plural.filter(is_there), |at, one| form(at, with_rest(one)))
        }
        (Kind::Adjective, (masculine, plural)) => {
            forms::of_adjective(masculine, plural.filter(is_there), |at, one| form(at, with_rest(one)));
        }
        _ => form(0, member.into()),
    }
}

/// A number that tells most words from each other.
fn print(word: &str) -> usize {
    xxh3_64(word.as_bytes()) as usize % PRINTS
}

/// A member of the table, and the letter that the word behind it begins with.
fn without_letter(member: &str) -> (&str, Option<char>) {
    match member.strip_suffix('~').and_then(|member| member.rsplit_once(' ')) {
        Some((member, letter)) => (member, letter.chars().next()),
        None => (member, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        for line in include_str!("data/words.tsv").lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = line.split('\t').collect();
            let [kind, _, members] = columns[..] else { panic!("{line}") };
            let kind = Kind::named(kind).unwrap_or_else(|| panic!("{line}"));
            for member in members.split(", ") {
                assert_eq!(
                    kind == Kind::Verb,
                    member.contains('/') && kind != Kind::Noun && kind != Kind::Adjective,
                    "{line}"
                );
                let mut forms = 0;
                each_form(kind, member, |_, form| forms += usize::from(!form.is_empty()));
                assert!(forms > 0, "{line}");
            }
        }
    }

    #[test]
    fn no_word_that_denies_may_come_or_go() {
        for word in ["لا", "لم", "لن", "ليس", "ما", "غير", "دون", "الا", "بلا", "عدم", "سوي", "نفي"]
        {
            assert!(!Lexicon::get().is_of(word, Kind::Drop) && !Lexicon::get().is_of(word, Kind::Agency), "{word}");
        }
    }
}
