//! The words that may differ between a unit and a near copy of it: `data/words.tsv`, read once.

use std::sync::LazyLock;

use hashbrown::HashMap;

use super::tokens::Tokens;
use crate::fold::{Folder, Level};

/// Words, and of which class each is.
pub(super) struct Lexicon {
    entries: HashMap<Box<str>, Entry>,
    /// A bit for each print of a word that a member begins with: most words are no such.
    begins: Box<[u64; 1 << 10]>,
}

/// What is known of a word, or of several with spaces between them.
#[derive(Clone, Copy, Default)]
struct Entry {
    member: Option<Member>,
    /// The most words of a member that begins with it.
    words: usize,
}

/// A word, or several, that may stand for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) kind: Kind,
    /// What it may stand for has the same number.
    pub(super) class: u32,
    /// The letter that the word behind it loses, if it begins with that.
    pub(super) absorbs: Option<char>,
    /// Whether it is only meant where the word behind it does.
    needs: bool,
}

impl Member {
    /// Whether it is, before the token at `next`.
    fn is_meant(self, tokens: &Tokens, next: usize) -> bool {
        let loses = |letter| next < tokens.len() && tokens.get(next).starts_with(letter);
        !self.needs || self.absorbs.is_some_and(loses)
    }
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
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::of(include_str!("data/words.tsv")));

impl Lexicon {
    /// The words of this version.
    pub(super) fn get() -> &'static Lexicon {
        &LEXICON
    }

    /// Lines of a kind, what is meant, and the members, separated by tabs. Others say nothing.
    fn of(table: &str) -> Lexicon {
        let mut lexicon = Lexicon { entries: HashMap::new(), begins: Box::new([0; 1 << 10]) };
        let mut folder = Folder::new(Level::Orthography.folds());
        let mut tokens = Tokens::default();
        let mut class = 0;
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split('\t');
            let kind = match columns.next() {
                Some("drop") => Kind::Drop,
                Some("word") => Kind::Word,
                Some("lone") => Kind::Lone,
                Some("stem") => Kind::Stem,
                Some("agency") => Kind::Agency,
                Some("said") => Kind::Said,
                _ => continue,
            };
            for member in columns.nth(1).unwrap_or_default().split(", ") {
                let (member, absorbs) = without_letter(member);
                if let Ok(folded) = std::str::from_utf8(folder.fold(member.as_bytes()).text()) {
                    tokens.read(folded);
                    lexicon.add(&tokens, Member { kind, class, absorbs, needs: absorbs.is_some() });
                }
            }
            class += 1;
        }
        lexicon
    }

    fn add(&mut self, tokens: &Tokens, member: Member) {
        if tokens.len() == 0 {
            return;
        }
        let first = self.entries.entry(tokens.get(0).into()).or_default();
        first.words = first.words.max(tokens.len());
        let print = print(tokens.get(0));
        self.begins[print / 64] |= 1 << (print % 64);
        let whole = self.entries.entry(tokens.joined(0..tokens.len(), 0).into()).or_default();
        let known = whole.member.unwrap_or(member);
        let (absorbs, needs) = (member.absorbs.or(known.absorbs), member.needs && known.needs);
        whole.member = Some(Member { absorbs, needs, ..known });
        whole.words = whole.words.max(1);
    }

    /// The longest member that begins with a token, of which so many bytes at the start are left out, and how many tokens it is.
    pub(super) fn find(&self, tokens: &Tokens, at: usize, without: usize) -> Option<(Member, usize)> {
        let first = &tokens.get(at)[without..];
        if !self.may_begin(first) {
            return None;
        }
        let entry = self.entries.get(first)?;
        let most = entry.words.min(tokens.len() - at);
        (2..=most)
            .rev()
            .find_map(|words| {
                let member = self.entries.get(tokens.joined(at..at + words, without))?.member?;
                member.is_meant(tokens, at + words).then_some((member, words))
            })
            .or(entry.member.filter(|member| member.is_meant(tokens, at + 1)).map(|member| (member, 1)))
    }

    /// The member that is one word by itself.
    pub(super) fn word(&self, word: &str) -> Option<Member> {
        if self.may_begin(word) { self.entries.get(word)?.member.filter(|member| !member.needs) } else { None }
    }

    fn may_begin(&self, word: &str) -> bool {
        let print = print(word);
        self.begins[print / 64] >> (print % 64) & 1 == 1
    }
}

/// A number of 16 bits that tells most words from each other, by their ends and their length.
fn print(word: &str) -> usize {
    let (word, mut first, mut last) = (word.as_bytes(), [0; 8], [0; 8]);
    let len = word.len().min(8);
    first[..len].copy_from_slice(&word[..len]);
    last[..len].copy_from_slice(&word[word.len() - len..]);
    let mixed = u64::from_le_bytes(first) ^ u64::from_le_bytes(last).rotate_left(23) ^ (word.len() as u64) << 59;
    (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as usize
}

/// A member of the table, and the letter that the word behind it loses.
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
    fn every_line_of_the_table_is_read_and_no_word_is_of_two_classes() {
        let (mut folder, mut tokens) = (Folder::new(Level::Orthography.folds()), Tokens::default());
        let mut seen: HashMap<String, &str> = HashMap::new();
        for line in include_str!("data/words.tsv").lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = line.split('\t').collect();
            let [kind, _, members] = columns[..] else { panic!("{line}") };
            assert!(["drop", "word", "stem", "lone", "agency", "said"].contains(&kind), "{line}");
            for member in members.split(", ") {
                let folded = folder.fold(without_letter(member).0.as_bytes()).text().to_vec();
                tokens.read(std::str::from_utf8(&folded).unwrap());
                let member = tokens.joined(0..tokens.len(), 0).to_owned();
                let before = seen.insert(member.clone(), line);
                assert!(before.is_none_or(|before| before == line), "{member} is in two lines");
            }
        }
        assert!(seen.len() > 600);
    }

    #[test]
    fn no_word_that_denies_may_come_or_go() {
        for word in ["لا", "لم", "لن", "ليس", "ما", "غير", "دون", "الا", "بلا", "عدم", "سوي", "نفي"]
        {
            let member = Lexicon::get().word(word);
            assert!(member.is_none_or(|member| !matches!(member.kind, Kind::Drop | Kind::Agency)), "{word}");
        }
    }
}
