//! Files of every format, packed and not, through the command.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;
mod packing;

use std::fs;
use std::path::{Path, PathBuf};

use command::{folder, run, text, tikrar};
use packing::{packed, unpacked};
use tikrar::format::parquet::{RowText, Table};
use tikrar::source::Codec;

const LONG: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";
const CODECS: [(&str, Codec); 4] =
    [("gz", Codec::Gzip), ("zst", Codec::Zstd), ("bz2", Codec::Bzip2), ("xz", Codec::Xz)];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats").join(name)
}

/// A record with a text that repeats a line, and what is left of it.
fn record() -> (String, String) {
    let record = |text: String| format!("{{\"id\": 7, \"text\": \"{text}\"}}\n");
    (record(format!("{LONG}\\nنعم\\n{LONG}")), record(format!("{LONG}\\nنعم")))
}

#[test]
fn real_articles_come_out_of_every_format_as_they_should() {
    for (name, options) in [
        ("articles.jsonl", &[][..]),
        ("articles.json", &["--text-field", "article.paragraphs"]),
        ("articles.csv", &[]),
        ("articles.tsv", &[]),
    ] {
        let path = fixture(name);
        let output = tikrar(&["clean"]).args(options).arg(&path).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(text(&output.stdout), fs::read_to_string(fixture("expected").join(name)).unwrap(), "{name}");
        let said = text(&output.stderr).replace(&path.display().to_string(), "FILE");
        insta::assert_snapshot!("said_of_records", said);
        let mut check = tikrar(&["check", "-q", "--stdin-filename", name]);
        let checked = check.args(options).write_stdin(output.stdout).output().unwrap();
        assert_eq!(checked.status.code(), Some(0), "{name}: {}", text(&checked.stdout));
    }
}

#[test]
fn of_parquet_only_the_texts_change() {
    let folder = folder(&[]);
    let out = folder.path().join("out.parquet");
    let output = tikrar(&["clean"]).arg(fixture("articles.parquet")).arg("-o").arg(&out).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let open = |path: &Path| Table::open(fs::File::open(path).unwrap()).unwrap();
    let (before, after) = (open(&fixture("articles.parquet")), open(&out));
    assert_eq!(after.row_groups(), before.row_groups());
    let texts = |table: &Table<fs::File>, name: &str| -> Vec<RowText> {
        let column = table.column(name).unwrap();
        (0..table.row_groups()).flat_map(|group| table.read(group, column).unwrap()).collect()
    };
    assert_eq!(texts(&after, "tags"), texts(&before, "tags"));
    for (name, found) in texts(&before, "id").into_iter().zip(texts(&after, "text")) {
        let RowText::One(name) = name else { panic!("{name:?}") };
        let expected = fs::read(fixture("expected").join(format!("{}.txt", text(&name)))).unwrap();
        assert_eq!(found, RowText::One(expected));
    }
    // There is nothing left to remove, so a second time it comes out bit for bit.
    let again = tikrar(&["clean"]).arg(&out).output().unwrap();
    assert_eq!(again.stdout, fs::read(&out).unwrap());
    assert_eq!(tikrar(&["check", "-q"]).arg(&out).output().unwrap().status.code(), Some(0));
    assert_eq!(tikrar(&["check", "-q"]).arg(fixture("articles.parquet")).output().unwrap().status.code(), Some(1));
}

#[test]
fn rows_of_parquet_that_lose_all_their_text_can_go() {
    let folder = folder(&[]);
    let many = |texts: &[Option<&str>]| RowText::Many(texts.iter().map(|text| text.map(|text| text.into())).collect());
    let other = "وأضاف أن الأرقام الجديدة تعلن يوم الأحد القادم بعد الظهر من كل أسبوع";
    let first = many(&[Some(LONG), Some(other)]);
    let last = many(&[Some("نعم"), None, Some("لا")]);
    for (empty, expected) in [
        ("keep", vec![first.clone(), many(&[]), RowText::Null, last.clone()]),
        ("drop", vec![first.clone(), RowText::Null, last.clone()]),
    ] {
        let out = folder.path().join(format!("{empty}.parquet"));
        let mut clean = tikrar(&["clean", "-q", "--scope", "corpus", "--empty", empty]);
        let output = clean.arg(fixture("lists.parquet")).arg("-o").arg(&out).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let table = Table::open(fs::File::open(out).unwrap()).unwrap();
        let column = table.column("text").unwrap();
        let rows = (0..table.row_groups()).flat_map(|group| table.read(group, column).unwrap());
        assert_eq!(rows.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_damaged_parquet_file_is_an_error_and_never_a_panic() {
    let whole = fs::read(fixture("articles.parquet")).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 150) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x55;
        for bytes in [&flipped, &whole[..at]] {
            let folder = folder(&[("a.parquet", bytes)]);
            let output = run(&folder, &["clean", "-i", "a.parquet"]);
            assert!(matches!(output.status.code(), Some(0 | 2)), "{at}: {}", text(&output.stderr));
            assert!(!text(&output.stderr).contains("panic"), "{at}: {}", text(&output.stderr));
            if output.status.code() == Some(2) {
                assert_eq!(fs::read(folder.path().join("a.parquet")).unwrap(), *bytes);
            }
        }
    }
}

/// A list in the header of a page tells of more than there is, which took minutes; a type in the footer is not what it has to be, and what
/// was written could not be read.
#[test]
fn damage_that_fuzzing_found_is_told() {
    for name in ["page-header.parquet", "footer.parquet"] {
        let output = tikrar(&["clean"]).arg(fixture("damaged").join(name)).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert_eq!(output.stdout, b"", "{name}");
        assert!(text(&output.stderr).contains(&format!("{name}: damaged Parquet file")), "{}", text(&output.stderr));
    }
}

#[test]
fn packed_files_are_read_by_what_they_are_and_stay_packed_in_their_place() {
    let (before, after) = record();
    for (extension, codec) in CODECS {
        let two = [packed(codec, before.as_bytes()), packed(codec, before.as_bytes())].concat();
        let (name, misnamed) = (format!("a.jsonl.{extension}"), "b.jsonl");
        let folder = folder(&[(&name, &two), (misnamed, &two)]);
        let output = run(&folder, &["clean", "-q", &name, misnamed]);
        assert_eq!(text(&output.stdout), after.repeat(4), "{}", text(&output.stderr));
        let output = tikrar(&["clean", "-q"]).write_stdin(two).output().unwrap();
        assert_eq!(text(&output.stdout), after.repeat(2), "{}", text(&output.stderr));
        assert_eq!(run(&folder, &["clean", "-q", "-i", &name, misnamed]).status.code(), Some(0));
        for name in [&name, misnamed] {
            assert_eq!(unpacked(&folder.path().join(name)), after.repeat(2).as_bytes());
        }
        let untouched = fs::read(folder.path().join(&name)).unwrap();
        assert_eq!(run(&folder, &["clean", "-q", "-i", &name]).status.code(), Some(0));
        assert_eq!(fs::read(folder.path().join(&name)).unwrap(), untouched);
    }
}

#[test]
fn an_output_is_packed_as_its_name_says() {
    let (before, after) = record();
    let folder = folder(&[("a.jsonl", before.as_bytes())]);
    for (extension, _) in CODECS {
        let name = format!("out.jsonl.{extension}");
        assert_eq!(run(&folder, &["clean", "-q", "a.jsonl", "-o", &name]).status.code(), Some(0));
        assert_eq!(unpacked(&folder.path().join(name)), after.as_bytes());
    }
}

#[test]
fn a_packed_file_that_is_cut_off_is_an_error_and_leaves_nothing() {
    let (before, _) = record();
    for (extension, codec) in CODECS {
        let whole = packed(codec, before.as_bytes());
        let name = format!("a.jsonl.{extension}");
        for len in [0, 1, 12, whole.len() / 2, whole.len() - 1] {
            let folder = folder(&[(&name, &whole[..len])]);
            for place in [&["-o", "out.jsonl"][..], &["--output-dir", "out"], &["-i"]] {
                let output = run(&folder, &[&["clean", &name], place].concat());
                assert_eq!(output.status.code(), Some(2), "{name} {len}: {}", text(&output.stderr));
                assert!(text(&output.stderr).contains(&name), "{}", text(&output.stderr));
            }
            assert!(!folder.path().join("out.jsonl").exists());
            assert!(!folder.path().join("out").join(&name).exists());
            assert_eq!(fs::read(folder.path().join(&name)).unwrap(), &whole[..len]);
        }
    }
}

#[test]
fn formats_are_not_converted_and_tables_not_strung_together() {
    let (record, _) = record();
    let csv = b"text\nx\n";
    let folder = folder(&[("a.jsonl", record.as_bytes()), ("a.csv", csv), ("b.csv", csv), ("a.txt", b"x\n")]);
    for (arguments, said) in [
        (&["a.jsonl", "-o", "x.parquet"][..], "a.jsonl is JSON Lines and x.parquet would be Parquet"),
        (&["a.csv", "b.csv"], "several CSV files can't be strung together: -i writes each"),
        (&["a.jsonl", "a.txt", "-o", "x"], "a.jsonl is JSON Lines and a.txt is text"),
    ] {
        let output = run(&folder, &[&["clean"], arguments].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
    }
    assert!(!folder.path().join("x.parquet").exists());
}

#[test]
fn standard_input_that_looks_like_json_lines_is_read_as_that_and_told() {
    let (before, after) = record();
    let output = tikrar(&["clean"]).write_stdin(before.clone()).output().unwrap();
    assert_eq!(text(&output.stdout), after);
    assert!(
        text(&output.stderr).starts_with("standard input looks like JSON Lines: read as JSON Lines (--format text")
    );
    let output = tikrar(&["clean", "--format", "text"]).write_stdin(before.repeat(2)).output().unwrap();
    assert_eq!(text(&output.stdout), before);
}

#[test]
fn standard_input_that_looks_like_a_json_array_is_read_as_that() {
    let array = format!("[\n  {{\"text\": \"{LONG}\\n{LONG}\"}}\n]\n");
    let output = tikrar(&["clean"]).write_stdin(array.clone()).output().unwrap();
    assert_eq!(text(&output.stdout), array.replace(&format!("\\n{LONG}"), ""));
    assert!(text(&output.stderr).starts_with("standard input looks like JSON: read as JSON"));
    let output = tikrar(&["clean"]).write_stdin("[صورة]\n").output().unwrap();
    assert_eq!((text(&output.stdout), text(&output.stderr)), ("[صورة]\n".to_owned(), String::new()));
}

#[test]
fn records_without_text_pass_and_a_file_of_them_is_an_error() {
    let lines = format!("{{\"id\":1}}\nnot json\n{{\"text\":null}}\n{{\"text\":\"{LONG}\\n{LONG}\"}}\n");
    let folder =
        folder(&[("a.jsonl", lines.as_bytes()), ("b.jsonl", b"{\"x\":1}\n\n{\"y\":2}\n"), ("c.jsonl", b"text\n")]);
    let output = run(&folder, &["clean", "a.jsonl", "--summary", "s.json"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), lines.replace(&format!("\\n{LONG}"), ""));
    insta::assert_snapshot!("passed_records", text(&output.stderr));
    let summary: serde_json::Value = serde_json::from_slice(&fs::read(folder.path().join("s.json")).unwrap()).unwrap();
    let total = &summary["total"];
    assert_eq!(
        (&total["passed"]["missing"], &total["passed"]["null"], &total["passed"]["malformed"]),
        (&1.into(), &1.into(), &1.into())
    );
    assert_eq!((&total["units"], &total["kept"], &total["copies"]), (&2.into(), &1.into(), &1.into()));
    let output = run(&folder, &["clean", "a.jsonl", "--strict"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("record 2"), "{}", text(&output.stderr));
    for (name, said) in
        [("b.jsonl", "no record has a field text, or content"), ("c.jsonl", "no record of it is JSON Lines")]
    {
        for place in [&["-o", "out.jsonl"][..], &["-i"], &[]] {
            let output = run(&folder, &[&["clean", name], place].concat());
            assert_eq!(output.status.code(), Some(2));
            assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
            assert!(!folder.path().join("out.jsonl").exists());
        }
    }
}

#[test]
fn rows_in_another_encoding_keep_it_in_their_place() {
    let table = |text: &str| format!("id;text\r\n1;\"{text}\"\r\n");
    let in_windows = |text: &str| encoding_rs::WINDOWS_1256.encode(text).0.into_owned();
    let (before, after) = (table(&format!("{LONG}\nنعم\n{LONG}")), table(&format!("{LONG}\nنعم")));
    let folder = folder(&[("a.csv", &in_windows(&before))]);
    let output = run(&folder, &["clean", "-q", "--encoding", "windows-1256", "a.csv"]);
    assert_eq!(text(&output.stdout), after);
    let output = run(&folder, &["clean", "-q", "-i", "--encoding", "windows-1256", "a.csv"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(fs::read(folder.path().join("a.csv")).unwrap(), in_windows(&after));
}

#[test]
fn a_row_that_loses_its_only_field_is_still_a_row() {
    let rows = |rows: &[&str]| rows.concat();
    let before = rows(&["text,id\n", LONG, "\n", LONG, "\r\n\"", LONG, "\"\nنعم,1\n", LONG, ",2\n", LONG]);
    let after = rows(&["text,id\n", LONG, "\n\"\"\r\n\"\"\nنعم,1\n,2\n\"\""]);
    let corpus = &["clean", "-q", "--scope", "corpus", "--format", "csv"];
    let output = tikrar(corpus).write_stdin(before.clone()).output().unwrap();
    assert_eq!(text(&output.stdout), after);
    let output = tikrar(corpus).args(["--empty", "drop"]).write_stdin(before).output().unwrap();
    assert_eq!(text(&output.stdout), rows(&["text,id\n", LONG, "\nنعم,1\n"]));
}

#[test]
fn a_string_of_an_array_without_copies_stays_as_it_is() {
    let array = |strings: &str| format!("{{\"text\":[{strings}]}}\n");
    for (before, after) in [
        (format!("\"{LONG}\",\"m\\n\",\"{LONG}\""), format!("\"{LONG}\",\"m\\n\"")),
        (format!("\"\",\"{LONG}\", \"\",\"{LONG}\\nن\""), format!("\"\",\"{LONG}\", \"\",\"ن\"")),
        (format!("\"{LONG}\",\"نعم\\n{LONG}\",\"لا\""), format!("\"{LONG}\",\"نعم\",\"لا\"")),
        (format!("\"{LONG}\",\"نعم\\n{LONG}\\n\",\"لا\""), format!("\"{LONG}\",\"نعم\\n\",\"لا\"")),
        (format!("\"{LONG}\",\"\\n{LONG}\\n\",\"\\n\\nن\""), format!("\"{LONG}\",\"\\n\\nن\"")),
    ] {
        let output = tikrar(&["clean", "-q"]).write_stdin(array(&before)).output().unwrap();
        assert_eq!(text(&output.stdout), array(&after));
    }
}

#[test]
fn records_are_named_in_corpus_scope_too() {
    let lines = format!("{{\"id\":\"أ\",\"text\":\"{LONG}\"}}\n{{\"id\":7,\"text\":\"نعم\\n{LONG}\"}}\n");
    let output =
        tikrar(&["clean", "--scope", "corpus", "--stdin-filename", "a.jsonl"]).write_stdin(lines).output().unwrap();
    assert!(text(&output.stderr).starts_with("a.jsonl, record 2 (7): line 2 repeats line 1 of a.jsonl, record 1\n"));
}

#[test]
fn what_is_wrong_with_a_table_is_told() {
    let folder = folder(&[
        ("open.csv", b"id,text\n1,x\n2,\"y\n3,z\n"),
        ("columns.csv", b"id,title\n1,x\n"),
        ("array.json", b"[{\"text\":\"x\"}, {\"text\":\"y\"} {}]"),
        ("cut.json", b"[{\"text\":\"x\"}, {\"text\":"),
        ("a.parquet", b"PAR1 and nothing more"),
    ]);
    fs::copy(fixture("articles.parquet"), folder.path().join("b.parquet")).unwrap();
    let output = run(&folder, &["check", "--text-field", "n", "b.parquet"]);
    assert!(text(&output.stderr).contains("b.parquet: its column n holds neither strings"), "{}", text(&output.stderr));
    let output = run(&folder, &["check", "open.csv", "columns.csv", "array.json", "cut.json", "a.parquet"]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!("wrong_tables", text(&output.stderr));
    let output = run(&folder, &["fold", "--no-quoting", "open.csv"]);
    assert_eq!(text(&output.stdout), "x\n\"y\nz\n");
}
