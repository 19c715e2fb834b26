//! `clean --annotate`: records that stay as they are, with a field of what would go.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;
mod packing;

use std::fs;
use std::path::Path;

use command::{folder, run, text, tikrar};
use packing::{packed, unpacked};
use tempfile::TempDir;
use tikrar::source::Codec;

const ONE: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";
const TWO: &str = "وأضاف أن الفرق الطبية ستواصل زياراتها إلى القرى البعيدة حتى نهاية العام";

fn read(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

/// As a list of one span, of which the original is this.
fn span(span: [usize; 2], lines: [u64; 2], file: &str, record: u64, of: [u64; 2]) -> String {
    format!(
        "[{{\"span\":{span:?},\"lines\":{lines:?},\"original\":{{\"file\":\"{file}\",\"record\":{record},\"lines\":{of:?}}}}}]"
    )
    .replace(", ", ",")
}

fn doubled(list: &str) -> String {
    format!("\"{}\"", list.replace('"', "\"\""))
}

/// Files of each format, and what they are when they are annotated as one corpus, with `in` before their names.
fn files() -> Vec<(&'static str, String, String)> {
    let (one, two) = (ONE.chars().count(), TWO.chars().count());
    let (of_csv, of_jsonl) =
        (span([0, one], [1, 1], "in/a.json", 1, [1, 1]), span([4, 4 + two], [2, 2], "in/b.csv", 1, [2, 2]));
    let of_tsv = span([0, 1 + two], [1, 1], "in/b.csv", 1, [2, 2]);
    vec![
        (
            "in/a.json",
            format!("[{{\"text\": [\"{ONE}\"]\n}}, {{\"text\": null}}]"),
            format!("[{{\"text\": [\"{ONE}\"],\"repeats\":[]\n}}, {{\"text\": null}}]"),
        ),
        (
            "in/b.csv",
            format!("id,text\r\n7,\"{ONE}\n{TWO}\"\r\n8"),
            format!("id,text,repeats\r\n7,\"{ONE}\n{TWO}\",{}\r\n8,,", doubled(&of_csv)),
        ),
        (
            "in/c.jsonl",
            format!("{{\"n\":1.0,\"text\":\"نعم\\n{TWO}\"}}\n[]\n"),
            format!("{{\"n\":1.0,\"text\":\"نعم\\n{TWO}\",\"repeats\":{of_jsonl}}}\n[]\n"),
        ),
        (
            "in/d.tsv",
            format!("text\tid\n\u{200F}{TWO}\t9\n\tx\n"),
            format!("text\tid\trepeats\n\u{200F}{TWO}\t9\t{}\n\tx\t[]\n", doubled(&of_tsv)),
        ),
    ]
}

fn corpus() -> TempDir {
    let files = files();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, before, _)| (*name, before.as_bytes())).collect();
    folder(&files)
}

#[test]
fn a_record_is_told_of_its_own_copies() {
    let file = format!("{{\"text\":\"{ONE}\\n\\n{TWO}\\n{ONE}\\n{TWO}\\n\" }}\n{{\"text\":\"{ONE}\"}}");
    let folder = folder(&[("a.jsonl", file.as_bytes())]);
    let out = run(&folder, &["clean", "--annotate", "a.jsonl"]);
    assert_eq!(out.status.code(), Some(0));
    let (one, two) = (ONE.chars().count(), TWO.chars().count());
    let (first, last) = (one + two + 3, 2 * one + 2 * two + 4);
    let list = span([first, last], [4, 5], "a.jsonl", 1, [1, 3]);
    let expected = file.replacen(" }\n", &format!(",\"repeats\":{list} }}\n"), 1);
    assert_eq!(text(&out.stdout), format!("{},\"repeats\":[]}}", expected.strip_suffix('}').unwrap()));
    assert!(text(&out.stderr).ends_with("annotated 2 of 5 lines, 1 block in 1 document\n"), "{}", text(&out.stderr));
    // Nothing is written, and the name is another.
    let out = run(&folder, &["clean", "--annotate=copies", "--dry-run", "a.jsonl"]);
    assert_eq!((out.status.code(), text(&out.stdout)), (Some(0), String::new()));
    assert!(text(&out.stderr).ends_with("would annotate 2 of 5 lines, 1 block in 1 document\n"));
    let out = tikrar(&["clean", "-q", "--annotate=نسخ"]).write_stdin(file.clone()).output().unwrap();
    let (said, record) = (text(&out.stdout), ",\"نسخ\":[{\"span\":");
    assert!(said.contains(record) && said.contains("\"original\":{\"record\":1,"), "{said}");
}

#[test]
fn files_of_each_format_are_one_corpus_below_a_folder() {
    let folder = corpus();
    let arguments = ["clean", "--scope", "corpus", "--annotate", "in", "--output-dir", "out", "--summary", "s.json"];
    let out = run(&folder, &arguments);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let mut written = 0;
    for (name, before, after) in files() {
        assert_eq!(read(&folder, name), before, "{name}");
        assert_eq!(read(&folder, &format!("out/{name}")), after, "{name}");
        written += after.len();
    }
    let said = text(&out.stderr);
    assert!(said.contains("in/b.csv, record 1 (7): line 1 repeats line 1 of in/a.json, record 1\n"), "{said}");
    assert!(said.ends_with("annotated 3 of 6 lines, 3 blocks in 3 documents\n"), "{said}");
    let summary: serde_json::Value = serde_json::from_str(&read(&folder, "s.json")).unwrap();
    let total = &summary["total"];
    let sums = ["units", "kept", "copies", "annotated", "bytes_out"].map(|sum| total[sum].as_u64().unwrap());
    assert_eq!(sums, [6, 6, 3, 3, written as u64], "{summary:#}");
    assert_eq!(summary["options"]["--annotate"], "\"repeats\"");
    // What is missing is made anew, and a run with another name is another run.
    fs::remove_file(folder.path().join("out/in/b.csv")).unwrap();
    let resumed = ["clean", "-q", "--scope", "corpus", "--annotate", "in", "--output-dir", "out", "--resume"];
    assert_eq!(run(&folder, &resumed).status.code(), Some(0));
    assert_eq!(read(&folder, "out/in/b.csv"), files()[1].2);
    fs::remove_file(folder.path().join("out/in/c.jsonl")).unwrap();
    let other = resumed.map(|argument| if argument == "--annotate" { "--annotate=copies" } else { argument });
    assert_eq!(run(&folder, &other).status.code(), Some(2));
}

#[test]
fn in_its_place_a_file_is_annotated_once() {
    for scope in ["document", "corpus"] {
        let folder = corpus();
        let out = run(&folder, &["clean", "-q", "--scope", scope, "--annotate", "-i.bak", "-j", "2", "in"]);
        assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
        for (name, before, after) in files() {
            assert_eq!(read(&folder, &format!("{name}.bak")), before);
            if scope == "corpus" {
                assert_eq!(read(&folder, name), after);
            }
        }
        // Nothing is a copy here; every record is told of all the same.
        let once: Vec<String> = files().iter().map(|(name, ..)| read(&folder, name)).collect();
        assert!(once[0].contains("\"repeats\":[]"));
        let out = run(&folder, &["clean", "-q", "--scope", scope, "--annotate", "-i", "in"]);
        assert_eq!(out.status.code(), Some(2));
        let said = text(&out.stderr);
        assert!(said.contains("in/a.json: record 1: has a field repeats already"), "{said}");
        for ((name, ..), once) in files().iter().zip(&once) {
            assert_eq!(&read(&folder, name), once, "{name}");
        }
        let left = fs::read_dir(folder.path().join("in")).unwrap().count();
        assert_eq!(left, 2 * files().len());
    }
}

#[cfg(unix)]
#[test]
fn what_a_stopped_run_decided_is_written_by_the_next() {
    let folder = corpus();
    let path = |name: &str| folder.path().join(name);
    // A file that can't be replaced stops nothing, and the rest is kept for later.
    fs::hard_link(path("in/b.csv"), path("link")).unwrap();
    let arguments = ["clean", "--scope", "corpus", "--annotate", "-i", "in"];
    let out = run(&folder, &arguments);
    assert_eq!(out.status.code(), Some(2));
    assert!(path("in/.tikrar-decisions.jsonl").exists(), "{}", text(&out.stderr));
    fs::remove_file(path("link")).unwrap();
    let other = run(&folder, &["clean", "--scope", "corpus", "-i", "in"]);
    assert_eq!(other.status.code(), Some(2));
    assert!(
        text(&other.stderr).contains("a run that was stopped had --annotate \"repeats\""),
        "{}",
        text(&other.stderr)
    );
    let out = run(&folder, &arguments);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    for (name, _, after) in files() {
        assert_eq!(read(&folder, name), after, "{name}");
    }
    assert!(!path("in/.tikrar-decisions.jsonl").exists());
}

#[test]
fn compressed_files_and_other_encodings_stay_what_they_are() {
    let windows = |text: &str| encoding_rs::WINDOWS_1256.encode(text).0.into_owned();
    let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let row = format!("text,id\n\"{ONE}\n{ONE}\",1\n");
    let line = format!("\u{FEFF}{{\"text\":\"{ONE}\\n{ONE} 🌙\\n{ONE} 🌙\"}}\n");
    let zipped = packed(Codec::Gzip, line.as_bytes());
    let folder = folder(&[("w.csv", &windows(&row)), ("u.jsonl", &utf_16(&line)), ("z.jsonl.gz", &zipped)]);
    let arguments = ["clean", "-q", "-i", "--encoding", "utf-8,windows-1256", "w.csv", "u.jsonl", "z.jsonl.gz"];
    let out = run(&folder, &[&arguments[..], &["--annotate=نسخ"]].concat());
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let one = ONE.chars().count();
    let of = |file: &str, places: [usize; 2], line: u64| {
        let original = line - 1;
        span(places, [line, line], file, 1, [original, original])
    };
    let row = row
        .replace("id\n", "id,نسخ\n")
        .replace(",1\n", &format!(",1,{}\n", doubled(&of("w.csv", [one + 1, 2 * one + 1], 2))));
    assert_eq!(fs::read(folder.path().join("w.csv")).unwrap(), windows(&row));
    let annotated = |file: &str| line.replace('}', &format!(",\"نسخ\":{}}}", of(file, [2 * one + 4, 3 * one + 6], 3)));
    assert_eq!(fs::read(folder.path().join("u.jsonl")).unwrap(), utf_16(&annotated("u.jsonl")));
    assert_eq!(text(&unpacked(&folder.path().join("z.jsonl.gz"))), annotated("z.jsonl.gz"));
}

#[test]
fn a_name_that_an_encoding_does_not_have_is_refused_unless_it_becomes_utf_8() {
    let row = encoding_rs::WINDOWS_1256.encode("text\nنعم يا سيدي\n").0.into_owned();
    let folder = folder(&[("w.csv", &row)]);
    let arguments = ["clean", "-q", "-i", "--encoding", "windows-1256", "--annotate=重", "w.csv"];
    let out = run(&folder, &arguments);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("give --to-utf8"), "{}", text(&out.stderr));
    assert_eq!(run(&folder, &[&arguments[..], &["--to-utf8"]].concat()).status.code(), Some(0));
    assert_eq!(read(&folder, "w.csv"), "text,重\nنعم يا سيدي,[]\n");
}

#[test]
fn what_has_no_fields_is_refused_before_anything_is_done() {
    let folder = folder(&[
        ("in/a.jsonl", b"{\"text\":\"x\"}\n"),
        ("in/b.txt", b"x\n"),
        ("c.md", b"x\n"),
        ("d.parquet", b"PAR1"),
    ]);
    for (arguments, refused) in [
        (&["-i", "in"][..], "in/b.txt: is text, which has no records to --annotate"),
        (&["--scope", "corpus", "in", "--output-dir", "out"], "in/b.txt: is text"),
        (&["c.md"], "c.md: is text"),
        (
            &["in/a.jsonl", "d.parquet", "--output-dir", "out"],
            "d.parquet: is Parquet, to which --annotate adds no column",
        ),
    ] {
        let out = run(&folder, &[&["clean", "--annotate"], arguments].concat());
        assert_eq!(out.status.code(), Some(2), "{arguments:?}");
        assert!(text(&out.stderr).contains(refused), "{arguments:?}: {}", text(&out.stderr));
        assert!(out.stdout.is_empty() && !folder.path().join("out").exists());
    }
    assert_eq!(read(&folder, "in/a.jsonl"), "{\"text\":\"x\"}\n");
    for scope in ["document", "corpus"] {
        let out = tikrar(&["clean", "--scope", scope, "--annotate"]).write_stdin("نعم\n").output().unwrap();
        assert_eq!((out.status.code(), text(&out.stdout)), (Some(2), String::new()));
        assert!(text(&out.stderr).contains("standard input: is text"), "{}", text(&out.stderr));
    }
    for other in
        [&["--removed", "x"][..], &["--max-removed", "1"], &["--empty", "drop"], &["--dry-run", "--sample", "1"]]
    {
        let out = run(&folder, &[&["clean", "--annotate", "in/a.jsonl"], other].concat());
        assert_eq!(out.status.code(), Some(2));
        assert!(text(&out.stderr).contains("cannot be used with"), "{}", text(&out.stderr));
    }
    assert_eq!(run(&folder, &["clean", "--annotate=", "in/a.jsonl"]).status.code(), Some(2));
}

#[test]
fn a_field_or_column_that_is_there_is_refused_with_where() {
    let folder = folder(&[
        ("a.jsonl", b"{\"text\":\"x\"}\n{\"repeats\":1}\n{\"text\":\"y\",\"repeats\":1}\n"),
        ("b.csv", b"text,repeats\nx,1\n"),
        ("c.csv", b"text,id\nx,1\n"),
    ]);
    for scope in ["document", "corpus"] {
        let clean =
            |more: &[&str]| run(&folder, &[&["clean", "--scope", scope, "--annotate", "-o", "out"], more].concat());
        let out = clean(&["a.jsonl"]);
        assert_eq!(out.status.code(), Some(2));
        let said = text(&out.stderr);
        assert!(
            said.contains("a.jsonl: record 3: has a field repeats already: give the new one another name"),
            "{said}"
        );
        let out = clean(&["b.csv"]);
        assert_eq!(out.status.code(), Some(2));
        assert!(text(&out.stderr).contains("b.csv: has a column repeats already"), "{}", text(&out.stderr));
        let out = clean(&["c.csv", "--no-quoting"]);
        assert_eq!(out.status.code(), Some(2));
        assert!(text(&out.stderr).contains("c.csv: a list as JSON has ',' in it"), "{}", text(&out.stderr));
        assert!(!folder.path().join("out").exists());
    }
}

#[test]
fn boilerplate_is_told_of_by_the_number_of_its_documents() {
    let record = |line: &str| format!("{{\"text\":\"{line}\\nاقرأ أيضا\"}}\n");
    let file = [record("أول"), record("ثان"), record("ثالث")].concat();
    let folder = folder(&[("a.jsonl", file.as_bytes())]);
    let out = run(&folder, &["clean", "--scope", "corpus", "--boilerplate", "3", "--annotate", "a.jsonl"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let found: Vec<serde_json::Value> = text(&out.stdout)
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["repeats"].take())
        .collect();
    let list = |start: usize| serde_json::json!([{"span": [start, start + 9], "lines": [2, 2], "boilerplate": 3}]);
    assert_eq!(found, [list(4), list(4), list(5)]);
    assert!(text(&out.stderr).contains("in 3 documents, 3 times annotated: اقرأ أيضا"), "{}", text(&out.stderr));
}

#[cfg(feature = "index")]
#[test]
fn originals_of_earlier_runs_are_told_by_their_names_there() {
    let record = format!("{{\"text\":\"{ONE}\\n{TWO}\"}}\n");
    let folder = folder(&[("day1/a.jsonl", record.as_bytes()), ("day2/b.jsonl", record.as_bytes())]);
    let clean = |file: &str| {
        let out =
            run(&folder, &["clean", "-q", "--scope", "corpus", "--index", "news.index", "--annotate=copies", file]);
        assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
        text(&out.stdout)
    };
    let with = |list: &str| record.replace('}', &format!(",\"copies\":{list}}}"));
    let end = ONE.chars().count() + 1 + TWO.chars().count();
    let second = with(&format!(
        "[{{\"span\":[0,{end}],\"lines\":[1,2],\"original\":{{\"earlier\":\"day1/a.jsonl, record 1\",\"lines\":[1,2]}}}}]"
    ));
    // What is not removed is as it was read, and so the same the next time.
    for _ in 0..2 {
        assert_eq!(clean("day1/a.jsonl"), with("[]"));
        assert_eq!(clean("day2/b.jsonl"), second);
    }
}

#[test]
fn any_number_of_threads_any_memory_and_any_place_write_the_same() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/articles");
    let mut articles: Vec<_> = fs::read_dir(fixture).unwrap().map(|entry| entry.unwrap().path()).collect();
    articles.sort();
    let article = |path| serde_json::json!({"text": fs::read_to_string(path).unwrap()}).to_string() + "\n";
    let texts = articles.iter().filter(|path| path.extension().is_some_and(|extension| extension == "txt"));
    let file: String = texts.map(article).collect::<String>().repeat(20);
    assert!(file.len() > 1 << 20);
    // The lines are objects one after the other, too.
    for (scope, format) in [("document", "jsonl"), ("corpus", "jsonl"), ("document", "json"), ("corpus", "json")] {
        let folder = folder(&[("a.jsonl", file.as_bytes())]);
        let clean = |more: &[&str]| {
            let arguments = ["clean", "-q", "--scope", scope, "--annotate", "a.jsonl", "--format", format];
            let out = run(&folder, &[&arguments[..], more].concat());
            assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
            text(&out.stdout)
        };
        let one = clean(&["-j", "1"]);
        assert_eq!(one.lines().count(), file.lines().count());
        assert!(one == clean(&["-j", "3"]));
        if scope == "corpus" {
            assert!(one == clean(&["-j", "2", "--memory", "40M"]));
        }
        clean(&["-i"]);
        assert!(one == read(&folder, "a.jsonl"));
    }
}
