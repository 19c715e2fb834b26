//! Near copies: against pairs that people have labelled, and against the definition as it reads.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;
use std::num::{NonZeroU32, NonZeroUsize};

use proptest::prelude::*;
use tikrar::corpus::{Documents, Examined, Finished, Options, Stream, Threads, Why};
use tikrar::fold::{Folder, Folds, Level};
use tikrar::near::{Near, Nearness, Verifier};
use tikrar::source::{Document, Opened, Spooling};
use tikrar::unit::{Splitter, UnitKind};

struct Pair {
    id: &'static str,
    is_same: bool,
    category: &'static str,
    texts: [&'static str; 2],
}

fn pairs() -> Vec<Pair> {
    pairs_of(include_str!("../fixtures/near/pairs.tsv"))
}

fn pairs_of(table: &'static str) -> Vec<Pair> {
    let lines = table.lines().skip(1);
    let pair = |line: &'static str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [id, label, category, first, second, _] = columns[..] else { panic!("{line}") };
        Pair { id, is_same: label == "same", category, texts: [first, second] }
    };
    lines.map(pair).collect()
}

fn near(threshold: &str, guarded: bool) -> Near {
    Near { threshold: threshold.parse().unwrap(), guarded }
}

#[test]
fn no_pair_is_near_whose_facts_differ() {
    let mut verifier = Verifier::new(near("0.7", true), Level::Typography.folds());
    let held_out = pairs_of(include_str!("../fixtures/near/held-out.tsv"));
    for Pair { id, texts: [first, second], .. } in pairs().into_iter().chain(held_out).filter(|pair| !pair.is_same) {
        let found = verifier.nearness(first.as_bytes(), second.as_bytes());
        assert!(found.is_none(), "{id}: {}", found.map_or_else(String::new, |found| found.differences().to_owned()));
    }
}

/// How many pairs of each kind are near, guarded and not. `docs/near.md` says what that means.
#[test]
fn pairs_are_near_as_far_as_is_told() {
    let mut counts: BTreeMap<(bool, &str), Vec<u32>> = BTreeMap::new();
    let of = [("0.8", true), ("0.9", true), ("0.95", true), ("0.8", false), ("0.9", false), ("0.95", false)];
    for (at, (threshold, guarded)) in of.into_iter().enumerate() {
        let mut verifier = Verifier::new(near(threshold, guarded), Level::Typography.folds());
        for Pair { is_same, category, texts: [first, second], .. } in pairs() {
            let counts = counts.entry((!is_same, category)).or_insert_with(|| vec![0; 1 + of.len()]);
            counts[0] += u32::from(at == 0);
            counts[1 + at] += u32::from(verifier.nearness(first.as_bytes(), second.as_bytes()).is_some());
        }
    }
    let mut table = String::from("label category: pairs | 0.8 0.9 0.95 | unguarded 0.8 0.9 0.95\n");
    for ((differs, category), counts) in counts {
        let label = if differs { "differ" } else { "same" };
        let [pairs, a, b, c, d, e, f] = counts[..] else { panic!("{counts:?}") };
        writeln!(table, "{label} {category}: {pairs} | {a} {b} {c} | {d} {e} {f}").unwrap();
    }
    insta::assert_snapshot!(table);
}

/// A line, which may be edited, of a few whose facts differ.
fn line() -> impl Strategy<Value = String> {
    let lead = "قال وزير الصحة اليوم إن عدد الإصابات في عمان ارتفع إلى 15 حالة خلال الأسبوع الماضي";
    let other = "وأضاف المتحدث أن الفرق الطبية ستواصل زياراتها إلى القرى البعيدة حتى نهاية العام الجاري";
    let edits = prop::sample::select(vec![
        ("", ""),
        ("قال", "أعلن"),
        ("إن", "بأن"),
        ("خلال", "في"),
        ("الماضي", "المنصرم"),
        ("ارتفع", "زاد"),
        ("عمان", "عمّان"),
        ("عمان", "عُمان"),
        ("15", "16"),
        ("الصحة", "الصحه"),
        ("ارتفع", "لم يرتفع"),
        ("وأضاف", "وأكد"),
        ("حتى نهاية", "لغاية نهاية"),
        ("الجاري", "الحالي"),
        ("البعيدة", "القريبة"),
        ("قال", "القاهرة (رويترز) - قال"),
        ("قال", "دبي (رويترز) - قال"),
        ("اليوم", "اليوم اليوم"),
    ]);
    let long = (prop::bool::ANY, prop::collection::vec(edits, 0..3));
    let long = long.prop_map(move |(first, edits)| {
        let text = if first { lead } else { other };
        edits.into_iter().fold(text.to_owned(), |text, (from, to)| text.replacen(from, to, 1))
    });
    let short = prop::sample::select(vec!["نعم", "وغادر الوفد العاصمة", "* * *", "وغادر الوفدُ العاصمة"]);
    prop_oneof![3 => long, 1 => short.prop_map(str::to_owned)]
}

fn key(unit: &[u8], folds: Folds) -> Vec<u8> {
    Folder::by_plain_rules(folds).fold(unit).text().to_vec()
}

/// The definition: a unit stands for the first unit that it is nearly the same as, of those that stand for themselves.
#[derive(Default)]
struct Plain {
    kinds: Vec<String>,
}

impl Plain {
    fn stands_for(&mut self, unit: &str, options: &Options) -> String {
        let near = options.near.unwrap();
        if self.kinds.iter().any(|kind| key(kind.as_bytes(), options.folds) == key(unit.as_bytes(), options.folds)) {
            return unit.to_owned();
        }
        let is_near =
            |kind: &&String| Verifier::new(near, options.folds).nearness(kind.as_bytes(), unit.as_bytes()).is_some();
        if let Some(kind) = self.kinds.iter().find(is_near) {
            return kind.clone();
        }
        self.kinds.push(unit.to_owned());
        unit.to_owned()
    }

    fn document(&mut self, lines: &[String], options: &Options) -> Vec<u8> {
        lines.iter().map(|line| self.stands_for(line, options) + "\n").collect::<String>().into_bytes()
    }
}

fn opened(text: &[u8]) -> Documents {
    Documents::Text(Box::new(Opened { head: text.to_vec(), reader: Box::new(io::empty()), file: None, raw: None }))
}

/// The lines that go, by file; and how many of them only nearly repeat another.
fn gone(stream: &Stream<'_>, documents: &[Vec<u8>]) -> (BTreeSet<(usize, u64)>, usize) {
    let mut lines = BTreeSet::new();
    let mut nearly = 0;
    let mut finished = |event: Finished<io::Error>| {
        if let Finished::Cut { file, gone, .. } = event {
            lines.extend(gone.iter().map(|gone| (file, gone.lines.0)));
            nearly += gone.iter().filter(|gone| matches!(gone.why, Why::Copy { near: Some(_), .. })).count();
        }
    };
    let mut next = documents.iter().map(|document| opened(document));
    stream.clean(|| next.next().map(Ok), &mut io::sink(), &mut finished).unwrap();
    (lines, nearly)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn what_goes_is_what_would_if_each_unit_were_what_it_stands_for(
        documents in prop::collection::vec(prop::collection::vec(line(), 0..9), 1..5),
        threshold in prop::sample::select(vec!["0.7", "0.8", "0.9", "0.95", "1"]),
        level in prop::sample::select(&Level::ALL[..3]),
        min_words in prop::sample::select(vec![1, 5, 10, 20]),
        (piece, threads, memory) in (1..400_usize, 1..4_usize, prop::bool::ANY),
    ) {
        let near = Some(near(threshold, true));
        let options = Options { folds: level.folds(), min_words: NonZeroU32::new(min_words).unwrap(), near, ..Options::default() };
        let exact = Options { near: None, ..options.clone() };
        let texts: Vec<Vec<u8>> = documents.iter().map(|lines| lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes()).collect();

        for (lines, text) in documents.iter().zip(&texts) {
            let examined = Examined::new(&Document::of_bytes(text.clone()), &options).unwrap();
            let wanted = Examined::new(&Document::of_bytes(Plain::default().document(lines, &options)), &exact).unwrap();
            prop_assert_eq!(&examined.plan, &wanted.plan);
            for at in (0..lines.len()).filter(|&at| examined.plan.is_copy(at)) {
                let original = examined.plan.original(at).unwrap();
                let same = key(lines[at].as_bytes(), options.folds) == key(lines[original].as_bytes(), options.folds);
                prop_assert_eq!(examined.nearness(at, original).is_none(), same);
            }
        }

        let mut plain = Plain::default();
        let stand_for: Vec<Vec<u8>> = documents.iter().map(|lines| plain.document(lines, &options)).collect();
        let stream = |options| {
            let mut stream = Stream::new(options);
            (stream.tells, stream.piece) = (true, piece);
            stream.threads = Threads::AtMost(NonZeroUsize::new(threads).unwrap());
            stream.memory = memory.then_some(1 << 20);
            stream.spooling = Spooling { hold: 100, temp_dir: None };
            stream
        };
        let (found, nearly) = gone(&stream(&options), &texts);
        let (wanted, none) = gone(&stream(&exact), &stand_for);
        prop_assert_eq!(&found, &wanted);
        prop_assert_eq!(none, 0);
        prop_assert!(nearly <= found.len());
    }

    #[test]
    fn any_text_can_be_compared(one in "\\PC{0,200}", other in "\\PC{0,200}", guarded in prop::bool::ANY) {
        let mut verifier = Verifier::new(near("0.7", guarded), Level::Typography.folds());
        let there = verifier.nearness(one.as_bytes(), other.as_bytes());
        let back = verifier.nearness(other.as_bytes(), one.as_bytes());
        let figures = |near: Option<Nearness>| near.map(|near| (near.words, near.in_order, near.shared));
        let (there, back) = (figures(there), figures(back));
        prop_assert_eq!(there, back);
    }
}

#[test]
fn units_are_those_of_the_kind_that_is_asked_for() {
    let text = "قال الوزير اليوم إن العمل مستمر في كل المدن والقرى. نعم. أعلن الوزير اليوم أن العمل مستمر في جميع المدن والقرى.";
    let options = Options { unit: UnitKind::Sentence, near: Some(near("0.7", true)), ..Options::default() };
    let examined = Examined::new(&Document::of_bytes(text.into()), &options).unwrap();
    let mut units = 0;
    Splitter::new(UnitKind::Sentence).split(text.as_bytes(), true, |_, _| units += 1);
    assert_eq!((units, examined.plan.original(2)), (3, Some(0)));
    assert!(examined.nearness(2, 0).is_some());
}
