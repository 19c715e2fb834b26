//! Where the sentences of a line begin: at the sentence boundaries of UAX #29 behind a stop that Arabic text has, without those that
//! are none in Arabic: behind an initial or an abbreviation of one letter, and before a number (`5. 2. 2024`).
//!
//! Whether one begins is a matter of what stands before and of what comes, each by itself: so two sentences that come to stand beside
//! each other, as those between them go, are two still. Of UAX #29 that leaves out what depends on both, a small Latin letter behind `!`
//! or `?`, where none begins either.

use memchr::{Memchr, Memchr3, memchr_iter, memchr3_iter};
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::fold::is_unseen;

const TATWEEL: char = '\u{640}';

/// The stops: full stops and question marks of Arabic, Latin and Urdu text.
const STOPS: [char; 7] = ['.', '!', '?', '\u{61F}', '\u{6D4}', '\u{61D}', '\u{61E}'];

/// Hands the places in a line at which a sentence begins, but for the first, to `found`, in order. Bytes that are not UTF-8 stand in
/// a sentence as anything else does; behind them a stop is looked for anew.
pub(super) fn beginnings(line: &[u8], mut found: impl FnMut(usize)) {
    if let Ok(line) = simdutf8::basic::from_utf8(line) {
        of_text(line, found);
        return;
    }
    let mut start = 0;
    for chunk in line.utf8_chunks() {
        let text = chunk.valid();
        of_text(text, |at| {
            if at < text.len() {
                found(start + at);
            }
        });
        start += text.len() + chunk.invalid().len();
    }
}

/// The same of a text.
fn of_text(text: &str, mut found: impl FnMut(usize)) {
    let mut stops = Stops::of(text.as_bytes());
    let (mut stop, mut last) = (stops.next_from(0), 0);
    while let Some(at) = stop {
        match near(text.as_bytes(), at) {
            Near::Bound(bound) => {
                if ends(&text[last..bound]) {
                    found(bound);
                }
                last = bound;
                stop = stops.next_from(bound);
                continue;
            }
            Near::None => {
                stop = stops.next_from(at + 1);
                continue;
            }
            Near::Unclear => {}
        }
        // Whether a boundary stands behind a stop is told by the letter before it and by what comes.
        let is_enough = |c: char| c.is_ascii() || c.is_whitespace() || matches!(c, '\u{620}'..='\u{64A}');
        let before = text[last..at].char_indices().rev().find(|(_, c)| is_enough(*c)).map_or(last, |(at, _)| last + at);
        let mut bounds = text[before..].split_sentence_bound_indices().skip(1).map(|(bound, _)| before + bound);
        let Some(bound) = bounds.find(|bound| *bound > at) else { break };
        if ends(&text[last..bound]) && begins(&text[bound..], !text[..bound].ends_with(is_unseen)) {
            found(bound);
        }
        last = bound;
        stop = stops.next_from(bound);
    }
}

/// Where a boundary stands behind a stop, as far as the next signs tell it.
enum Near {
    /// There, and an Arabic letter comes, so a sentence can begin.
    Bound(usize),
    /// There is none.
    None,
    Unclear,
}

/// What nearly always comes: a space and an Arabic letter, or a digit of the same number.
fn near(text: &[u8], stop: usize) -> Near {
    let behind = stop + if text[stop] < 0x80 { 1 } else { 2 };
    match text[behind..] {
        [b' ', 0xD8, 0xA1..=0xBF, ..] | [b' ', 0xD9, 0x81..=0x8A, ..] => Near::Bound(behind + 1),
        [] | [b'0'..=b'9', ..] if text[stop] == b'.' => Near::None,
        _ => Near::Unclear,
    }
}

/// Whether a sentence ends with this, which a boundary stands behind.
fn ends(left: &str) -> bool {
    let mut signs = left.chars().rev();
    let stop = signs.find(|c| STOPS.contains(c) || c.is_alphanumeric() && !is_combining_mark(*c));
    match stop {
        Some('.') => {}
        Some(stop) => return STOPS.contains(&stop),
        None => return false,
    }
    let is_passed_over = |c: &char| *c == TATWEEL || is_combining_mark(*c) || is_unseen(*c) && !c.is_whitespace();
    let word = signs.take_while(|c| c.is_alphanumeric() || is_passed_over(c));
    let mut letters = word.filter(|c| !is_passed_over(c));
    let is_initial = letters.next().is_some_and(|first| !first.is_numeric()) && letters.next().is_none();
    !is_initial
}

/// Whether a sentence begins with this, which a boundary stands before: one of UAX #29, where a space does or not.
fn begins(right: &str, is_attached: bool) -> bool {
    let first = right.chars().find(|c| STOPS.contains(c) || c.is_alphanumeric() && !is_combining_mark(*c));
    match first {
        Some(c) if c.is_numeric() || c.is_lowercase() || STOPS.contains(&c) => false,
        _ if is_attached => right
            .starts_with(|c: char| matches!(c, '\u{620}'..='\u{6FF}') && c.is_alphabetic() && !is_combining_mark(c)),
        _ => true,
    }
}

/// The stops of a text.
struct Stops<'t> {
    text: &'t [u8],
    /// Those of ASCII; the last bytes of the Arabic ones; the first of that of Urdu.
    found: [Found<'t>; 3],
    /// The next place of each.
    next: [Option<usize>; 3],
}

/// Where one of some bytes is.
enum Found<'t> {
    OfThree(Memchr3<'t>),
    OfOne(Memchr<'t>),
}

impl<'t> Stops<'t> {
    fn of(text: &'t [u8]) -> Stops<'t> {
        let mut stops = Stops {
            text,
            found: [
                Found::OfThree(memchr3_iter(b'.', b'!', b'?', text)),
                Found::OfThree(memchr3_iter(0x9D, 0x9E, 0x9F, text)),
                Found::OfOne(memchr_iter(0xDB, text)),
            ],
            next: [None; 3],
        };
        stops.next = [0, 1, 2].map(|which| stops.following(which));
        stops
    }

    /// The place of the next stop of a kind.
    fn following(&mut self, which: usize) -> Option<usize> {
        loop {
            let at = match &mut self.found[which] {
                Found::OfThree(found) => found.next()?,
                Found::OfOne(found) => found.next()?,
            };
            match which {
                0 => return Some(at),
                1 if at > 0 && self.text[at - 1] == 0xD8 => return Some(at - 1),
                2 if self.text.get(at + 1) == Some(&0x94) => return Some(at),
                _ => {}
            }
        }
    }

    /// The first stop from a place on, which is behind those that were asked for before.
    fn next_from(&mut self, from: usize) -> Option<usize> {
        for which in 0..3 {
            while self.next[which].is_some_and(|at| at < from) {
                self.next[which] = self.following(which);
            }
        }
        self.next.into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sentences(line: &str) -> Vec<&str> {
        let (mut sentences, mut start) = (Vec::new(), 0);
        beginnings(line.as_bytes(), |at| {
            sentences.push(&line[start..at]);
            start = at;
        });
        sentences.push(&line[start..]);
        sentences
    }

    #[test]
    fn a_stop_ends_a_sentence_and_what_only_looks_like_one_does_not() {
        for line in [
            "قال نعم. |ثم غادر",
            "هل جاء؟ |لم يجئ! |انتهى",
            "یہ اردو ہے۔ |دوسرا جملہ",
            "انتهى.|وبدأ",
            "انتهى؟|وبدأ",
            "قال «نعم.» |ثم غادر",
            "قال نعم. |” ثم غادر “",
            "قال ” نعم. |“ ثم غادر",
            "قال ” نعم. |“",
            "انتظر… ثم غادر",
            "انتظر... |ثم غادر",
            "الدكتور د. سالم والأستاذ أ. ب. أحمد",
            "ص. ب. 12 المنامة",
            "سنة 1445 هـ. الموافق",
            "في 5. 2. 2024 وقع",
            "بلغت 3.5 بالمئة في www.example.com اليوم",
            "في عام 2024. |وقال",
            "قال نعم. 15 شخصا",
            "هل قال yes? no. |Yes",
            "قال نعم ؛ ثم غادر ، وعاد : لا",
            "انتهى.\u{200F} |وبدأ",
            "J. Smith قال. |ثم",
            "",
            "؟",
        ] {
            let wanted: Vec<&str> = line.split('|').collect();
            assert_eq!(sentences(&line.replace('|', "")), wanted);
        }
    }

    #[test]
    fn damaged_bytes_stand_in_a_sentence() {
        let line = [b"\xD8 A. ".as_slice(), "نعم. لا\u{61F} ".as_bytes(), b"\xFF \xD8. ", "ثم".as_bytes()].concat();
        let mut found = Vec::new();
        beginnings(&line, |at| found.push(at));
        assert!(found.iter().all(|&at| at < line.len()));
        assert!(found.contains(&13), "{found:?}");
    }

    /// By the boundaries of the whole line.
    fn plainly(line: &str) -> Vec<usize> {
        let bounds: Vec<usize> = line.split_sentence_bound_indices().map(|(at, _)| at).skip(1).collect();
        let mut last = 0;
        let is_one = |&bound: &usize| {
            let is_attached = !line[..bound].ends_with(is_unseen);
            let is_one = ends(&line[last..bound]) && begins(&line[bound..], is_attached);
            last = bound;
            is_one
        };
        bounds.into_iter().filter(is_one).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

        #[test]
        fn only_what_stands_near_a_stop_is_looked_at(
            line in "[.!?؟۔…,؛ب هـaAéÉ5٥\"»«)\\]\u{64E}\u{200F}\u{301}\u{FEFF} \u{A0}。‼\u{2024}]{0,24}"
        ) {
            let mut found = Vec::new();
            beginnings(line.as_bytes(), |at| found.push(at));
            prop_assert_eq!(found, plainly(&line));
        }

        /// So what is removed joins nothing.
        #[test]
        fn sentences_that_come_to_stand_beside_each_other_stay_two(
            line in "([نعملا د.؟! ]{0,8}|[.!?؟۔…,؛ب هـaAéÉ5٥\"»«)\\]\u{64E}\u{200F}\u{301} ]{0,8}){0,4}", choice in any::<u32>(),
        ) {
            let mut units = Vec::new();
            super::super::sentences(line.as_bytes(), |range| units.push(range));
            let text = |range: &std::ops::Range<usize>| line[range.clone()].to_owned();
            let kept: Vec<String> =
                units.iter().enumerate().filter(|(at, _)| choice >> (at % 32) & 1 == 1).map(|(_, range)| text(range)).collect();
            // The last is where a line ends, and stays there.
            let last_stays = kept.last() == units.last().map(text).as_ref();
            prop_assume!(last_stays || kept.last().is_none_or(|kept| ends(kept)));
            let joined = kept.join(" ");
            let mut found = Vec::new();
            super::super::sentences(joined.as_bytes(), |range| found.push(joined[range].to_owned()));
            prop_assert_eq!(found, kept);
        }
    }
}
