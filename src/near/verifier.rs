//! Whether two units are nearly the same, by their texts.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::alignment::Aligner;
use super::skeleton::Skeleton;
use super::tokens::Tokens;
use super::{LEAST_WORDS, MOST_WORDS, Near, Nearness};
use crate::fold::{Fold, Folder, Folds, Level};

/// Compares units.
#[derive(Clone, Debug)]
pub struct Verifier {
    near: Near,
    folder: Folder,
    /// Keeps vowel marks; none where units are equal whatever marks they have.
    marked: Option<Folder>,
    tokens: [Tokens; 2],
    skeletons: [Skeleton; 2],
    aligner: Aligner,
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
            marked: (!in_force.has(Fold::Diacritics)).then(|| Folder::new(folds.without(Fold::Diacritics))),
            tokens: Default::default(),
            skeletons: Default::default(),
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
        let Verifier { near, tokens: [one, other], skeletons, aligner, .. } = self;
        if near.guarded {
            let [one, other] = skeletons;
            if one.text() != other.text() || !one.has_dateline_like(other) {
                return None;
            }
        }
        let nearness = aligner.nearness(one.iter(), other.iter(), |parts, of| near.threshold.is_reached(parts, of))?;
        (!near.guarded || self.marks_agree(original, copy)).then_some(nearness)
    }

    /// Reads one of the two. Returns whether it can be a near copy, or have one.
    fn read(&mut self, which: usize, unit: &[u8]) -> bool {
        let Ok(folded) = simdutf8::basic::from_utf8(self.folder.fold(unit).text()) else { return false };
        let tokens = &mut self.tokens[which];
        tokens.read(folded);
        (LEAST_WORDS..=MOST_WORDS).contains(&tokens.len()) && (!self.near.guarded || self.skeletons[which].read(tokens))
    }

    /// Whether no word is marked with vowels in one of the units that it is not marked with in the other, where it has
    /// marks: then it can be another word.
    fn marks_agree(&mut self, original: &[u8], copy: &[u8]) -> bool {
        let Verifier { marked: Some(marked), tokens: [one, other], .. } = self else { return true };
        let mut with_marks = [Tokens::default(), Tokens::default()];
        for (unit, tokens) in [original, copy].into_iter().zip(&mut with_marks) {
            let Ok(folded) = std::str::from_utf8(marked.fold(unit).text()) else { return true };
            if !folded.contains(is_mark) {
                return true;
            }
            tokens.read(folded);
        }
        let [marked_one, marked_other] = &with_marks;
        if marked_one.len() != one.len() || marked_other.len() != other.len() {
            return false;
        }
        let words = |tokens: &Tokens| tokens.iter().map(str::to_owned).collect::<Vec<_>>();
        capture_diff_slices(Algorithm::Myers, &words(one), &words(other)).into_iter().all(|change| match change {
            DiffOp::Equal { old_index, new_index, len } => {
                (0..len).all(|at| agree(marked_one.get(old_index + at), marked_other.get(new_index + at)))
            }
            _ => true,
        })
    }
}

/// Whether a code point is a vowel mark, or shadda.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{64B}'..='\u{652}' | '\u{670}')
}

/// Whether one of two spellings of a word has all marks that the other has, in their places.
fn agree(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let marks = |word: &str| {
        let mut letters = 0;
        let mut marks = Vec::new();
        for c in word.chars() {
            if is_mark(c) { marks.push((letters, c)) } else { letters += 1 }
        }
        marks
    };
    let (one, other) = (marks(one), marks(other));
    let has_all = |these: &[(i32, char)], those: &[(i32, char)]| those.iter().all(|mark| these.contains(mark));
    has_all(&one, &other) || has_all(&other, &one)
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
    fn short_units_are_never_near_copies() {
        let short = "قال وزير الصحة إن عدد الإصابات ارتفع اليوم إلى";
        assert!(!is_near(short, short, "0.7", false));
        assert!(is_near(&format!("{short} 15"), &format!("{short} 15"), "0.7", false));
    }
}
