//! From the bytes of a unit to the level `typography`.
//!
//! Gives up on entities, presentation forms, single quotation marks, bullets, signs of numbers, damaged bytes and the like.

use std::cmp::Ordering;

use super::{CODE, ELLIPSIS, class, push};
use crate::fold::tables::{FAST, FAST_GENERAL};

const ALEF: &[u8] = "ا".as_bytes();
const ALEF_MAKSURA: &[u8] = "ى".as_bytes();
const YEH: &[u8] = "ي".as_bytes();
const HEH: &[u8] = "ه".as_bytes();
const FATHATAN: u16 = 0x64B;

/// Appends the folded unit to `text`, which is empty, and returns its number of words. None where the plain rules have
/// to do it; what `text` holds then means nothing.
pub(super) fn fold(unit: &[u8], text: &mut Vec<u8>) -> Option<u32> {
    text.reserve(unit.len());
    let mut state = State { last: class::START, ..State::default() };
    let mut at = 0;
    while at < unit.len() {
        let (entry, len) = entry(&unit[at..])?;
        at += len;
        state.take(entry, text)?;
    }
    state.end(text)
}

/// What the table says of the code point at the start of `bytes`, and its length in bytes.
fn entry(bytes: &[u8]) -> Option<(u16, usize)> {
    match *bytes {
        [byte @ ..0x80, ..] => Some((FAST[usize::from(byte)], 1)),
        [lead @ 0xC2..0xE0, next @ 0x80..0xC0, ..] => {
            Some((FAST[usize::from(lead & 0x1F) << 6 | usize::from(next & 0x3F)], 2))
        }
        [0xE2, next @ 0x80..0x82, last @ 0x80..0xC0, ..] => {
            Some((FAST_GENERAL[usize::from(next & 1) << 6 | usize::from(last & 0x3F)], 3))
        }
        [0xEF, 0xBB, 0xBF, ..] => Some((class::INVISIBLE << 11, 3)),
        _ => None,
    }
}

/// What of the signs before decides about the next one.
#[derive(Default)]
struct State {
    /// The class of the last sign written.
    last: u16,
    /// White space since then.
    space: bool,
    /// A tatweel since then, right behind it.
    tatweel: bool,
    /// Something invisible since then.
    invisible: bool,
    words: u32,
    /// Whether the last sign was a Farsi yeh, or marks on one, so that its shape is open still.
    open_yeh: bool,
    /// Whether the last letter stands right behind another.
    after_letter: bool,
    /// Of the last stop: a digit before it; white space before it.
    stop_after_digit: bool,
    stop_after_space: bool,
    /// Of the last dash: it would be a number's sign if a number came now.
    dash_may_be_sign: bool,
    /// The last mark written, to put marks in order.
    last_mark: u16,
}

impl State {
    fn take(&mut self, entry: u16, text: &mut Vec<u8>) -> Option<()> {
        use class::{
            CLOSING, DASH, DIGIT, DUAL, FARSI_YEH, INVISIBLE, ITSELF, LATIN, LETTER, MARK, OPENING, QUOTE, RATE, SPACE,
            STOP, TATWEEL,
        };

        let (class, code) = (entry >> 11, entry & CODE);
        match class {
            LETTER | DUAL | FARSI_YEH => self.letter(class, code, text),
            SPACE => {
                self.space = true;
                Some(())
            }
            DIGIT => self.digit(code, text),
            LATIN => self.word_sign(LATIN, code, text),
            MARK => self.mark(code, text),
            STOP => self.stop(code, text),
            QUOTE => self.quote(text),
            OPENING | CLOSING => {
                self.leave_word(text)?;
                push(code, text);
                self.wrote(class);
                Some(())
            }
            DASH => self.dash(text),
            RATE | ITSELF => self.sign(class, code, text),
            INVISIBLE => {
                self.invisible = true;
                Some(())
            }
            TATWEEL => {
                self.tatweel = true;
                (!self.space && matches!(self.last, LETTER | DUAL)).then_some(())
            }
            _ => None,
        }
    }

    fn letter(&mut self, class: u16, code: u16, text: &mut Vec<u8>) -> Option<()> {
        use class::{DUAL, FARSI_YEH, LETTER};

        self.settle_yeh(true, text);
        // Behind white space a tatweel is a matter of its role.
        if self.tatweel && self.space {
            return None;
        }
        self.begin_word(text);
        self.after_letter = !self.space && matches!(self.last, LETTER | DUAL);
        push(code, text);
        self.open_yeh = class == FARSI_YEH;
        // A Farsi yeh at a word's end is an alef maksura, which does not join what follows.
        self.wrote(if class == FARSI_YEH { LETTER } else { class });
        Some(())
    }

    fn digit(&mut self, code: u16, text: &mut Vec<u8>) -> Option<()> {
        use class::{DASH, DIGIT, SPACE, STOP};

        let is_sign = self.last == DASH && self.dash_may_be_sign;
        let is_point = self.last == STOP && self.stop_after_space && text.ends_with(b".");
        if !self.space && (is_sign || is_point) {
            return None;
        }
        if self.last == STOP && self.stop_after_digit && (self.space || self.stop_after_space) {
            // Between two numbers the white space beside a stop tells them apart.
            text.push(b' ');
            self.wrote(SPACE);
        }
        self.word_sign(DIGIT, code, text)
    }

    /// A digit or Latin letter.
    fn word_sign(&mut self, class: u16, code: u16, text: &mut Vec<u8>) -> Option<()> {
        self.leave_word(text)?;
        self.begin_word(text);
        push(code, text);
        self.wrote(class);
        Some(())
    }

    fn mark(&mut self, code: u16, text: &mut Vec<u8>) -> Option<()> {
        use class::{DUAL, LETTER, MARK};

        if self.space || self.tatweel || self.invisible || !matches!(self.last, LETTER | DUAL | MARK) {
            return None;
        }
        if code == FATHATAN && carries_fathatan(text) {
            // The fathatan goes before the letter that carries it, if that is simply behind another.
            if self.open_yeh || !self.after_letter || self.last == MARK {
                return None;
            }
            insert_before_last(code, text);
            self.after_letter = false;
            return Some(());
        }
        match code.cmp(&self.last_mark) {
            Ordering::Greater => {
                push(code, text);
                self.last_mark = code;
            }
            Ordering::Equal => {}
            Ordering::Less => {
                // Only the one mark before may have to give way: with more, and on a letter that carries fathatan, the
                // plain rules sort.
                let before = &text[..text.len() - 2];
                if marks_at_end(before) > 0 || (code == FATHATAN && carries_fathatan(before)) {
                    return None;
                }
                insert_before_last(code, text);
            }
        }
        self.last = MARK;
        Some(())
    }

    fn stop(&mut self, code: u16, text: &mut Vec<u8>) -> Option<()> {
        use class::{DASH, DIGIT, QUOTE, START, STOP};

        self.leave_word(text)?;
        if self.last == STOP && repeats(code, text)? {
            self.space = false;
            return Some(());
        }
        if code == u16::from(b'.') && self.last == DASH && self.dash_may_be_sign {
            return None;
        }
        self.stop_after_digit = self.last == DIGIT;
        self.stop_after_space = self.space && !matches!(self.last, START | QUOTE);
        push(code, text);
        self.wrote(STOP);
        Some(())
    }

    fn quote(&mut self, text: &mut Vec<u8>) -> Option<()> {
        use class::{DUAL, QUOTE};

        self.settle_yeh(false, text);
        if self.tatweel && (self.last != DUAL || text.ends_with(HEH)) {
            return None;
        }
        if self.last != QUOTE {
            text.push(b'"');
        }
        self.wrote(QUOTE);
        Some(())
    }

    fn dash(&mut self, text: &mut Vec<u8>) -> Option<()> {
        use class::{CLOSING, DASH, DIGIT, DUAL, LATIN, LETTER, MARK, RATE, START};

        self.leave_word(text)?;
        if self.last == START || self.invisible {
            return None;
        }
        if self.last == DASH && !self.space {
            self.dash_may_be_sign = false;
            return Some(());
        }
        self.dash_may_be_sign =
            self.space || !matches!(self.last, LETTER | DUAL | MARK | DIGIT | LATIN | CLOSING | RATE);
        text.push(b'-');
        self.wrote(DASH);
        Some(())
    }

    /// A percent sign, or one that stands for itself.
    fn sign(&mut self, class: u16, code: u16, text: &mut Vec<u8>) -> Option<()> {
        use class::{DIGIT, RATE, START};

        self.leave_word(text)?;
        // These make one of a run, and the asterisk is a bullet at the start.
        let is_again = text.last().copied().map(u16::from) == Some(code);
        if matches!(code, 0x2A | 0x3D | 0x5F) && (self.last == START || is_again) {
            return None;
        }
        let joins_number = class == RATE && self.last == DIGIT;
        if self.space && !joins_number && self.last != START && !self.hugs() {
            text.push(b' ');
        }
        push(code, text);
        self.wrote(class);
        Some(())
    }

    /// No letter comes: a Farsi yeh has its shape, and a tatweel would be a matter of its role.
    fn leave_word(&mut self, text: &mut [u8]) -> Option<()> {
        self.settle_yeh(false, text);
        (!self.tatweel).then_some(())
    }

    /// The last sign written is of this class now, with nothing behind it.
    fn wrote(&mut self, class: u16) {
        (self.last, self.space, self.tatweel, self.invisible, self.last_mark) = (class, false, false, false, 0);
    }

    /// White space that came is written, unless the sign before it takes it; a letter or digit may begin a word.
    fn begin_word(&mut self, text: &mut Vec<u8>) {
        use class::{DIGIT, DUAL, LATIN, LETTER, MARK, START};

        let after_word = matches!(self.last, LETTER | DUAL | MARK | DIGIT | LATIN);
        if self.space && self.last != START && !self.hugs() {
            text.push(b' ');
        }
        self.words += u32::from(self.space || !after_word);
    }

    /// Whether the sign before takes white space behind it.
    fn hugs(&self) -> bool {
        use class::{CLOSING, DASH, OPENING, QUOTE, STOP};

        matches!(self.last, STOP | OPENING | CLOSING | DASH | QUOTE)
    }

    /// A Farsi yeh has dots if a letter follows it in the word.
    fn settle_yeh(&mut self, letter_follows: bool, text: &mut [u8]) {
        if std::mem::take(&mut self.open_yeh)
            && letter_follows
            && !self.space
            && let Some(place) = text.len().checked_sub(2 * (marks_at_end(text) + 1))
        {
            text[place..place + 2].copy_from_slice(YEH);
        }
    }

    fn end(&mut self, text: &mut [u8]) -> Option<u32> {
        self.leave_word(text)?;
        // A unit without words has rules of its own.
        (self.words > 0).then_some(self.words)
    }
}

/// Whether the text ends with a letter that a fathatan is written on, and read before.
fn carries_fathatan(text: &[u8]) -> bool {
    text.ends_with(ALEF) || text.ends_with(ALEF_MAKSURA)
}

/// Puts a code point before the last one, both of two bytes.
fn insert_before_last(code: u16, text: &mut Vec<u8>) {
    let last = text.len() - 2;
    push(code, text);
    text[last..].rotate_left(2);
}

/// How many vowel marks end the text.
fn marks_at_end(text: &[u8]) -> usize {
    text.rchunks_exact(2).take_while(|pair| is_mark(pair)).count()
}

fn is_mark(pair: &[u8]) -> bool {
    matches!(pair, [0xD9, 0x8B..=0x92])
}

/// Whether a stop repeats the one that ends the text, which it may turn into an ellipsis. None where the plain rules
/// have to order them.
fn repeats(code: u16, text: &mut Vec<u8>) -> Option<bool> {
    let is_ellipsis = text.ends_with(ELLIPSIS);
    let last = text.last().copied().map(u16::from);
    let is_dot = |code: u16| code == 0 || code == u16::from(b'.');
    let is_call = |code: u16| code == u16::from(b'!') || code == u16::from(b'?');
    if is_dot(code) && (is_ellipsis || last == Some(u16::from(b'.'))) {
        if !is_ellipsis {
            text.pop();
            text.extend_from_slice(ELLIPSIS);
        }
        return Some(true);
    }
    if is_call(code) && !is_ellipsis && last.is_some_and(is_call) {
        return None;
    }
    Some(!is_ellipsis && last == Some(code))
}
