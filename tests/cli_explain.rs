//! `tikrar explain`: what it says of a unit, and of two; and that it says what `check` does.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::num::NonZeroU32;
use std::process::{Command, Stdio};

use command::{folder, run, text, tikrar};
use proptest::prelude::*;
use tikrar::corpus::{Examined, Keep, Options, Originals, Threads};
use tikrar::fold::{Folder, Level};
use tikrar::report::explain::{Compared, Explainer, NoUnit, Verdict};
use tikrar::report::{Finding, OriginalIn, Reason};
use tikrar::source::Document;
use tikrar::unit::UnitKind;

/// Lines of which one is each thing that can be said of a unit.
const ARTICLE: &str = "\
المصدر : وكالات
قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن
نعم
ذهب أحمد إلى المدرسة في الصباح وعاد مع إخوته في المساء

قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن «اليوم»
قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن
نعم
نعم
ذهب احمد الى المدرسة في الصباح وعاد مع اخوته في المساء
المصدر: وكالات
* * *
قال الوزير إن \u{200F}النتائج جيدة جدا وإن العمل مستمر في كل المدن \"اليوم\"
بسم الله الرحمن الرحيم
* * *
بسم الله الرحمن الرحيم
غادر الوفد
";

/// What is said with these arguments in a folder with the article, a file of what is kept, and some records.
fn said(arguments: &[&str]) -> String {
    let records = "{\"id\":\"AR-7\",\"text\":\"أول\"}\n{\"text\":null}\n{\"text\":\"قال \\\"نعم\\\" ثم غادر المدينة مع الوفد المرافق له في \
                   المساء\\n\\nقال «نعم» ثم غادر المدينة مع الوفد المرافق له في المساء\"}\n";
    let files = [
        ("article.txt", ARTICLE.as_bytes()),
        ("kept.txt", "غادر\nبسم الله الرحمن الرحيم".as_bytes()),
        ("news.jsonl", records.as_bytes()),
        ("pages.txt", "أول\u{C}ثان\nثالث\n\nأول\u{C}رابع".as_bytes()),
    ];
    let output = run(&folder(&files), &[&["explain"], arguments].concat());
    format!("status {}\n{}{}", output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn each_unit_of_an_article_is_explained() {
    let lines: Vec<String> = (1..=18).map(|line| said(&[&format!("article.txt:{line}")])).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_is_kept_is_explained_by_what_keeps_it() {
    let keep = ["--keep", "[«\"]اليوم", "--keep", "الوزير", "--keep-file", "kept.txt"];
    let lines: Vec<String> = ["article.txt:7", "article.txt:13", "article.txt:14", "article.txt:16"]
        .map(|place| said(&[&keep[..], &[place]].concat()))
        .into();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_a_short_unit_goes_with_is_said() {
    let long = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";
    let explain = |article: &str, min_words: &str, line: u64| {
        let place = format!(":{line}");
        let output = tikrar(&["explain", "--min-words", min_words, &place]).write_stdin(article).output().unwrap();
        text(&output.stdout).lines().find(|line| line.contains("--min-words")).unwrap_or_default().trim().to_owned()
    };
    let by_itself = |min_words: &str| {
        format!("by itself it has fewer words than a copy takes, {min_words} (--min-words): it goes with ")
    };
    let block = format!("{long}\nنعم\nثم\n{long}\nنعم\n");
    assert_eq!(explain(&block, "10", 5), by_itself("10") + "its block");
    // When the long line is gone, the third and fourth lines repeat the first two.
    let settled = format!("{long}\nأ\nب\nأ\n{long}\nب\n");
    assert_eq!(
        explain(&settled, "2", 4),
        by_itself("2") + "a run around it, which is repeated when other copies are gone"
    );
    // The first line of the run is kept, so that what goes of it is less than a run.
    let output = tikrar(&["explain", "--keep", "الوزير", ":5"]).write_stdin(block.as_str()).output().unwrap();
    assert!(text(&output.stdout).contains("it goes with a run of 13 words around it, which is repeated\n"));
}

#[test]
fn two_units_are_compared() {
    let all: Vec<String> = [
        &["article.txt:7", "article.txt:2"][..],
        &["article.txt:13", "article.txt:6"],
        &["article.txt:10", "article.txt:4"],
        &["article.txt:6", "article.txt:2"],
        &["article.txt:3", "article.txt:14"],
        &["--level", "exact", "article.txt:13", "article.txt:6"],
        &["--level", "loose", "article.txt:10", "article.txt:4"],
        &["--fold", "-quotes", "article.txt:13", "article.txt:6"],
        &["--fold", "+hamza", "article.txt:10", "article.txt:4"],
        &["news.jsonl:3:1", "news.jsonl:3:3"],
        &["news.jsonl:1:1", "article.txt:1"],
    ]
    .iter()
    .map(|arguments| said(arguments))
    .collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn records_and_paragraphs_have_places_too() {
    let all: Vec<String> = [
        &["news.jsonl:3:3"][..],
        &["news.jsonl:3:2"],
        &["--unit", "paragraph", "article.txt:3"],
        &["--unit", "paragraph", "article.txt:5"],
        // Two paragraphs stand on one line.
        &["--unit", "paragraph", "--min-words", "1", "pages.txt:4"],
    ]
    .iter()
    .map(|arguments| said(arguments))
    .collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn what_is_not_there_is_an_error() {
    let all: Vec<String> = [
        &["article.txt:19"][..],
        &["article.txt:0"],
        &["article.txt"],
        &["article.txt:1:1"],
        &["article.txt:1", "article.txt:5"],
        &["missing.txt:1"],
        &[".:1"],
        &["news.jsonl:1"],
        &["news.jsonl:4:1"],
        &["news.jsonl:2:1"],
        &["news.jsonl:1:2"],
    ]
    .iter()
    .map(|arguments| said(arguments))
    .collect();
    insta::assert_snapshot!(all.join("\n"));
    for arguments in [&[][..], &["a.txt:1", "a.txt:2", "a.txt:3"], &["--min-words", "0", "article.txt:1"]] {
        assert!(said(arguments).starts_with("status 2\n"), "{arguments:?}");
    }
}

#[test]
fn a_real_article_is_explained() {
    let article = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/articles/seed-article.txt");
    let explain = |places: &[&str]| {
        let places: Vec<String> = places.iter().map(|line| format!("{article}:{line}")).collect();
        let places: Vec<&str> = ["explain"].into_iter().chain(places.iter().map(String::as_str)).collect();
        text(&tikrar(&places).output().unwrap().stdout).replace(article, "seed-article.txt")
    };
    insta::assert_snapshot!(["1", "4", "9", "13"].map(|line| explain(&[line])).concat() + &explain(&["9", "4"]));
}

#[test]
fn a_place_is_what_check_names() {
    let input =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/cases/17-positions-in-mixed-units/input.txt"));
    let folder = folder(&[("input.txt", &input.unwrap())]);
    let check = text(&run(&folder, &["check", "--min-words", "3", "input.txt"]).stdout);
    let place = check.split(' ').next().unwrap();
    assert_eq!(place, "input.txt:7:");
    let explained = text(&run(&folder, &["explain", "--min-words", "3", place]).stdout);
    assert!(explained.starts_with("input.txt:7: goes: line 7 repeats line "), "{explained}");
}

#[test]
fn standard_input_is_read_once_for_two_lines() {
    let output = tikrar(&["explain", "-:7", "-:2"]).write_stdin(ARTICLE).output().unwrap();
    assert_eq!(text(&output.stdout), "standard input:7 and standard input:2 are equal byte for byte\n");
    let records = "{\"text\":\"نعم\"}\n{\"text\":\"نعم\"}\n";
    let output = tikrar(&["explain", ":1:1", ":2:1"]).write_stdin(records).output().unwrap();
    assert!(text(&output.stdout).ends_with(" are equal byte for byte\n"));
    let noted = "standard input looks like JSON Lines: read as JSON Lines (--format text for text)\n";
    assert_eq!(text(&output.stderr), noted);
    let named = tikrar(&["explain", "--stdin-filename", "a.txt", "-:3"]).write_stdin(ARTICLE).output().unwrap();
    assert!(text(&named.stdout).starts_with("a.txt:3: stays: "));
}

#[test]
#[cfg(unix)]
fn names_may_be_arabic_have_colons_or_be_no_utf_8() {
    use std::ffi::{OsStr, OsString};
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

    let folder = folder(&[("مقال عن الماء.txt", "نعم\n".as_bytes()), ("a.txt:7", "نعم\n".as_bytes())]);
    std::fs::write(folder.path().join(OsStr::from_bytes(b"bad-\xFF.txt")), "نعم\n").unwrap();
    for (place, shown) in [
        ("مقال عن الماء.txt:1".into(), "مقال عن الماء.txt:1: stays"),
        ("a.txt:7:1".into(), "a.txt:7:1: stays"),
        (OsString::from_vec(b"bad-\xFF.txt:1".to_vec()), "bad-\\xFF.txt:1: stays"),
    ] {
        let output = tikrar(&["explain"]).arg(place).current_dir(folder.path()).output().unwrap();
        assert!(text(&output.stdout).starts_with(shown), "{}{}", text(&output.stdout), text(&output.stderr));
    }
}

#[test]
#[cfg(unix)]
fn a_closed_pipe_ends_it_quietly() {
    for arguments in [&["explain", "Cargo.toml:1"][..], &["explain", "Cargo.toml:1", "Cargo.toml:2"]] {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("tikrar"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[test]
fn a_spooled_document_has_its_lines_counted() {
    use tikrar::source::{ReadOptions, Spooling};

    let options = ReadOptions { spooling: Spooling { hold: 8, ..Spooling::default() }, ..ReadOptions::default() };
    for (document, lines) in [("", 0), ("أ", 1), ("أ\n", 1), ("أ\r\n\r\n", 2), ("أ\u{C}\n\nب", 3), ("\n", 1)] {
        for document in
            [Document::of_bytes(document.into()), Document::from_reader(document.as_bytes(), &options).unwrap()]
        {
            let options = Options::default();
            let explainer = Explainer::new(&document, &options, Threads::ONE).unwrap();
            match explainer.units_on(lines + 1) {
                Err(NoUnit::NotThere { lines: counted, .. }) => assert_eq!(counted, lines),
                other => panic!("{other:?}"),
            }
        }
    }
}

/// Short documents in which much repeats, at some level or other.
fn documents() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "قال «نعم» اليوم",
        "قال \"نعم\" اليوم",
        "إلى المدينة",
        "الى المدينة",
        "* * *",
        "نعم",
        "",
        "مدرسة في القاهرة",
        "مدرسه في القاهرة",
        "ثم",
    ]);
    prop::collection::vec(line, 0..24).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn an_explanation_never_contradicts_check(
        text in documents(),
        level in prop::sample::select(Level::ALL.to_vec()),
        unit in prop::sample::select(UnitKind::ALL.to_vec()),
        min_words in 1_u32..7,
        keep in prop::sample::select(vec![None, Some("نعم"), Some("مدرس")]),
    ) {
        let document = Document::of_bytes(text.clone().into());
        let keep = Keep::new(&keep.map(str::to_owned).into_iter().collect::<Vec<_>>(), Vec::new()).unwrap();
        let min_words = NonZeroU32::new(min_words).unwrap();
        let options = Options { folds: level.folds(), unit, min_words, keep, ..Options::default() };
        let explainer = Explainer::new(&document, &options, Threads::ONE).unwrap();
        // As check has it.
        let examined = Examined::new(&document, &options).unwrap();
        let findings: Vec<Finding> = examined
            .plan
            .blocks()
            .map(|block| Finding::of(&document.body, &examined, block, Some(options.folds)).unwrap())
            .collect();
        let bytes = |at: usize| document.body.bytes(examined.units[at].range()).unwrap().into_owned();
        let explanations: Vec<_> = (0..examined.units.len()).map(|at| explainer.explain(at).unwrap()).collect();
        for (at, explanation) in explanations.iter().enumerate() {
            let line = examined.units[at].first_line();
            prop_assert_eq!(explainer.units_on(line).unwrap(), at..at + 1);
            let found = findings.iter().find(|finding| (finding.lines.first..=finding.lines.last).contains(&line));
            match &explanation.verdict {
                Verdict::Copy(copied) => {
                    prop_assert_eq!(Some(&copied.block), found);
                    let Reason::Copy { of: OriginalIn::Same, at: Originals::Lines(first, last), .. } = copied.block.reason else {
                        panic!("{:?}", copied.block);
                    };
                    prop_assert!((first..=last).contains(&copied.original.lines.first));
                    let original = explainer.units_on(copied.original.lines.first).unwrap().start;
                    prop_assert_eq!(copied.folds.is_none(), bytes(at) == bytes(original));
                    // And the original says so.
                    match &explanations[original].verdict {
                        Verdict::Stays(staying) => prop_assert!(staying.copies.named.iter().any(|spot| spot.lines == explanation.lines)),
                        Verdict::Copy(_) => prop_assert!(false, "an original goes"),
                    }
                }
                Verdict::Stays(staying) => {
                    prop_assert_eq!(None, found);
                    prop_assert_eq!(staying.kept_by.is_empty(), !examined.items[at].protected);
                    let first = examined.items[..at].iter().all(|item| item.class != examined.items[at].class);
                    prop_assert_eq!(staying.repeat.is_none(), first);
                    if let (Some(repeat), true) = (&staying.repeat, staying.kept_by.is_empty()) {
                        prop_assert!(repeat.words < u64::from(min_words.get()), "{:?}", repeat);
                    }
                    if let Some(later) = &staying.later {
                        let folds = options.folds.union(later.level.folds());
                        let further = Examined::new(&document, &Options { folds, ..options.clone() }).unwrap();
                        let other = explainer.units_on(later.other.lines.first).unwrap().start;
                        prop_assert_eq!(further.plan.is_copy(at), later.is_copy);
                        prop_assert_eq!(further.items[at].class, further.items[other].class);
                    }
                    // Two units that are the same are told apart by nothing.
                    let later = (at + 1..explanations.len()).filter(|&other| examined.items[other].class == examined.items[at].class);
                    let goes_elsewhere = later.filter(|&other| examined.plan.original(other).is_some_and(|original| original != at));
                    let told = staying.copies.named.len() + staying.again.named.len() + goes_elsewhere.count();
                    let all = examined.items[at + 1..].iter().filter(|item| item.class == examined.items[at].class).count();
                    prop_assert_eq!(told, all);
                }
            }
        }
    }

    #[test]
    fn two_units_are_apart_exactly_where_they_are_not_equal(
        one in "[قالنعمإاةه «»\"\u{200F}\u{64E}12]{0,12}",
        other in "[قالنعمإاةه «»\"\u{200F}\u{64E}12]{0,12}",
        level in prop::sample::select(Level::ALL.to_vec()),
    ) {
        let options = Options { folds: level.folds(), ..Options::default() };
        let equal = |level: Level| {
            let (mut a, mut b) = (Folder::new(level.folds()), Folder::new(level.folds()));
            a.fold(one.as_bytes()).text() == b.fold(other.as_bytes()).text()
        };
        match Compared::of(one.as_bytes(), other.as_bytes(), &options) {
            Compared::Equal { level: strictest, .. } => {
                prop_assert!(equal(level));
                prop_assert_eq!(strictest, Level::ALL.into_iter().find(|&level| equal(level)));
            }
            Compared::EqualAt { level: first, apart, .. } => {
                prop_assert!(!equal(level) && equal(first) && first > level);
                prop_assert!(apart.signs()[0] != apart.signs()[1]);
                prop_assert_eq!(&apart.texts[0][..apart.at], &apart.texts[1][..apart.at]);
            }
            Compared::Different { at_last, .. } => {
                prop_assert!(!equal(Level::Loose));
                prop_assert_eq!(at_last.is_none(), level == Level::Loose);
            }
        }
    }
}
