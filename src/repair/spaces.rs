//! Spaces: one between words, none before what ends a phrase, one behind it, none within quotation marks and brackets.

use std::ops::Range;

use super::Edit;
use super::line::{Is, Sign};

/// So many spaces set columns or half verses apart, and stay.
const SETS_APART: usize = 4;

/// Names of sites are written with a dot in Arabic too: `العربية.نت`.
const HOSTS: [&str; 12] = ["نت", "كوم", "كم", "أورج", "اورج", "أورغ", "اورغ", "نيوز", "إنفو", "انفو", "تيوب", "بوست"];

/// Names of Latin letters, of which abbreviations are made: `إيه.إتش`.
const LETTERS: [&str; 8] = ["إيه", "إتش", "كيه", "كيو", "واي", "إكس", "دبليو", "اتش"];

/// Mends the spaces between the signs of a unit.
pub(super) fn repair(unit: &str, signs: &[Sign], edits: &mut Vec<Edit>) {
    // As in a table that is made of signs.
    if signs.iter().filter(|sign| sign.char == '|').nth(1).is_some() {
        return;
    }
    let text =
        Text { unit, signs, brackets: brackets(signs), markers: markers(signs), beside_arabic: beside_arabic(signs) };
    let mut at = 0;
    while at < signs.len() {
        let len = signs[at..].iter().take_while(|sign| sign.is_space()).count();
        if len > 0 {
            if at > 0 && at + len < signs.len() {
                text.gap(at, at + len, edits);
            }
            at += len;
        } else {
            if at > 0 && text.parts(at) {
                let start = signs[at].range().start;
                edits.push(Edit { range: start..start, with: " " });
            }
            at += 1;
        }
    }
}

/// The signs of a unit, with what is known of them from afar.
struct Text<'s> {
    unit: &'s str,
    signs: &'s [Sign],
    /// The brackets that pair around Arabic, in order.
    brackets: Vec<usize>,
    /// The numbers of items of lists that lines begin with.
    markers: Vec<Range<usize>>,
    /// Of each sign, whether it, or the next letter on one side, is Arabic.
    beside_arabic: Vec<Beside>,
}

/// Whether text is Arabic, seen from a sign to the front and to the back.
#[derive(Clone, Copy, Debug, Default)]
struct Beside {
    before: bool,
    after: bool,
}

/// What becomes of a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gap {
    AsIs,
    None,
    One,
}

impl Text<'_> {
    /// Mends the white space from one sign up to another, which stands between two.
    fn gap(&self, start: usize, end: usize, edits: &mut Vec<Edit>) {
        let spaces = &self.signs[start..end];
        if spaces.iter().any(|space| space.is == Is::Hard || space.locked) {
            return;
        }
        let kept = match self.becomes(start, end) {
            Gap::AsIs => return,
            Gap::None => None,
            Gap::One => Some(spaces.iter().position(|space| space.char == ' ').unwrap_or(0)),
        };
        for (number, space) in spaces.iter().enumerate() {
            let with = if kept == Some(number) { " " } else { "" };
            if space.char != ' ' || with.is_empty() {
                edits.push(Edit { range: space.range(), with });
            }
        }
    }

    fn becomes(&self, start: usize, end: usize) -> Gap {
        let signs = self.signs;
        let (before, after) = (signs[start - 1], signs[end]);
        let len = end - start;
        let marker = self.markers.partition_point(|marker| marker.end < start);
        if len >= SETS_APART || self.markers.get(marker).is_some_and(|marker| marker.start <= start) {
            return Gap::AsIs;
        }
        let within = |at: usize| self.brackets.binary_search(&at).is_ok();
        if before.is == Is::Opener || after.is == Is::Closer || within(start - 1) && before.is == Is::Bracket {
            return Gap::None;
        }
        if within(end) && after.is == Is::Unbracket {
            return Gap::None;
        }
        if after.is == Is::Stop {
            return if self.may_attach(start, end) { Gap::None } else { Gap::AsIs };
        }
        // `لـ «نص»`.
        if before.is == Is::Tatweel
            && after.is == Is::Opener
            && super::quotes::is_prefix(self.unit, &signs[..start - 1])
        {
            return Gap::None;
        }
        let is_term = |sign: Sign| matches!(sign.is, Is::Letter | Is::Digit) || sign.locked;
        let in_arabic = self.beside_arabic[start - 1].before || self.beside_arabic[end].after;
        let between_terms = is_term(before) && is_term(after);
        if !is_of_text(before) || !is_of_text(after) || !in_arabic || between_terms {
            return Gap::AsIs;
        }
        // A space of another kind may keep a number and its unit, or an initial and a name, together.
        let is_kept = len == 1 && (is_term(before) || is_term(after) || before.char == '.');
        if is_kept { Gap::AsIs } else { Gap::One }
    }

    /// Whether what ends a phrase, behind a gap, belongs to what is before the gap.
    fn may_attach(&self, gap: usize, at: usize) -> bool {
        let signs = self.signs;
        let (before, stop) = (signs[gap - 1], signs[at]);
        let len = signs[at..].iter().take_while(|sign| sign.is == Is::Stop).count();
        let after = signs.get(at + len);
        // What comes behind that, past white space.
        let next = signs[at + len..].iter().take(SETS_APART).find(|sign| !sign.is_space());
        let is_arabic_stop = matches!(stop.char, '،' | '؛' | '؟');
        // Signs in a row, as in `. . .`, belong to each other; and two commas may open a quotation.
        let is_row = after.is_some_and(|after| after.is_space())
            && next.is_some_and(|next| matches!(next.is, Is::Stop | Is::Ellipsis));
        if stop.locked || before.locked || is_row || (stop.char == ',' && len > 1) {
            return false;
        }
        let ends_word = match before.is {
            Is::Arabic | Is::Mark => stop.char != '.' || !is_initial(self.unit, &signs[..gap], &signs[at + len..]),
            Is::Closer | Is::Unbracket => true,
            Is::Digit => {
                stop.char != ':' && next.is_none_or(|next| !matches!(next.is, Is::Digit | Is::Letter | Is::Other))
            }
            Is::Letter => is_arabic_stop,
            _ => matches!(before.char, '%' | '٪'),
        };
        // `:)` is no text, and neither is `: )`.
        let is_face = matches!(stop.char, ':' | ';' | '؛')
            && next.is_some_and(|next| matches!(next.is, Is::Bracket | Is::Unbracket | Is::Dash));
        let stands_alone = after.is_none_or(|after| match after.is {
            Is::Space | Is::Hard | Is::Closer | Is::Opener | Is::Unbracket | Is::Quote => true,
            // The space that was before it has to come behind it.
            Is::Arabic => self.may_part(at + len, before),
            _ => false,
        });
        ends_word && !is_face && stands_alone
    }

    /// Whether a space is missing before a sign that stands at once behind another.
    fn parts(&self, at: usize) -> bool {
        let (before, sign) = (self.signs[at - 1], self.signs[at]);
        if before.locked || sign.locked || before.is_space() {
            return false;
        }
        match (before.is, sign.is) {
            (Is::Stop, Is::Arabic | Is::Opener) => {
                let stops = self.signs[..at].iter().rev().take(8).take_while(|sign| sign.is == Is::Stop).count();
                let gap = at - stops;
                // Where what was before the stop is moved to it, a space is looked past.
                let spaces = self.signs[..gap].iter().rev().take(SETS_APART).take_while(|sign| sign.is_space()).count();
                let Some(&word) = (gap - spaces).checked_sub(1).and_then(|last| self.signs.get(last)) else {
                    return false;
                };
                let is_moved = spaces == 0 || self.becomes(gap - spaces, gap) == Gap::None;
                is_moved
                    && self.signs[gap - spaces..gap].iter().all(|sign| sign.is == Is::Space)
                    && self.may_part(at, word)
            }
            (Is::Arabic | Is::Mark, Is::Opener) => !super::quotes::is_prefix(self.unit, &self.signs[..at]),
            (Is::Closer, Is::Opener | Is::Arabic) => true,
            _ => false,
        }
    }

    /// Whether a space belongs between what ends a phrase and the sign at once behind it. `word` is what ends before that.
    fn may_part(&self, at: usize, word: Sign) -> bool {
        let signs = self.signs;
        let stops = signs[..at].iter().rev().take(8).take_while(|sign| sign.is == Is::Stop).count();
        let (stop, before) = (signs[at - 1], &signs[..at - stops]);
        let before = &before[..before.iter().rposition(|sign| !sign.is_space()).map_or(0, |last| last + 1)];
        let opens = signs[at].is == Is::Opener;
        let after_word = word.is_arabic() || matches!(word.is, Is::Closer | Is::Unbracket);
        match stop.char {
            '،' | '؛' | '؟' | '!' => after_word || word.is == Is::Digit,
            ',' | ';' | '?' => after_word,
            ':' => after_word && (opens || !word.is_arabic() || letters(self.unit, before) > 1),
            '.' if opens => after_word && (!word.is_arabic() || letters(self.unit, before) > 2),
            // Initials, abbreviations and names of sites are written together.
            '.' => stops == 1 && word.is_arabic() && letters(self.unit, before) > 2 && self.is_sentence(at, before),
            _ => false,
        }
    }

    /// Whether words begin here that no full stop before and behind belongs to.
    fn is_sentence(&self, at: usize, before: &[Sign]) -> bool {
        let after = &self.signs[at..];
        let word = after.iter().take(LONGEST).take_while(|sign| sign.is_word()).count();
        let written = before.iter().rev().take(LONGEST).take_while(|sign| sign.is_word()).count();
        let (word, behind) = after.split_at(word);
        let (ahead, written) = before.split_at(before.len() - written);
        let is_one_of = |word: &[Sign], names: &[&str]| names.iter().any(|name| self.chars(word).eq(name.chars()));
        let is_name = is_one_of(word, &HOSTS) || is_one_of(word, &LETTERS) || is_one_of(written, &LETTERS);
        let ends = behind.first().is_none_or(|sign| sign.char != '.' && sign.is != Is::Dash);
        let begins = ahead.last().is_none_or(|sign| sign.char != '.' && sign.is != Is::Dash);
        let is_word = |word: &[Sign]| self.chars(word).take(LONGEST).count() < LONGEST;
        is_word(word) && is_word(written) && self.chars(word).nth(2).is_some() && !is_name && ends && begins
    }

    /// The code points of a word.
    fn chars(&self, word: &[Sign]) -> impl Iterator<Item = char> {
        word.iter().flat_map(|sign| sign.text(self.unit).chars())
    }
}

/// Longer words are none.
const LONGEST: usize = 64;

/// How many letters the last word has, as far as that matters.
fn letters(unit: &str, before: &[Sign]) -> usize {
    let word = before.iter().rev().take(LONGEST).take_while(|sign| sign.is_word());
    word.filter(|sign| sign.is == Is::Arabic).flat_map(|sign| sign.text(unit).chars()).take(3).count()
}

/// Whether a word before a full stop is an initial, or what is put before one: `أ . ب`, `وأ . ب`.
fn is_initial(unit: &str, before: &[Sign], after: &[Sign]) -> bool {
    let spaces = after.iter().take(SETS_APART).take_while(|sign| sign.is_space()).count();
    let mut word = after[spaces..].iter().take(2).take_while(|sign| sign.is_word());
    // A lone waw begins a sentence as well.
    let before_initial = match (word.next(), word.next()) {
        (Some(letter), None) => letter.is == Is::Arabic && letter.is_single() && letter.char != 'و',
        _ => false,
    };
    letters(unit, before) < if before_initial { 3 } else { 2 }
}

/// Of each sign, whether text beside it is Arabic.
fn beside_arabic(signs: &[Sign]) -> Vec<Beside> {
    let mut beside = vec![Beside::default(); signs.len()];
    let arabic = |sign: &Sign, is_arabic: &mut bool| match sign.is {
        _ if sign.locked => *is_arabic = false,
        Is::Arabic | Is::Mark | Is::Tatweel | Is::Joiner => *is_arabic = true,
        Is::Letter => *is_arabic = false,
        // Numbers are of the text that they are in.
        _ => {}
    };
    let (mut before, mut after) = (false, false);
    for (sign, beside) in signs.iter().zip(&mut beside) {
        arabic(sign, &mut before);
        beside.before = before;
    }
    for (sign, beside) in signs.iter().zip(&mut beside).rev() {
        arabic(sign, &mut after);
        beside.after = after;
    }
    beside
}

/// Whether it is a part of running text, so that one space is enough beside it.
fn is_of_text(sign: Sign) -> bool {
    sign.is_word()
        || matches!(sign.is, Is::Opener | Is::Closer | Is::Bracket | Is::Unbracket | Is::Stop)
        || matches!(sign.char, '%' | '٪')
}

/// The brackets that pair and have Arabic between them, in order.
fn brackets(signs: &[Sign]) -> Vec<usize> {
    let (mut open, mut found) = (Vec::new(), Vec::new());
    let mut arabic = 0_u32;
    for (at, sign) in signs.iter().enumerate() {
        match sign.is {
            Is::Arabic => arabic += 1,
            Is::Bracket if !sign.locked => open.push((at, arabic)),
            Is::Unbracket if !sign.locked => {
                let is_of =
                    |&mut (at, _): &mut (usize, u32)| matches!((signs[at].char, sign.char), ('(', ')') | ('[', ']'));
                if let Some((opening, before)) = open.pop_if(is_of)
                    && before < arabic
                {
                    found.extend([opening, at]);
                }
            }
            _ => {}
        }
    }
    found.sort_unstable();
    found
}

/// The numbers of items of lists that the lines of a unit begin with.
fn markers(signs: &[Sign]) -> Vec<Range<usize>> {
    let is_line_end = |(at, sign): (usize, &Sign)| matches!(sign.char, '\n' | '\r').then_some(at + 1);
    let starts = std::iter::once(0).chain(signs.iter().enumerate().filter_map(is_line_end));
    let marker = |start| Some(start..start + marker(&signs[start..])).filter(|marker| !marker.is_empty());
    starts.filter_map(marker).collect()
}

/// Where the number or letter of an item of a list ends, with what stands behind it: `1 -`, `أ.`, `2)`. What is indented further than
/// that is none.
fn marker(signs: &[Sign]) -> usize {
    let start = signs.iter().take(64).take_while(|sign| sign.is_space()).count();
    let signs = &signs[start..];
    let is_marker = |sign: &Sign| match sign.is {
        Is::Digit => sign.range().len() <= 4,
        Is::Arabic => sign.is_single(),
        _ => false,
    };
    // Digits of other scripts are signs of their own.
    let number = signs.iter().take(4).take_while(|sign| sign.is == Is::Digit).count();
    let len = number.max(1);
    if !signs.first().is_some_and(is_marker) || signs.get(len).is_some_and(|sign| sign.is_word()) {
        return 0;
    }
    let rest = &signs[len..];
    let spaces = rest.iter().take(SETS_APART).take_while(|sign| sign.is_space()).count();
    match rest.get(spaces) {
        Some(mark) if matches!(mark.is, Is::Dash | Is::Unbracket) || matches!(mark.char, '.' | ':') => {
            start + len + spaces + 1
        }
        _ => 0,
    }
}
