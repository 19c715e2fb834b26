//! The runs around a unit that stand elsewhere too, found in linear time whatever the units are.

/// The units around one, by which the runs around it are found elsewhere. Units with the same number have the same text.
#[derive(Debug)]
pub(super) struct Around<T> {
    at: usize,
    /// From the unit on.
    onward: Start<T>,
    /// Those before it, the nearest first.
    back: Start<T>,
    /// The words of the first units, of so many of them.
    sums: Vec<u64>,
}

/// A run around the unit that stands elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// The unit there that is at the same place of it.
    pub(super) other: usize,
    pub(super) units: usize,
    pub(super) words: u64,
}

impl Run {
    /// Whether it has more words than another, or as many in more units.
    pub(super) fn is_more_than(&self, other: &Run) -> bool {
        (self.words, self.units) > (other.words, other.units)
    }
}

impl<T: Copy + PartialEq> Around<T> {
    /// Of a unit of a document, whose units have these texts and so many words.
    pub(super) fn new(units: impl Iterator<Item = (T, u32)>, at: usize) -> Around<T> {
        let mut sums = vec![0];
        let mut texts = Vec::new();
        let mut sum = 0;
        for (text, words) in units {
            sum += u64::from(words);
            sums.push(sum);
            texts.push(text);
        }
        let onward = Start::new(texts.split_off(at.min(texts.len())));
        texts.reverse();
        Around { at, onward, back: Start::new(texts), sums }
    }

    /// Of the runs around the unit that stand in a text around one of its first `within` units too, the first that has the
    /// most words.
    pub(super) fn longest_in(&self, text: &[T], within: usize) -> Option<Run> {
        let own = *self.onward.texts.first()?;
        let mut others = (0..within.min(text.len())).filter(|&other| text[other] == own).peekable();
        others.peek()?;
        let onward = self.onward.along(text);
        let back = self.back.along(&text.iter().rev().copied().collect::<Vec<_>>());
        let runs = others.map(|other| {
            let before = back.get(text.len() - other).copied().unwrap_or(0);
            let behind = onward[other];
            Run { other, units: before + behind, words: self.sums[self.at + behind] - self.sums[self.at - before] }
        });
        runs.reduce(|most, run| if run.is_more_than(&most) { run } else { most })
    }
}

/// Texts, of which it is asked where else their start stands.
#[derive(Debug)]
struct Start<T> {
    texts: Vec<T>,
    /// For each place how long the texts go on from there as they start (their Z-function).
    same: Vec<usize>,
}

impl<T: PartialEq> Start<T> {
    fn new(texts: Vec<T>) -> Start<T> {
        let mut same = Vec::with_capacity(texts.len());
        let mut known = Known::default();
        for at in 0..texts.len() {
            let len = if at == 0 { texts.len() } else { known.len_at(at, &texts, &texts, &same) };
            same.push(len);
        }
        Start { texts, same }
    }

    /// For each place of a text how long it goes on from there as these start.
    fn along(&self, text: &[T]) -> Vec<usize> {
        let mut known = Known::default();
        (0..text.len()).map(|at| known.len_at(at, text, &self.texts, &self.same)).collect()
    }
}

/// Of the stretches of a text that are known to be as others start, the one that ends last.
#[derive(Default)]
struct Known {
    start: usize,
    end: usize,
}

impl Known {
    fn len_at<T: PartialEq>(&mut self, at: usize, text: &[T], starts: &[T], same: &[usize]) -> usize {
        let known = if at < self.end { same[at - self.start].min(self.end - at) } else { 0 };
        let more = text[at + known..].iter().zip(&starts[known..]).take_while(|(one, other)| one == other).count();
        if at + known + more > self.end {
            (self.start, self.end) = (at, at + known + more);
        }
        known + more
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_run_is_the_one_with_most_words() {
        // Each text has as many words as its number.
        let around = |texts: &[u32], at: usize| Around::new(texts.iter().map(|&text| (text, text)), at);
        let run = |other: usize, units: usize, words: u64| Some(Run { other, units, words });
        // The run 5 1 7 has more words than the run 1 2.
        let texts = [1, 2, 5, 1, 7, 3, 5, 1, 7, 1, 2];
        assert_eq!(around(&texts, 7).longest_in(&texts, 7), run(3, 3, 13));
        assert_eq!(around(&texts, 9).longest_in(&texts, 9), run(0, 2, 3));
        assert_eq!(around(&texts, 5).longest_in(&texts, 5), None);
        let others = [&texts[..], &[1, 7, 1, 2, 5, 1, 7, 3, 1, 2], &[7, 1, 7], &[2], &[]];
        for at in 0..texts.len() {
            for other_text in others {
                let slow = (0..other_text.len()).filter(|&other| other_text[other] == texts[at]).map(|other| {
                    let same = |&(a, b): &(usize, usize)| texts[a] == other_text[b];
                    let behind = (at..texts.len()).zip(other..other_text.len()).take_while(same).count();
                    let before = (0..at).rev().zip((0..other).rev()).take_while(same).count();
                    let words = texts[at - before..at + behind].iter().map(|&text| u64::from(text)).sum::<u64>();
                    (words, before + behind)
                });
                let longest = around(&texts, at).longest_in(other_text, other_text.len());
                assert_eq!(longest.map(|run| (run.words, run.units)), slow.max());
            }
        }
    }
}
