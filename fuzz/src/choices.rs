//! What is chosen by the first bytes of an input.

use std::num::NonZeroU32;

use tikrar::corpus::{Keep, Options};
use tikrar::fold::Level;
use tikrar::near::Near;
use tikrar::unit::UnitKind;

/// An input, of which some was taken.
#[derive(Clone, Copy, Debug)]
pub struct Choices<'a> {
    left: &'a [u8],
}

/// A byte that has a line of the text again: the next byte says which.
const AGAIN: u8 = 0x0E;
/// The most that a text with lines again comes to.
const MOST: usize = 64 << 10;

impl<'a> Choices<'a> {
    /// The choices of an input.
    pub fn of(input: &'a [u8]) -> Choices<'a> {
        Choices { left: input }
    }

    /// A byte; where there is none, 0.
    pub fn byte(&mut self) -> u8 {
        match self.left {
            [byte, left @ ..] => {
                self.left = left;
                *byte
            }
            [] => 0,
        }
    }

    /// One of several.
    pub fn one<T: Clone>(&mut self, several: &[T]) -> T {
        several[usize::from(self.byte()) % several.len()].clone()
    }

    /// A number below 2^24.
    pub fn number(&mut self) -> usize {
        (0..3).fold(0, |number, _| number << 8 | usize::from(self.byte()))
    }

    /// When a unit is nearly the same as another.
    pub fn near(&mut self) -> Near {
        let threshold = self.one(&["0.7", "0.8", "0.95", "1"]).parse().expect("a threshold");
        Near { threshold, guarded: self.one(&[true, false]) }
    }

    /// What counts as a copy.
    pub fn options(&mut self) -> Options {
        let level = self.one(&Level::ALL);
        let unit = self.one(&UnitKind::ALL);
        let choice = self.byte();
        let min_words = NonZeroU32::MIN.saturating_add(u32::from(choice % 13));
        let keep = match choice / 13 {
            0..=15 => Keep::default(),
            16 => Keep::new(&["^نعم".to_owned(), "\\*".to_owned()], Vec::new()).expect("two regular expressions"),
            _ => Keep::new(&[], vec!["المصدر: وكالات".into(), b"b".to_vec()]).expect("no regular expression"),
        };
        Options { folds: level.folds(), unit, min_words, keep, near: None }
    }

    /// So many bytes at most, to choose by.
    pub fn several(&mut self, bytes: usize) -> Choices<'a> {
        let (several, left) = self.left.split_at(bytes.min(self.left.len()));
        self.left = left;
        Choices { left: several }
    }

    /// All that is left, as it is.
    pub fn rest(self) -> &'a [u8] {
        self.left
    }

    /// All that is left as a text, in which lines are there again where a byte asks for it: few inputs would repeat anything
    /// otherwise.
    pub fn text(mut self) -> Vec<u8> {
        let is_plain = self.byte() % 4 == 0;
        if is_plain {
            return self.left.to_vec();
        }
        let mut text: Vec<u8> = Vec::new();
        let mut bytes = self.left.iter();
        while let Some(&byte) = bytes.next() {
            match byte {
                AGAIN if text.len() < MOST => {
                    let which = usize::from(*bytes.next().unwrap_or(&0));
                    let lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
                    let again = lines[which % lines.len()].to_vec();
                    text.extend(again);
                }
                byte => text.push(byte),
            }
        }
        text
    }
}
