//! Quotation marks: which opens with which, by what stands around them.
//!
//! The direction of a mark says nothing: Arabic typists and Western software use them the opposite way. Guillemets alone are
//! pairs by themselves. All marks of a unit pair, or none is touched.

use std::ops::Range;

use super::line::{Is, Sign, last_letters};
use super::{Edit, QuoteStyle};

/// A quotation mark. A unit can be full of them, so it is small.
#[derive(Clone, Copy, Debug)]
struct Mark {
    /// Its first sign, and how many it is: two single marks are one.
    at: u32,
    len: u8,
    kind: Kind,
    /// Where the marks begin that stand side by side with it, and where they end: what is around these tells what it does.
    run: (u32, u32),
}

impl Mark {
    /// The signs that it is.
    fn signs(&self) -> Range<usize> {
        self.at as usize..self.end() as usize
    }

    fn end(&self) -> u32 {
        self.at + u32::from(self.len)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `«` and `»`.
    Left,
    Right,
    /// Any other.
    Either,
}

/// Two marks that belong together, by their numbers, and how many pairs are around them.
#[derive(Clone, Copy, Debug)]
struct Pair {
    open: u32,
    close: u32,
    depth: u32,
    /// Whether it does again what the pair around it does, as in `""نص""`.
    is_double: bool,
}

/// What came of the marks of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paired {
    /// There are none, or all pair.
    All,
    /// They do not pair.
    Not,
}

/// The most quotations that a quotation is in.
const DEEPEST: usize = 2;

/// The most marks that can stand side by side and pair: as many close as open, and each may be there twice.
const SIDE_BY_SIDE: u32 = 4 * DEEPEST as u32;

/// Pairs the marks and says of the signs what they do. Where that is asked for, the marks are made those of a style.
pub(super) fn repair(unit: &str, signs: &mut Vec<Sign>, style: Option<QuoteStyle>, edits: &mut Vec<Edit>) -> Paired {
    let Some(marks) = marks(signs) else {
        return Paired::Not;
    };
    if marks.is_empty() {
        return Paired::All;
    }
    let Some(pairs) = pair(unit, signs, &marks).or_else(|| pair(unit, signs, &swapped(unit, signs, &marks)?)) else {
        return Paired::Not;
    };
    let foreign = foreign(signs, &marks, &pairs);
    let mut gone = Vec::new();
    for (pair, is_foreign) in pairs.iter().zip(foreign) {
        if is_foreign {
            continue;
        }
        let (open, close) = (&marks[pair.open as usize], &marks[pair.close as usize]);
        set(signs, open, Is::Opener);
        set(signs, close, Is::Closer);
        let Some(style) = style else { continue };
        let (opens, closes) = if pair.is_double { ("", "") } else { style.marks(pair.depth) };
        for (mark, with) in [(open, opens), (close, closes)] {
            write(signs, mark, with, edits);
            gone.extend(mark.signs().skip(usize::from(!with.is_empty())));
        }
    }
    if !gone.is_empty() {
        // What follows looks at what is left.
        gone.sort_unstable();
        let (mut gone, mut at) = (gone.into_iter().peekable(), 0);
        signs.retain(|_| {
            at += 1;
            gone.next_if_eq(&(at - 1)).is_none()
        });
    }
    Paired::All
}

fn set(signs: &mut [Sign], mark: &Mark, is: Is) {
    signs[mark.signs()].iter_mut().for_each(|sign| sign.is = is);
}

/// Writes another mark in the place of one.
fn write(signs: &[Sign], mark: &Mark, with: &'static str, edits: &mut Vec<Edit>) {
    let mut with = with;
    for sign in &signs[mark.signs()] {
        let with = std::mem::take(&mut with);
        if !with.chars().eq([sign.char]) {
            edits.push(Edit { range: sign.range(), with });
        }
    }
}

/// The marks of a unit, but for those in Latin words, after digits, and in what is locked; none if there are so many side by side
/// that they can't pair.
fn marks(signs: &[Sign]) -> Option<Vec<Mark>> {
    let mut marks: Vec<Mark> = Vec::new();
    // How many are open, if each opens that can't close: a mark after a number closes one, or else says inches.
    let mut open = 0_u32;
    let mut at = 0;
    while at < signs.len() {
        let sign = signs[at];
        let alike = signs[at..].iter().take(3).take_while(|next| next.char == sign.char).count();
        let (len, kind) = match sign.char {
            '«' => (1, Kind::Left),
            '»' => (1, Kind::Right),
            '<' | '>' if alike == 2 && !beside_term(signs, at, 2) => {
                (2, if sign.char == '<' { Kind::Left } else { Kind::Right })
            }
            '\'' | '‘' | '’' if alike == 2 => (2, Kind::Either),
            _ if sign.is == Is::Quote => (1, Kind::Either),
            _ => {
                // Of more than two alike, none is a mark.
                let is_single = matches!(sign.char, '\'' | '‘' | '’' | '<' | '>');
                let run = || signs[at..].iter().take_while(|next| next.char == sign.char).count();
                at += if is_single { run() } else { 1 };
                continue;
            }
        };
        let before = at.checked_sub(1).map(|before| signs[before].is);
        let after = signs.get(at + len).map(|sign| sign.is);
        let in_latin = before == Some(Is::Letter) && after == Some(Is::Letter);
        let inches = before == Some(Is::Digit) && kind == Kind::Either && open == 0;
        if signs[at..at + len].iter().any(|sign| sign.blocks) {
            return None;
        }
        let is_free = signs[at..at + len].iter().all(|sign| !sign.locked);
        if is_free && !in_latin && !inches {
            let is_space = |is: Option<Is>| is.is_none_or(|is| matches!(is, Is::Space | Is::Hard));
            let closes = open > 0 && (!is_space(before) || is_space(after));
            open = if closes { open - 1 } else { open + 1 };
            let (here, end) = (at as u32, (at + len) as u32);
            let begins = marks.last().filter(|last| last.end() == here).map_or(here, |last| last.run.0);
            if here - begins > 2 * SIDE_BY_SIDE {
                return None;
            }
            marks.push(Mark { at: here, len: len as u8, kind, run: (begins, end) });
        }
        at += len;
    }
    for number in (1..marks.len()).rev() {
        if marks[number - 1].run.1 == marks[number].at {
            marks[number - 1].run.1 = marks[number].run.1;
        }
    }
    Some(marks)
}

/// Whether a digit or Latin letter is the next thing on either side, so that `<<` is a relation or a shift.
fn beside_term(signs: &[Sign], at: usize, len: usize) -> bool {
    let is_term = |sign: &&Sign| matches!(sign.is, Is::Digit | Is::Letter);
    // White space is looked past, but not for ever.
    let last = signs[..at].iter().rev().take(4).find(|sign| !sign.is_space());
    let next = signs[at + len..].iter().take(4).find(|sign| !sign.is_space());
    last.filter(is_term).or(next.filter(is_term)).is_some()
}

/// Guillemets that are stored in the order in which they are seen: `»` always opens.
fn swapped(unit: &str, signs: &[Sign], marks: &[Mark]) -> Option<Vec<Mark>> {
    let swap = |mark: &Mark| {
        let (opens, closes) = evidence(unit, signs, mark);
        let kind = match mark.kind {
            Kind::Left if closes && !opens => Kind::Right,
            Kind::Right if opens && !closes => Kind::Left,
            Kind::Either => Kind::Either,
            Kind::Left | Kind::Right => return None,
        };
        Some(Mark { kind, ..*mark })
    };
    marks.iter().map(swap).collect()
}

/// Pairs all marks, if they can be.
fn pair(unit: &str, signs: &[Sign], marks: &[Mark]) -> Option<Vec<Pair>> {
    let mut pairs: Vec<Pair> = Vec::new();
    let mut open: Vec<u32> = Vec::new();
    for (number, mark) in (0..).zip(marks) {
        let opens = match mark.kind {
            Kind::Left => true,
            Kind::Right => false,
            Kind::Either => match evidence(unit, signs, mark) {
                (true, false) => true,
                (false, true) => false,
                _ => open.last().is_none_or(|&last| marks[last as usize].kind != Kind::Either),
            },
        };
        if opens {
            open.push(number);
            // Each may be there twice.
            if open.len() > 2 * DEEPEST {
                return None;
            }
            continue;
        }
        let opening = open.pop()?;
        let opens = &marks[opening as usize];
        let are_alike = (opens.kind == Kind::Left) == (mark.kind == Kind::Right);
        if !are_alike || !signs[opens.signs().end..mark.signs().start].iter().any(|sign| sign.is_word()) {
            return None;
        }
        if let Some(inner) = pairs.last_mut()
            && touch(opens, &marks[inner.open as usize])
            && touch(&marks[inner.close as usize], mark)
        {
            inner.is_double = true;
        }
        pairs.push(Pair { open: opening, close: number, depth: 0, is_double: false });
    }
    if !open.is_empty() {
        return None;
    }
    // From the last to close, so that those around a pair come before it.
    let mut around: Vec<(u32, bool)> = Vec::new();
    for pair in pairs.iter_mut().rev() {
        while around.pop_if(|(open, _)| *open > pair.open).is_some() {}
        let depth = around.iter().filter(|(_, counts)| *counts).count();
        pair.depth = depth as u32;
        if depth >= DEEPEST && !pair.is_double {
            return None;
        }
        around.push((pair.open, !pair.is_double));
    }
    Some(pairs)
}

/// Whether two marks of a kind stand side by side.
fn touch(first: &Mark, second: &Mark) -> bool {
    first.end() == second.at && first.kind == second.kind
}

/// Whether a mark looks as one that opens, and as one that closes, by what stands around it.
fn evidence(unit: &str, signs: &[Sign], mark: &Mark) -> (bool, bool) {
    let (before, after) = (&signs[..mark.run.0 as usize], signs.get(mark.run.1 as usize));
    let spaced_after = after.is_none_or(|sign| sign.is_space());
    let spaced_before = before.last().is_none_or(|sign| sign.is_space());
    let begins = spaced_before
        || before.last().is_some_and(|last| match last.is {
            Is::Bracket | Is::Tatweel | Is::Dash => true,
            Is::Stop => matches!(last.char, ':' | '،' | '؛' | ','),
            Is::Arabic => is_prefix(unit, before),
            _ => false,
        });
    let before_stop = after.is_some_and(|next| {
        matches!(next.is, Is::Unbracket | Is::Stop | Is::Ellipsis) || next.is == Is::Dash && !begins
    });
    // What is said comes behind a colon, with a space or without.
    let announced = before.last().is_some_and(|last| last.is == Is::Bracket || last.char == ':');
    let ends = spaced_after && !announced || before_stop;
    (begins && !spaced_after && !before_stop, ends && !spaced_before)
}

/// Whether a word that is written together with the next one stands at the end: `و`, `ب`, `لل`, `وال`.
pub(super) fn is_prefix(unit: &str, before: &[Sign]) -> bool {
    let signs = before.iter().rev().take(5).take_while(|sign| sign.is == Is::Arabic).count();
    let begins = before.len().checked_sub(signs + 1).and_then(|at| before.get(at));
    let begins = begins.is_none_or(|sign| !sign.is_word() && !sign.locked);
    let mut letters = ['\0'; 5];
    let mut number = 0;
    for letter in last_letters(unit, before).take(5) {
        letters[number] = letter;
        number += 1;
    }
    let word = &mut letters[..number];
    word.reverse();
    let mut rest = &*word;
    let mut take = |wanted: &[char]| {
        if let [first, after @ ..] = rest
            && wanted.contains(first)
        {
            rest = after;
        }
    };
    take(&['و', 'ف']);
    take(&['ب', 'ك', 'ل']);
    take(&['ا']);
    take(&['ل']);
    // A lone alef is none.
    begins && rest.is_empty() && word.last().is_some_and(|last| *last != 'ا')
}

/// Of each pair, whether it is of a stretch of another script that has letters outside of quotations too.
fn foreign(signs: &[Sign], marks: &[Mark], pairs: &[Pair]) -> Vec<bool> {
    // Stretches of other scripts are told apart by how many Arabic letters stand before them.
    let mut stretch_of = Vec::with_capacity(marks.len());
    let mut partner = vec![0_u32; marks.len()];
    for pair in pairs {
        (partner[pair.open as usize], partner[pair.close as usize]) = (pair.close, pair.open);
    }
    let mut arabic = 0_u32;
    let mut rest = marks.iter().peekable();
    for (at, sign) in signs.iter().enumerate() {
        if rest.next_if(|mark| mark.at as usize == at).is_some() {
            stretch_of.push(arabic);
        }
        arabic += u32::from(sign.is == Is::Arabic);
    }
    let is_within = |number: usize| stretch_of[number] == stretch_of[partner[number] as usize];
    let (mut outside, mut quoted) = (Vec::new(), 0_u32);
    let (mut arabic, mut number) = (0_u32, 0);
    for (at, sign) in signs.iter().enumerate() {
        if marks.get(number).is_some_and(|mark| mark.at as usize == at) {
            if is_within(number) {
                quoted = if partner[number] as usize > number { quoted + 1 } else { quoted.saturating_sub(1) };
            }
            number += 1;
        }
        if sign.is == Is::Letter && quoted == 0 && outside.last() != Some(&arabic) {
            outside.push(arabic);
        }
        arabic += u32::from(sign.is == Is::Arabic);
    }
    let of_pair =
        |pair: &Pair| is_within(pair.open as usize) && outside.binary_search(&stretch_of[pair.open as usize]).is_ok();
    pairs.iter().map(of_pair).collect()
}
