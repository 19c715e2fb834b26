//! From the bytes of a unit to the level `typography`.
//!
//! Most of a text are stretches of words that fold to themselves: [`runs`] copies those. Between them every sign is
//! taken by what stands before it. Gives up on character references, hamza and madda that have yet to compose, damaged
//! bytes and the like.

use std::cmp::Ordering;

use super::bridge::begins_word;
use super::lookup::{entry, form, last_entry, next_class, next_entry};
use super::marks::{FATHATAN, carries_fathatan, marks_at_end, put_before_carrier, put_in_order};
use super::runs::Runs;
use super::{CODE, ELLIPSIS, class, push};
use crate::fold::atom::{Atom, Class, first_char};
use crate::fold::level::{Fold, Folds, Level};
use crate::fold::tables::FAST;

const YEH: &[u8] = "ي".as_bytes();
const HEH: &[u8] = "ه".as_bytes();
const MINUS: &[u8] = "−".as_bytes();
const BULLET: &[u8] = "•".as_bytes();

/// Appends the folded unit, the bytes of `bytes` from `start` to `end`, to `text`, which is empty, and returns its number
/// of words. None where the plain rules have to do it; what `text` holds then means nothing.
pub(super) fn fold(bytes: &[u8], start: usize, end: usize, runs: Runs, text: &mut Vec<u8>) -> Option<u32> {
    text.reserve(end - start + Runs::SLACK);
    let mut state = State { last: class::START, ..State::default() };
    let unit = &bytes[..end];
    let mut at = start;
    // Most units begin with a letter.
    let mut may_copy = begins_word(&unit[at..]);
    state.words = u32::from(may_copy);
    while at < end {
        if may_copy {
            let (reached, words) = runs.typography(bytes, at, end, text);
            let (reached, spaces) = forms(unit, reached, text);
            if reached > at {
                at = reached;
                state.come_back(words.wrapping_add(spaces), text);
                may_copy = state.is_calm();
                continue;
            }
            state.words -= u32::from(state.last == class::START);
        }
        let (entry, len) = match entry(&unit[at..]) {
            Some((0, _)) | None => {
                at += state.take_rare(&unit[at..], text)?;
                may_copy = state.is_calm();
                continue;
            }
            Some(found) => found,
        };
        at += len;
        at += state.take(entry, &unit[at..], text)?;
        may_copy = state.is_calm();
    }
    state.end(text)
}

/// Writes the letters of which the presentation forms from `at` on are, and single spaces between them. Returns where they
/// stop, and how many spaces were among them.
fn forms(unit: &[u8], mut at: usize, text: &mut Vec<u8>) -> (usize, u32) {
    let mut spaces = 0;
    loop {
        let space = usize::from(at < unit.len() && unit[at] == b' ' && text.last() != Some(&b' '));
        let [0xEF, next @ 0xAD..0xBC, last @ 0x80..0xC0, ..] = unit[at + space..] else { return (at, spaces) };
        let entry = form(next, last);
        if !matches!(entry >> 11, class::LETTER | class::DUAL) {
            return (at, spaces);
        }
        if space > 0 {
            text.push(b' ');
            spaces += 1;
        }
        let code = entry & CODE;
        text.extend_from_slice(&[0xC0 | (code >> 6) as u8, 0x80 | (code & 0x3F) as u8]);
        at += space + 3;
    }
}

/// What of the signs before decides about the next one.
#[derive(Default)]
struct State {
    /// The class of the last sign written.
    last: u16,
    /// White space since then.
    space: bool,
    /// A tatweel since then, and white space behind that.
    tatweel: Tatweel,
    space_after_tatweel: bool,
    /// Something invisible since then.
    invisible: bool,
    words: u32,
    /// Whether the last sign was a Farsi yeh, or marks on one, so that its shape is open still.
    open_yeh: bool,
    /// Of the last stop: a digit before it; white space before it.
    stop_after_digit: bool,
    stop_after_space: bool,
    /// The last mark written, to put marks in order.
    last_mark: u16,
    /// Whether a single quotation mark has been opened.
    open_single: bool,
}

/// A tatweel whose role depends on what comes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Tatweel {
    #[default]
    No,
    BehindLetter,
    Lone,
}

impl State {
    /// Whether nothing is pending behind a letter or digit, so that what comes may be copied.
    fn is_calm(&self) -> bool {
        use class::{DIGIT, DUAL, LATIN, LETTER, MARK};

        matches!(self.last, LETTER | DUAL | MARK | DIGIT | LATIN)
            && !(self.space | self.invisible | self.open_yeh)
            && self.tatweel == Tatweel::No
    }

    /// Takes over behind what was copied to the end of `text`, with as many spaces in it.
    fn come_back(&mut self, spaces: u32, text: &mut Vec<u8>) {
        self.words += spaces;
        let space = text.last() == Some(&b' ');
        if space {
            text.pop();
            self.words -= 1;
        }
        let last = last_entry(text);
        self.wrote(last >> 11);
        self.space = space;
        if self.last == class::MARK {
            self.last_mark = last & CODE;
        }
    }

    /// Takes the next sign; `rest` is behind it. Returns how much of that is taken too.
    #[inline(never)]
    fn take(&mut self, entry: u16, rest: &[u8], text: &mut Vec<u8>) -> Option<usize> {
        use class::{
            AMPERSAND, ANGLE, ARABIC_POINT, BACKSLASH, BULLET, CLOSING, DASH, DIGIT, DUAL, FARSI_YEH, INVISIBLE,
            ITSELF, LATIN, LETTER, MARK, OPENING, OTHER_LETTER, QUOTE, RATE, SINGLE, SPACE, STOP, TATWEEL,
        };

        let (class, code) = (entry >> 11, entry & CODE);
        match class {
            LETTER | DUAL | FARSI_YEH => {
                self.letter(class, code, text)?;
                return Some(0);
            }
            SPACE => {
                match self.tatweel {
                    Tatweel::No => self.space = true,
                    _ => self.space_after_tatweel = true,
                }
                return Some(0);
            }
            MARK => return self.mark(code, text).map(|()| 0),
            INVISIBLE => {
                self.invisible = true;
                return Some(0);
            }
            TATWEEL => return self.tatweel().map(|()| 0),
            _ => self.leave_word(class, code, text)?,
        }
        match class {
            DIGIT => self.digit(code, text),
            LATIN | OTHER_LETTER => self.word_sign(class, code, text),
            STOP => self.stop(code, rest, text)?,
            ARABIC_POINT => {
                let after_digit = self.last == DIGIT && !self.space;
                let between = after_digit && next_class(rest)? == DIGIT;
                self.stop(if between { b'.' } else { b',' }.into(), rest, text)?;
            }
            QUOTE => self.quote(text),
            SINGLE => return self.single(rest, text),
            OPENING | CLOSING => {
                push(code, text);
                self.wrote(class);
            }
            DASH => return self.dash(rest, text),
            BULLET if self.last == class::START => self.bullet(text),
            // At the start an asterisk with white space behind it is a bullet.
            ITSELF if code == u16::from(b'*') && self.last == class::START && next_class(rest)? == SPACE => {
                self.bullet(text);
            }
            AMPERSAND if may_be_reference(rest) => return None,
            // Two of these are a quotation mark or a relation.
            ANGLE if next_entry(rest)? & CODE == code => return None,
            // Before a quotation mark this is what is left of an escape.
            BACKSLASH if matches!(next_class(rest)?, QUOTE | SINGLE | BACKSLASH) => return None,
            RATE | ITSELF | BULLET | AMPERSAND | ANGLE | BACKSLASH => self.sign(class, code, text)?,
            _ => return None,
        }
        Some(0)
    }

    /// Takes the next code point, at the start of `rest`, by the tables that the plain rules read. Returns its length.
    fn take_rare(&mut self, rest: &[u8], text: &mut Vec<u8>) -> Option<usize> {
        const ON_FORMS: Folds = Folds::of(&[Fold::Forms, Fold::Fullwidth]);
        const UNSEEN: Class = Class::LETTER.or(Class::MARK).or(Class::DIGIT).or(Class::SPACE).or(Class::IGNORABLE);

        let c = first_char(rest)?;
        let len = c.len_utf8();
        let (sign, rest) = rest.split_at(len);
        let atom = Atom::from(c);
        if let Some((_, target)) = atom.mapped(ON_FORMS) {
            for c in target.chars() {
                let mut bytes = [0; 4];
                let (entry, _) = entry(c.encode_utf8(&mut bytes).as_bytes())?;
                // What a sign may look ahead for is only what comes behind the last.
                if matches!(entry >> 11, class::LETTER | class::DUAL | class::MARK | class::SPACE | class::FARSI_YEH)
                    || target.len() == c.len_utf8()
                {
                    if self.take(entry, rest, text)? > 0 {
                        return None;
                    }
                } else {
                    return None;
                }
            }
            return Some(len);
        }
        if let Some((fold, target)) = atom.mapped(Level::Typography.folds()) {
            let c = target.chars().next()?;
            return match fold {
                Fold::Bullets if self.last == class::START && self.tatweel == Tatweel::No => {
                    self.bullet(text);
                    Some(len)
                }
                Fold::Bullets => self.itself(sign, text).map(|()| len),
                // A letter as long as dashes are looked at.
                _ if atom.is_word() => None,
                // These are relations too.
                Fold::Quotes if matches!(atom.char(), '≪' | '≫' | '⟪' | '⟫') => None,
                Fold::Quotes | Fold::Dashes | Fold::Punctuation if target.len() == 1 => {
                    let taken = self.take(FAST[c as usize], rest, text)?;
                    Some(len + taken)
                }
                _ => None,
            };
        }
        if atom.class() == Class::IGNORABLE {
            self.invisible = true;
            return Some(len);
        }
        let is_rate = matches!(atom.char(), '‰' | '‱');
        if len < 3 || is_rate || atom.class().is(UNSEEN.or(Class::COMPOSES).or(Class::ARABIC)) {
            return None;
        }
        self.itself(sign, text)?;
        Some(len)
    }

    fn letter(&mut self, class: u16, code: u16, text: &mut Vec<u8>) -> Option<()> {
        use class::{FARSI_YEH, LETTER};

        if self.tatweel != Tatweel::No && self.space_after_tatweel {
            self.leave_word(class, code, text)?;
        }
        self.settle_yeh(true, text);
        self.begin_word(text);
        push(code, text);
        self.open_yeh = class == FARSI_YEH;
        // A Farsi yeh at a word's end is an alef maksura, which does not join what follows.
        self.wrote(if class == FARSI_YEH { LETTER } else { class });
        Some(())
    }

    fn tatweel(&mut self) -> Option<()> {
        use class::{DASH, DUAL, LETTER, MARK};

        match self.tatweel {
            Tatweel::No => {
                self.tatweel = match self.last {
                    LETTER | DUAL | MARK if !self.space => Tatweel::BehindLetter,
                    DASH if !self.space => return None,
                    _ => Tatweel::Lone,
                };
                Some(())
            }
            _ => (!self.space_after_tatweel).then_some(()),
        }
    }

    fn digit(&mut self, code: u16, text: &mut Vec<u8>) {
        use class::{DIGIT, SPACE, STOP};

        if self.last == STOP && self.stop_after_digit && (self.space || self.stop_after_space) {
            // Between two numbers the white space beside a stop tells them apart.
            text.push(b' ');
            self.wrote(SPACE);
        }
        self.word_sign(DIGIT, code, text);
    }

    /// A digit, or a letter that does not join.
    fn word_sign(&mut self, class: u16, code: u16, text: &mut Vec<u8>) {
        self.begin_word(text);
        push(code, text);
        self.wrote(class);
    }

    fn mark(&mut self, code: u16, text: &mut Vec<u8>) -> Option<()> {
        use class::{DUAL, LETTER, MARK};

        if self.space || self.tatweel != Tatweel::No || self.invisible || !matches!(self.last, LETTER | DUAL | MARK) {
            return None;
        }
        if code == FATHATAN && carries_fathatan(text) {
            return if self.open_yeh { None } else { put_before_carrier(text) };
        }
        match code.cmp(&self.last_mark) {
            Ordering::Greater => {
                push(code, text);
                self.last_mark = code;
            }
            Ordering::Equal => {}
            Ordering::Less => {
                let before = text.len() - 2 * marks_at_end(text);
                if code == FATHATAN && carries_fathatan(&text[..before]) {
                    return None;
                }
                put_in_order(code, before, text);
            }
        }
        self.last = MARK;
        Some(())
    }

    fn stop(&mut self, code: u16, rest: &[u8], text: &mut Vec<u8>) -> Option<()> {
        use class::{DIGIT, QUOTE, START, STOP};

        if self.last == STOP && repeats(code, text) {
            self.space = false;
            // The second of two marks stands behind the first, not behind a number.
            self.stop_after_digit &= !text.ends_with(b"!?");
            return Some(());
        }
        let after_space = self.space && !matches!(self.last, START | QUOTE | class::BULLET);
        if code == u16::from(b'.') && after_space && self.last != STOP && next_class(rest)? == DIGIT {
            // Behind white space this is how `.5` starts, and hugs nothing.
            text.extend_from_slice(b" .");
            self.wrote(class::ITSELF);
            return Some(());
        }
        self.stop_after_digit = self.last == DIGIT;
        self.stop_after_space = after_space;
        push(code, text);
        self.wrote(STOP);
        Some(())
    }

    fn quote(&mut self, text: &mut Vec<u8>) {
        if self.last != class::QUOTE {
            text.push(b'"');
        }
        self.wrote(class::QUOTE);
    }

    /// A mark that is a quotation mark, an apostrophe or a prime. Two are a quotation mark.
    fn single(&mut self, rest: &[u8], text: &mut Vec<u8>) -> Option<usize> {
        use class::{DIGIT, ITSELF, LATIN, SINGLE};

        let mut taken = 0;
        while let Some((entry, len)) = entry(&rest[taken..])
            && entry >> 11 == SINGLE
        {
            taken += len;
        }
        let rest = &rest[taken..];
        // An invisible sign may stand between two marks, and a rare sign may be one.
        let next = next_entry(rest)?;
        if taken > 0 {
            self.quote(text);
            return Some(taken);
        }
        let before = if self.space { class::SPACE } else { self.last };
        let is_latin = |entry: u16| entry >> 11 == LATIN;
        let final_s = || {
            let is_s = next & CODE | 0x20 == u16::from(b's');
            Some(matches!(before, LATIN | DIGIT) && is_latin(next) && is_s && !is_latin(next_entry(&rest[1..])?))
        };
        let is_apostrophe = before == LATIN && is_latin(next) || final_s()? || before == DIGIT && !self.open_single;
        if is_apostrophe {
            text.push(b'\'');
            self.wrote(ITSELF);
        } else {
            self.open_single = !self.open_single;
            self.quote(text);
        }
        Some(0)
    }

    /// Dashes: one of a run, a minus before a number, a bullet at the start.
    fn dash(&mut self, rest: &[u8], text: &mut Vec<u8>) -> Option<usize> {
        use class::{DASH, DIGIT, SPACE};

        if self.invisible {
            return None;
        }
        let mut taken = 0;
        while let Some((entry, len)) = entry(&rest[taken..])
            && entry >> 11 == DASH
        {
            taken += len;
        }
        let rest = &rest[taken..];
        let next = next_class(rest)?;
        let before_number = next == DIGIT || rest.first() == Some(&b'.') && next_class(&rest[1..])? == DIGIT;
        self.write_dash(taken == 0 && before_number, next == SPACE, text);
        Some(taken)
    }

    /// Writes a dash as what it is: a number's sign, if one comes right behind it and nothing forbids it, a bullet at the
    /// start before white space, or a dash.
    fn write_dash(&mut self, before_number: bool, before_space: bool, text: &mut Vec<u8>) {
        use class::{CLOSING, DASH, DIGIT, DUAL, ITSELF, LATIN, LETTER, MARK, OTHER_LETTER, RATE, START};

        let opens = self.space
            || !matches!(self.last, LETTER | DUAL | MARK | DIGIT | LATIN | OTHER_LETTER | CLOSING | RATE | DASH);
        if before_number && opens {
            self.write_space(text);
            text.extend_from_slice(MINUS);
            self.wrote(ITSELF);
        } else if self.last == START && before_space {
            self.bullet(text);
        } else {
            text.push(b'-');
            self.wrote(DASH);
        }
    }

    fn bullet(&mut self, text: &mut Vec<u8>) {
        text.extend_from_slice(BULLET);
        self.wrote(class::BULLET);
    }

    /// A percent sign, or one that stands for itself.
    fn sign(&mut self, class: u16, code: u16, text: &mut Vec<u8>) -> Option<()> {
        use class::{DIGIT, ITSELF, RATE};

        // These make one of a run.
        if [b'=', b'_'].map(u16::from).contains(&code) && text.last().copied().map(u16::from) == Some(code) {
            return None;
        }
        if !(class == RATE && self.last == DIGIT) {
            self.write_space(text);
        }
        push(code, text);
        self.wrote(if class == RATE { RATE } else { ITSELF });
        Some(())
    }

    /// A rare sign that stands for itself.
    fn itself(&mut self, sign: &[u8], text: &mut Vec<u8>) -> Option<()> {
        self.leave_word(class::ITSELF, 0, text)?;
        self.write_space(text);
        text.extend_from_slice(sign);
        self.wrote(class::ITSELF);
        Some(())
    }

    /// No letter comes right away, but this sign: a Farsi yeh has its shape, and a tatweel its role.
    fn leave_word(&mut self, next: u16, code: u16, text: &mut Vec<u8>) -> Option<()> {
        self.settle_yeh(false, text);
        if self.tatweel == Tatweel::No { Some(()) } else { self.settle_tatweel(next, code, text) }
    }

    #[cold]
    fn settle_tatweel(&mut self, next: u16, code: u16, text: &mut Vec<u8>) -> Option<()> {
        use class::{DASH, DIGIT, DUAL, LATIN, QUOTE, SINGLE, STOP};

        let role = std::mem::take(&mut self.tatweel);
        let space_after = std::mem::take(&mut self.space_after_tatweel);
        let letter = match self.last {
            class::MARK => last_entry(&text[..text.len() - 2 * marks_at_end(text)]) >> 11,
            last => last,
        };
        if role == Tatweel::BehindLetter && letter == DUAL {
            // It joins a prefix to what can't be joined, be there space between: `الـ 20`, but not `1445 هـ`.
            let joins = matches!(next, DIGIT | LATIN | QUOTE | SINGLE) || code == u16::from(b'(');
            self.space = space_after && (!joins || ends_with_lone_heh(text));
            return Some(());
        }
        // It would be one of a run of dashes, or a point might come that starts a number.
        if next == DASH || (next == STOP && code == u16::from(b'.') && !space_after) {
            return None;
        }
        self.write_dash(next == DIGIT && !space_after, space_after, text);
        self.space = space_after;
        Some(())
    }

    /// The last sign written is of this class now, with nothing behind it.
    fn wrote(&mut self, class: u16) {
        (self.last, self.space, self.invisible, self.last_mark) = (class, false, false, 0);
        (self.tatweel, self.space_after_tatweel) = (Tatweel::No, false);
    }

    /// White space that came is written, unless the sign before it takes it.
    fn write_space(&self, text: &mut Vec<u8>) {
        use class::{BULLET, CLOSING, DASH, OPENING, QUOTE, START, STOP};

        if self.space && !matches!(self.last, START | STOP | OPENING | CLOSING | DASH | QUOTE | BULLET) {
            text.push(b' ');
        }
    }

    /// A letter or digit comes, which may begin a word.
    fn begin_word(&mut self, text: &mut Vec<u8>) {
        use class::{DIGIT, DUAL, LATIN, LETTER, MARK, OTHER_LETTER};

        let after_word = matches!(self.last, LETTER | DUAL | MARK | DIGIT | LATIN | OTHER_LETTER);
        self.write_space(text);
        self.words += u32::from(self.space || !after_word);
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

    fn end(&mut self, text: &mut Vec<u8>) -> Option<u32> {
        self.leave_word(class::START, 0, text)?;
        // A unit without words has rules of its own.
        (self.words > 0).then_some(self.words)
    }
}

/// Whether the last word is a lone heh, as in a Hijri year.
fn ends_with_lone_heh(text: &[u8]) -> bool {
    let unmarked = |text: &[u8]| text.len() - 2 * marks_at_end(text);
    let Some(before) = text[..unmarked(text)].strip_suffix(HEH) else { return false };
    !matches!(last_entry(&before[..unmarked(before)]) >> 11, class::LETTER | class::DUAL)
}

/// Whether a character reference may go on like this behind its ampersand.
fn may_be_reference(rest: &[u8]) -> bool {
    let name = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#').count();
    name > 0 && rest.get(name) == Some(&b';')
}

/// Whether a stop repeats the one that ends the text, which it may turn into an ellipsis or an interrobang.
fn repeats(code: u16, text: &mut Vec<u8>) -> bool {
    let is_ellipsis = text.ends_with(ELLIPSIS);
    let last = text.last().copied().map(u16::from);
    let is_dot = |code: u16| code == 0 || code == u16::from(b'.');
    let is_call = |code: u16| code == u16::from(b'!') || code == u16::from(b'?');
    if is_dot(code) && (is_ellipsis || last == Some(u16::from(b'.'))) {
        if !is_ellipsis {
            text.pop();
            text.extend_from_slice(ELLIPSIS);
        }
        return true;
    }
    if is_call(code) && !is_ellipsis && last.is_some_and(is_call) {
        let both = last != Some(code) || text.ends_with(b"!?");
        if both {
            let run = text.iter().rposition(|&byte| !is_call(byte.into())).map_or(0, |before| before + 1);
            text.truncate(run);
            text.extend_from_slice(b"!?");
        }
        return true;
    }
    !is_ellipsis && last == Some(code)
}
