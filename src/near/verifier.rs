//! Whether two units are nearly the same, by their texts.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::alignment::Aligner;
use super::entry::is_entry;
use super::lexicon::Lexicon;
use super::reading::{Words, conjunction};
use super::rewording::is_rewording;
use super::sender::Sender;
use super::tokens::{Tokens, is_definite};
use super::{LEAST_WORDS, MOST_WORDS, Near, Nearness, outline};
use crate::fold::{Fold, Folder, Folds, Level};

/// Compares units.
#[derive(Clone, Debug)]
pub struct Verifier {
    near: Near,
    folder: Folder,
    /// The folds in force.
    in_force: Folds,
    /// Keeps how words are spelled.
    spelled: Folder,
    units: [Unit; 2],
    aligner: Aligner,
}

/// What is known of a unit.
#[derive(Clone, Debug, Default)]
struct Unit {
    tokens: Tokens,
    outline: Vec<u8>,
    sender: Sender,
    /// All but who sent it.
    words: Words,
}

/// Which of two units.
const ORIGINAL: usize = 0;
const COPY: usize = 1;

impl Verifier {
    /// Compares as `near` says, where these folds are in force.
    #[must_use]
    pub fn new(near: Near, in_force: Folds) -> Verifier {
        let folds = Level::Orthography.folds();
        Verifier {
            near,
            folder: Folder::new(folds),
            in_force,
            spelled: Folder::new(folds.without(Fold::Diacritics).without(Fold::Hamza).without(Fold::Yeh)),
            units: Default::default(),
            aligner: Aligner::default(),
        }
    }

    /// How near a unit is to an earlier one, if it is nearly the same.
    pub fn nearness(&mut self, original: &[u8], copy: &[u8]) -> Option<Nearness> {
        self.read(COPY, copy).then(|| self.nearness_of_copy(original, copy)).flatten()
    }

    /// Reads what is compared with others by [`Verifier::nearness_of_copy`]. Returns whether it can be a near copy.
    pub(crate) fn read_copy(&mut self, copy: &[u8]) -> bool {
        self.read(COPY, copy)
    }

    /// As [`Verifier::nearness`], where the copy was read before.
    pub(crate) fn nearness_of_copy(&mut self, original: &[u8], copy: &[u8]) -> Option<Nearness> {
        if !self.read(ORIGINAL, original) {
            return None;
        }
        let Verifier { near, units: [one, other], aligner, .. } = self;
        if near.guarded && (one.outline != other.outline || !one.sender.is_enough_for(&other.sender)) {
            return None;
        }
        let is_enough = |parts, of| near.threshold.is_reached(parts, of);
        let nearness = aligner.nearness(one.tokens.iter(), other.tokens.iter(), is_enough)?;
        let is_copy = !near.guarded || (is_rewording(one.text(), other.text()) && self.spellings_agree(original, copy));
        is_copy.then_some(nearness)
    }

    /// Reads one of the two. Returns whether it can be a near copy, or have one.
    fn read(&mut self, which: usize, unit: &[u8]) -> bool {
        let Ok(folded) = simdutf8::basic::from_utf8(self.folder.fold(unit).text()) else { return false };
        let Unit { tokens, outline, sender, words } = &mut self.units[which];
        tokens.read(folded);
        if !(LEAST_WORDS..=MOST_WORDS).contains(&tokens.len()) {
            return false;
        }
        if self.near.guarded {
            sender.read(tokens);
            if is_entry(tokens, sender) {
                return false;
            }
            outline::read(tokens, sender, outline);
            words.read(tokens, |token| sender.is_said_by(token));
        }
        true
    }

    /// Whether no word is spelled in two ways that can be two words.
    fn spellings_agree(&mut self, original: &[u8], copy: &[u8]) -> bool {
        let Verifier { in_force, spelled, units: [one, other], .. } = self;
        let (one, other) = (&one.tokens, &other.tokens);
        let mut as_spelled = [Tokens::default(), Tokens::default()];
        for (unit, tokens) in [original, copy].into_iter().zip(&mut as_spelled) {
            let Ok(folded) = simdutf8::basic::from_utf8(spelled.fold(unit).text()) else { return false };
            tokens.read(folded);
        }
        let [spelled_one, spelled_other] = &as_spelled;
        if spelled_one.len() != one.len() || spelled_other.len() != other.len() {
            return false;
        }
        let [words, other_words] = [one, other].map(|tokens| tokens.iter().collect::<Vec<_>>());
        capture_diff_slices(Algorithm::Myers, &words, &other_words).into_iter().all(|change| match change {
            DiffOp::Equal { old_index, new_index, len } => (0..len)
                .filter(|at| !is_spelled_freely(one.get(old_index + at)))
                .all(|at| agree(spelled_one.get(old_index + at), spelled_other.get(new_index + at), *in_force)),
            _ => true,
        })
    }
}

impl Unit {
    /// What is compared of it.
    fn text(&self) -> (&Tokens, &Words) {
        (&self.tokens, &self.words)
    }
}

/// Whether a word may be spelled in any way, as أن and إن.
fn is_spelled_freely(word: &str) -> bool {
    let is_listed = |word: &str| Lexicon::get().is_spelled_freely(word);
    is_listed(word) || conjunction(word).is_some_and(|(_, rest)| is_listed(rest))
}

/// Whether a code point is a vowel mark, or shadda.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{64B}'..='\u{652}' | '\u{670}')
}

/// Whether two spellings of a word can be of one: nothing is spelled in both, in two ways. What the folds in force look past
/// does not count.
fn agree(one: &str, other: &str, in_force: Folds) -> bool {
    if one == other {
        return true;
    }
    let read = |word: &str| {
        let (mut letters, mut marks) = (Vec::new(), Vec::new());
        for c in word.chars() {
            if is_mark(c) { marks.push((letters.len(), c)) } else { letters.push(c) }
        }
        (letters, marks)
    };
    let ((letters, marks), (other_letters, other_marks)) = (read(one), read(other));
    // With the article it can't be what is mine, and no other name either.
    let bare: String = letters.iter().collect();
    let has_no_pronoun = is_definite(&bare) || matches!(&*bare, "إلى" | "إلي" | "الى" | "الي");
    let has_all = |these: &[(usize, char)], those: &[(usize, char)]| those.iter().all(|mark| these.contains(mark));
    let marks_agree = in_force.has(Fold::Diacritics) || has_all(&marks, &other_marks) || has_all(&other_marks, &marks);
    marks_agree
        && letters.iter().zip(&other_letters).enumerate().all(|(at, (&one, &other))| {
            let both = |letters: &[char]| one != other && letters.contains(&one) && letters.contains(&other);
            // A case is told by the seat of a hamza behind an alef.
            let is_seat = at > 0 && letters[at - 1] == 'ا' && both(&['ء', 'ؤ', 'ئ']);
            (in_force.has(Fold::Hamza) || !(both(&['أ', 'إ', 'آ']) || is_seat))
                && (in_force.has(Fold::Yeh) || has_no_pronoun || !both(&['ى', 'ي']))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_near(one: &str, other: &str, threshold: &str, guarded: bool) -> bool {
        let near = Near { threshold: threshold.parse().unwrap(), guarded };
        Verifier::new(near, Folds::NONE).nearness(one.as_bytes(), other.as_bytes()).is_some()
    }

    const LEAD: &str = "قال وزير الصحة اليوم إن عدد الإصابات في عمان ارتفع إلى 15 حالة خلال الأسبوع الماضي";

    #[test]
    fn units_are_nearly_the_same_if_no_fact_differs() {
        let edited = LEAD.replace("قال", "أعلن").replace("الماضي", "المنصرم");
        assert!(is_near(LEAD, &edited, "0.8", true));
        assert!(!is_near(LEAD, &edited, "0.95", true), "two words of 15 are less than 0.95 in common");
        for (from, to) in [("15", "16"), ("إن", "إن ليس"), ("اليوم", "أمس"), ("وزير", "وزيرة"), ("عمان", "دبي")]
        {
            let other = LEAD.replace(from, to);
            assert!(!is_near(LEAD, &other, "0.8", true), "{other}");
            assert!(is_near(LEAD, &other, "0.8", false), "{other}");
        }
    }

    #[test]
    fn vowel_marks_may_be_missing_and_may_not_differ() {
        let [shadda, damma] = ["عمّان", "عُمان"].map(|name| LEAD.replace("عمان", name));
        assert!(is_near(LEAD, &shadda, "0.9", true) && is_near(&damma, LEAD, "0.9", true));
        assert!(!is_near(&shadda, &damma, "0.9", true));
    }

    #[test]
    fn letters_may_be_left_bare_and_may_not_be_others() {
        let with = |word: &str| LEAD.replace("وزير الصحة", word);
        let pairs = [
            ("إمام المسجد", "أمام المسجد", "امام المسجد"),
            ("على الوزير", "علي الوزير", "على الوزير"),
            ("لقاؤه اليوم", "لقاءه اليوم", "لقاؤه اليوم"),
        ];
        for (one, other, bare) in pairs {
            assert!(!is_near(&with(one), &with(other), "0.9", true), "{one}");
            assert!(is_near(&with(one), &with(bare), "0.9", true), "{one}");
        }
        let near = Near { threshold: "0.9".parse().unwrap(), guarded: true };
        let mut at_orthography = Verifier::new(near, Level::Orthography.folds());
        assert!(at_orthography.nearness(with("على الوزير").as_bytes(), with("علي الوزير").as_bytes()).is_some());
    }

    #[test]
    fn short_units_are_never_near_copies() {
        let short = "قال وزير الصحة إن عدد الإصابات ارتفع اليوم إلى";
        assert!(!is_near(short, short, "0.7", false));
        assert!(is_near(&format!("{short} 15"), &format!("{short} 15"), "0.7", false));
    }
}
