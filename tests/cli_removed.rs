//! What `clean --removed` writes down, `restore` puts back, in every format and wherever files go.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use command::{folder, run, text};
use proptest::prelude::*;
use serde_json::Value;
use tempfile::TempDir;
use tikrar::unit::{Splitter, UnitKind};

const ONE: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";
const TWO: &str = "وأضاف أن الفرق الطبية ستواصل زياراتها إلى القرى البعيدة حتى نهاية العام";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn lines(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Files of every format, with copies in documents and across them.
fn corpus() -> TempDir {
    let twice = format!("\u{FEFF}{ONE}\r\n\r\nنعم\r\n{TWO}\r\n\r\n{ONE}\r\nنعم\r\n{TWO}");
    let records = format!(
        "{{\"id\":\"a\",\"text\":\"{ONE}\\n\\u0646\\u0639\\u0645\\n{ONE}\"}}\n{{\"id\":\"b\",\"text\":[\"{TWO}\",\"{TWO}\",\"لا\",\"{ONE}\"]}}\n\
         {{\"id\":\"c\",\"text\":\"{ONE}\"}}\n"
    );
    let rows = format!("id,text\n1,\"قال \"\"نعم\"\"\n{TWO}\n{TWO}\"\n2,{ONE}\n");
    let single = format!("text\n{ONE}\n{TWO}\n");
    let array =
        format!("[{{\"text\":\"{ONE}\"}},\n {{\"text\":\"{TWO}\\n{ONE}\\n{ONE}\"}} , {{\"text\":\"{TWO}\"}}]\n");
    let damaged = format!("{ONE} {TWO}").into_bytes();
    let damaged = [&damaged[..], b" \xFF\n", &damaged[..], b" \xFF\n"].concat();
    let folder = folder(&[
        ("in/a.txt", twice.as_bytes()),
        ("in/b.jsonl", records.as_bytes()),
        ("in/c.csv", rows.as_bytes()),
        ("in/d.csv", single.as_bytes()),
        ("in/e.json", array.as_bytes()),
        ("in/f.txt", &damaged),
    ]);
    for name in ["articles.parquet", "lists.parquet"] {
        fs::copy(fixture("formats").join(name), folder.path().join("in").join(name)).unwrap();
    }
    folder
}

fn tree(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "parquet"))
        .map(|path| (path.clone(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

fn done(folder: &TempDir, arguments: &[&str]) -> String {
    let out = run(folder, arguments);
    assert_eq!(out.status.code(), Some(0), "{arguments:?}: {}", text(&out.stderr));
    text(&out.stdout)
}

#[test]
fn every_file_is_put_back_as_it_was() {
    for scope in ["document", "corpus"] {
        let folder = corpus();
        let before = tree(&folder.path().join("in"));
        let arguments = ["clean", "-q", "--scope", scope, "--removed", "gone.jsonl"];
        done(&folder, &[&arguments[..], &["in", "--output-dir", "out"]].concat());
        done(&folder, &["restore", "-q", "--removed", "gone.jsonl", "out/in", "--output-dir", "back"]);
        for ((_, bytes), (path, restored)) in before.iter().zip(tree(&folder.path().join("back/in"))) {
            assert!(*bytes == restored, "{scope} {}: {}", path.display(), String::from_utf8_lossy(&restored));
        }
        // In place as well, and both say the same of what went.
        done(&folder, &[&arguments[..4], &["--removed", "in-place.jsonl", "-i", "in"]].concat());
        assert_ne!(tree(&folder.path().join("in")), before);
        done(&folder, &["restore", "-q", "--removed", "in-place.jsonl", "-i", "in"]);
        assert_eq!(tree(&folder.path().join("in")), before, "{scope}");
        let keys = |name: &str| -> Vec<Value> {
            let lines = lines(&folder.path().join(name));
            lines
                .iter()
                .map(|line| [&line["key"], &line["lines"], &line["removed"]].into_iter().cloned().collect())
                .collect()
        };
        assert_eq!(keys("gone.jsonl"), keys("in-place.jsonl"));
    }
}

#[test]
fn rows_of_parquet_are_put_back_by_value() {
    for name in ["articles.parquet", "lists.parquet"] {
        let folder = corpus();
        for scope in ["document", "corpus"] {
            let input = format!("in/{name}");
            let (cleaned, gone) = (format!("{scope}.parquet"), format!("{scope}.jsonl"));
            let arguments =
                ["clean", "-q", "--scope", scope, "--min-words", "3", "--removed", &gone, &input, "-o", &cleaned];
            done(&folder, &arguments);
            let back = format!("back-{scope}.parquet");
            done(&folder, &["restore", "-q", "--removed", &gone, &cleaned, "-o", &back]);
            // The folded texts of all rows are what they were, and so is what goes again.
            let folded = |name: &str| done(&folder, &["fold", "--level", "exact", name]);
            assert_eq!(folded(&back), folded(&input), "{name} {scope}");
            assert_ne!(folded(&cleaned), folded(&input), "{name} {scope}");
        }
        let out = run(&folder, &["clean", "--scope", "corpus", "--empty", "drop", "--removed", "g", "-i", "in"]);
        assert_eq!(out.status.code(), Some(2));
        assert!(text(&out.stderr).contains("--removed needs --empty keep there"), "{}", text(&out.stderr));
    }
}

#[test]
fn standard_output_and_records_that_went_whole_are_put_back() {
    let folder = corpus();
    for (files, name) in [(vec!["in/a.txt"], "a.txt"), (vec!["in/b.jsonl"], "b.jsonl"), (vec!["in/e.json"], "e.json")] {
        let arguments = ["clean", "-q", "--scope", "corpus", "--empty", "drop", "--removed", "gone.jsonl"];
        let cleaned = done(&folder, &[&arguments[..], &files].concat());
        fs::write(folder.path().join(name), cleaned).unwrap();
        let back = done(&folder, &["restore", "-q", "--removed", "gone.jsonl", name]);
        assert_eq!(back, fs::read_to_string(folder.path().join(files[0])).unwrap());
    }
}

#[test]
fn several_texts_on_one_output_get_back_whole_lines() {
    let folder = folder(&[
        ("a.txt", format!("{ONE}\nنعم").as_bytes()),
        ("b.txt", format!("\u{FEFF}{ONE}\nلا\n{TWO}\n").as_bytes()),
        ("c.txt", format!("{TWO}\nوداعا\n").as_bytes()),
    ]);
    let arguments =
        ["clean", "-q", "--scope", "corpus", "--removed", "gone.jsonl", "a.txt", "b.txt", "c.txt", "-o", "all"];
    done(&folder, &arguments);
    let cleaned = fs::read_to_string(folder.path().join("all")).unwrap();
    assert_eq!(cleaned, format!("{ONE}\nنعم\nلا\n{TWO}\nوداعا\n"));
    let back = done(&folder, &["restore", "-q", "--removed", "gone.jsonl", "all"]);
    assert_eq!(back, format!("{ONE}\nنعم\n{ONE}\nلا\n{TWO}\n{TWO}\nوداعا\n"));
}

#[test]
fn a_line_that_is_there_twice_is_refused() {
    let text = format!("{ONE}\n{TWO}\nA\n{ONE}\nB\n{TWO}\n");
    let record = format!("{{\"text\":\"{ONE}\"}}\n");
    let folder = folder(&[
        ("a.txt", text.as_bytes()),
        ("b.txt", format!("{ONE}\n").as_bytes()),
        ("c.jsonl", record.repeat(3).as_bytes()),
    ]);
    // The same file twice is another thing: its copies are copies of it, and of the second reading there is nothing left.
    for files in [&["a.txt", "b.txt", "b.txt"][..], &["a.txt"], &["c.jsonl"]] {
        let clean = ["clean", "-q", "--scope", "corpus", "--removed", "r.jsonl", "-o", "out"];
        done(&folder, &[&clean[..], files].concat());
        let told = fs::read_to_string(folder.path().join("r.jsonl")).unwrap();
        let whole: String = files.iter().map(|name| fs::read_to_string(folder.path().join(name)).unwrap()).collect();
        assert_eq!(done(&folder, &["restore", "-q", "--removed", "r.jsonl", "out"]), whole);
        for (at, line) in told.lines().enumerate() {
            let doubled: String =
                told.lines().enumerate().flat_map(|(n, line)| [line, "\n"].repeat(1 + usize::from(n == at))).collect();
            fs::write(folder.path().join("rr.jsonl"), doubled).unwrap();
            let out = run(&folder, &["restore", "--removed", "rr.jsonl", "out"]);
            assert_eq!((out.status.code(), self::text(&out.stdout)), (Some(2), String::new()), "{line}");
            assert!(
                self::text(&out.stderr).starts_with(&format!("tikrar: rr.jsonl, line {}: it", at + 2)),
                "{}",
                self::text(&out.stderr)
            );
        }
    }
}

#[test]
fn paragraphs_that_would_become_one_are_put_back_together() {
    let three = "وختم المتحدث كلامه بالقول إن الأبواب تبقى مفتوحة أمام كل من يريد";
    let o = format!("{ONE}\n\nX\n\n{TWO}\n\nY\n\n{three}\n");
    let a = format!("A\n\n{ONE}\u{2029}{TWO}\n\n{three}\n");
    let b = format!("{{\"text\":\"B\\n\\n{ONE}\\u2029{TWO}\\n\\n{three}\"}}\n");
    let folder = folder(&[("o.txt", o.as_bytes()), ("a.txt", a.as_bytes()), ("b.jsonl", b.as_bytes())]);
    let clean = ["clean", "-q", "--scope", "corpus", "--unit", "paragraph", "--removed", "r.jsonl"];
    done(&folder, &[&clean[..], &["o.txt", "a.txt", "b.jsonl", "--output-dir", "out"]].concat());
    let restore = |more: &[&str]| run(&folder, &[&["restore", "-q", "--removed", "r.jsonl"], more].concat());
    for block in ["1", "2"] {
        let out = restore(&["--block", block, "out/a.txt"]);
        assert_eq!(out.status.code(), Some(2));
        assert!(text(&out.stderr).contains("blocks 1 and 2 belong together"), "{}", text(&out.stderr));
    }
    assert_eq!(text(&restore(&["--block", "3", "out/a.txt"]).stdout), format!("A\n\n{three}\n"));
    assert_eq!(text(&restore(&["--block", "1-2", "out/a.txt"]).stdout), format!("A\n\n{ONE}\u{2029}{TWO}\n"));
    assert_eq!(text(&restore(&["out/a.txt"]).stdout), a);
    // Of a text that is a value each takes along what is before it.
    let back = text(&restore(&["--block", "5", "out/b.jsonl"]).stdout);
    assert_eq!(back, format!("{{\"text\":\"B\\u2029{TWO}\"}}\n"));
    assert_eq!(text(&restore(&["out/b.jsonl"]).stdout), b);
}

#[test]
fn some_copies_can_be_put_back() {
    let folder = corpus();
    done(&folder, &["clean", "-q", "--scope", "corpus", "--removed", "gone.jsonl", "in", "--output-dir", "out"]);
    let all = lines(&folder.path().join("gone.jsonl"));
    let first = all.iter().find(|line| line["id"] == "c").unwrap();
    let block = first["block"].to_string();
    done(&folder, &["restore", "-q", "--removed", "gone.jsonl", "--block", &block, "-i", "out/in/b.jsonl"]);
    let records = lines(&folder.path().join("out/in/b.jsonl"));
    assert_eq!(records[2]["text"], ONE);
    assert_eq!(records[0]["text"], "");
}

#[test]
fn what_went_is_told_with_its_original() {
    let folder = folder(&[
        ("a.txt", format!("{ONE}\n\nنعم\n").as_bytes()),
        ("b.jsonl", format!("{{\"id\":7,\"text\":\"خبر\\n«{ONE}»\\nآخر\"}}\n").as_bytes()),
    ]);
    let arguments = ["clean", "-q", "--level", "loose", "--scope", "corpus", "--removed", "gone.jsonl"];
    done(&folder, &[&arguments[..], &["a.txt", "b.jsonl", "--output-dir", "out"]].concat());
    let told = lines(&folder.path().join("gone.jsonl"));
    assert_eq!(told.len(), 2, "{told:#?}");
    let copy = &told[0];
    for (field, value) in [
        ("block", serde_json::json!(1)),
        ("file", serde_json::json!("b.jsonl")),
        ("record", serde_json::json!(1)),
        ("id", serde_json::json!("7")),
        ("unit", serde_json::json!(2)),
        ("lines", serde_json::json!([2, 2])),
        ("original", serde_json::json!({"file": "a.txt", "record": null, "id": null, "lines": [1, 1]})),
        ("output", serde_json::json!("out/b.jsonl")),
    ] {
        assert_eq!(copy[field], value, "{field}");
    }
    assert_eq!(copy["key"].as_str().unwrap().len(), 32);
    assert_eq!(copy["removed"][0]["text"], format!("«{ONE}»\\n"));
    assert_eq!(told[1]["cleaned"]["copies"], 1);
    // In document scope it is known what makes the two equal.
    fs::write(folder.path().join("c.txt"), format!("{ONE}\nنعم\n«{ONE}»\n")).unwrap();
    done(&folder, &["clean", "-q", "--level", "loose", "--removed", "d.jsonl", "c.txt", "-o", "d.txt"]);
    let told = lines(&folder.path().join("d.jsonl"));
    assert_eq!(
        (&told[0]["folds"], &told[0]["original"]["lines"]),
        (&"nopunctuation".into(), &serde_json::json!([1, 1]))
    );
}

#[test]
fn boilerplate_can_be_put_back() {
    let article = |n: u32| format!("خبر {n}\n\nاقرأ أيضا:\nنص {n}\n");
    let texts: Vec<String> = (0..3).map(article).collect();
    let files: Vec<(String, &[u8])> = (0..3).map(|n| (format!("in/{n}.txt"), texts[n].as_bytes())).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let folder = folder(&files);
    let before = tree(&folder.path().join("in"));
    done(&folder, &["clean", "-q", "--scope", "corpus", "--boilerplate", "3", "--removed", "gone.jsonl", "-i", "in"]);
    assert_eq!(lines(&folder.path().join("gone.jsonl"))[0]["boilerplate"], 3);
    assert_eq!(fs::read_to_string(folder.path().join("in/1.txt")).unwrap(), "خبر 1\n\nنص 1\n");
    done(&folder, &["restore", "-q", "--removed", "gone.jsonl", "-i", "in"]);
    assert_eq!(tree(&folder.path().join("in")), before);
}

/// An array of records with these texts, a line break or not between them.
fn array(texts: &[&str]) -> String {
    let records: Vec<String> = texts.iter().map(|text| format!("{{\"text\":\"{text}\"}}")).collect();
    format!("[{}]\n", records.join(" ,\n "))
}

fn texts(array: &str) -> Vec<String> {
    let records: Vec<Value> = serde_json::from_str(array).unwrap_or_else(|error| panic!("{error}: {array}"));
    records.iter().map(|record| record["text"].as_str().unwrap().to_owned()).collect()
}

const DROPPING: [&str; 6] = ["clean", "-q", "--scope", "corpus", "--empty", "drop"];

#[test]
fn any_record_that_went_of_an_array_is_put_back_with_its_comma() {
    let twice = format!("{ONE}\\n{ONE}\\nأول");
    let cases: [&[&str]; 4] =
        [&[&twice, "ثان", ONE], &[ONE, TWO, "أ", ONE, TWO, ONE, "ب"], &[&twice, ONE, ONE], &[ONE, "أ", TWO, ONE]];
    for case in cases {
        let before = array(case);
        let folder = folder(&[("o.txt", format!("{ONE}\n{TWO}\n").as_bytes()), ("a.json", before.as_bytes())]);
        done(&folder, &[&DROPPING[..], &["--removed", "r.jsonl", "o.txt", "a.json", "--output-dir", "out"]].concat());
        let blocks: Vec<u64> =
            lines(&folder.path().join("r.jsonl")).iter().filter_map(|line| line["block"].as_u64()).collect();
        let last = *blocks.last().unwrap();
        for choice in 1_u64..1 << last {
            let chosen: Vec<String> =
                (1..=last).filter(|block| choice >> (block - 1) & 1 == 1).map(|block| block.to_string()).collect();
            let restore = ["restore", "-q", "--removed", "r.jsonl", "--block", &chosen.join(","), "out/a.json"];
            let back = done(&folder, &restore);
            texts(&back);
            if chosen.len() as u64 == last {
                assert_eq!(back, before);
            }
        }
    }
}

#[test]
fn records_of_an_array_of_which_none_stays_belong_together() {
    let before = array(&[ONE, TWO, ONE]);
    let folder = folder(&[("o.txt", format!("{ONE}\n{TWO}\n").as_bytes()), ("a.json", before.as_bytes())]);
    done(&folder, &[&DROPPING[..], &["--removed", "r.jsonl", "o.txt", "a.json", "--output-dir", "out"]].concat());
    assert_eq!(fs::read_to_string(folder.path().join("out/a.json")).unwrap(), "[]\n");
    let restore = ["restore", "-q", "--removed", "r.jsonl", "out/a.json"];
    let out = run(&folder, &[&restore[..], &["--block", "2"]].concat());
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("blocks 1, 2 and 3 belong together"), "{}", text(&out.stderr));
    assert_eq!(done(&folder, &restore), before);
}

#[test]
fn a_comma_that_stands_between_two_parts_of_a_long_array_comes_back() {
    // Records longer than what is read at a time, so that the comma behind what goes is in another part of the file.
    let own = |n: usize| format!("{n} ").repeat(80_000);
    let texts = [ONE.to_owned(), own(1), own(2), ONE.to_owned(), own(1), own(3), own(2)];
    let before = array(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    let folder =
        folder(&[("o.txt", format!("{ONE}\n{}\n{}\n", own(1), own(2)).as_bytes()), ("a.json", before.as_bytes())]);
    done(&folder, &[&DROPPING[..], &["--removed", "r.jsonl", "o.txt", "a.json", "--output-dir", "out"]].concat());
    assert_eq!(self::texts(&fs::read_to_string(folder.path().join("out/a.json")).unwrap()).len(), 1);
    assert_eq!(done(&folder, &["restore", "-q", "--removed", "r.jsonl", "out/a.json"]), before);
    for block in ["1", "2", "3", "4", "5", "6"] {
        let back = done(&folder, &["restore", "-q", "--removed", "r.jsonl", "--block", block, "out/a.json"]);
        assert_eq!(self::texts(&back).len(), 2, "{block}");
    }
}

#[test]
fn what_stood_in_a_file_besides_what_went_whole_is_put_back_with_it() {
    let o = format!("{ONE}\n{TWO}\n");
    for a in [format!("\n\n{ONE}\n\n\n{TWO}\n\n"), format!("\u{FEFF}\n{ONE}\r\n{TWO}\r\n \r\n"), format!("{TWO}\n\n")] {
        let folder = folder(&[("o.txt", o.as_bytes()), ("a.txt", a.as_bytes())]);
        done(&folder, &[&DROPPING[..], &["--removed", "r.jsonl", "o.txt", "a.txt", "--output-dir", "out"]].concat());
        assert!(!folder.path().join("out/a.txt").exists());
        let told = lines(&folder.path().join("r.jsonl"));
        let pieces = |line: &Value| -> String {
            line["removed"].as_array().into_iter().flatten().map(|piece| piece["text"].as_str().unwrap()).collect()
        };
        assert_eq!(told.iter().map(pieces).collect::<String>(), a);
        assert_eq!(told.last().unwrap()["cleaned"]["bytes"], 0);
    }
}

#[test]
fn texts_that_end_without_a_line_end_come_back_to_their_place_on_one_output() {
    let line = |text: &str| format!("{{\"text\":\"{text}\"}}");
    let [o, t] = [ONE, TWO].map(line);
    let cases: [(&str, [String; 3], String); 7] = [
        ("txt", [format!("{ONE}\nA\n{ONE}"), "B\n".into(), "C\n".into()], format!("{ONE}\nA\n{ONE}\nB\nC\n")),
        // With what went from the end of a text, from all of one, and from before one.
        ("txt", [format!("{ONE}\r\nA"), ONE.into(), "B".into()], format!("{ONE}\r\nA\r\n{ONE}\r\nB")),
        ("txt", ["A\r".into(), format!("{ONE}\r\r{ONE}\r"), "\nB\r\n".into()], format!("A\r{ONE}\r\r{ONE}\r\n\nB\r\n")),
        ("txt", [ONE.into(), format!("\u{FEFF}{ONE}"), ONE.into()], format!("{ONE}\n{ONE}\n{ONE}")),
        (
            "txt",
            [format!("\u{FEFF}{ONE}"), format!("\u{FEFF}{ONE}\nA"), "B".into()],
            format!("\u{FEFF}{ONE}\n{ONE}\nA\nB"),
        ),
        ("jsonl", [format!("{o}\n{o}"), line("B"), format!("{o}\n{t}")], format!("{o}\n{o}\n{}\n{o}\n{t}", line("B"))),
        ("jsonl", [o.clone(), o.clone(), o.clone()], format!("{o}\n{o}\n{o}")),
    ];
    for (extension, files, expected) in cases {
        for scope in ["corpus", "document"] {
            let names = [0, 1, 2].map(|n| format!("{n}.{extension}"));
            let named: Vec<(&str, &[u8])> =
                names.iter().zip(&files).map(|(name, text)| (&**name, text.as_bytes())).collect();
            let folder = folder(&named);
            let clean = ["clean", "-q", "--empty", "drop", "--scope", scope, "--removed", "r.jsonl", "-o", "out"];
            let clean = if scope == "document" { [&clean[..2], &clean[4..]].concat() } else { clean.to_vec() };
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            done(&folder, &[&clean[..], &names].concat());
            let back = done(&folder, &["restore", "-q", "--removed", "r.jsonl", "out"]);
            assert_eq!(back, expected, "{scope} {files:?}");
        }
    }
}

/// What files are when they are strung together.
fn strung(files: &[String]) -> String {
    let mut out = Vec::new();
    let mut strung = tikrar::sink::Strung::new(&mut out);
    for file in files {
        strung.begin().unwrap();
        strung.write_all(file.as_bytes()).unwrap();
    }
    strung.end().unwrap();
    text(&out)
}

fn file_of_lines() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![ONE, TWO, "\u{0646}", "A", "", " "]);
    let end = prop::sample::select(vec!["\n", "\n", "\r\n", "\r"]);
    (any::<bool>(), prop::collection::vec((line, end), 0..5), any::<bool>()).prop_map(|(mark, lines, ended)| {
        let mut text: String = lines.iter().flat_map(|(line, end)| [*line, *end]).collect();
        if let (false, Some((_, end))) = (ended, lines.last()) {
            text.truncate(text.len() - end.len());
        }
        if mark { format!("\u{FEFF}{text}") } else { text }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_comes_back_to_one_output_are_the_files_strung_together(
        files in prop::collection::vec(file_of_lines(), 2..6), choice in any::<u64>(), in_corpus in any::<bool>(),
    ) {
        let names: Vec<String> = (0..files.len()).map(|n| format!("{n}.txt")).collect();
        let named: Vec<(&str, &[u8])> =
            names.iter().zip(&files).map(|(name, text)| (&**name, text.as_bytes())).collect();
        let folder = folder(&named);
        let scope = if in_corpus { "corpus" } else { "document" };
        let arguments = ["clean", "-q", "--scope", scope, "--removed", "r.jsonl", "-o", "out"];
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        done(&folder, &[&arguments[..], &names].concat());
        let back = done(&folder, &["restore", "-q", "--removed", "r.jsonl", "out"]);
        // Which line end was supplied depends on those before, and behind a CR on what followed it.
        let plain = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
        prop_assert_eq!(plain(&back), plain(&strung(&files)));

        // Some of the lines, each of them whole and in its place.
        let told = fs::read_to_string(folder.path().join("r.jsonl")).unwrap();
        let is_left_out = |at: &usize| choice >> (at % 64) & 1 == 1;
        let some: String = told.lines().enumerate().filter(|(at, _)| !is_left_out(at)).map(|(_, line)| format!("{line}\n")).collect();
        fs::write(folder.path().join("some.jsonl"), some).unwrap();
        let back = done(&folder, &["restore", "-q", "--removed", "some.jsonl", "out"]);
        let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let is_gone = |name: &str, unit: usize| {
            told.iter().enumerate().any(|(at, line)| is_left_out(&at) && line["file"] == name && line["unit"] == unit)
        };
        let mut expected = Vec::new();
        for (name, file) in names.iter().zip(&files) {
            let units = lines_of(file);
            expected.extend(units.into_iter().enumerate().filter(|(at, _)| !is_gone(name, at + 1)).map(|(_, line)| line));
        }
        prop_assert_eq!(lines_of(&back), expected);
    }
}

fn lines_of(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    Splitter::new(UnitKind::Line).split(text.as_bytes(), true, |_, line| lines.push(self::text(line)));
    lines
}
