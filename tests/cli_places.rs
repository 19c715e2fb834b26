//! Where files are written: folders that mirror, runs that were stopped, lists of files.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;
mod tree;

use std::collections::BTreeMap;
use std::fs;

use command::{folder, run, text, tikrar};
use tree::tree;

const LONG: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";

fn repeated() -> Vec<u8> {
    format!("{LONG}\nنعم\n{LONG}\n").into_bytes()
}

fn once() -> Vec<u8> {
    format!("{LONG}\nنعم\n").into_bytes()
}

fn of(files: &[(&str, Vec<u8>)]) -> BTreeMap<String, Vec<u8>> {
    files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect()
}

#[test]
fn a_folder_is_mirrored_under_its_own_name() {
    let folder = folder(&[
        ("news/a.txt", &repeated()),
        ("news/2024/ب.txt", &once()),
        ("news/photo.jpg", b"\xFF\xD8"),
        ("news/out/old.txt", b"old\n"),
        ("other/a.txt", &repeated()),
        ("single.txt", &repeated()),
    ]);
    let output = run(&folder, &["clean", "-q", "news/", "other", "single.txt", "--output-dir", "news/out/new"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let expected = of(&[
        ("news/a.txt", once()),
        ("news/2024/ب.txt", once()),
        ("news/out/old.txt", b"old\n".to_vec()),
        ("other/a.txt", once()),
        ("single.txt", once()),
    ]);
    assert_eq!(tree(&folder.path().join("news/out/new")), expected);
    // The working folder has no name to keep, and what is written there is not read.
    let output = run(&folder, &["clean", "-q", ".", "--output-dir", "mirror"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(tree(&folder.path().join("mirror")).keys().all(|name| !name.starts_with("mirror")));
    assert!(folder.path().join("mirror/news/a.txt").exists());
}

#[test]
fn targets_are_looked_at_before_anything_is_written() {
    let folder = folder(&[("a/x.txt", &repeated()), ("b/x.txt", &repeated()), ("out/x.txt", b"mine\n")]);
    let output = run(&folder, &["clean", "a/x.txt", "b/x.txt", "--output-dir", "new"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("a/x.txt and b/x.txt would both be new/x.txt"), "{}", text(&output.stderr));
    assert!(!folder.path().join("new").exists());
    let output = run(&folder, &["clean", "a/x.txt", "--output-dir", "out"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("out/x.txt is already there"), "{}", text(&output.stderr));
    assert_eq!(tree(&folder.path().join("out")), of(&[("x.txt", b"mine\n".to_vec())]));
}

#[test]
fn a_run_that_was_stopped_goes_on() {
    let files: Vec<(String, Vec<u8>)> = (0..300).map(|n| (format!("in/{n:03}.txt"), repeated())).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (&**name, &**bytes)).collect();
    let folder = folder(&files);
    assert_eq!(run(&folder, &["clean", "-q", "in", "--output-dir", "whole"]).status.code(), Some(0));
    let whole = tree(&folder.path().join("whole"));
    assert_eq!(whole.len(), 300);
    // Where one file can't be read, the others are done, and the journal stays.
    fs::write(folder.path().join("in/123.txt"), [0xC7, 0xE1, 0xCA, 0xCC, 0xD1, 0xC8, 0xC9]).unwrap();
    assert_eq!(run(&folder, &["clean", "-q", "in", "--output-dir", "out"]).status.code(), Some(2));
    let journal = folder.path().join("out/.tikrar-journal.jsonl");
    assert!(journal.exists());
    // As if it had been stopped in the middle of a line of the journal, and the file of the line before not there yet.
    let lines = fs::read_to_string(&journal).unwrap();
    let half: Vec<&str> = lines.split_inclusive('\n').take(150).collect();
    let of_last: serde_json::Value = serde_json::from_str(half[149]).unwrap();
    let last = of_last["file"].as_str().unwrap();
    for name in lines.split('\n').skip(150).filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()) {
        fs::remove_file(folder.path().join("out").join(name["file"].as_str().unwrap())).unwrap();
    }
    fs::remove_file(folder.path().join("out").join(last)).unwrap();
    fs::write(&journal, half.concat() + "{\"file\":\"in/2").unwrap();
    fs::write(folder.path().join("in/123.txt"), repeated()).unwrap();
    let output = run(&folder, &["clean", "in", "--output-dir", "out"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--resume goes on with it"), "{}", text(&output.stderr));
    let output = run(&folder, &["clean", "in", "--output-dir", "out", "--resume", "--min-words", "3"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("min-words 10, and now it is"), "{}", text(&output.stderr));
    let output = run(&folder, &["clean", "-q", "in", "--output-dir", "out", "--resume", "--summary", "s.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(tree(&folder.path().join("out")), whole);
    // The accounts are those of the whole run.
    let summary = fs::read_to_string(folder.path().join("s.json")).unwrap();
    assert!(summary.contains("\"copies\": 300,"), "{summary:.600}");
}

#[test]
fn what_was_written_is_known_by_its_bytes() {
    let folder = folder(&[("in/a.txt", &repeated()), ("in/b.txt", &repeated()), ("in/bad.txt", b"\xC7\xE1\xCA\xCC\n")]);
    assert_eq!(run(&folder, &["clean", "-q", "in", "--output-dir", "out"]).status.code(), Some(2));
    fs::remove_file(folder.path().join("in/bad.txt")).unwrap();
    // Another hand was there.
    fs::write(folder.path().join("out/in/a.txt"), "x\n").unwrap();
    // The article has been written anew since.
    fs::write(folder.path().join("in/b.txt"), "جديد\n").unwrap();
    let output = run(&folder, &["clean", "-q", "in", "--output-dir", "out", "--resume"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("out/in/a.txt has been changed since it was written"));
    assert_eq!(fs::read_to_string(folder.path().join("out/in/b.txt")).unwrap(), "جديد\n");
}

#[test]
fn a_run_that_is_done_can_be_told_to_go_on() {
    let folder = folder(&[("in/a.txt", &repeated()), ("in/b.txt", &once())]);
    for _ in 0..2 {
        let output = run(&folder, &["clean", "-q", "in", "--output-dir", "out", "--resume"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(tree(&folder.path().join("out")), of(&[("in/a.txt", once()), ("in/b.txt", once())]));
    }
    fs::write(folder.path().join("out/in/a.txt"), "x\n").unwrap();
    let output = run(&folder, &["clean", "-q", "in", "--output-dir", "out", "--resume"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("out/in/a.txt is already there with something else in it"));
    assert_eq!(fs::read(folder.path().join("out/in/a.txt")).unwrap(), b"x\n");
}

#[test]
fn a_part_of_a_run_that_was_stopped_can_be_done_first() {
    let folder = folder(&[("in/a.txt", &repeated()), ("bad/b.txt", &repeated()), ("bad/c.txt", b"\xC7\xE1\xCA\xCC\n")]);
    assert_eq!(run(&folder, &["clean", "-q", "in", "bad", "--output-dir", "out"]).status.code(), Some(2));
    // Left by another run that was killed.
    fs::write(folder.path().join("out/in/.tikrar-x1y2z3.tmp"), "half").unwrap();
    assert_eq!(run(&folder, &["clean", "-q", "in", "--output-dir", "out", "--resume"]).status.code(), Some(0));
    assert!(folder.path().join("out/.tikrar-journal.jsonl").exists(), "it still tells of bad/b.txt");
    fs::write(folder.path().join("bad/c.txt"), once()).unwrap();
    assert_eq!(run(&folder, &["clean", "-q", "in", "bad", "--output-dir", "out", "--resume"]).status.code(), Some(0));
    let whole = of(&[("in/a.txt", once()), ("bad/b.txt", once()), ("bad/c.txt", once())]);
    assert_eq!(tree(&folder.path().join("out")), whole);
}

#[test]
fn what_a_run_that_goes_on_writes_into_the_folder_itself_stays() {
    let folder = folder(&[("a.txt", &repeated()), ("out/.tikrar-x1y2z3.tmp", b"half")]);
    let output =
        run(&folder, &["clean", "-q", "a.txt", "--output-dir", "out", "--resume", "--summary", "out/sums.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let names: Vec<_> =
        fs::read_dir(folder.path().join("out")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(folder.path().join("out/sums.json").exists());
}

#[test]
fn nothing_that_a_run_reads_or_writes_is_overwritten_by_its_accounts() {
    let files = [("a.txt", repeated()), ("b.txt", repeated()), ("keep.txt", once()), ("list", b"a.txt\n".to_vec())];
    let in_folder: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, &**bytes)).collect();
    let folder = folder(&in_folder);
    for arguments in [
        &["a.txt", "--summary", "a.txt"][..],
        &["a.txt", "--failed", "./a.txt"],
        &["-i", "a.txt", "b.txt", "--summary", "b.txt"],
        &["a.txt", "-o", "o.txt", "--summary", "o.txt"],
        &["a.txt", "--summary", "s", "--failed", "s"],
        &["a.txt", "--keep-file", "keep.txt", "--summary", "keep.txt"],
        &["--files-from", "list", "--summary", "list"],
        &["a.txt", "--output-dir", ".", "--summary", "nowhere/s.json"],
        &["a.txt", "--output-dir", "new", "--summary", "new/a.txt"],
        &["-i.bak", "a.txt", "--summary", "a.txt.bak"],
        &["-i.bak", "a.txt", "--failed", "a.txt.bak"],
    ] {
        let output = run(&folder, &[&["clean", "-q"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
        let left: BTreeMap<_, _> =
            tree(folder.path()).into_iter().filter(|(name, _)| !name.starts_with("new")).collect();
        assert_eq!(left, of(&files), "{arguments:?}");
    }
    // What a run writes is not read by the next one, and its list can be written over.
    let output = run(
        &folder,
        &["clean", "-q", "-i", ".", "--include", "*", "--exclude", "list", "--summary", "s.json", "--failed", "list"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let output = run(&folder, &["clean", "-q", "-i", ".", "--include", "*", "--summary", "s.json", "--failed", "list"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn a_file_can_not_be_where_a_folder_has_to_be() {
    let folder = folder(&[("i/x.txt", &once()), ("j/x.txt/y.txt", &once())]);
    let output = run(&folder, &["clean", "i/x.txt", "j/x.txt", "--output-dir", "out"]);
    assert_eq!(output.status.code(), Some(2));
    let said = "i/x.txt would be out/x.txt, and j/x.txt/y.txt would be below that";
    assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
    assert!(!folder.path().join("out").exists());
}

#[test]
fn bytes_are_counted_as_they_are_written() {
    let folder = folder(&[("a.txt", LONG.as_bytes()), ("b.txt", "\u{FEFF}نعم\n".as_bytes())]);
    for scope in ["document", "corpus"] {
        let output =
            run(&folder, &["clean", "-q", "a.txt", "b.txt", "-o", "o.txt", "--summary", "s.json", "--scope", scope]);
        assert_eq!(output.status.code(), Some(0));
        let summary: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.path().join("s.json")).unwrap()).unwrap();
        let written = fs::metadata(folder.path().join("o.txt")).unwrap().len();
        assert_eq!(summary["total"]["bytes_out"], written, "{scope}");
    }
}

#[test]
fn a_dry_run_says_what_would_go_and_writes_nothing() {
    let folder = folder(&[("in/a.txt", &repeated()), ("in/b.csv", b"text\nx\n")]);
    for place in [&["-i"][..], &["--output-dir", "out"], &["-o", "all.txt"], &[]] {
        let output = run(&folder, &[&["clean", "--dry-run", "in"], place].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(text(&output.stderr).ends_with("would remove 1 of 4 lines, 1 block in 1 document\n"));
        assert_eq!(output.stdout, b"");
        assert_eq!(tree(folder.path()), of(&[("in/a.txt", repeated()), ("in/b.csv", b"text\nx\n".to_vec())]));
    }
    let output = run(&folder, &["clean", "--dry-run", "--sample", "100%", "--scope", "corpus", "in/a.txt"]);
    assert!(text(&output.stderr).contains("looked at 100.00% of the bytes"), "{}", text(&output.stderr));
}

#[test]
fn files_can_be_listed_and_those_that_fail_are() {
    let bad = b"\xC7\xE1\xCA\xCC\n";
    let folder = folder(&[("a.txt", &repeated()), ("d/b.txt", bad), ("c\nd.txt", bad), ("e.txt", &once())]);
    let list = "a.txt\0d/b.txt\0c\nd.txt\0missing.txt\0";
    let output = tikrar(&["clean", "-i", "--files-from", "-", "-0", "--failed", "bad.list"])
        .current_dir(folder.path())
        .write_stdin(list)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), once());
    assert_eq!(fs::read_to_string(folder.path().join("bad.list")).unwrap(), "missing.txt\0d/b.txt\0c\nd.txt\0");
    fs::write(folder.path().join("missing.txt"), repeated()).unwrap();
    let again = [
        "clean",
        "-q",
        "--files-from",
        "bad.list",
        "-0",
        "--encoding",
        "windows-1256",
        "--output-dir",
        "out",
        "--failed",
        "bad.list",
    ];
    assert_eq!(run(&folder, &again).status.code(), Some(2), "UTF-8 is no windows-1256");
    assert_eq!(fs::read_to_string(folder.path().join("bad.list")).unwrap(), "missing.txt\0");
    assert_eq!(
        tree(&folder.path().join("out")).keys().filter(|name| !name.starts_with('.')).collect::<Vec<_>>(),
        ["c\nd.txt", "d/b.txt"]
    );
    let output = run(&folder, &["check", "--files-from", "none.list"]);
    assert_eq!(output.status.code(), Some(2));
    fs::write(folder.path().join("none.list"), "").unwrap();
    let output = run(&folder, &["check", "--files-from", "none.list"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn patterns_choose_files() {
    let folder = folder(&[
        ("in/a.txt", &repeated()),
        ("in/b.md", &repeated()),
        ("in/2023/c.txt", &repeated()),
        ("in/2024/d.txt", &repeated()),
        ("in/2024/raw/e.txt", &repeated()),
    ]);
    let found = |arguments: &[&str]| {
        let output = run(&folder, &[&["check", "-q"], arguments].concat());
        let found = text(&output.stdout);
        let files = found.lines().filter(|line| line.starts_with("in/"));
        files.map(|line| line.split(':').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found(&["in", "--exclude", "2024"]), ["in/2023/c.txt", "in/a.txt"]);
    assert_eq!(found(&["in", "--exclude", "raw", "--include", "2024/**"]), ["in/2024/d.txt"]);
    assert_eq!(found(&["in", "--include", "*.md"]), ["in/b.md"]);
    assert_eq!(found(&["in", "--include", "in/20*/*.txt"]), ["in/2023/c.txt", "in/2024/d.txt"]);
    assert_eq!(found(&["in/a.txt", "in/b.md", "--exclude", "*.md"]), ["in/a.txt"]);
}

#[test]
fn a_backup_that_a_stopped_run_left_is_taken_for_one() {
    let folder = folder(&[("a.txt", &repeated()), ("a.txt.bak", &repeated())]);
    assert_eq!(run(&folder, &["clean", "-q", "-i.bak", "a.txt"]).status.code(), Some(0));
    assert_eq!(tree(folder.path()), of(&[("a.txt", once()), ("a.txt.bak", repeated())]));
}

#[test]
#[cfg(unix)]
fn a_mirrored_file_has_the_mode_of_its_own() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder(&[("in/a.txt", &repeated())]);
    fs::set_permissions(folder.path().join("in/a.txt"), fs::Permissions::from_mode(0o400)).unwrap();
    assert_eq!(run(&folder, &["clean", "-q", "in", "--output-dir", "out"]).status.code(), Some(0));
    let mode = fs::metadata(folder.path().join("out/in/a.txt")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o400);
}

#[test]
#[cfg(unix)]
fn loops_of_links_are_survived() {
    let folder = folder(&[("in/a.txt", &repeated())]);
    std::os::unix::fs::symlink("..", folder.path().join("in/loop")).unwrap();
    std::os::unix::fs::symlink("self", folder.path().join("in/self")).unwrap();
    let output = run(&folder, &["clean", "in", "--output-dir", "out"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stderr).starts_with("skipped 2 files: 2 symlink\n"), "{}", text(&output.stderr));
    assert_eq!(tree(&folder.path().join("out")), of(&[("in/a.txt", once())]));
}

#[test]
#[cfg(unix)]
fn accounts_are_shown_at_the_end_of_a_batch() {
    let folder = folder(&[("a.txt", &repeated()), ("b.txt", &once())]);
    let output = run(&folder, &["clean", "-q", "-i", "a.txt", "b.txt", "--summary", "-"]);
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&summary["files"], &summary["done"]), (&2.into(), &2.into()));
    let total = &summary["total"];
    let bytes = (repeated().len() + once().len(), 2 * once().len());
    assert_eq!((&total["bytes_in"], &total["bytes_out"]), (&bytes.0.into(), &bytes.1.into()));
    assert_eq!(summary["accounts"][0]["copies"], 1);
}
