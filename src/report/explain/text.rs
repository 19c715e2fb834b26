//! The words for explanations: a plain statement first, and what there is to say beside it behind that, a line each.

use super::{
    Apart, Compared, Copied, Explanation, Later, Repeat, Spot, Spots, Staying, Verdict, Within, code_point, visible,
};
use crate::corpus::{KeptBy, Options, Originals};
use crate::fold::{Folds, Sign};
use crate::near::Nearness;
use crate::report::text::count;
use crate::report::{Equality, Lines, Repetition};

/// How many signs of a folded text are shown.
const SHOWN: usize = 300;

/// How many places are named.
const NAMED: usize = 5;

/// How many words are shown before and behind the one in which two texts differ, and how many signs at most.
const WORDS_AROUND: usize = 2;
const SIGNS_AROUND: usize = 40;

/// What is said of a unit. With `isolate`, text stands between isolates, so that on a terminal its direction changes nothing
/// around it.
#[must_use]
pub fn said_of_unit(explanation: &Explanation, options: &Options, isolate: bool) -> Vec<String> {
    let Explanation { lines, words, key, folded, within, verdict } = explanation;
    let mut said = match verdict {
        Verdict::Copy(copied) => of_copy(*lines, *words, copied, options),
        Verdict::Stays(staying) => of_staying(staying, *within, options, isolate),
    };
    said.push(format!("{}; key {key}", words_of(u64::from(*words))));
    let rest = folded.len().saturating_sub(SHOWN);
    let text = isolated(&visible(&folded[..folded.len() - rest]), isolate);
    said.push(match rest {
        0 if folded.is_empty() => "folded: nothing is left".to_owned(),
        0 => format!("folded: {text}"),
        rest => format!("folded: {text}… and {} behind that", count(rest as u64, "code point")),
    });
    said
}

/// What is said of two units that are called by these names; as [`said_of_unit`] does.
#[must_use]
pub fn said_of_two(names: [&str; 2], compared: &Compared, options: &Options, isolate: bool) -> Vec<String> {
    let (here, [one, other]) = (in_force(options), names);
    let mut said = Vec::new();
    match compared {
        Compared::Equal { folds: None, .. } => said.push(format!("{one} and {other} are equal byte for byte")),
        Compared::Equal { level, folds: Some(folds) } => {
            let at = level.map_or(here, |level| format!("at {level}"));
            let by = if folds.is_empty() { String::new() } else { format!(", by {folds}") };
            said.push(format!("{one} and {other} are equal {at}{by}"));
        }
        Compared::EqualAt { level, folds, apart } => {
            said.push(format!("{one} and {other} are equal at {level}, by {folds}, and not {here}"));
            said.extend(of_apart(names, &here, apart, isolate));
        }
        Compared::Different { apart, at_last } => {
            said.push(format!("{one} and {other} are equal at no level"));
            said.extend(of_apart(names, &here, apart, isolate));
            if let Some((level, at_last)) = at_last {
                said.push(match at_last.signs() == apart.signs() {
                    true => format!("at {level} they differ by the same"),
                    false => format!("at {level} {}", of_place(at_last)),
                });
            }
        }
    }
    said
}

fn of_copy(lines: Lines, words: u32, copied: &Copied, options: &Options) -> Vec<String> {
    let Copied { original, folds, near, block, run_words } = copied;
    let Spot { lines: original, document } = original;
    let original = Originals::Lines(original.first, original.last);
    let repetition = Repetition { copy: lines, original, document: document.clone(), nearly: near.is_some() };
    let mut said = vec![format!("goes: {repetition} ({})", how(*folds, near.as_ref()))];
    if block.units > 1 {
        said.push(format!("it stands in a block of {}: {block}", words_of(block.words)));
    }
    let min_words = options.min_words.get();
    if words < min_words {
        let is_enough = |words: u64| words >= u64::from(min_words);
        let with = if is_enough(block.words) {
            "its block".to_owned()
        } else if is_enough(*run_words) {
            format!("a run of {} around it, which is repeated", words_of(*run_words))
        } else {
            "a run around it, which is repeated when other copies are gone".to_owned()
        };
        said.push(format!(
            "by itself it has fewer words than a copy takes, {min_words} (--min-words): it goes with {with}"
        ));
    }
    said
}

fn of_staying(staying: &Staying, within: Within, options: &Options, isolate: bool) -> Vec<String> {
    let Staying { kept_by, would_repeat, copies, repeat, again, later } = staying;
    let (here, min_words) = (in_force(options), options.min_words.get());
    // What is said first is why it stays.
    let mut said = Vec::new();
    if let Some(first) = kept_by.first() {
        let more = match kept_by.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        said.push(format!("kept by {}{more}", of_kept(first, isolate)));
        said.push(match would_repeat {
            Some(original) => format!("otherwise it would go, as a copy of {original}"),
            None => "otherwise it would stay too".to_owned(),
        });
    }
    if !copies.is_empty() {
        said.push(format!("it is the original of {}", listed(copies)));
    }
    if let Some(Repeat { of, folds, near, units, words }) = repeat {
        let run = match units {
            1 => "by itself".to_owned(),
            units => format!("in a run of {}", count(*units as u64, options.unit.name())),
        };
        let words = if *words == 0 { "no words".to_owned() } else { words_of(*words) };
        let too_few =
            if kept_by.is_empty() { format!(": a copy takes {min_words} (--min-words)") } else { String::new() };
        let (is_equal, how) = (equal(near.as_ref()), how(*folds, near.as_ref()));
        said.push(format!("it is {is_equal} {of} ({how}), {run}, with {words}{too_few}"));
    }
    if !again.is_empty() {
        let (have, stay) = if again.count() == 1 { ("has", "stays") } else { ("have", "stay") };
        let first = if repeat.is_none() && copies.is_empty() { "it is the first of its text; " } else { "" };
        let same = if options.near.is_some() { "the same text or nearly that" } else { "the same text" };
        said.push(format!("{first}{} {have} {same}, and {stay} too", listed(again)));
    }
    let is_alone = copies.is_empty() && repeat.is_none() && again.is_empty();
    if is_alone && kept_by.is_empty() {
        let at = if later.is_some() { here } else { "at any level".to_owned() };
        let within = match within {
            Within::Document => "document",
            Within::Corpus => "corpus",
        };
        said.push(format!("nothing else in the {within} is equal to it {at}"));
    }
    if let Some(Later { level, other, folds, near, is_copy }) = later {
        let is_equal = format!("it is {}", equal(near.as_ref()));
        let what = if *is_copy { "it would go, as a copy of" } else { &is_equal };
        let but = if *is_copy { "" } else { ", and would stay too" };
        said.push(format!("at {level} {what} {other} ({}){but}", how(*folds, near.as_ref())));
    }
    if let Some(why) = said.first_mut() {
        why.insert_str(0, "stays: ");
    }
    said
}

fn of_kept(by: &KeptBy, isolate: bool) -> String {
    match by {
        KeptBy::Pattern(pattern) => format!("--keep '{}'", isolated(&shown(pattern), isolate)),
        KeptBy::Text(Some(place)) => format!("line {} of {} (--keep-file)", place.line, place.file),
        KeptBy::Text(None) => "a text that is kept".to_owned(),
    }
}

fn of_apart(names: [&str; 2], here: &str, apart: &Apart, isolate: bool) -> [String; 3] {
    let text = |at: usize| format!("  {}: {}", names[at], isolated(&around(&apart.texts[at], apart.at), isolate));
    [format!("{here} {}", of_place(apart)), text(0), text(1)]
}

/// As in `they first differ at code point 8: U+0649 ARABIC LETTER ALEF MAKSURA against U+064A ARABIC LETTER YEH`.
fn of_place(apart: &Apart) -> String {
    let [one, other] = apart.signs().map(|sign| sign.map_or_else(|| "the end of the text".to_owned(), code_point));
    format!("they first differ at code point {}: {one} against {other}", apart.at + 1)
}

/// The word at this place with those around it.
fn around(text: &[Sign], at: usize) -> String {
    let is_space = |sign: &Sign| matches!(sign, Sign::Char(c) if c.is_whitespace());
    let ends = |spaces: &mut usize, sign: &Sign| {
        *spaces += usize::from(is_space(sign));
        *spaces <= WORDS_AROUND
    };
    let before =
        text[..at].iter().rev().take(SIGNS_AROUND).scan(0, |spaces, sign| ends(spaces, sign).then_some(())).count();
    let behind = text[at..].iter().take(SIGNS_AROUND).scan(0, |spaces, sign| ends(spaces, sign).then_some(())).count();
    let (start, end) = (at - before, at + behind);
    let cut = |is_cut: bool| if is_cut { "…" } else { "" };
    format!("{}{}{}", cut(start > 0), visible(&text[start..end]).trim(), cut(end < text.len()))
}

/// What makes two units equal, or how near they are.
fn how(folds: Option<Folds>, near: Option<&Nearness>) -> String {
    near.map_or_else(|| Equality::from(folds).how(), Nearness::said)
}

/// What a unit is to another.
fn equal(near: Option<&Nearness>) -> &'static str {
    if near.is_some() { "nearly the same as" } else { "equal to" }
}

/// Where units are compared.
fn in_force(options: &Options) -> String {
    options.folds.level().map_or_else(|| "with these folds".to_owned(), |level| format!("at {level}"))
}

fn words_of(words: u64) -> String {
    count(words, "word")
}

/// As in `line 9`, `lines 9, 12-14 and 3 more`, and `line 9 of this document and lines 3, 5 of b.txt and 2 more`: names of
/// documents may have commas.
fn listed(spots: &Spots) -> String {
    let named = &spots.named[..spots.named.len().min(NAMED)];
    let by_document = named.chunk_by(|one, other| one.document == other.document);
    let is_one = named.iter().all(|spot| spot.document.is_none());
    let lines = |spots: &[Spot]| {
        let lines = |Spot { lines, .. }: &Spot| match lines.are_one() {
            true => lines.first.to_string(),
            false => format!("{}-{}", lines.first, lines.last),
        };
        match spots {
            [] => String::new(),
            [spot] => spot.lines.to_string(),
            spots => format!("lines {}", spots.iter().map(lines).collect::<Vec<_>>().join(", ")),
        }
    };
    let mut said: Vec<String> = by_document
        .map(|spots| match spots.first().and_then(|spot| spot.document.as_ref()) {
            Some(document) => format!("{} of {document}", lines(spots)),
            None if is_one => lines(spots),
            None => format!("{} of this document", lines(spots)),
        })
        .collect();
    let more = spots.count() - named.len() as u64;
    if more > 0 {
        said.push(format!("{more} more"));
    }
    said.join(" and ")
}

fn shown(text: &str) -> String {
    visible(&text.chars().map(Sign::Char).collect::<Vec<_>>())
}

fn isolated(text: &str, isolate: bool) -> String {
    if isolate { format!("\u{2068}{text}\u{2069}") } else { text.to_owned() }
}
