//! Where a copy and its original differ, letter by letter.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};
use unicode_segmentation::UnicodeSegmentation as _;

use super::markup;

/// The most words of a text, and letters of a stretch, that are compared one by one; the time that takes grows with their square.
const WORDS: usize = 2_000;
const LETTERS: usize = 400;

/// A copy and its original, marked where they differ.
pub(super) struct Marked {
    /// The copy.
    pub(super) copy: String,
    /// The original.
    pub(super) original: String,
    /// What differs, each once, in order of where it first does.
    pub(super) changes: Vec<Change>,
}

/// What stands in the original, and what in the copy in its place; of one of them it may be nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) original: Vec<u8>,
    pub(super) copy: Vec<u8>,
    pub(super) times: u64,
}

/// Compares a copy to its original.
pub(super) fn marked(copy: &[u8], original: &[u8]) -> Marked {
    let texts = [letters(original), letters(copy)];
    let mut found = Found { texts: &texts, differing: [Vec::new(), Vec::new()], changes: Vec::new() };
    found.words();
    let Found { differing: [in_original, in_copy], changes, .. } = found;
    Marked { copy: with_marks(&texts[1], &in_copy), original: with_marks(&texts[0], &in_original), changes }
}

/// What people take for letters: graphemes, and bytes that are no UTF-8.
fn letters(text: &[u8]) -> Vec<&[u8]> {
    let mut letters = Vec::new();
    for chunk in text.utf8_chunks() {
        letters.extend(chunk.valid().graphemes(true).map(str::as_bytes));
        letters.extend(chunk.invalid().chunks(1));
    }
    letters
}

struct Found<'a> {
    /// The original and the copy.
    texts: &'a [Vec<&'a [u8]>; 2],
    /// Which letters of them differ.
    differing: [Vec<Range<usize>>; 2],
    changes: Vec<Change>,
}

impl Found<'_> {
    /// Compares word by word first: letters that happen to be the same in other words are no sign of anything.
    fn words(&mut self) {
        let words = [words(&self.texts[0]), words(&self.texts[1])];
        let text =
            |side: usize| -> Vec<&[&[u8]]> { words[side].iter().map(|word| &self.texts[side][word.clone()]).collect() };
        let (original, copy) = (text(0), text(1));
        let ops = compared(&original, &copy, WORDS);
        let at = |side: usize, word: usize| words[side].get(word).map_or(self.texts[side].len(), |word| word.start);
        for op in ops {
            let (_, old, new) = op.as_tag_tuple();
            let [old, new] = [(0, old), (1, new)].map(|(side, range)| at(side, range.start)..at(side, range.end));
            self.letters(old, new);
        }
    }

    /// Compares two stretches letter by letter.
    fn letters(&mut self, old: Range<usize>, new: Range<usize>) {
        let texts = self.texts;
        for op in compared(&texts[0][old.clone()], &texts[1][new.clone()], LETTERS) {
            let (_, in_old, in_new) = op.as_tag_tuple();
            self.differ(
                old.start + in_old.start..old.start + in_old.end,
                new.start + in_new.start..new.start + in_new.end,
            );
        }
    }

    fn differ(&mut self, old: Range<usize>, new: Range<usize>) {
        let [original, copy] = [(0, &old), (1, &new)]
            .map(|(side, range): (usize, &Range<usize>)| self.texts[side][range.clone()].concat());
        match self.changes.iter_mut().find(|change| change.original == original && change.copy == copy) {
            Some(change) => change.times += 1,
            None => self.changes.push(Change { original, copy, times: 1 }),
        }
        for (side, range) in [(0, old), (1, new)] {
            if !range.is_empty() {
                self.differing[side].push(range);
            }
        }
    }
}

/// What differs. Where there is more than `most` between what is the same at the start and at the end, all of that does.
fn compared<T: Eq + std::hash::Hash + Ord>(old: &[T], new: &[T], most: usize) -> Vec<DiffOp> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let end = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (old_middle, new_middle) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    if old_middle.is_empty() && new_middle.is_empty() {
        return Vec::new();
    }
    if old_middle.len() > most || new_middle.len() > most {
        let (old_len, new_len) = (old_middle.len(), new_middle.len());
        return vec![DiffOp::Replace { old_index: start, old_len, new_index: start, new_len }];
    }
    let ops = capture_diff_slices(Algorithm::Myers, old_middle, new_middle);
    ops.into_iter().filter(|op| !matches!(op, DiffOp::Equal { .. })).map(|op| moved(op, start)).collect()
}

/// The same, so far behind.
fn moved(op: DiffOp, by: usize) -> DiffOp {
    match op {
        DiffOp::Equal { old_index, new_index, len } => {
            DiffOp::Equal { old_index: old_index + by, new_index: new_index + by, len }
        }
        DiffOp::Delete { old_index, old_len, new_index } => {
            DiffOp::Delete { old_index: old_index + by, old_len, new_index: new_index + by }
        }
        DiffOp::Insert { old_index, new_index, new_len } => {
            DiffOp::Insert { old_index: old_index + by, new_index: new_index + by, new_len }
        }
        DiffOp::Replace { old_index, old_len, new_index, new_len } => {
            DiffOp::Replace { old_index: old_index + by, old_len, new_index: new_index + by, new_len }
        }
    }
}

/// The words of a text, and each other letter by itself.
fn words(letters: &[&[u8]]) -> Vec<Range<usize>> {
    let is_word = |letter: &[u8]| {
        std::str::from_utf8(letter).ok().and_then(|letter| letter.chars().next()).is_some_and(char::is_alphanumeric)
    };
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut in_word = false;
    for (at, letter) in letters.iter().enumerate() {
        let is_word = is_word(letter);
        match words.last_mut() {
            Some(word) if in_word && is_word => word.end = at + 1,
            _ => words.push(at..at + 1),
        }
        in_word = is_word;
    }
    words
}

fn with_marks(letters: &[&[u8]], differing: &[Range<usize>]) -> String {
    let mut out = String::new();
    let mut done = 0;
    for range in differing {
        markup::text(&letters[done..range.start].concat(), &mut out);
        out.push_str("<mark>");
        markup::text(&letters[range.clone()].concat(), &mut out);
        out.push_str("</mark>");
        done = range.end;
    }
    markup::text(&letters[done..].concat(), &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(copy: &str, original: &str) -> (String, String, Vec<(String, String, u64)>) {
        let Marked { copy, original, changes } = marked(copy.as_bytes(), original.as_bytes());
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let changes = changes.into_iter().map(|change| (text(change.original), text(change.copy), change.times));
        (copy, original, changes.collect())
    }

    #[test]
    fn which_quote_and_which_mark() {
        let (copy, original, changes) = shown("قال «نعم» ثُم «لا»", "قال ”نعم” ثم ”لا”");
        assert_eq!(copy, "قال <mark>«</mark>نعم<mark>»</mark> <mark>ثُ</mark>م <mark>«</mark>لا<mark>»</mark>");
        assert_eq!(original, "قال <mark>”</mark>نعم<mark>”</mark> <mark>ث</mark>م <mark>”</mark>لا<mark>”</mark>");
        let change = |original: &str, copy: &str, times| (original.to_owned(), copy.to_owned(), times);
        assert_eq!(changes, [change("”", "«", 2), change("”", "»", 2), change("ث", "ثُ", 1)]);
    }

    #[test]
    fn what_only_one_of_them_has_is_marked_there() {
        let (copy, original, changes) = shown("نعم  قال ،", "نعم قال،");
        assert_eq!(copy, "نعم <mark> </mark>قال<mark> </mark>،");
        assert_eq!(original, "نعم قال،");
        assert_eq!(changes, [(String::new(), " ".to_owned(), 2)]);
        assert_eq!(shown("نعم", "نعم"), ("نعم".to_owned(), "نعم".to_owned(), Vec::new()));
        assert_eq!(shown("", "نعم").1, "<mark>نعم</mark>");
    }

    #[test]
    fn of_very_long_texts_all_between_is_marked() {
        let (one, other) = ("أ ".repeat(LETTERS * 9), "ب ".repeat(LETTERS * 9));
        let (copy, original, changes) = shown(&format!("نعم {one}لا"), &format!("نعم {other}لا"));
        assert_eq!(copy, format!("نعم <mark>{}</mark> لا", one.trim_end()));
        assert_eq!(original, format!("نعم <mark>{}</mark> لا", other.trim_end()));
        assert_eq!(changes.len(), 1);
    }
}
