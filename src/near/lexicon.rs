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
    entries: HashMap<String, Entry>,
    /// What the entries are of, each with the number of the next of the same entry: most have one or two, which need no room of
    /// their own.
    members: Vec<(Member, Option<u32>)>,
    /// A bit for each print of a core of a word that is in a member: see [`Lexicon::has_core`].
    cores: Box<[u64; PRINTS / 64]>,
    /// What comes with members, by their numbers.
    with: Vec<With>,
}

/// How many prints there are.
const PRINTS: usize = 1 << 21;

/// What is known of a word, or of several with spaces between them.
#[derive(Default)]
struct Entry {
    /// The number of its last member.
    last: Option<u32>,
    /// The most words of a member that begins with it.
    words: usize,
    /// Whether a line has it in two spellings.
    is_spelled_freely: bool,
}

/// A word, or several, that may stand for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) kind: Kind,
    /// What it may stand for has the same number.
    pub(super) class: u32,
    /// What comes with it, behind it or behind its subject.
    pub(super) with: Option<Companion>,
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
    /// Where from.
    Place,
    /// What has the name of who wrote it behind it.
    Byline,
    /// What has an agency behind it.
    Source,
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
            "place" => Kind::Place,
            "byline" => Kind::Byline,
            "source" => Kind::Source,
            "said" => Kind::Said,
            "verb" => Kind::Verb,
            "noun" => Kind::Noun,
            "adj" => Kind::Adjective,
            "when" => Kind::When,
            _ => return None,
        })
    }

    /// Whether it tells who sent a text, and from where: that is not compared, and stands for nothing.
    pub(super) fn is_of_sender(self) -> bool {
        matches!(self, Kind::Agency | Kind::Place | Kind::Byline | Kind::Source)
    }

    /// Whether its subject may stand between it and the preposition that comes with it.
    pub(super) fn may_be_parted(self) -> bool {
        matches!(self, Kind::Said | Kind::Verb | Kind::Noun | Kind::Adjective)
    }
}

/// What comes with a member, by its number: see [`Lexicon::words_with`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Companion(u32);

/// What comes with a word: words, as `القبض على` with `ألقى`, and the letter that the word behind them begins with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct With {
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
            lexicon: Lexicon {
                // Each line has some twelve forms.
                entries: HashMap::with_capacity(12 * table.lines().count()),
                members: Vec::new(),
                cores: Box::new([0; PRINTS / 64]),
                with: Vec::new(),
            },
            numbers: HashMap::new(),
            line: Vec::new(),
            folder: Folder::new(Level::Orthography.folds()),
            tokens: Tokens::default(),
        };
        let mut line_class = 0;
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split('\t');
            let Some(kind) = columns.next().and_then(Kind::named) else { continue };
            for member in columns.nth(1).unwrap_or_default().split(", ") {
                each_form(kind, member, |place, form| reader.add(kind, line_class + place, form));
            }
            reader.line.clear();
            line_class += PLACES;
        }
        reader.lexicon
    }

    /// The members that are this word, or these with spaces between them.
    pub(super) fn members(&self, words: &str) -> impl Iterator<Item = Member> {
        self.chain(self.entries.get(words))
    }

    fn chain(&self, entry: Option<&Entry>) -> impl Iterator<Item = Member> {
        let number = |number: u32| self.members.get(number as usize);
        let last = entry.and_then(|entry| number(entry.last?));
        std::iter::successors(last, move |(_, before)| number((*before)?)).map(|(member, _)| *member)
    }

    /// What comes with a member.
    pub(super) fn words_with(&self, companion: Companion) -> Option<&With> {
        self.with.get(companion.0 as usize)
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
        self.members(word).any(|member| member.kind == kind)
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
    numbers: HashMap<With, u32>,
    /// The forms that a line has had, by which entry they are of, with their classes and as they are spelled.
    line: Vec<(Box<str>, u32, String)>,
    folder: Folder,
    tokens: Tokens,
}

impl Reader {
    fn add(&mut self, kind: Kind, class: u32, mut form: String) {
        let Reader { lexicon, folder, tokens, numbers, line } = self;
        let (spelled, letter) = without_letter(&form);
        let (spelled, has_pronoun) = spelled.strip_suffix('+').map_or((spelled, false), |spelled| (spelled, true));
        let Ok(folded) = std::str::from_utf8(folder.fold(spelled.as_bytes()).text()) else { return };
        tokens.read(folded);
        if !kind.is_of_sender() {
            for at in 0..tokens.len() {
                let print = print(core(tokens.get(at)));
                lexicon.cores[print / 64] |= 1 << (print % 64);
            }
        }
        let words = match (kind, tokens.len()) {
            (_, 0) => return,
            (Kind::Verb | Kind::Said, _) => 1,
            // A noun has its words behind it, but for the preposition.
            (Kind::Noun | Kind::Adjective, len @ 2..)
                if letter.is_none() && PREPOSITIONS.contains(&tokens.get(len - 1)) =>
            {
                len - 1
            }
            (_, len) => len,
        };
        let with = (words < tokens.len() || letter.is_some()).then(|| {
            let with = With {
                words: (words..tokens.len()).map(|at| tokens.get(at).into()).collect(),
                has_pronoun: has_pronoun && words < tokens.len(),
                letter,
            };
            Companion(*numbers.entry(with).or_insert_with_key(|with| {
                lexicon.with.push(with.clone());
                lexicon.with.len() as u32 - 1
            }))
        });
        if words > 1 {
            let first = lexicon.entries.entry_ref(tokens.get(0)).or_default();
            first.words = first.words.max(words);
        }
        let member = Member { kind, class, with };
        let name = tokens.joined(0..words, 0);
        let is_known = lexicon.members(name).any(|known| known == member);
        let entry = lexicon.entries.entry_ref(name).or_default();
        entry.words = entry.words.max(usize::from(words == 1));
        if with.is_none() {
            entry.is_spelled_freely |= kind == Kind::Drop;
            // Only then can the line have had it in another spelling.
            if is_known && let Some((_, last, before)) = line.iter().rev().find(|(before, ..)| **before == *name) {
                entry.is_spelled_freely |= *last == class && before != spelled;
            }
            let len = spelled.len();
            form.truncate(len);
            line.push((name.into(), class, form));
        }
        if !is_known {
            lexicon.members.push((member, entry.last.replace(lexicon.members.len() as u32)));
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
    use hashbrown::HashSet;

    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let mut seen = HashSet::new();
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
                seen.insert(member);
            }
        }
        assert!(seen.len() > 600);
    }

    #[test]
    fn no_word_that_denies_may_come_or_go() {
        for word in ["لا", "لم", "لن", "ليس", "ما", "غير", "دون", "الا", "بلا", "عدم", "سوي", "نفي"]
        {
            assert!(!Lexicon::get().is_of(word, Kind::Drop) && !Lexicon::get().is_of(word, Kind::Agency), "{word}");
        }
    }
}
