//! What of a unit carries facts, in order: names, numbers, negations, and every word that tikrar does not know to be harmless.
//!
//! Two units are near copies only if this is the same of both. So no list of names or of words that deny is needed: what may
//! differ is listed instead, in `data/words.tsv`. It is also what near copies are looked for by, so that none is missed.

use super::lexicon::{Kind as Listed, Lexicon, Member};
use super::tokens::{Apart, Kind, Tokens};

/// What of a unit carries facts.
#[derive(Clone, Debug, Default)]
pub(super) struct Skeleton {
    /// Letters without spaces, numbers and signs between marks, and classes of words that may stand for each other.
    text: Vec<u8>,
    /// The words of its dateline but for the agency: who sent the text, and from where.
    dateline: String,
    /// Where the last part of the text begins, and whether the same part again says nothing more.
    last: (usize, bool),
}

/// The bytes of a letter.
const LETTER: usize = 'ا'.len_utf8();
/// Before a class, in two bytes behind it; and around a number or a sign.
const CLASS: u8 = 1;
const NUMBER: u8 = 2;
/// Behind the preposition of a word that has both ل and the article.
const BEHIND_LAM: u8 = 3;

/// The most words of a dateline: `واشنطن، الولايات المتحدة (رويترز) -`.
const DATELINE: usize = 10;
/// The most words of a label.
const LABEL: usize = 3;
/// The most words of an agency at the end: `(رويترز، أ ف ب)`.
const SENT_BY: usize = 6;

impl Skeleton {
    /// Reads the tokens of a unit. Returns whether that is of any use: an entry of a list is about what stands elsewhere.
    pub(super) fn read(&mut self, tokens: &Tokens) -> bool {
        let lexicon = Lexicon::get();
        if is_entry(lexicon, tokens) {
            return false;
        }
        let end = end_without_agency(lexicon, tokens);
        let mut at = self.read_dateline(lexicon, tokens, end);
        (self.last, at) = ((0, false), at.min(end));
        self.text.clear();
        while at < end {
            at += match tokens.kind(at) {
                Kind::Sign | Kind::Number => match lexicon.word(tokens.get(at)) {
                    // Twice the same is two numbers.
                    Some(Member { class, .. }) => {
                        self.last.1 = false;
                        self.class("", class)
                    }
                    None => self.number(tokens.get(at)),
                },
                Kind::Word => self.word(lexicon, tokens, at),
            };
        }
        true
    }

    /// What carries facts.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether the datelines say nothing different: one of them is not there, or they are the same.
    pub(super) fn has_dateline_like(&self, other: &Skeleton) -> bool {
        self.dateline.is_empty() || other.dateline.is_empty() || self.dateline == other.dateline
    }

    /// Takes a number, or a sign. Returns that it is one token.
    fn number(&mut self, text: &str) -> usize {
        self.begin(false);
        self.text.push(NUMBER);
        self.text.extend_from_slice(text.as_bytes());
        self.text.push(NUMBER);
        1
    }

    fn class(&mut self, before: &str, class: u32) -> usize {
        let [_, _, high, low] = class.to_be_bytes();
        self.part(&[before.as_bytes(), &[CLASS, high, low]]);
        1
    }

    /// Takes the word at a token. Returns how many tokens it is.
    fn word(&mut self, lexicon: &Lexicon, tokens: &Tokens, at: usize) -> usize {
        let word = tokens.get(at);
        let conjunction = conjunction(word);
        if word == "سوف" && at + 1 < tokens.len() && tokens.get(at + 1).starts_with(['ي', 'ت', 'ن']) {
            self.part(&["س".as_bytes()]);
            return 1;
        }
        if matches!(word, "قد" | "وقد" | "فقد") && has_been(tokens, at + 1) {
            return 1;
        }
        for without in [0].into_iter().chain(conjunction) {
            let Some((Member { kind, class, absorbs }, words)) = lexicon.find(tokens, at, without) else { continue };
            match kind {
                Listed::Drop => return words,
                Listed::Agency | Listed::Byline => continue,
                Listed::Lone => self.part(&[&word.as_bytes()[without..]]),
                Listed::Word | Listed::Stem => {
                    self.class("", class);
                }
            }
            let next = at + words;
            if let Some(letter) = absorbs
                && next < tokens.len()
                && tokens.kind(next) == Kind::Word
                && let Some(rest) = tokens.get(next).strip_prefix(letter)
            {
                // لل is ل and ال.
                let rest = rest.strip_prefix('ل').filter(|_| letter == 'ل').unwrap_or(rest);
                self.bare(lexicon, "", rest);
                return words + 1;
            }
            return words;
        }
        // Of two words that are also written as one the second keeps its article.
        if matches!(word, "عبد" | "ابو" | "ابي" | "ابا") && at + 1 < tokens.len() && tokens.kind(at + 1) == Kind::Word
        {
            self.part(&[word.as_bytes(), tokens.get(at + 1).as_bytes()]);
            return 2;
        }
        let is_first = self.text.is_empty();
        let may_go = |rest: &&str| {
            is_definite(rest)
                || (word.starts_with('و')
                    && (is_verb(rest)
                        || (is_first
                            && rest.len() >= 3 * LETTER
                            && !WITH_WAW.iter().any(|name| word.starts_with(name)))))
        };
        let word = conjunction.map(|len| &word[len..]).filter(may_go).unwrap_or(word);
        match word.chars().next() {
            // What will be, of words that may stand for each other.
            Some('س') if word[2..].starts_with(['ي', 'ت', 'ن']) && lexicon.word(&word[2..]).is_some() => {
                self.part(&["س".as_bytes()]);
                self.class("", lexicon.word(&word[2..]).map_or(0, |member| member.class))
            }
            Some(preposition @ ('ب' | 'ل' | 'ك')) => {
                let rest = &word[preposition.len_utf8()..];
                let rest = rest.strip_prefix('ل').filter(|_| preposition == 'ل').unwrap_or(rest);
                let stem = without_article(rest);
                let before = &word[..preposition.len_utf8()];
                match lexicon.word(stem).or_else(|| lexicon.word(rest)) {
                    Some(Member { kind: Listed::Stem | Listed::Word, class, .. }) => self.class(before, class),
                    // With a mark between: للبنان is not لبنان.
                    _ if word.starts_with("لل") => {
                        self.part(&[before.as_bytes(), &[BEHIND_LAM], stem.as_bytes()]);
                        1
                    }
                    _ if stem.len() < rest.len() => {
                        self.part(&[before.as_bytes(), stem.as_bytes()]);
                        1
                    }
                    _ => self.bare(lexicon, "", word),
                }
            }
            _ => self.bare(lexicon, "", word),
        }
    }

    /// Takes a word that may have an article.
    fn bare(&mut self, lexicon: &Lexicon, before: &str, word: &str) -> usize {
        let stem = without_article(word);
        match lexicon.word(stem) {
            Some(Member { kind: Listed::Stem, class, .. }) => self.class(before, class),
            _ => {
                self.part(&[before.as_bytes(), stem.as_bytes()]);
                1
            }
        }
    }

    /// Takes a part of the text, but for one that only says the last one again.
    fn part(&mut self, part: &[&[u8]]) {
        let start = self.text.len();
        let (last, is_word) = self.last;
        part.iter().for_each(|piece| self.text.extend_from_slice(piece));
        if is_word && self.text[last..start] == self.text[start..] {
            self.text.truncate(start);
        } else {
            self.last = (start, true);
        }
    }

    fn begin(&mut self, is_word: bool) {
        self.last = (self.text.len(), is_word);
    }

    /// Reads the dateline, if there is one. Returns how many tokens it is.
    fn read_dateline(&mut self, lexicon: &Lexicon, tokens: &Tokens, end: usize) -> usize {
        self.dateline.clear();
        if let Some((Member { kind: Listed::Byline, .. }, _)) = lexicon.find(tokens, 0, 0)
            && let Some(dateline) = (1..end.min(DATELINE)).find(|&at| tokens.is_apart(at))
        {
            self.dateline.push_str(tokens.joined(0..dateline, 0));
            return dateline;
        }
        let mut agency = None;
        // It ends at the last dash, colon or bracket that follows the agency closely.
        let mut dateline = 0;
        let mut at = 0;
        while at < end.min(DATELINE) {
            if agency.is_some_and(|agency| agency == at) && (at > 0 && tokens.is_apart(at)) {
                dateline = at;
            }
            at += match lexicon.find(tokens, at, 0) {
                Some((Member { kind: Listed::Agency, .. }, words)) => {
                    agency = Some(at + words);
                    words
                }
                _ => 1,
            };
        }
        if let Some(at) = agency.filter(|&at| at == end.min(DATELINE) && at < end && tokens.is_apart(at)) {
            dateline = at;
        }
        let mut at = 0;
        while at < dateline {
            match lexicon.find(tokens, at, 0) {
                Some((Member { kind: Listed::Agency, .. }, words)) => at += words,
                _ => {
                    self.dateline.push_str(tokens.get(at));
                    self.dateline.push(' ');
                    at += 1;
                }
            }
        }
        dateline
    }
}

/// Whether the word at a token can be one of what has been, so that قد before it says nothing of what may be.
fn has_been(tokens: &Tokens, at: usize) -> bool {
    at < tokens.len()
        && tokens.kind(at) == Kind::Word
        && !matches!(tokens.get(at), "لا" | "لن" | "ما")
        && !tokens.get(at).starts_with(['ي', 'ت', 'ن'])
}

/// Whether a unit is an entry of a list: it has a bullet or a number, or a label and a colon, as in `الطقس: غائم`.
fn is_entry(lexicon: &Lexicon, tokens: &Tokens) -> bool {
    let label = (1..=LABEL.min(tokens.len().saturating_sub(1))).find(|&at| tokens.apart(at) == Apart::Colon);
    let is_label = |len: usize| {
        (0..len).all(|at| {
            match lexicon.find(tokens, at, 0).or_else(|| lexicon.find(tokens, at, conjunction(tokens.get(at))?)) {
                None => true,
                // Who says what, and who sent it, is no label.
                Some((Member { kind, .. }, _)) => kind == Listed::Stem,
            }
        })
    };
    tokens.has_bullet() || label.is_some_and(is_label)
}

/// The length of the conjunction that a word may begin with.
fn conjunction(word: &str) -> Option<usize> {
    Some('و'.len_utf8()).filter(|_| word.starts_with(['و', 'ف']))
}

/// Where a unit ends but for an agency in brackets, or behind a dash.
fn end_without_agency(lexicon: &Lexicon, tokens: &Tokens) -> usize {
    let len = tokens.len();
    for start in len.saturating_sub(SENT_BY)..len {
        let mut at = start;
        while at < len
            && let Some((Member { kind: Listed::Agency, .. }, words)) = lexicon.find(tokens, at, 0)
        {
            at += words;
        }
        let is_byline = matches!(lexicon.find(tokens, start, 0), Some((Member { kind: Listed::Byline, .. }, _)));
        if start > 0 && (at == len || is_byline) && tokens.is_apart(start) {
            return start;
        }
    }
    len
}

/// Whether a word can hardly be anything but a verb of what is, so that a conjunction before it joins no names.
fn is_verb(word: &str) -> bool {
    word.starts_with(['ي', 'ت']) && word.len() >= 5 * LETTER && !NAMES.iter().any(|name| word.starts_with(name))
}

/// Names that begin with waw, and are others without.
const WITH_WAW: [&str; 16] = [
    "وجده",
    "وسام",
    "وليد",
    "وفاء",
    "وداد",
    "وائل",
    "ورده",
    "وسيم",
    "وهبه",
    "ولاء",
    "وحيد",
    "وجيه",
    "وديع",
    "وهران",
    "ورزازات",
    "واسط",
];

/// Names that look like verbs.
const NAMES: [&str; 24] = [
    "ياسين",
    "ياسمين",
    "يعقوب",
    "يوفنتوس",
    "يونايتد",
    "يونان",
    "يوسفي",
    "يوسفيه",
    "يهود",
    "يورو",
    "يابان",
    "توفيق",
    "تيسير",
    "تركيا",
    "تركيه",
    "تركمان",
    "تونسي",
    "تشيلسي",
    "تشيكيا",
    "تايلاند",
    "تايوان",
    "تنزانيا",
    "توتنهام",
    "تورينو",
];

/// Whether a word has the article, and enough letters besides.
fn is_definite(word: &str) -> bool {
    word.strip_prefix("ال").is_some_and(|stem| stem.len() >= 3 * LETTER)
}

/// A word without its article, if it has enough letters besides.
fn without_article(word: &str) -> &str {
    if is_definite(word) { &word["ال".len()..] } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::{Folder, Level};

    fn skeleton(text: &str) -> Skeleton {
        let (mut folder, mut tokens, mut skeleton) =
            (Folder::new(Level::Orthography.folds()), Tokens::default(), Skeleton::default());
        tokens.read(std::str::from_utf8(folder.fold(text.as_bytes()).text()).unwrap());
        skeleton.read(&tokens);
        skeleton
    }

    #[test]
    fn what_carries_no_fact_may_differ() {
        for (one, other) in [
            ("قال الوزير إن العمل مستمر", "وأعلن الوزير أن العمل مستمر"),
            ("أشار الوزير إلى أن العمل مستمر", "قال الوزير إن العمل مستمر"),
            ("وفقا لوزارة الصحة", "بحسب وزارة الصحة"),
            ("في لقاء مع الرئيس", "خلال اجتماع مع الرئيس"),
            ("باللقاء الأخير", "بالاجتماع الأخير"),
            ("عبد الله بن عبد العزيز", "عبدالله بن عبدالعزيز"),
            ("لا تزال الأمطار", "لاتزال الأمطار"),
            ("و قال الرئيس", "وقال الرئيس"),
            ("ارتفع 5% اليوم", "صعد 5 في المئة اليوم"),
            ("في 3 حزيران / يونيو 2018", "في 3 يونيو 2018"),
            ("القاهرة (رويترز) - قال الوزير", "قال الوزير"),
            ("رويترز: قال الوزير", "قال الوزير"),
            ("دبي - العربية.نت\u{a0}- قال الوزير", "قال الوزير"),
            ("قال الوزير (رويترز)", "قال الوزير"),
            ("انتهى في في المساء", "انتهى في المساء"),
            ("وكان الوزير قد وصل", "كان الوزير وصل"),
            ("بقلم سامي بن عمر - قال الوزير", "قال الوزير"),
            ("سوف تتواصل الأمطار", "ستستمر الأمطار"),
            ("سوف يغادر الوفد", "سيغادر الوفد"),
            ("من جانبه قال المدرب", "قال المدير الفني"),
        ] {
            assert_eq!(skeleton(one).text(), skeleton(other).text(), "{one} / {other}");
        }
    }

    #[test]
    fn what_carries_one_may_not() {
        for (one, other) in [
            ("قال الوزير", "نفى الوزير"),
            ("سافر من دبي إلى جدة", "سافر إلى دبي من جدة"),
            ("فاز الأهلي على الزمالك", "فاز الزمالك على الأهلي"),
            ("وصل إلى وجدة", "وصل إلى جدة"),
            ("قتل 15 شخصا", "قتل 1 5 شخصا"),
            ("ارتفع 5.1 نقطة", "ارتفع 51 نقطة"),
            ("الحرارة -5", "الحرارة 5"),
            ("لم يصل الوفد", "يصل الوفد"),
            ("حسن في المدينة", "حسين في المدينة"),
            ("باع للبنان", "باع لبنان"),
            ("وجدة تستقبل الوفد", "جدة تستقبل الوفد"),
            ("سلم محمد لأحمد", "سلم لمحمد أحمد"),
            ("من دون شروط", "من شروط"),
            ("هل فاز الفريق؟", "هل فاز الفريق"),
            ("قتل 5 5 أشخاص", "قتل 5 أشخاص"),
            ("القاهرة - قال الوزير", "قال الوزير"),
            ("قد يستقيل الوزير", "يستقيل الوزير"),
            ("قد لا يستقيل الوزير", "لا يستقيل الوزير"),
        ] {
            assert_ne!(skeleton(one).text(), skeleton(other).text(), "{one} / {other}");
        }
    }

    #[test]
    fn datelines_from_two_places_are_told_apart() {
        let [cairo, dubai, none] =
            ["القاهرة (رويترز) - قال الوزير", "دبي (رويترز) - قال الوزير", "قال الوزير"].map(skeleton);
        assert_eq!(cairo.text(), dubai.text());
        assert!(!cairo.has_dateline_like(&dubai));
        assert!(cairo.has_dateline_like(&none) && none.has_dateline_like(&dubai));
    }
}
