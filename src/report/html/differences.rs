//! Where a copy and its original differ, letter by letter.

use std::ops::Range;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};
use unicode_segmentation::UnicodeSegmentation as _;

use super::markup;

/// How many words of a text, and letters of a stretch, are compared at a time: the time that takes grows with their square.
const WORDS: usize = 1_000;
const LETTERS: usize = 300;

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

/// Compares a copy to its original. Where they are only how the two start, what differs at their end is left out: it may be that
/// one of them goes further.
pub(super) fn marked(copy: &[u8], original: &[u8], are_starts: bool) -> Marked {
    let texts = [letters(original), letters(copy)];
    let mut found = Found { texts: &texts, are_starts, differing: [Vec::new(), Vec::new()], changes: Vec::new() };
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
    are_starts: bool,
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
            let is_at_end = old.end == self.texts[0].len() || new.end == self.texts[1].len();
            if !(self.are_starts && is_at_end) {
                self.letters(old, new);
            }
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

/// What differs, found in windows of so many: the next one begins behind the last that is the same in both. Where nothing in
/// a window is, all of it differs.
fn compared<T: Eq + std::hash::Hash + Ord>(old: &[T], new: &[T], window: usize) -> Vec<DiffOp> {
    let mut differing = Vec::new();
    let (mut old_at, mut new_at) = (0, 0);
    loop {
        let same = old[old_at..].iter().zip(&new[new_at..]).take_while(|(a, b)| a == b).count();
        (old_at, new_at) = (old_at + same, new_at + same);
        let (old_end, new_end) = ((old_at + window).min(old.len()), (new_at + window).min(new.len()));
        let (in_old, in_new) = (&old[old_at..old_end], &new[new_at..new_end]);
        if in_old.is_empty() && in_new.is_empty() {
            return differing;
        }
        let mut ops = capture_diff_slices(Algorithm::Myers, in_old, in_new);
        let is_last = old_end == old.len() && new_end == new.len();
        let last_same = ops.iter().rposition(|op| matches!(op, DiffOp::Equal { .. }));
        let (old_len, new_len) = match last_same.filter(|_| !is_last) {
            Some(last) => {
                ops.truncate(last + 1);
                let (_, in_old, in_new) = ops[last].as_tag_tuple();
                (in_old.end, in_new.end)
            }
            None => (in_old.len(), in_new.len()),
        };
        let ops = ops.into_iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
        differing.extend(ops.map(|op| moved(op, old_at, new_at)));
        (old_at, new_at) = (old_at + old_len, new_at + new_len);
    }
}

/// The same, so far behind.
fn moved(op: DiffOp, old: usize, new: usize) -> DiffOp {
    let (tag, in_old, in_new) = op.as_tag_tuple();
    let (old_index, new_index) = (in_old.start + old, in_new.start + new);
    match tag {
        DiffTag::Equal => DiffOp::Equal { old_index, new_index, len: in_old.len() },
        DiffTag::Delete => DiffOp::Delete { old_index, old_len: in_old.len(), new_index },
        DiffTag::Insert => DiffOp::Insert { old_index, new_index, new_len: in_new.len() },
        DiffTag::Replace => DiffOp::Replace { old_index, old_len: in_old.len(), new_index, new_len: in_new.len() },
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
        let Marked { copy, original, changes } = marked(copy.as_bytes(), original.as_bytes(), false);
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
    fn however_many_differences_there_are_each_is_marked() {
        let words =
            |open: &str, close: &str| -> String { (0..700).map(|at| format!("{open}كلمة{at}{close} ")).collect() };
        let (copy, _, changes) = shown(words("\"", "\"").trim_end(), words("«", "»").trim_end());
        assert_eq!(copy.replace("<mark>&quot;</mark>", "\""), words("\"", "\"").trim_end());
        assert_eq!(copy.matches("<mark>").count(), 1400);
        assert_eq!(changes.len(), 2);
        let (one, other) = ("أ ".repeat(WORDS * 2), "ب ".repeat(WORDS * 2));
        let (copy, original, _) = shown(&one, &other);
        assert_eq!((copy.matches("<mark>").count(), original.matches("<mark>").count()), (WORDS * 2, WORDS * 2));
    }

    #[test]
    fn what_is_only_cut_off_is_no_difference() {
        let Marked { copy, original, changes } = marked("نعم  قال 12".as_bytes(), "نعم قال 123".as_bytes(), true);
        assert_eq!((&*copy, &*original), ("نعم <mark> </mark>قال 12", "نعم قال 123"));
        assert_eq!(changes.len(), 1);
        assert_eq!(marked("قال 12".as_bytes(), "قال 123".as_bytes(), false).changes.len(), 1);
    }
}
