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
    /// Who sent the text, as far as it says so at its start or end.
    sender: String,
    /// Where the last part of the text begins, if the same part again says nothing more.
    last: Option<usize>,
}

/// The bytes of a letter.
const LETTER: usize = 'ا'.len_utf8();
/// Before a class, in two bytes behind it.
const CLASS: u8 = 1;
/// Around a number or a sign.
const NUMBER: u8 = 2;
/// Around a word that is not written as one with what is beside it.
const ALONE: u8 = 3;

/// How far from its start a unit says who sent it: `واشنطن، الولايات المتحدة (رويترز) -`.
const DATELINE: usize = 10;
/// The most words of an agency at the end: `(رويترز، أ ف ب)`.
const SENT_BY: usize = 6;
/// The most words of a label.
const LABEL: usize = 3;

impl Skeleton {
    /// Reads the tokens of a unit. Returns whether that is of any use: an entry of a list is about what stands elsewhere.
    pub(super) fn read(&mut self, tokens: &Tokens) -> bool {
        let lexicon = Lexicon::get();
        if is_entry(lexicon, tokens) {
            return false;
        }
        self.text.clear();
        self.sender.clear();
        self.last = None;
        let end = end_without_agency(lexicon, tokens);
        if end < tokens.len() {
            self.sender.push_str(tokens.joined(end..tokens.len(), 0));
        }
        let mut at = 0;
        while at < end {
            at += match tokens.kind(at) {
                Kind::Sign | Kind::Number => match lexicon.word(tokens.get(at)) {
                    Some(Member { class, .. }) => self.class(class, false),
                    None => self.number(tokens.get(at)),
                },
                Kind::Word => match self.sent_by(lexicon, tokens, at, end) {
                    Some(words) => words,
                    None => self.word(lexicon, tokens, at),
                },
            };
        }
        true
    }

    /// What carries facts.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether what is said of who sent the text is nothing different: one of them does not say it, or they say the same.
    pub(super) fn has_sender_like(&self, other: &Skeleton) -> bool {
        self.sender.is_empty() || other.sender.is_empty() || self.sender == other.sender
    }

    /// Takes an agency at the start, in brackets or before a dash. Returns how many tokens it is.
    fn sent_by(&mut self, lexicon: &Lexicon, tokens: &Tokens, at: usize, end: usize) -> Option<usize> {
        if at >= DATELINE || (at > 0 && !tokens.is_apart(at)) {
            return None;
        }
        let (Member { kind: Listed::Agency, .. }, words) = lexicon.find(tokens, at, 0)? else { return None };
        let next = at + words;
        if next >= end || !tokens.is_apart(next) {
            return None;
        }
        self.sender.push_str(tokens.joined(at..next, 0));
        Some(words)
    }

    /// Takes a number, or a sign. Returns that it is one token.
    fn number(&mut self, text: &str) -> usize {
        self.delimited(NUMBER, text);
        self.last = None;
        1
    }

    /// Takes a word that may stand for others of its class.
    fn class(&mut self, class: u32, is_said_once: bool) -> usize {
        let [_, _, high, low] = class.to_be_bytes();
        let start = self.text.len();
        self.text.extend([CLASS, high, low]);
        self.ended(start, is_said_once);
        1
    }

    fn delimited(&mut self, mark: u8, text: &str) {
        self.text.push(mark);
        self.text.extend_from_slice(text.as_bytes());
        self.text.push(mark);
    }

    /// A part has come to its end, which began here. Where that only says the last one again, it is taken back.
    fn ended(&mut self, start: usize, is_said_once: bool) {
        match self.last.filter(|_| is_said_once) {
            Some(last) if self.text[last..start] == self.text[start..] => self.text.truncate(start),
            _ => self.last = is_said_once.then_some(start),
        }
    }

    fn letters(&mut self, letters: &str) {
        self.text.extend_from_slice(letters.as_bytes());
        self.last = None;
    }

    /// Takes the word at a token. Returns how many tokens it is.
    fn word(&mut self, lexicon: &Lexicon, tokens: &Tokens, at: usize) -> usize {
        let word = tokens.get(at);
        let is_first = self.text.is_empty();
        if word == "سوف" && at + 1 < tokens.len() && tokens.get(at + 1).starts_with(['ي', 'ت', 'ن']) {
            self.letters("س");
            return 1;
        }
        if matches!(word, "قد" | "وقد" | "فقد") && has_been(tokens, at + 1) {
            return 1;
        }
        for without in [0].into_iter().chain(conjunction(word)) {
            let Some((Member { kind, class, absorbs, .. }, words)) = lexicon.find(tokens, at, without) else {
                continue;
            };
            if without > 0 && !is_first && matches!(kind, Listed::Word | Listed::Stem) {
                self.letters(&word[..without]);
            }
            match kind {
                Listed::Drop => return words,
                Listed::Agency => continue,
                Listed::Lone => {
                    let start = self.text.len();
                    self.delimited(ALONE, &word[without..]);
                    self.ended(start, true);
                }
                Listed::Word | Listed::Said | Listed::Stem => {
                    self.class(class, kind == Listed::Word);
                }
            }
            let next = at + words;
            if let Some(letter) = absorbs
                && next < tokens.len()
                && tokens.kind(next) == Kind::Word
                && let Some(rest) = tokens.get(next).strip_prefix(letter)
            {
                // Two of ل are ل and ال.
                match rest.strip_prefix('ل').filter(|_| letter == 'ل') {
                    Some(rest) => self.behind(lexicon, "ال", rest),
                    None => self.unlisted(lexicon, rest),
                }
                return words + 1;
            }
            return words;
        }
        let may_go = is_first
            && word.starts_with('و')
            && word.len() >= 4 * LETTER
            && !WITH_WAW.iter().any(|name| word.starts_with(name));
        self.unlisted(lexicon, if may_go { &word[LETTER..] } else { word });
        1
    }

    /// Takes a word that is not of a set as it stands: what may be before one that is stays.
    fn unlisted(&mut self, lexicon: &Lexicon, word: &str) {
        let conjunctions = [0].into_iter().chain(conjunction(word));
        for start in conjunctions {
            let rest = &word[start..];
            let will_be = rest.strip_prefix('س').filter(|rest| rest.starts_with(['ي', 'ت', 'ن']));
            let preposition = rest.strip_prefix(['ب', 'ل', 'ك']);
            let definite = [Some(rest), preposition].into_iter().flatten().filter_map(|rest| rest.strip_prefix("ال"));
            let both = rest.strip_prefix("لل");
            let indefinite = [will_be, preposition].into_iter().flatten().map(|stem| (stem, true));
            for (stem, any_kind) in definite.chain(both).map(|stem| (stem, false)).chain(indefinite) {
                let Some(Member { kind, .. }) = lexicon.word(stem) else { continue };
                if kind == Listed::Stem || (any_kind && matches!(kind, Listed::Word | Listed::Said)) {
                    return self.behind(lexicon, &word[..word.len() - stem.len()], stem);
                }
            }
        }
        self.letters(word);
    }

    /// Takes a word that may be of a set, behind these letters.
    fn behind(&mut self, lexicon: &Lexicon, letters: &str, stem: &str) {
        self.letters(letters);
        match lexicon.word(stem) {
            Some(Member { kind: Listed::Stem | Listed::Word | Listed::Said, class, .. }) => {
                self.class(class, false);
            }
            _ => self.letters(stem),
        }
    }
}

/// Whether the word at a token can only be one of what has been, so that قد before it says nothing of what may be.
fn has_been(tokens: &Tokens, at: usize) -> bool {
    at < tokens.len()
        && tokens.kind(at) == Kind::Word
        && !matches!(tokens.get(at), "لا" | "لن" | "ما")
        && !tokens.get(at).starts_with(['ي', 'ت', 'ن', 'ا'])
}

/// Whether a unit is an entry of a list: it has a bullet or a number, or a label and a colon, as in `الطقس: غائم`.
fn is_entry(lexicon: &Lexicon, tokens: &Tokens) -> bool {
    let label = (1..=LABEL.min(tokens.len().saturating_sub(1))).find(|&at| tokens.apart(at) == Apart::Colon);
    let find =
        |at: usize| lexicon.find(tokens, at, 0).or_else(|| lexicon.find(tokens, at, conjunction(tokens.get(at))?));
    // Who says what, and who sent it, is no label.
    let is_label = |len: usize| (0..len).all(|at| find(at).is_none_or(|(member, _)| member.kind == Listed::Stem));
    tokens.has_bullet() || label.is_some_and(is_label)
}

/// The length of the conjunction that a word may begin with.
pub(super) fn conjunction(word: &str) -> Option<usize> {
    Some(LETTER).filter(|_| word.starts_with(['و', 'ف']))
}

/// Where a unit ends but for an agency in brackets, or behind a dash.
fn end_without_agency(lexicon: &Lexicon, tokens: &Tokens) -> usize {
    let len = tokens.len();
    for start in len.saturating_sub(SENT_BY).max(1)..len {
        let mut at = start;
        while at < len
            && let Some((Member { kind: Listed::Agency, .. }, words)) = lexicon.find(tokens, at, 0)
        {
            at += words;
        }
        if at == len && tokens.is_apart(start) {
            return start;
        }
    }
    len
}

/// Names that begin with waw, and are others without.
const WITH_WAW: [&str; 16] = [
    "وجدة",
    "وسام",
    "وليد",
    "وفاء",
    "وداد",
    "وائل",
    "وردة",
    "وسيم",
    "وهبة",
    "ولاء",
    "وحيد",
    "وجيه",
    "وديع",
    "وهران",
    "ورزازات",
    "واسط",
];

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
            ("القاهرة (رويترز) - قال الوزير", "القاهرة - قال الوزير"),
            ("(رويترز) - قال الوزير", "قال الوزير"),
            ("رويترز: قال الوزير", "قال الوزير"),
            ("دبي - العربية.نت\u{a0}- قال الوزير", "دبي - قال الوزير"),
            ("قال الوزير (رويترز)", "قال الوزير"),
            ("انتهى في في المساء", "انتهى في المساء"),
            ("وكان الوزير قد وصل", "كان الوزير وصل"),
            ("سوف تتواصل الأمطار", "ستستمر الأمطار"),
            ("سوف يغادر الوفد", "سيغادر الوفد"),
            ("من جانبه قال المدرب", "قال المدرب"),
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
            ("القاهرة (رويترز) - قال الوزير", "قال الوزير"),
            ("نفى الوزير (رويترز) - قال الناطق", "قال الناطق"),
            ("انتقد الوزير صحيفة محلية", "انتقدت الوزير صحيفة محلية"),
            ("هاجم المتظاهرون المستوطنين", "هاجم المتظاهرين المستوطنون"),
            ("قتل شخص في الشارع", "قتل شخصا في الشارع"),
            ("مدير الشركة الجديد", "مدير الشركة الجديدة"),
            ("قتل صحفيون وأمريكيون", "قتل صحفيون أمريكيون"),
            ("القاعدة في اليمن", "قاعدة في اليمن"),
            ("وصل من صور", "وصل منصور"),
            ("بطرس بطرس غالي", "بطرس غالي"),
            ("ابن ابن الوزير", "ابن الوزير"),
            ("وصل ذلك اليوم", "وصل اليوم"),
            ("قال إنه في باريس", "قال إنها في باريس"),
            ("قد أترشح", "أترشح"),
            ("حرارة - 5 درجات", "حرارة 5 درجات"),
            ("تصنيف BBB- للبلاد", "تصنيف BBB للبلاد"),
            ("لغة C# في المدرسة", "لغة C في المدرسة"),
            ("ابنه خالد", "ابنة خالد"),
            ("قد يستقيل الوزير", "يستقيل الوزير"),
            ("قد لا يستقيل الوزير", "لا يستقيل الوزير"),
        ] {
            assert_ne!(skeleton(one).text(), skeleton(other).text(), "{one} / {other}");
        }
    }

    #[test]
    fn two_agencies_are_told_apart() {
        let [reuters, afp, none] =
            ["القاهرة (رويترز) - قال الوزير", "القاهرة (أ ف ب) - قال الوزير", "القاهرة - قال الوزير"].map(skeleton);
        assert!(reuters.text() == afp.text() && afp.text() == none.text());
        assert!(!reuters.has_sender_like(&afp));
        assert!(reuters.has_sender_like(&none) && none.has_sender_like(&afp));
    }
}
