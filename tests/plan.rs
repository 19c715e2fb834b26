//! The plan against the definition of a copy, written down as it reads, without windows, hashes or a work-list.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test that can't go on has failed")]

use proptest::prelude::*;
use tikrar::key::Key;
use tikrar::plan::{Item, Plan};

/// A unit as a test names it: its text's number, words, and whether it is kept.
#[derive(Clone, Copy, Debug)]
struct Given {
    text: u32,
    words: u32,
    protected: bool,
}

fn items(given: &[Given]) -> Vec<Item> {
    given
        .iter()
        .map(|unit| Item {
            key: Key::from(xxhash_rust::xxh3::xxh3_128(&unit.text.to_le_bytes())),
            class: unit.text,
            words: unit.words,
            protected: unit.protected,
        })
        .collect()
}

fn originals(given: &[Given], min_words: u32) -> Vec<Option<usize>> {
    let plan = Plan::of_document(&items(given), min_words).unwrap();
    (0..given.len()).map(|at| plan.original(at)).collect()
}

/// The run from `a` to `b` in `left`, both included, has enough words.
fn enough(given: &[Given], left: &[usize], a: usize, b: usize, min_words: u32) -> bool {
    left[a..=b].iter().map(|&unit| given[unit].words).sum::<u32>() >= min_words
}

/// Where in `left` the run from `a` to `b` first began, if that was earlier.
fn began_earlier(given: &[Given], left: &[usize], a: usize, b: usize) -> Option<usize> {
    (0..a).find(|&start| (a..=b).all(|at| given[left[at]].text == given[left[start + at - a]].text))
}

/// "A unit is a copy when it lies in a run of at least min-words words which already began earlier."
fn is_copy(given: &[Given], left: &[usize], unit: usize, min_words: u32) -> bool {
    (0..=unit).any(|a| {
        (unit..left.len()).any(|b| enough(given, left, a, b, min_words) && began_earlier(given, left, a, b).is_some())
    })
}

/// "Take the window that begins earliest among the repeated ones that contain it, go to the same unit at the window's
/// first place". Of two that begin together the longer is taken.
fn counterpart(given: &[Given], left: &[usize], unit: usize, min_words: u32) -> usize {
    for a in 0..=unit {
        for b in (unit..left.len()).rev() {
            let shortest_from =
                enough(given, left, a, b, min_words) && (b == a || !enough(given, left, a, b - 1, min_words));
            let shortest_to =
                enough(given, left, a, b, min_words) && (b == a || !enough(given, left, a + 1, b, min_words));
            if let (true, Some(start)) = (shortest_from || shortest_to, began_earlier(given, left, a, b)) {
                return left[start + unit - a];
            }
        }
    }
    panic!("a copy lies in no repeated window");
}

/// Full passes over what is left, until nothing changes.
fn by_definition(given: &[Given], min_words: u32) -> Vec<Option<usize>> {
    let mut originals = vec![None; given.len()];
    let mut left: Vec<usize> = (0..given.len()).collect();
    loop {
        let gone: Vec<usize> =
            (0..left.len()).filter(|&at| !given[left[at]].protected && is_copy(given, &left, at, min_words)).collect();
        if gone.is_empty() {
            break;
        }
        for &at in &gone {
            originals[left[at]] = Some(counterpart(given, &left, at, min_words));
        }
        left.retain(|&unit| originals[unit].is_none());
    }
    // "... and on from there until a unit that is kept."
    for at in 0..given.len() {
        while let Some(original) = originals[at].filter(|&original| originals[original].is_some()) {
            originals[at] = originals[original];
        }
    }
    originals
}

/// Documents over a small alphabet. A text has one number of words wherever it occurs; whether a unit is kept depends on
/// how it is written, so it is each unit's own.
fn documents(protection: f64) -> impl Strategy<Value = Vec<Given>> {
    let words = prop::collection::vec(prop_oneof![3 => 0..10_u32, 1 => Just(0), 2 => 4..6_u32], 6);
    (2..=6_u32, words).prop_flat_map(move |(alphabet, words)| {
        let unit = (0..alphabet, prop::bool::weighted(protection));
        prop::collection::vec(unit, 0..28).prop_map(move |units| {
            units.into_iter().map(|(text, protected)| Given { text, words: words[text as usize], protected }).collect()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12_000, ..ProptestConfig::default() })]

    #[test]
    fn the_plan_is_what_the_definition_says(given in documents(0.0), min_words in 1..=12_u32) {
        prop_assert_eq!(originals(&given, min_words), by_definition(&given, min_words));
    }

    #[test]
    fn the_plan_is_what_the_definition_says_with_kept_units(given in documents(0.2), min_words in 1..=12_u32) {
        prop_assert_eq!(originals(&given, min_words), by_definition(&given, min_words));
    }

    #[test]
    fn the_first_of_every_text_stays_and_is_what_copies_point_to(given in documents(0.2), min_words in 1..=12_u32) {
        let originals = originals(&given, min_words);
        for (at, original) in originals.iter().enumerate() {
            let first = given.iter().position(|unit| unit.text == given[at].text) == Some(at);
            prop_assert!(!(first && original.is_some()), "the first occurrence of a text went");
            if let Some(original) = *original {
                prop_assert!(original < at && originals[original].is_none());
                prop_assert_eq!(given[original].text, given[at].text);
                prop_assert!(!given[at].protected);
            }
        }
    }
}

/// Long and short units by number: a short one has half the words of a window.
fn chain(texts: impl IntoIterator<Item = u32>) -> Vec<Given> {
    let words = |text: u32| if text == 0 { 10 } else { 5 };
    texts.into_iter().map(|text| Given { text, words: words(text), protected: false }).collect()
}

#[test]
fn what_a_removal_brings_together_is_looked_at_again() {
    // X a b a X b: without the second X, "a b" stands there twice.
    assert_eq!(originals(&chain([0, 1, 2, 1, 0, 2]), 10), [None, None, None, Some(1), Some(0), Some(2)]);
}

#[test]
fn a_chain_of_a_hundred_thousand_passes_is_settled() {
    // Pairs (b, c) stand first, each alone. Then all b in turn, a long unit that repeats, and all c in the other turn: when
    // the long unit goes, the innermost pair meets, goes, and lets the next one meet. Full passes would be quadratic.
    const PAIRS: u32 = 50_000;
    let b = |pair: u32| 1 + 2 * pair;
    let c = |pair: u32| 2 + 2 * pair;
    let apart = |pair: u32| 1_000_000 + pair;
    let mut texts = vec![0];
    texts.extend((0..PAIRS).flat_map(|pair| [b(pair), c(pair), apart(pair)]));
    let first_copy = texts.len();
    texts.extend((0..PAIRS).rev().map(b));
    texts.push(0);
    texts.extend((0..PAIRS).map(c));
    let mut given = chain(texts);
    for unit in &mut given {
        unit.words = if unit.text >= 1_000_000 { 10 } else { unit.words };
    }
    let originals = originals(&given, 10);
    assert!(originals[..first_copy].iter().all(Option::is_none));
    assert!(originals[first_copy..].iter().all(Option::is_some));
    assert_eq!(originals[first_copy + PAIRS as usize], Some(0));
    assert_eq!(originals[given.len() - 1], Some(first_copy - 2));
}

#[test]
fn the_small_chain_is_what_the_definition_says_too() {
    let small = |pairs: u32| -> Vec<u32> {
        let pair = |n: u32| [1 + 2 * n, 2 + 2 * n, 100 + n];
        let mut texts = vec![0];
        texts.extend((0..pairs).flat_map(pair));
        texts.extend((0..pairs).rev().map(|n| 1 + 2 * n));
        texts.push(0);
        texts.extend((0..pairs).map(|n| 2 + 2 * n));
        texts
    };
    let given = chain(small(6));
    assert_eq!(originals(&given, 10), by_definition(&given, 10));
}

mod corpus {
    use super::*;
    use tikrar::index::Memory;
    use tikrar::plan::{Decision, StreamItem, StreamPlan};

    /// What a stream decides about the units of all documents, numbered through.
    fn streamed(documents: &[Vec<Given>], min_words: u32, at_once: usize) -> Vec<Decision> {
        let mut plan = StreamPlan::new(min_words, Memory::new());
        let mut decisions = Vec::new();
        let mut before = 0;
        for document in documents {
            let items: Vec<StreamItem> = items(document)
                .into_iter()
                .enumerate()
                .map(|(at, Item { key, words, protected, .. })| StreamItem {
                    key,
                    words,
                    protected,
                    place: (before + at) as u64,
                })
                .collect();
            for (at, few) in items.chunks(at_once).enumerate() {
                let Ok(()) = plan.extend(few.iter().copied(), |decision| decisions.push(decision));
                let pending = &document[decisions.len() - before..at * at_once + few.len()];
                assert!(pending.iter().map(|unit| unit.words).sum::<u32>() < min_words, "too many words are pending");
            }
            plan.end_document(|decision| decisions.push(decision));
            before += document.len();
            assert_eq!(decisions.len(), before);
        }
        decisions
    }

    /// Where the run from `a` to `b` of document `of` first began, as document and unit.
    fn first_began(documents: &[Vec<Given>], of: usize, a: usize, b: usize) -> (usize, usize) {
        let text = |unit: &Given| unit.text;
        let run: Vec<u32> = documents[of][a..=b].iter().map(text).collect();
        (0..=of)
            .find_map(|document| {
                let texts: Vec<u32> = documents[document].iter().map(text).collect();
                texts.windows(run.len()).position(|window| window == run).map(|start| (document, start))
            })
            .unwrap()
    }

    /// The definition as it reads, in the scope of the corpus.
    fn check(documents: &[Vec<Given>], min_words: u32, at_once: usize) -> Result<(), TestCaseError> {
        let decisions = streamed(documents, min_words, at_once);
        let mut at = 0;
        for (of, document) in documents.iter().enumerate() {
            let before = at;
            let words = |a: usize, b: usize| document[a..=b].iter().map(|unit| unit.words).sum::<u32>();
            let began_earlier = |a: usize, b: usize| first_began(documents, of, a, b) < (of, a);
            for unit in 0..document.len() {
                let is_copy =
                    (0..=unit).any(|a| (unit..document.len()).any(|b| words(a, b) >= min_words && began_earlier(a, b)));
                let wanted = if is_copy && !document[unit].protected {
                    let end = (unit..document.len()).find(|&end| words(unit, end) >= min_words);
                    let original = end.filter(|&end| began_earlier(unit, end)).map(|end| {
                        let (document, start) = first_began(documents, of, unit, end);
                        (documents[..document].iter().map(Vec::len).sum::<usize>() + start) as u64
                    });
                    Some(original)
                } else {
                    None
                };
                let decided = match decisions[before + unit] {
                    Decision::Copy { original, .. } => Some(original),
                    Decision::Kept => None,
                };
                prop_assert_eq!(decided, wanted, "document {} unit {}", of, unit);
                at += 1;
            }
        }
        // The first of every text stays.
        let mut seen = std::collections::HashSet::new();
        for (unit, decision) in documents.iter().flatten().zip(&decisions) {
            prop_assert!(!seen.insert(unit.text) || *decision == Decision::Kept);
        }
        Ok(())
    }

    fn documents() -> impl Strategy<Value = Vec<Vec<Given>>> {
        let words = prop::collection::vec(0..8_u32, 6);
        let texts = prop::collection::vec(prop::collection::vec(0..6_u32, 0..12), 1..5);
        (words, texts, prop::collection::vec(prop::bool::weighted(0.1), 6)).prop_map(|(words, documents, protected)| {
            let given = |text: u32| Given { text, words: words[text as usize], protected: protected[text as usize] };
            documents.into_iter().map(|texts| texts.into_iter().map(given).collect()).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 6_000, ..ProptestConfig::default() })]

        #[test]
        fn a_stream_decides_as_the_definition_does(documents in documents(), min_words in 1..12_u32, at_once in 1..6_usize) {
            check(&documents, min_words, at_once)?;
        }
    }
}
