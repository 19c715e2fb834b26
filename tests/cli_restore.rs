//! `tikrar restore`, on files of every format and what was removed from them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;
mod packing;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use command::{folder, run, text, tikrar};
use packing::{packed, unpacked};
use tempfile::TempDir;
use tikrar::removed::{Cleaned, Ending, Line, Piece, Places, Removal};
use tikrar::sink::{ContentHash, Hashing};
use tikrar::source::Codec;

/// One copy a stretch of a text, and the text without them: what was removed, with the line at its end.
fn removed(output: &str, text: &str, copies: &[&str]) -> (String, String) {
    let (mut places, mut at, mut cleaned) = (Places::new(), 0, String::new());
    let mut lines = Vec::new();
    for (number, copy) in copies.iter().enumerate() {
        let start = at + text[at..].find(copy).unwrap();
        cleaned.push_str(&text[at..start]);
        at = start + copy.len();
        let removal = Removal {
            block: number as u64 + 1,
            removed: vec![places.piece(start as u64..at as u64, copy.as_bytes())],
            output: Some(Path::new(output).into()),
            ..Removal::default()
        };
        lines.push(Line::Removal(Box::new(removal)));
    }
    cleaned.push_str(&text[at..]);
    lines.push(ending(Some(output), cleaned.as_bytes(), copies.len()));
    (cleaned, written(&lines))
}

fn ending(output: Option<&str>, cleaned: &[u8], copies: usize) -> Line {
    let mut hashing = Hashing::new(std::io::sink());
    hashing.write_all(cleaned).unwrap();
    let hash: ContentHash = hashing.hash();
    let output = output.map(|output| Path::new(output).into());
    Line::Ending(Ending { output, cleaned: Cleaned { bytes: cleaned.len() as u64, hash, copies: copies as u64 } })
}

fn written(lines: &[Line]) -> String {
    let mut out = Vec::new();
    lines.iter().for_each(|line| tikrar::removed::write(line, &mut out).unwrap());
    text(&out)
}

fn read(folder: &TempDir, name: &str) -> String {
    text(&fs::read(folder.path().join(name)).unwrap())
}

const TEXT: &str = "أ\nب\r\nج\n\nد\n";
const COPIES: [&str; 3] = ["ب\r\n", "ج\n", "د\n"];

fn is_fine(folder: &TempDir, arguments: &[&str]) -> (String, String) {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    (text(&output.stdout), text(&output.stderr))
}

/// Runs what goes wrong, and writes nothing.
fn fails(folder: &TempDir, arguments: &[&str]) -> String {
    let before = files(folder);
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert_eq!(text(&output.stdout), "", "{arguments:?}");
    assert_eq!(files(folder), before, "{arguments:?}");
    text(&output.stderr)
}

fn files(folder: &TempDir) -> Vec<(std::path::PathBuf, Option<Vec<u8>>)> {
    let mut files: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read(path).ok()))
        .collect();
    files.sort();
    files
}

#[test]
fn all_of_it_or_some_blocks_come_back_by_every_way() {
    let (cleaned, removed) = removed("cleaned.txt", TEXT, &COPIES);
    assert_eq!(cleaned, "أ\n\n");
    let folder = folder(&[("cleaned.txt", cleaned.as_bytes()), ("r.jsonl", removed.as_bytes())]);
    let restore = ["restore", "--removed", "r.jsonl"];
    let with = |more: &[&'static str]| [&restore[..], more].concat();
    let (out, said) = is_fine(&folder, &with(&["cleaned.txt"]));
    assert_eq!(out, TEXT);
    assert_eq!(said, "put back 3 copies in 1 file\n");
    assert_eq!(is_fine(&folder, &with(&["--block", "2", "cleaned.txt"])).0, "أ\nج\n\n");
    assert_eq!(is_fine(&folder, &with(&["--block", "3,1", "cleaned.txt"])).0, "أ\nب\r\n\nد\n");
    assert_eq!(
        is_fine(&folder, &with(&["--block", "1-2", "--block", "3", "-q", "cleaned.txt"])),
        (TEXT.to_owned(), String::new())
    );
    is_fine(&folder, &with(&["cleaned.txt", "-o", "out.txt.zst"]));
    assert_eq!(text(&unpacked(&folder.path().join("out.txt.zst"))), TEXT);
    // One file and one output: whatever its name.
    fs::copy(folder.path().join("cleaned.txt"), folder.path().join("b.txt")).unwrap();
    assert_eq!(is_fine(&folder, &with(&["./b.txt"])).0, TEXT);
    for path in [&[][..], &["-"]] {
        let output = tikrar(&with(path)).current_dir(&folder).write_stdin(cleaned.clone()).output().unwrap();
        assert_eq!(text(&output.stdout), TEXT);
    }
    let lines: String = removed.lines().skip(1).map(|line| line.to_owned() + "\n").collect();
    let output =
        tikrar(&["restore", "--removed", "-", "cleaned.txt"]).current_dir(&folder).write_stdin(lines).output().unwrap();
    assert_eq!(text(&output.stdout), "أ\nج\n\nد\n");
    is_fine(&folder, &with(&["-i.bak", "cleaned.txt"]));
    assert_eq!((read(&folder, "cleaned.txt"), read(&folder, "cleaned.txt.bak")), (TEXT.to_owned(), cleaned));
    // And not again.
    let said = fails(&folder, &with(&["-i", "cleaned.txt"]));
    assert_eq!(
        said,
        "tikrar: cleaned.txt: is not what was written (r.jsonl, line 4): it has been changed since, or something was put back \
         already\n"
    );
}

#[test]
fn files_of_a_run_are_known_by_their_names() {
    let (a, of_a) = removed("out/a.txt", TEXT, &COPIES);
    let (b, of_b) = removed("out/sub/b.jsonl", "{\"text\":\"أ\\nب\"}\n", &["\\nب"]);
    let (c, of_c) = removed("out/c.csv", "text\n\"أ\nب\"\n", &["\nب"]);
    let gz = packed(Codec::Gzip, c.as_bytes());
    let all = of_a + &of_b + &of_c.replace("c.csv", "c.csv.gz");
    let removals = packed(Codec::Zstd, all.as_bytes());
    let folder = folder(&[
        ("out/a.txt", a.as_bytes()),
        ("out/sub/b.jsonl", b.as_bytes()),
        ("out/c.csv.gz", &gz),
        ("out/d.txt", b"d\n"),
        ("r.jsonl.zst", &removals),
        ("e.txt", b"e\n"),
    ]);
    let restore = ["restore", "--removed", "r.jsonl.zst"];
    let with = |more: &[&'static str]| [&restore[..], more].concat();
    let (_, said) = is_fine(&folder, &with(&["./out", "--output-dir", "back"]));
    assert_eq!(said, "put back 5 copies in 3 files\n");
    assert_eq!(read(&folder, "back/out/a.txt"), TEXT);
    assert_eq!(read(&folder, "back/out/sub/b.jsonl"), "{\"text\":\"أ\\nب\"}\n");
    assert_eq!(text(&unpacked(&folder.path().join("back/out/c.csv.gz"))), "text\n\"أ\nب\"\n");
    assert_eq!(read(&folder, "back/out/d.txt"), "d\n");
    let said = fails(&folder, &with(&["out", "--output-dir", "back"]));
    assert!(said.contains("back/out/a.txt is already there: give a new folder"), "{said}");
    // Nothing is back before all removals are known to be right, and what is not spoken of stays.
    let before = fs::metadata(folder.path().join("out/d.txt")).unwrap().modified().unwrap();
    let (_, said) = is_fine(&folder, &with(&["out/a.txt", "out/d.txt", "-i"]));
    assert_eq!(said, "put back 3 copies in 1 file; 2 copies of files that are not among these\n");
    assert_eq!(read(&folder, "out/a.txt"), TEXT);
    assert_eq!(fs::metadata(folder.path().join("out/d.txt")).unwrap().modified().unwrap(), before);
    let (_, said) = is_fine(&folder, &with(&["--block", "1", "out/c.csv.gz", "-i"]));
    assert_eq!(said, "put back 1 copy in 1 file; 2 copies of files that are not among these\n");
    assert_eq!(text(&unpacked(&folder.path().join("out/c.csv.gz"))), "text\n\"أ\nب\"\n");

    let said = fails(&folder, &with(&["e.txt"]));
    assert_eq!(
        said,
        "tikrar: e.txt is none of the files that r.jsonl.zst tells of: out/a.txt, out/sub/b.jsonl, out/c.csv.gz\n"
    );
    assert!(fails(&folder, &with(&["e.txt", "out/d.txt", "-i"])).contains("these are none of the files"));
    assert!(fails(&folder, &with(&["e.txt", "out/d.txt"])).contains("several files can't be restored to one output"));
    assert!(fails(&folder, &with(&["out"])).contains("several files can't be"));
    let named = tikrar(&with(&["-q", "--stdin-filename", "out/sub/b.jsonl"]))
        .current_dir(&folder)
        .write_stdin(b)
        .output()
        .unwrap();
    assert_eq!(text(&named.stdout), "{\"text\":\"أ\\nب\"}\n");
}

#[test]
fn a_bad_file_is_told_and_the_others_are_done() {
    let (a, of_a) = removed("a.txt", TEXT, &COPIES);
    let (b, of_b) = removed("b.txt", TEXT, &COPIES);
    let folder = folder(&[("a.txt", b"other\n"), ("b.txt", b.as_bytes()), ("r.jsonl", (of_a + &of_b).as_bytes())]);
    let output = run(&folder, &["restore", "--removed", "r.jsonl", "a.txt", "b.txt", "-i", "--failed", "bad"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("a.txt: is not what was written (r.jsonl, line 4)"),
        "{}",
        text(&output.stderr)
    );
    assert!(text(&output.stderr).contains("1 of 2 could not be done: a.txt"));
    assert_eq!(
        (read(&folder, "a.txt"), read(&folder, "b.txt"), read(&folder, "bad")),
        ("other\n".to_owned(), TEXT.to_owned(), "a.txt\n".to_owned())
    );
    drop(a);
}

#[test]
fn what_can_not_be_put_back_is_told_by_its_line_and_nothing_is_written() {
    let line = |more: &str| format!("{{\"block\":1,{more},\"output\":null}}\n");
    let cases = [
        (
            line("\"removed\":[{\"at\":9,\"text\":\"x\"}]"),
            "a.txt: r.jsonl, line 1: it belongs at byte 9, and the text ends at byte 4",
        ),
        (
            line("\"removed\":[{\"at\":2,\"text\":\"x\"}]") + "\n{\"removed\":",
            "r.jsonl, line 3: column 11: EOF while parsing a value",
        ),
        (line("\"removed\":[{\"at\":2}]"), "r.jsonl, line 1: column 31: a piece has neither text nor hex"),
        (
            line("\"removed\":[],\"together\":[7,2]"),
            "r.jsonl, line 1: only 1 of 2 copies are to be put back that can only be put back together: not all of their lines are there",
        ),
        (line("\"cleaned\":7"), "r.jsonl, line 1: column 22: invalid type: integer `7`, expected struct Cleaned"),
        (
            line("\"x\":7"),
            "r.jsonl, line 1: it has neither \"removed\" nor \"cleaned\", so it is no line that tells of what was removed",
        ),
        (line("\"removed\":[{\"at\":2,\"text\":\"x\"}],\"row\":1"), "a.txt: not a Parquet file"),
    ];
    for (removed, expected) in cases {
        let folder = folder(&[("a.txt", b"abc\n"), ("r.jsonl", removed.as_bytes())]);
        for how in [&["a.txt"][..], &["a.txt", "-i"], &["a.txt", "-o", "b.txt"]] {
            let said = fails(&folder, &[&["restore", "--removed", "r.jsonl"], how].concat());
            assert_eq!(said.lines().next().unwrap(), format!("tikrar: {expected}"));
        }
    }
    let folder = folder(&[("a.txt", b"abc\n"), ("r.jsonl", b"")]);
    assert_eq!(
        fails(&folder, &["restore", "--removed", "no.jsonl", "a.txt"]),
        "tikrar: no.jsonl: cannot be read: No such file or directory (os error 2)\n"
    );
    assert_eq!(
        fails(&folder, &["restore", "--removed", "r.jsonl", "--block", "4", "a.txt"]),
        "tikrar: r.jsonl: there is no block 4 in it\n"
    );
    assert!(fails(&folder, &["restore", "--removed", "-"]).contains("standard input can't be both"));
    assert!(fails(&folder, &["restore", "--removed", "-", "-"]).contains("standard input can't be both"));
    assert!(fails(&folder, &["restore", "--removed", "r.jsonl", "-i", "-"]).contains("standard input has no place"));
    assert!(
        fails(&folder, &["restore", "--removed", "r.jsonl", "a.txt", "-o", "r.jsonl"])
            .contains("-o and --removed are both r.jsonl")
    );
    assert!(fails(&folder, &["restore", "--removed", "r.jsonl", "a.txt", "-o", "a.txt"]).contains("also an input"));
    assert_eq!(is_fine(&folder, &["restore", "--removed", "r.jsonl", "a.txt"]).0, "abc\n");
}

#[test]
fn bytes_that_are_no_text_and_other_encodings_come_back() {
    // An empty field that stands in the stead of what went, and bytes that are not UTF-8.
    let removed = "{\"removed\":[{\"at\":5,\"over\":2,\"hex\":\"ff61\"}]}\n";
    let folder = folder(&[("a.csv", b"text\n\"\"\n"), ("r.jsonl", removed.as_bytes())]);
    let output = run(&folder, &["restore", "--removed", "r.jsonl", "a.csv"]);
    assert_eq!(output.stdout, b"text\n\xFFa\n");

    let (cleaned, removed) = self::removed("a.txt", TEXT, &COPIES);
    let utf_16: Vec<u8> = [0xFEFF].into_iter().chain(cleaned.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let (windows_1256, _, _) = encoding_rs::WINDOWS_1256.encode(&cleaned);
    for (bytes, options, encoding) in
        [(&utf_16[..], &[][..], "UTF-16LE"), (&windows_1256, &["--encoding", "windows-1256"], "windows-1256")]
    {
        let folder = self::folder(&[("a.txt", bytes), ("r.jsonl", removed.as_bytes())]);
        let restore = [&["restore", "--removed", "r.jsonl", "a.txt"], options].concat();
        assert_eq!(is_fine(&folder, &restore).0, TEXT);
        let (_, said) = is_fine(&folder, &[&restore[..], &["-i"]].concat());
        assert_eq!(said, format!("a.txt: was {encoding}, and is UTF-8 now\nput back 3 copies in 1 file\n"));
        assert_eq!(read(&folder, "a.txt"), TEXT);
    }
}

#[cfg(feature = "parquet")]
mod parquet {
    use tikrar::cut::{self, FileCuts};
    use tikrar::format::parquet::{RowText, Table};
    use tikrar::format::{RecordOptions, RecordReader, parquet};
    use tikrar::source::Body;
    use tikrar::unit::{Splitter, UnitKind};

    use super::*;

    fn table(path: &Path) -> Vec<RowText> {
        let table = Table::open(fs::File::open(path).unwrap()).unwrap();
        let column = table.column("text").or_else(|| table.column("body")).unwrap();
        (0..table.row_groups()).flat_map(|group| table.read(group, column).unwrap()).collect()
    }

    /// Removes every second unit of a fixture: what is left, and what was removed.
    fn halved(name: &str) -> (Vec<u8>, String) {
        let open = || fs::File::open(fixture(name)).unwrap();
        let options = RecordOptions::default();
        let mut reader = RecordReader::of_parquet(open(), &options).unwrap();
        let (mut from, mut row, mut places, mut cuts) = (0, 0, Places::new(), Vec::new());
        let (mut lines, mut texts) = (Vec::new(), Vec::new());
        while let Some(chunk) = reader.next(Vec::new()).unwrap() {
            for record in 0..chunk.len() {
                row += 1;
                let Ok(value) = chunk.text(record) else { continue };
                let mut units = Vec::new();
                Splitter::new(UnitKind::Line).split(&value.text, true, |unit, _| units.push(unit));
                let is_copy = |at: usize| at % 2 == 1;
                let stretches = cut::stretches_of_value(&Body::held(value.text.clone()), &units, is_copy).unwrap();
                let written = value.written(&value.text, &chunk.bytes, &stretches);
                for portion in chunk.portions(&value, &value.text, &units, is_copy, &stretches) {
                    let removed: Vec<Piece> = places.pieces(from, &chunk.bytes, &portion);
                    let field = chunk.layout().text_field.clone();
                    let removal = Removal { block: row, removed, row: Some(row), field, ..Removal::default() };
                    lines.push(Line::Removal(Box::new(removal)));
                }
                cuts.extend(written.into_iter().map(|cut| cut.start + from..cut.end + from));
            }
            texts.extend_from_slice(&chunk.bytes);
            from += chunk.bytes.len() as u64;
        }
        let mut cleaned_texts = Vec::new();
        tikrar::format::text::copy(&mut &texts[..], &FileCuts::of(cuts.clone()), &mut cleaned_texts).unwrap();
        let copies = lines.len();
        lines.push(ending(None, &cleaned_texts, copies));
        let mut cleaned = Vec::new();
        parquet::write(open(), &options, &FileCuts::of(cuts), &mut cleaned).unwrap();
        (cleaned, written(&lines))
    }

    fn fixture(name: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats").join(name)
    }

    #[test]
    fn rows_come_back_by_value() {
        for name in ["articles.parquet", "lists.parquet"] {
            let (cleaned, removed) = halved(name);
            let folder = folder(&[("a.parquet", &cleaned), ("r.jsonl", removed.as_bytes())]);
            let path = |name: &str| folder.path().join(name);
            assert_ne!(table(&path("a.parquet")), table(&fixture(name)));
            let restore = ["restore", "--removed", "r.jsonl"];
            is_fine(&folder, &[&restore[..], &["a.parquet", "-o", "b.parquet"]].concat());
            assert_eq!(table(&path("b.parquet")), table(&fixture(name)));
            is_fine(&folder, &[&restore[..], &["a.parquet", "--output-dir", "out"]].concat());
            assert_eq!(table(&path("out/a.parquet")), table(&fixture(name)));
            // By standard input and output too.
            let piped = tikrar(&restore).current_dir(&folder).write_stdin(cleaned.clone()).output().unwrap();
            assert_eq!(piped.status.code(), Some(0), "{}", text(&piped.stderr));
            assert_eq!(piped.stdout, fs::read(path("b.parquet")).unwrap());
            let first = removed.split("\"block\":").nth(1).unwrap().split(',').next().unwrap();
            is_fine(&folder, &[&restore[..], &["a.parquet", "-o", "c.parquet", "--block", first]].concat());
            let row = first.parse::<usize>().unwrap() - 1;
            let (before, part, cleaned) = (table(&fixture(name)), table(&path("c.parquet")), table(&path("a.parquet")));
            assert_eq!(part[row], before[row]);
            assert_eq!(part[row + 1..], cleaned[row + 1..]);
            // The file as it was before is another one than what was written.
            fs::copy(fixture(name), path("d.parquet")).unwrap();
            let said = fails(&folder, &[&restore[..], &["d.parquet", "-i"]].concat());
            assert!(said.contains("d.parquet: is not what was written (r.jsonl, line "), "{said}");
            // Without the line at the end what can't be is told by its line.
            let line = "{\"row\":1,\"removed\":[{\"at\":99999999,\"element\":0,\"text\":\"x\"}]}\n";
            let line = if name == "lists.parquet" { line.to_owned() } else { line.replace("\"element\":0,", "") };
            fs::write(path("r.jsonl"), line).unwrap();
            let said = fails(&folder, &[&restore[..], &["a.parquet", "-i"]].concat());
            assert!(said.starts_with("tikrar: a.parquet: r.jsonl, line 1: it does not fit row 1: "), "{said}");
        }
    }
}

#[test]
fn what_was_altered_since_it_went_is_not_put_back() {
    let line = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن\n";
    let before = format!("{line}نعم\n{line}");
    let folder = folder(&[("a.txt", before.as_bytes())]);
    is_fine(&folder, &["clean", "-q", "a.txt", "-o", "b.txt", "--removed", "removed.jsonl"]);
    let removed = read(&folder, "removed.jsonl");
    assert!(removed.contains("\"hash\":\""), "{removed}");
    fs::write(folder.path().join("altered.jsonl"), removed.replace("جيدة", "سيئة")).unwrap();
    let said = fails(&folder, &["restore", "--removed", "altered.jsonl", "b.txt"]);
    assert!(said.contains("altered.jsonl, line 1: its \"removed\" was altered"), "{said}");
    let (restored, _) = is_fine(&folder, &["restore", "--removed", "removed.jsonl", "b.txt"]);
    assert_eq!(restored, before);
}
