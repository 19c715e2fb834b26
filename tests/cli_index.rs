//! The command line with indexes that are kept between runs.

#![cfg(feature = "index")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;
mod planted;

use std::convert::Infallible;
use std::fs;

use command::{folder, run, text};
use planted::plant;
use redb::TableDefinition;
use tempfile::TempDir;
use tikrar::fold::Level;
use tikrar::index::store::Store;
use tikrar::index::{KnownDocument, Recognised};
use tikrar::key::{Key, KeyVersion};
use tikrar::unit::UnitKind;

/// Makes an index of one run: one document of three lines, in each of which one of these windows begins.
fn index(folder: &TempDir, name: &str, min_words: u32, windows: [u128; 3]) {
    let version = KeyVersion::new(Level::Typography.folds(), UnitKind::Line, min_words);
    let store = Store::open(&folder.path().join(name), &version, 1 << 20).unwrap();
    let windows = windows.into_iter().zip(1..).map(|(window, place)| Ok::<_, Infallible>((Key::from(window), place)));
    let document = KnownDocument { first: 0, lines: 3, name: format!("{name}.txt"), as_read: 1, as_left: 2 };
    store.add(windows, [Ok(document)], 3, Recognised::ByText).unwrap();
}

fn names(folder: &TempDir) -> Vec<String> {
    let names = fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn info_says_what_an_index_holds() {
    let folder = folder(&[("a.txt", b"")]);
    index(&folder, "a.index", 10, [1, 2, 3]);
    let out = run(&folder, &["index", "info", "a.index"]);
    assert_eq!(out.status.code(), Some(0));
    let bytes = fs::metadata(folder.path().join("a.index")).unwrap().len();
    assert_eq!(
        text(&out.stdout),
        format!(
            "a.index\n  keys       rules 1, level typography, unit line, min-words 10\n  documents  1\n  windows    3\n  \
             lines      3\n  bytes      {bytes}\n  runs       1\n  made by    tikrar {}\n",
            env!("CARGO_PKG_VERSION")
        )
    );
    // Of those that are none it is said, and the others are still looked at.
    let out = run(&folder, &["index", "info", "a.txt", "none.index", "a.index"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stdout).starts_with("a.index\n"));
    assert_eq!(text(&out.stderr), "tikrar: a.txt is no index that tikrar made\ntikrar: none.index is not there\n");
    assert_eq!(names(&folder), ["a.index", "a.txt"]);
}

#[test]
fn merge_makes_one_of_several() {
    let folder = folder(&[]);
    index(&folder, "a.index", 10, [1, 2, 3]);
    index(&folder, "b.index", 10, [3, 4, 5]);
    index(&folder, "c.index", 8, [1, 2, 3]);
    let out = run(&folder, &["index", "merge", "-o", "ab.index", "a.index", "b.index"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    assert_eq!(text(&out.stdout), "");
    assert_eq!(text(&out.stderr), "ab.index: 2 documents, 5 windows, 6 lines\n");
    let out = run(&folder, &["index", "verify", "ab.index", "a.index"]);
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(
        text(&out.stdout),
        "ab.index: sound, 2 documents, 5 windows, 6 lines\na.index: sound, 1 document, 3 windows, 3 lines\n"
    );

    let before = fs::read(folder.path().join("ab.index")).unwrap();
    let out = run(&folder, &["index", "merge", "-o", "ab.index", "a.index", "b.index"]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(
        text(&out.stderr),
        "tikrar: ab.index is already there, and merging replaces nothing: give another file, or move it away\n"
    );
    assert_eq!(fs::read(folder.path().join("ab.index")).unwrap(), before);
    let out = run(&folder, &["index", "merge", "-o", "ac.index", "a.index", "c.index"]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(
        text(&out.stderr),
        "tikrar: a.index was made with min-words 10 and c.index with min-words 8: an index holds keys of one kind only, so \
         these can't be merged\n"
    );
    assert_eq!(names(&folder), ["a.index", "ab.index", "b.index", "c.index"]);
}

#[test]
fn verify_says_what_is_wrong() {
    let folder = folder(&[]);
    index(&folder, "a.index", 10, [1, 2, 3]);
    let documents: TableDefinition<u64, (u64, &str, u128, u128)> = TableDefinition::new("documents");
    plant(&folder.path().join("a.index"), |transaction| {
        transaction.open_table(documents).unwrap().insert(0, (2, "a.index.txt", 1, 2)).unwrap();
    });
    index(&folder, "b.index", 10, [1, 2, 3]);
    let out = run(&folder, &["index", "verify", "a.index", "b.index"]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(text(&out.stdout), "b.index: sound, 1 document, 3 windows, 3 lines\n");
    assert_eq!(
        text(&out.stderr),
        "tikrar: a.index: windows that first began in no document: 1, one of them in line 3\n"
    );

    let path = folder.path().join("b.index");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let out = run(&folder, &["index", "verify", "b.index"]);
    assert_eq!(out.status.code(), Some(2));
    let said = text(&out.stderr);
    assert!(said.starts_with("tikrar: b.index is damaged: ") && said.lines().count() == 1, "{said}");
}

#[test]
fn an_index_in_use_is_told_as_such() {
    let folder = folder(&[]);
    index(&folder, "a.index", 10, [1, 2, 3]);
    let version = KeyVersion::new(Level::Typography.folds(), UnitKind::Line, 10);
    let _store = Store::open(&folder.path().join("a.index"), &version, 1 << 20).unwrap();
    let out = run(&folder, &["index", "info", "a.index"]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(text(&out.stderr), "tikrar: a.index is in use by another run: wait until that is done\n");
}
