//! `tikrar restore` makes files anew that went whole, and puts nothing into others.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;
mod packing;

use std::fs;
use std::path::Path;

use command::{folder, run, text};
use packing::{packed, unpacked};
use tempfile::TempDir;
use tikrar::source::Codec;

const ONE: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";
const TWO: &str = "وأضاف أن الفرق الطبية ستواصل زياراتها إلى القرى البعيدة حتى نهاية العام";

/// An original, and a folder with an empty file, one that stays as it is, and two that go whole.
fn papers() -> TempDir {
    let gz = packed(Codec::Gzip, format!("{TWO}\n").as_bytes());
    folder(&[
        ("0.txt", format!("{ONE}\nX\n{TWO}\n").as_bytes()),
        ("k/a.txt", b""),
        ("k/b.txt", format!("\n\n{ONE}\n\n\n{TWO}\n\n").as_bytes()),
        ("k/c.txt", b"A\n"),
        ("k/sub/d.txt.gz", &gz),
    ])
}

fn tree(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                let is_packed = name.ends_with(".gz");
                files.push((name, if is_packed { unpacked(&path) } else { fs::read(&path).unwrap() }));
            }
        }
    }
    files.sort();
    files
}

fn done(folder: &TempDir, arguments: &[&str]) -> (String, String) {
    let out = run(folder, arguments);
    assert_eq!(out.status.code(), Some(0), "{arguments:?}: {}", text(&out.stderr));
    (text(&out.stdout), text(&out.stderr))
}

fn fails(folder: &TempDir, arguments: &[&str]) -> String {
    let before = tree(folder.path());
    let out = run(folder, arguments);
    assert_eq!((out.status.code(), text(&out.stdout)), (Some(2), String::new()), "{arguments:?}");
    assert_eq!(tree(folder.path()), before);
    text(&out.stderr)
}

const CLEAN: [&str; 8] = ["clean", "-q", "--scope", "corpus", "--empty", "drop", "--removed", "r.jsonl"];
const RESTORE: [&str; 3] = ["restore", "--removed", "r.jsonl"];

#[test]
fn files_of_a_folder_that_went_are_made_anew_and_no_other_is_touched() {
    let folder = papers();
    let before = tree(&folder.path().join("k"));
    done(&folder, &[&CLEAN[..], &["-i", "0.txt", "k"]].concat());
    let names =
        |root: &str| -> Vec<String> { tree(&folder.path().join(root)).into_iter().map(|(name, _)| name).collect() };
    assert_eq!(names("k"), ["a.txt", "c.txt"]);
    // To another folder, of which nothing is made but what was asked for.
    let (_, said) = done(&folder, &[&RESTORE[..], &["./k", "--output-dir", "back"]].concat());
    assert_eq!(said, "put back 3 copies in 2 files\n");
    assert_eq!(tree(&folder.path().join("back/k")), before);
    let (_, said) = done(&folder, &[&RESTORE[..], &["k", "--include", "*.gz", "--output-dir", "some"]].concat());
    assert!(said.ends_with("put back 1 copy in 1 file; 2 copies of files that are not among these\n"), "{said}");
    assert_eq!(names("some"), ["k/sub/d.txt.gz"]);
    // One block of it, and then the file is another one.
    done(&folder, &[&RESTORE[..], &["-q", "--block", "2", "-i", "k/b.txt"]].concat());
    assert_eq!(fs::read_to_string(folder.path().join("k/b.txt")).unwrap(), format!("\n\n{TWO}\n\n"));
    assert!(fails(&folder, &[&RESTORE[..], &["-i", "k/b.txt"]].concat()).contains("k/b.txt: is not what was written"));
    fs::remove_file(folder.path().join("k/b.txt")).unwrap();
    // In their places.
    let (_, said) = done(&folder, &[&RESTORE[..], &["-i", "k"]].concat());
    assert_eq!(said, "put back 3 copies in 2 files\n");
    assert_eq!(tree(&folder.path().join("k")), before);
}

#[test]
fn a_file_that_went_is_as_if_it_was_there_and_empty() {
    let folder = papers();
    let b = fs::read_to_string(folder.path().join("k/b.txt")).unwrap();
    done(&folder, &[&CLEAN[..], &["0.txt", "k/b.txt", "k/sub/d.txt.gz", "--output-dir", "out"]].concat());
    for files in [&["out/b.txt"][..], &["./out/../out/b.txt"]] {
        assert_eq!(done(&folder, &[&RESTORE[..], &["-q"], files].concat()).0, b);
    }
    done(&folder, &[&RESTORE[..], &["-q", "out/b.txt", "-o", "b.txt.zst"]].concat());
    assert_eq!(text(&unpacked(&folder.path().join("b.txt.zst"))), b);
    // One that was not of the run, or of which nothing is to be put back, is not there, and one that did not go whole neither.
    let no_file = "No such file or directory";
    assert!(fails(&folder, &[&RESTORE[..], &["-i", "out/e.txt"]].concat()).contains(no_file));
    assert!(fails(&folder, &[&RESTORE[..], &["-i", "--block", "3", "out/b.txt"]].concat()).contains(no_file));
    fs::write(folder.path().join("list"), "out/b.txt\nout/d.txt.gz\n").unwrap();
    fs::remove_dir_all(folder.path().join("out")).unwrap();
    done(&folder, &[&RESTORE[..], &["-q", "-i", "--files-from", "list"]].concat());
    let made = [("b.txt".to_owned(), b.into_bytes()), ("d.txt.gz".to_owned(), format!("{TWO}\n").into_bytes())];
    assert_eq!(tree(&folder.path().join("out")), made);
}

#[test]
fn what_was_removed_from_one_file_is_put_into_no_other_of_a_folder() {
    let folder = papers();
    fs::remove_dir_all(folder.path().join("k/sub")).unwrap();
    fs::remove_file(folder.path().join("k/c.txt")).unwrap();
    let before = tree(&folder.path().join("k"));
    done(&folder, &[&CLEAN[..], &["-i", "0.txt", "k"]].concat());
    assert_eq!(tree(&folder.path().join("k")), [("a.txt".to_owned(), Vec::new())]);
    for arguments in [&["-i", "k/a.txt"][..], &["k/a.txt", "--output-dir", "back"]] {
        let said = fails(&folder, &[&RESTORE[..], arguments].concat());
        assert_eq!(said, "tikrar: k/a.txt is none of the files that r.jsonl tells of: k/b.txt\n");
    }
    done(&folder, &[&RESTORE[..], &["-q", "-i", "k"]].concat());
    assert_eq!(tree(&folder.path().join("k")), before);
    // A file that is named, and goes to one output, may have been moved.
    fs::write(folder.path().join("moved.txt"), "").unwrap();
    assert_eq!(done(&folder, &[&RESTORE[..], &["-q", "moved.txt"]].concat()).0.as_bytes(), before[1].1);
    // What was written to standard output has no name, so the one file that is named is it; but not the one of a folder.
    let out = done(&folder, &["clean", "-q", "--scope", "corpus", "--removed", "one.jsonl", "0.txt", "k/b.txt"]).0;
    fs::create_dir(folder.path().join("one")).unwrap();
    fs::write(folder.path().join("one/out.txt"), out).unwrap();
    let of_one = ["restore", "-q", "--removed", "one.jsonl", "-i"];
    assert!(fails(&folder, &[&of_one[..], &["one"]].concat()).contains("is none of the files that one.jsonl tells of"));
    done(&folder, &[&of_one[..], &["one/out.txt"]].concat());
}
