//! `tikrar explain --scope corpus`: what it says of a unit among all documents; and that it says what `check` does.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::collections::BTreeMap;

use command::{folder, run, text, tikrar};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::Value;
use tempfile::TempDir;
use tikrar::fold::{Folder, Level};

const LONG: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";

/// A corpus in which a line is each thing that can be said of a unit.
fn corpus() -> TempDir {
    let morning = "ذهب أحمد إلى المدرسة في الصباح وعاد مع إخوته في المساء";
    let morning_otherwise = "ذهب احمد الى المدرسة في الصباح وعاد مع اخوته في المساء";
    let first = format!("المصدر : وكالات\n{LONG}\nنعم\n{morning}\nغادر الوفد\n");
    let second =
        format!("{LONG}\nنعم\nنعم\n{morning_otherwise}\n\nالمصدر: وكالات\n* * *\nبسم الله\nقال إن الوفد\n* * *\n");
    let records = [
        format!(r#"{{"id":"AR-1","text":"نعم\n{LONG} «اليوم»"}}"#),
        format!(r#"{{"id":"AR-2","text":"المصدر : وكالات\n{LONG}\n\nبسم الله"}}"#),
        r#"{"text":null}"#.to_owned(),
        format!(r#"{{"text":"قال ان الوفد\n{LONG} \"اليوم\"\nنعم\n{LONG}\nنعم"}}"#),
    ];
    folder(&[
        ("news/a.txt", first.as_bytes()),
        ("news/b.txt", second.as_bytes()),
        ("news/c.jsonl", (records.join("\n") + "\n").as_bytes()),
        ("news/d.md", LONG.as_bytes()),
        ("kept.txt", "بسم الله".as_bytes()),
    ])
}

/// What is said with these arguments in the folder with the corpus.
fn said(arguments: &[&str]) -> String {
    said_in(&corpus(), &[&["--scope", "corpus"], arguments].concat())
}

fn said_in(folder: &TempDir, arguments: &[&str]) -> String {
    let output = run(folder, &[&["explain"], arguments].concat());
    format!("status {}\n{}{}", output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn each_unit_of_a_corpus_is_explained() {
    let of_texts =
        [("a.txt", 5), ("b.txt", 10)].map(|(file, lines)| (1..=lines).map(move |line| format!("{file}:{line}")));
    let of_records = ["1:1", "1:2", "2:1", "2:2", "2:3", "2:4", "4:1", "4:2", "4:3", "4:4", "4:5"];
    let of_records = of_records.map(|place| format!("c.jsonl:{place}"));
    let all: Vec<String> = of_texts
        .into_iter()
        .flatten()
        .chain(of_records)
        .map(|place| said(&["-q", "--among", "news", &format!("news/{place}")]))
        .collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn what_is_kept_is_explained_by_what_keeps_it_and_what_it_would_repeat() {
    let keep = ["-q", "--keep", "الوزير", "--keep-file", "kept.txt", "--among", "news"];
    let all: Vec<String> = ["news/a.txt:2", "news/b.txt:1", "news/b.txt:2", "news/b.txt:8", "news/c.jsonl:2:4"]
        .map(|place| said(&[&keep[..], &[place]].concat()))
        .into();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn the_corpus_is_what_is_among_in_that_order() {
    let first = |arguments: &[&str]| {
        text(&run(&corpus(), &[&["explain", "--scope", "corpus", "-q"], arguments].concat()).stdout)
    };
    let original = |arguments: &[&str]| first(arguments).lines().next().unwrap_or_default().to_owned();
    assert_eq!(
        original(&["--among", "news/b.txt", "--among", "news/a.txt", "news/a.txt:2"]),
        "news/a.txt:2: goes: line 2 repeats line 1 of news/b.txt (byte for byte)"
    );
    // What is in no folder's walk is named; with --include it is.
    assert_eq!(
        original(&["--among", "news/d.md", "--among", "news", "news/a.txt:2"]),
        "news/a.txt:2: goes: line 2 repeats line 1 of news/d.md (byte for byte)"
    );
    assert_eq!(
        original(&["--among", "news", "--include", "*.md", "--include", "b.txt", "news/d.md:1"]),
        "news/d.md:1: goes: line 1 repeats line 1 of news/b.txt (byte for byte)"
    );
    // By itself, FILE is all.
    assert_eq!(
        original(&["news/c.jsonl:4:4"]),
        "news/c.jsonl, record 4:4: goes: line 4 repeats line 2 of news/c.jsonl, record 2 (byte for byte)"
    );
    assert_eq!(
        original(&["news/d.md:1"]),
        "news/d.md:1: stays: nothing else in the corpus is equal to it at any level"
    );
    // However it is spelled; it is called as the corpus has it.
    let second = "news/b.txt:1: goes: line 1 repeats line 2 of news/a.txt (byte for byte)";
    assert_eq!(original(&["--among", "news", "./news/../news/b.txt:1"]), second);
    #[cfg(unix)]
    {
        let corpus = corpus();
        std::os::unix::fs::symlink("news/b.txt", corpus.path().join("link.txt")).unwrap();
        let output = run(&corpus, &["explain", "--scope", "corpus", "-q", "--among", "news", "link.txt:1"]);
        assert!(text(&output.stdout).starts_with(second), "{}", text(&output.stdout));
    }
}

#[test]
fn standard_input_is_a_document_of_a_corpus_too() {
    let explain = |arguments: &[&str]| {
        let input = format!("نعم\n{LONG}\n{LONG}\n");
        let folder = corpus();
        let output = tikrar(&[&["explain", "--scope", "corpus"], arguments].concat())
            .current_dir(folder.path())
            .write_stdin(input)
            .output()
            .unwrap();
        text(&output.stdout).lines().next().unwrap_or_default().to_owned() + &text(&output.stderr)
    };
    assert_eq!(explain(&["-:3"]), "standard input:3: goes: line 3 repeats line 2 (byte for byte)");
    assert_eq!(explain(&[":2"]), "standard input:2: stays: it is the original of line 3");
    let among = ["--among", "news/a.txt", "--among", "-"];
    assert_eq!(
        explain(&[&among[..], &["-:2"]].concat()),
        "standard input:2: goes: line 2 repeats line 2 of news/a.txt (byte for byte)"
    );
    assert_eq!(
        explain(&[&among[..], &["news/a.txt:2"]].concat()),
        "news/a.txt:2: stays: it is the original of lines 2, 3 of standard input"
    );
}

#[test]
fn two_units_are_compared_whatever_the_scope() {
    let two = ["news/a.txt:2", "news/b.txt:1"];
    assert_eq!(said(&two), "status 0\nnews/a.txt:2 and news/b.txt:1 are equal byte for byte\n");
}

#[test]
fn what_is_not_there_is_an_error() {
    let all: Vec<String> = [
        &["--among", "news/a.txt", "news/b.txt:1"][..],
        &["--among", "news", "news/d.md:1"],
        &["--among", "news", "missing.txt:1"],
        &["--among", "news", "news:1"],
        &["--among", "missing", "news/a.txt:1"],
        &["--among", "missing", "--among", "news/a.txt", "news/a.txt:1"],
        &["--among", "news", "news/b.txt:5"],
        &["--among", "news", "news/b.txt:50"],
        &["--among", "news", "news/c.jsonl:3:1"],
        &["--among", "news", "news/c.jsonl:5:1"],
        &["--among", "news", "news/c.jsonl:5"],
        &["--among", "news", "news/a.txt:1:1"],
        &["--among", "news", "news/a.txt:1", "news/a.txt:2"],
        &["--scope", "document", "--among", "news", "news/a.txt:1"],
        &["--include", "*.txt", "news/a.txt:1"],
    ]
    .iter()
    .map(|arguments| match arguments {
        ["--scope", ..] => said_in(&corpus(), arguments),
        _ => said(arguments),
    })
    .collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_file_that_cannot_be_read_is_reported_and_the_others_are_the_corpus() {
    let folder = corpus();
    std::fs::write(folder.path().join("news/aa.txt"), [0xC7, 0xE1, 0xC8, 0xC7, 0x0A].repeat(40)).unwrap();
    let explained = said_in(&folder, &["--scope", "corpus", "--among", "news", "news/b.txt:1"]);
    assert!(explained.starts_with("status 2\nnews/b.txt:1: goes: line 1 repeats line 2 of news/a.txt"), "{explained}");
    assert!(explained.contains("tikrar: news/aa.txt: "), "{explained}");
    // Nothing is said of what can't be read.
    let explained = run(&folder, &["explain", "--scope", "corpus", "--among", "news", "news/aa.txt:1"]);
    assert_eq!((explained.status.code(), text(&explained.stdout)), (Some(2), String::new()));
    assert!(text(&explained.stderr).contains("tikrar: news/aa.txt: "));
}

#[test]
fn options_of_a_file_hold_as_for_check() {
    let with = |options: &str| {
        let folder = corpus();
        std::fs::write(folder.path().join("tikrar.toml"), options).unwrap();
        folder
    };
    let excluded = with("exclude = \"a.txt\"\n");
    let explained = said_in(&excluded, &["--scope", "corpus", "-q", "--among", "news", "news/b.txt:1"]);
    assert!(explained.contains("stays: it is the original of line 2 of news/c.jsonl, record 2"), "{explained}");
    // What is looked at by itself is not walked.
    assert!(said_in(&excluded, &["news/a.txt:2"]).starts_with("status 0\n"));
    let by_path = with("[[override]]\npaths = [\"*\"]\nmin-words = 3\n");
    let explain = ["--scope", "corpus", "--among", "news", "news/b.txt:1"];
    let refused = said_in(&by_path, &explain);
    assert!(
        refused.starts_with("status 2\n") && refused.contains("can't differ by path with --scope corpus"),
        "{refused}"
    );
    let fields = with("[[override]]\npaths = [\"*.jsonl\"]\ntext-field = \"id\"\n");
    let explained = said_in(&fields, &["--scope", "corpus", "-q", "--among", "news", "news/c.jsonl:2:1"]);
    assert!(explained.contains("folded: AR-2\n"), "{explained}");
}

#[test]
fn a_paragraph_and_a_line_with_several_are_explained() {
    let pages = ["أول\u{C}", "ثان\u{C}أول\u{C}ثان\u{C}ثالث\u{C}رابع\u{C}خامس\u{C}سادس"];
    let folder = folder(&[("a.txt", pages[0].as_bytes()), ("b.txt", pages[1].as_bytes())]);
    let explain = ["--scope", "corpus", "--unit", "paragraph", "--min-words", "1", "--among", ".", "b.txt:1"];
    insta::assert_snapshot!(said_in(&folder, &explain));
}

/// The texts of a corpus: two files of text, and some records.
#[derive(Clone, Debug)]
struct Texts {
    files: [Vec<&'static str>; 2],
    records: Vec<Vec<&'static str>>,
}

fn texts() -> impl Strategy<Value = Texts> {
    let line = || {
        prop::sample::select(vec![
            "قال «نعم» اليوم",
            "قال \"نعم\" اليوم",
            "إلى المدينة",
            "الى المدينة",
            "* * *",
            "نعم",
            "",
            "مدرسة في القاهرة",
            "مدرسه في القاهرة",
        ])
    };
    let document = move |most: usize| prop::collection::vec(line(), 0..most);
    (document(7), document(7), prop::collection::vec(document(5), 0..3))
        .prop_map(|(one, other, records)| Texts { files: [one, other], records })
}

/// Documents, by how a line of one is asked for, how it is named, and its lines.
type Documents = Vec<(String, String, Vec<&'static str>)>;

impl Texts {
    fn written(&self) -> (TempDir, Documents) {
        let records: Vec<String> = self
            .records
            .iter()
            .map(|lines| serde_json::json!({ "text": lines.join("\n") }).to_string() + "\n")
            .collect();
        let [one, other] = self.files.each_ref().map(|lines| lines.join("\n"));
        let folder =
            folder(&[("a.txt", one.as_bytes()), ("b.txt", other.as_bytes()), ("c.jsonl", records.concat().as_bytes())]);
        let texts = ["a.txt", "b.txt"].into_iter().zip(&self.files);
        let texts = texts.map(|(name, lines)| (name.to_owned(), name.to_owned(), lines.clone()));
        let records =
            self.records.iter().enumerate().map(|(at, lines)| {
                (format!("c.jsonl:{}", at + 1), format!("c.jsonl, record {}", at + 1), lines.clone())
            });
        (folder, texts.chain(records).collect())
    }
}

/// What check says of the lines that go, by their documents and numbers, and how many lines its block has.
fn checked(folder: &TempDir, options: &[&str]) -> BTreeMap<(String, u64), (String, u64)> {
    let check = ["check", "--scope", "corpus", "--report", "json", "a.txt", "b.txt", "c.jsonl"];
    let output = text(&run(folder, &[&check, options].concat()).stdout);
    let mut said = BTreeMap::new();
    for finding in output.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        if finding["type"] != "finding" {
            continue;
        }
        let [first, last] = [0, 1].map(|at| finding["lines"][at].as_u64().unwrap());
        for line in first..=last {
            let message = finding["message"].as_str().unwrap().to_owned();
            said.insert(
                (finding["name"].as_str().unwrap().to_owned(), line),
                (message, finding["units"].as_u64().unwrap()),
            );
        }
    }
    said
}

/// A place as it is said: `line 3 of b.txt` and, in the same document, `line 3`.
fn spot(said: &str, own: &str) -> (String, u64) {
    let (line, document) = match said.split_once(" of ") {
        Some((line, document)) => (line, document),
        None => (said, own),
    };
    (document.to_owned(), line.strip_prefix("line ").unwrap().parse().unwrap())
}

/// What stands between two texts in another.
fn between<'a>(text: &'a str, before: &str, behind: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(behind)?.0)
}

fn agrees(texts: &Texts, options: &[&str]) -> TestCaseResult {
    let (folder, documents) = texts.written();
    let among = ["explain", "--scope", "corpus", "--among", "a.txt", "--among", "b.txt", "--among", "c.jsonl"];
    let at = |level: &'static str| checked(&folder, &[options, &["--level", level]].concat());
    let (here, orthography, loose) = (at("typography"), at("orthography"), at("loose"));
    // Without what is kept.
    let unkept = checked(&folder, options.split_at(2).0);
    let mut originals: BTreeMap<(String, u64), u64> = BTreeMap::new();
    let mut copies: BTreeMap<(String, u64), u64> = BTreeMap::new();
    let mut seen = Vec::new();
    for (asked, name, lines) in &documents {
        for (line, _) in (1..).zip(lines).filter(|(_, unit)| !unit.is_empty()) {
            let place = (name.clone(), line);
            let asked = format!("{asked}:{line}");
            let explain = [&among[..], options, &[&asked]].concat();
            let said = text(&run(&folder, &explain).stdout);
            let said = said.strip_prefix(&format!("{name}:{line}: ")).unwrap_or_else(|| panic!("{said}"));
            let context = format!("{place:?}: {said}");
            prop_assert_eq!(said.starts_with("goes: "), here.contains_key(&place), "{}", context);
            prop_assert_eq!(said.starts_with("stays: "), !here.contains_key(&place), "{}", context);
            prop_assert!(!said.contains("when other copies are gone"), "{}", context);
            let is_earlier = |place: &(String, u64)| seen.contains(place);
            if let Some((message, units)) = here.get(&place) {
                let (_, original) = said.split_once("repeats ").unwrap();
                let original = spot(original.split_once(" (").unwrap().0, name);
                prop_assert!(is_earlier(&original), "{}", context);
                let block =
                    between(said, "it stands in a block of ", " (").map(|block| block.split_once(": ").unwrap().1);
                if *units > 1 {
                    prop_assert_eq!(block, Some(&**message), "{}", context);
                    prop_assert!(message.contains(&original.0) || original.0 == *name, "{}", context);
                } else {
                    prop_assert_eq!(block, None, "{}", context);
                    // A run that is told of by where it begins may have the original further on.
                    let exact = said.starts_with(&format!("goes: {message} ("));
                    prop_assert!(exact || message.contains("a part of the text"), "{}", context);
                }
                *copies.entry(original).or_default() += 1;
            } else {
                if let Some(list) = between(said, "it is the original of ", "\n") {
                    let of = list.rsplit_once(" and ").and_then(|(_, more)| more.strip_suffix(" more"));
                    let more = of.map_or(0, |more| more.parse::<u64>().unwrap());
                    let named = list.split(" and ").filter(|part| part.starts_with("line"));
                    let named = named.map(|part| part.split(" of ").next().unwrap().split(", ").count() as u64);
                    originals.insert(place.clone(), named.sum::<u64>() + more);
                }
                if said.starts_with("stays: kept by") {
                    prop_assert_eq!(said.contains("otherwise it would go"), unkept.contains_key(&place), "{}", context);
                } else {
                    let later = [("orthography", &orthography), ("loose", &loose)];
                    let goes = later.iter().find(|(_, goes)| goes.contains_key(&place)).map(|(level, _)| *level);
                    let told = ["orthography", "loose"]
                        .into_iter()
                        .find(|level| said.contains(&format!("at {level} it would go,")));
                    prop_assert_eq!(told, goes, "{}", context);
                }
                if let Some(other) =
                    between(said, "it is equal to ", "), ").filter(|_| !said.contains("and would stay too"))
                {
                    prop_assert!(is_earlier(&spot(other.split_once(" (").unwrap().0, name)), "{}", context);
                }
                let words = between(said, "), ", "\n").and_then(|run| between(run, "with ", " word"));
                if let Some(words) =
                    words.filter(|_| said.contains("it is equal to ") && !said.contains("and would stay too"))
                {
                    let words = if words == "no" { 0 } else { words.parse().unwrap() };
                    prop_assert_eq!(Some(words), longest_before(&documents, name, line as usize - 1), "{}", context);
                    let min_words: u64 = options[1].parse().unwrap();
                    prop_assert!(words < min_words || said.starts_with("stays: kept by"), "{}", context);
                }
            }
            seen.push(place);
        }
    }
    // What is a copy of a unit that stays, that unit tells of.
    copies.retain(|original, _| !here.contains_key(original));
    prop_assert_eq!(originals, copies);
    Ok(())
}

/// The most words of a run around a line that began before it.
fn longest_before(documents: &Documents, name: &str, line: usize) -> Option<u64> {
    let mut folder = Folder::new(Level::Typography.folds());
    let mut fold = |line: &&str| {
        let folded = folder.fold(line.as_bytes());
        (folded.text().to_vec(), u64::from(tikrar::key::words(folded)))
    };
    let units = |lines: &[&str]| lines.iter().filter(|line| !line.is_empty()).count();
    let own = documents.iter().position(|(_, other, _)| other == name).unwrap();
    let at = units(&documents[own].2[..line]);
    let all: Vec<Vec<(Vec<u8>, u64)>> = documents[..=own]
        .iter()
        .map(|(_, _, lines)| lines.iter().filter(|line| !line.is_empty()).map(&mut fold).collect())
        .collect();
    let mut most = None;
    for (number, document) in all.iter().enumerate() {
        for other in 0..if number == own { at } else { document.len() } {
            let same = |&(one, other): &(usize, usize)| all[own][one].0 == document[other].0;
            let behind = (at..all[own].len()).zip(other..document.len()).take_while(same).count();
            let before = (0..at).rev().zip((0..other).rev()).take_while(same).count();
            let words = all[own][at - before..at + behind].iter().map(|(_, words)| words);
            most = most.max((behind > 0).then(|| words.sum()));
        }
    }
    most
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn an_explanation_never_contradicts_check(
        texts in texts(),
        min_words in prop::sample::select(vec!["1", "3", "5"]),
        keep in prop::sample::select(vec![None, Some("نعم"), Some("مدرس")]),
    ) {
        let mut options = vec!["--min-words", min_words];
        options.extend(keep.into_iter().flat_map(|keep| ["--keep", keep]));
        agrees(&texts, &options)?;
    }
}
