//! The index in a file: what it holds between runs.

#![cfg(feature = "index")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod planted;
mod stored;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use planted::{bare, plant};
use proptest::prelude::*;
use redb::{Database, ReadableTable as _, TableDefinition};
use stored::{CACHE, add, assert_sound, document, folder, key, look, open, version};
use tempfile::TempDir;
use tikrar::fold::Level;
use tikrar::index::store::{AddError, MergeError, Store, StoreError, View, WhatIsWrong, merge, verify};
use tikrar::index::{KnownDocument, Own, Recognised, TextHash, identity};
use tikrar::key::KeyVersion;
use tikrar::unit::UnitKind;
use xxhash_rust::xxh3::xxh3_128;

/// The places of a document that was read and left so.
fn own(view: &View, document: &KnownDocument) -> Vec<Range<u64>> {
    let own = |text| view.own(identity(&document.name, text)).unwrap().ranges().to_vec();
    let as_read = own(TextHash::AsRead(document.as_read));
    if document.as_left != document.as_read {
        assert_eq!(own(TextHash::AsLeft(document.as_left)), as_read);
    }
    as_read
}

fn has(own: &Own, place: u64) -> bool {
    own.ranges().iter().any(|range| range.contains(&place))
}

fn only(range: Range<u64>) -> Vec<Range<u64>> {
    vec![range]
}

fn said(error: &dyn std::error::Error) -> String {
    error.to_string()
}

#[test]
fn what_a_run_adds_is_there_in_the_next() {
    let (_folder, path) = folder();
    {
        let store = open(&path);
        assert!(store.is_new());
        assert_eq!(store.lines(), 0);
        add(&store, &[(1, 1), (2, 3)], &[document(0, 3, "a.txt"), document(3, 2, "b.txt")], 5).unwrap();
        assert_eq!(store.lines(), 5);
    }
    let store = open(&path);
    assert!(!store.is_new());
    assert_eq!(store.lines(), 5);
    let before = store.view().unwrap();
    add(&store, &[(2, 6), (3, 7), (3, 6)], &[document(5, 2, "c.txt")], 7).unwrap();

    let view = store.view().unwrap();
    let first = |n| view.first(key(n)).unwrap();
    // A window that is known keeps its place, and of two new ones the first counts.
    assert_eq!([first(1), first(2), first(3), first(4)], [Some(1), Some(3), Some(6), None]);
    let name = |place| view.document(place).unwrap().map(|document| document.name);
    assert_eq!(name(0), None);
    assert_eq!([name(1), name(3)], [Some("a.txt".to_owned()), Some("a.txt".to_owned())]);
    assert_eq!([name(4), name(5)], [Some("b.txt".to_owned()), Some("b.txt".to_owned())]);
    assert_eq!(view.document(7).unwrap(), Some(document(5, 2, "c.txt")));
    assert_eq!(name(8), None);
    assert_eq!(own(&view, &document(0, 3, "a.txt")), only(1..4));
    assert!(own(&view, &document(0, 3, "d.txt")).is_empty());
    // A view is of its moment.
    assert_eq!(before.first(key(3)).unwrap(), None);
    let contents = store.contents().unwrap();
    assert_eq!((contents.documents, contents.windows, contents.lines, contents.runs), (3, 3, 7, 2));
    assert_eq!(contents.version.to_string(), "rules 1, level typography, unit line, min-words 10");
    drop((view, before, store));
    assert_sound(&path);
}

#[test]
fn a_document_finds_all_that_it_was_before() {
    let (_folder, path) = folder();
    let store = open(&path);
    let named = |first, as_read, as_left| KnownDocument { as_read, as_left, ..document(first, 3, "a.txt") };
    add(&store, &[(1, 1)], &[named(0, 10, 11)], 3).unwrap();
    // Read again as it was left, it has a window that it had not before, and is left another way.
    add(&store, &[(2, 4)], &[named(3, 11, 12)], 6).unwrap();
    // Again, with nothing new; and with nothing new, but left another way.
    add(&store, &[(2, 8)], &[named(6, 12, 12)], 9).unwrap();
    add(&store, &[], &[named(9, 12, 13)], 12).unwrap();
    let view = store.view().unwrap();
    let own = |text| view.own(identity("a.txt", text)).unwrap();
    for text in [TextHash::AsRead(10), TextHash::AsLeft(11)] {
        assert_eq!(own(text).ranges(), only(1..4), "{text:?}");
    }
    for text in [TextHash::AsRead(11), TextHash::AsLeft(12), TextHash::AsRead(12), TextHash::AsLeft(13)] {
        assert_eq!(own(text).ranges(), [1..4, 4..7], "{text:?}");
        assert!(has(&own(text), 1) && has(&own(text), 6) && !has(&own(text), 7));
    }
    assert_eq!(own(TextHash::Any).ranges(), only(1..4), "where the file stood first");
    for text in [TextHash::AsLeft(10), TextHash::AsRead(13), TextHash::AsRead(14)] {
        assert!(own(text).is_empty(), "{text:?}");
    }
    // Another name is another document.
    assert!(view.own(identity("b.txt", TextHash::AsRead(10))).unwrap().is_empty());
    assert_eq!(store.contents().unwrap().documents, 2);
    drop((view, store));
    assert_sound(&path);
}

#[test]
fn keys_of_another_kind_are_refused_by_what_differs() {
    let (_folder, path) = folder();
    drop(open(&path));
    let loose = Level::Loose.folds();
    for (version, said_of_it) in [
        (
            KeyVersion { min_words: 8, ..version() },
            "was made with min-words 10 and this run has min-words 8: an index holds keys of one kind only; give the same \
             options, or another file",
        ),
        (
            KeyVersion { folds: loose, unit: UnitKind::Paragraph, ..version() },
            "was made with level typography, unit line and this run has level loose, unit paragraph:",
        ),
        (
            KeyVersion { folds: Level::Exact.folds().changed_by("+digits,+quotes").unwrap(), ..version() },
            "has folds digits,quotes:",
        ),
        (KeyVersion { rules: 2, ..version() }, "was made with rules 1 and this run has rules 2:"),
    ] {
        for opened in [Store::open(&path, &version, CACHE), Store::open_read_only(&path, &version, CACHE)] {
            let error = opened.unwrap_err();
            assert!(matches!(error, StoreError::OtherKeys { .. }));
            assert!(said(&error).contains(said_of_it) && said(&error).contains("news.index"), "{error}");
        }
    }
}

#[test]
fn to_look_writes_nothing() {
    let (folder, path) = folder();
    let store = look(&path);
    assert!(store.is_new() && !path.exists());
    assert_eq!(store.view().unwrap().first(key(1)).unwrap(), None);
    assert_eq!(store.view().unwrap().document(1).unwrap(), None);
    assert!(store.view().unwrap().own(1).unwrap().is_empty());
    assert_eq!(store.contents().unwrap().windows, 0);
    assert!(matches!(add(&store, &[], &[], 0), Err(AddError::Store(StoreError::ReadOnly { .. }))));
    drop(store);
    assert!(matches!(Store::look(&path, CACHE), Err(StoreError::Missing { .. })));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    add(&open(&path), &[(1, 1)], &[document(0, 1, "a.txt")], 1).unwrap();
    let before = fs::read(&path).unwrap();
    let (one, other) = (look(&path), look(&path));
    assert_eq!(one.view().unwrap().first(key(1)).unwrap(), Some(1));
    assert_eq!(other.view().unwrap().first(key(1)).unwrap(), Some(1));
    assert!(matches!(add(&one, &[], &[], 1), Err(AddError::Store(StoreError::ReadOnly { .. }))));
    drop((one, other));
    assert_sound(&path);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_store_is_one_runs_at_a_time() {
    let (_folder, path) = folder();
    let store = open(&path);
    let in_use = |opened: Result<Store, StoreError>| {
        let error = opened.unwrap_err();
        assert!(matches!(error, StoreError::InUse { .. }), "{error:?}");
        assert!(said(&error).ends_with("is in use by another run: wait until that is done"));
    };
    in_use(Store::open(&path, &version(), CACHE));
    in_use(Store::open_read_only(&path, &version(), CACHE));
    drop(store);
    let reading = look(&path);
    in_use(Store::open(&path, &version(), CACHE));
    drop(reading);
    open(&path);
}

#[test]
fn what_does_not_fit_is_not_added_and_nothing_else_is() {
    let (_folder, path) = folder();
    let store = open(&path);
    add(&store, &[(1, 2)], &[document(0, 4, "a.txt")], 4).unwrap();
    let b = document(4, 2, "b.txt");
    for (windows, documents, lines) in [
        (vec![(2, 7)], vec![b.clone()], 7),
        (vec![(2, 4)], vec![b.clone()], 6),
        (vec![(2, 5)], vec![b.clone()], 5),
        (vec![(2, 5)], vec![document(3, 2, "b.txt")], 6),
        (vec![(2, 5)], vec![b.clone(), document(5, 1, "c.txt")], 6),
        (vec![], vec![], 3),
        (vec![], vec![document(u64::MAX - 1, 2, "b.txt")], 6),
    ] {
        let error = add(&store, &windows, &documents, lines).unwrap_err();
        assert!(matches!(error, AddError::Store(StoreError::Misplaced { .. })), "{error:?}");
    }
    let broken = [Ok((key(2), 5)), Err("the end")];
    let error = store.add(broken, [Ok(b.clone())], 6, Recognised::ByText).unwrap_err();
    assert!(matches!(error, AddError::Given("the end")));
    let error = store.add([Ok((key(2), 5))], [Ok(b.clone()), Err("the end")], 6, Recognised::ByText).unwrap_err();
    assert!(matches!(error, AddError::Given("the end")));
    assert_eq!(store.lines(), 4);
    let view = store.view().unwrap();
    assert_eq!(view.first(key(2)).unwrap(), None);
    assert!(own(&view, &b).is_empty());
    // Documents without lines have no places, and so may stand where others do.
    add(&store, &[(2, 6)], &[document(4, 0, "empty.txt"), b, document(6, 0, "empty too.txt")], 6).unwrap();
    assert_eq!(store.contents().unwrap().documents, 2);
    drop((view, store));
    assert_sound(&path);
}

/// Runs: of each, its documents, by number, each with its lines, in which windows may begin, by number.
type Runs = Vec<Vec<(u8, Vec<Option<u8>>)>>;

fn runs() -> impl Strategy<Value = Runs> {
    let lines = proptest::collection::vec(proptest::option::of(any::<u8>()), 0..6);
    proptest::collection::vec(proptest::collection::vec((0_u8..12, lines), 0..6), 0..6)
}

/// What should be in a store: windows, and all documents, by the names of their places.
#[derive(Default)]
struct Model {
    windows: BTreeMap<u8, u64>,
    names: BTreeMap<u64, String>,
    lines: u64,
}

impl Model {
    /// Adds a run to the store and to the model.
    fn add(&mut self, store: &Store, run: &[(u8, Vec<Option<u8>>)]) {
        let (mut windows, mut documents) = (Vec::new(), Vec::new());
        for (number, lines) in run {
            let name = number.to_string();
            documents.push(document(self.lines, lines.len() as u64, &name));
            for window in lines {
                self.lines += 1;
                self.names.insert(self.lines, name.clone());
                if let Some(window) = window {
                    self.windows.entry(*window).or_insert(self.lines);
                    windows.push((u64::from(*window), self.lines));
                }
            }
        }
        windows.reverse();
        add(store, &windows, &documents, self.lines).unwrap();
    }

    fn check(&self, store: &Store) {
        let view = store.view().unwrap();
        assert_eq!(store.lines(), self.lines);
        assert_eq!(store.contents().unwrap().windows, self.windows.len() as u64);
        for n in 0..=u8::MAX {
            let place = view.first(key(u64::from(n))).unwrap();
            assert_eq!(place, self.windows.get(&n).copied());
            let Some(place) = place else { continue };
            let found = view.document(place).unwrap().unwrap();
            assert_eq!(found.name, self.names[&place]);
            // A document never takes its own earlier entry for another's.
            assert!(has(&view.own(identity(&found.name, TextHash::AsRead(found.as_read))).unwrap(), place));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn a_store_holds_what_a_map_would(runs in runs()) {
        let (_folder, path) = folder();
        let mut model = Model::default();
        for run in &runs {
            model.add(&open(&path), run);
            model.check(&look(&path));
        }
        if !runs.is_empty() {
            assert_sound(&path);
        }
    }

    #[test]
    fn merged_stores_are_as_one_after_the_other(first in runs(), second in runs(), third in runs()) {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let (mut all, together) = (Model::default(), open(&place("together")));
        let mut paths = Vec::new();
        for (number, runs) in [first, second, third].iter().enumerate() {
            let path = place(&number.to_string());
            let (mut model, store) = (Model::default(), open(&path));
            for run in runs {
                model.add(&store, run);
                all.add(&together, run);
            }
            paths.push(path);
        }
        let merged = place("merged");
        let contents = merge(&paths, &merged, CACHE).unwrap();
        assert_sound(&merged);
        let merged = look(&merged);
        all.check(&merged);
        prop_assert_eq!(contents, merged.contents().unwrap());
        prop_assert_eq!(merged.contents().unwrap().runs, together.contents().unwrap().runs);
    }
}

#[test]
fn merging_keeps_a_document_that_both_have_once_if_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let (a, b) = (document(0, 3, "a.txt"), document(3, 2, "b.txt"));
    add(&open(&place("1")), &[(1, 1), (2, 4)], &[a.clone(), b.clone()], 5).unwrap();
    // Of a there is nothing new here, of b there is.
    let (b_again, a_again) = (document(0, 2, "b.txt"), document(2, 3, "a.txt"));
    add(&open(&place("2")), &[(2, 1), (3, 2), (1, 3)], &[b_again, a_again], 5).unwrap();
    merge(&[place("1"), place("2")], &place("12"), CACHE).unwrap();
    let store = look(&place("12"));
    let view = store.view().unwrap();
    assert_eq!((store.lines(), store.contents().unwrap().documents), (10, 3));
    assert_eq!([1, 2, 3].map(|n| view.first(key(n)).unwrap()), [Some(1), Some(4), Some(7)]);
    assert_eq!(own(&view, &a), only(1..4));
    assert_eq!(own(&view, &b), [4..6, 6..8]);
    assert_eq!(view.document(7).unwrap().unwrap().name, "b.txt");
    assert_eq!(view.document(9).unwrap(), None);
    assert_sound(&place("12"));
}

#[test]
fn merging_refuses_other_keys_and_replaces_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    drop(open(&place("1")));
    drop(Store::open(&place("2"), &KeyVersion { min_words: 8, ..version() }, CACHE).unwrap());
    let error = merge(&[place("1"), place("2")], &place("12"), CACHE).unwrap_err();
    assert!(
        said(&error).contains("was made with min-words 10 and") && said(&error).contains("with min-words 8"),
        "{error}"
    );
    let error = merge(&[place("1"), place("3")], &place("12"), CACHE).unwrap_err();
    assert!(matches!(error, MergeError::Store(StoreError::Missing { .. })), "{error}");
    fs::write(place("12"), "mine").unwrap();
    let error = merge(&[place("1"), place("1")], &place("12"), CACHE).unwrap_err();
    assert!(matches!(error, MergeError::Exists { .. }), "{error}");
    assert_eq!(fs::read(place("12")).unwrap(), b"mine");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn many_runs_leave_few_segments_and_find_everything() {
    let (_folder, path) = folder();
    let store = open(&path);
    let mut lines = 0;
    // Large enough that not all become one each time.
    for (run, size) in [70_000_u64, 10, 20_000, 3, 5000, 70_000].into_iter().enumerate() {
        let windows = (lines..lines + size).map(|n| Ok::<_, Infallible>((key(n), n + 1)));
        store.add(windows, [Ok(document(lines, size, &run.to_string()))], lines + size, Recognised::ByText).unwrap();
        lines += size;
    }
    let view = store.view().unwrap();
    for n in 0..lines {
        assert_eq!(view.first(key(n)).unwrap(), Some(n + 1));
    }
    assert_eq!(view.first(key(lines)).unwrap(), None);
    assert_eq!(store.contents().unwrap().windows, lines);
    drop((view, store));
    assert_sound(&path);
}

const META: TableDefinition<&str, &str> = TableDefinition::new("meta");
const DOCUMENTS: TableDefinition<u64, (u64, &str, u128, u128)> = TableDefinition::new("documents");
const IDENTITIES: TableDefinition<(u128, u64), ()> = TableDefinition::new("identities");
const SEGMENTS: TableDefinition<u32, u64> = TableDefinition::new("segments");
const WINDOWS: TableDefinition<&[u8; 16], &[u8]> = TableDefinition::new("windows 0");

/// A sound store, with something changed in its tables.
fn planted(change: impl FnOnce(&redb::WriteTransaction)) -> (TempDir, PathBuf) {
    let (folder, path) = folder();
    add(&open(&path), &[(1, 1), (2, 4)], &[document(0, 3, "a.txt"), document(3, 2, "b.txt")], 5).unwrap();
    assert_sound(&path);
    plant(&path, change);
    (folder, path)
}

#[test]
fn verifying_finds_what_is_wrong() {
    let text = |name: &str| xxh3_128(name.as_bytes());
    let faults = |plant: &dyn Fn(&redb::WriteTransaction)| {
        let (_folder, path) = planted(plant);
        verify(&path, CACHE).unwrap().1
    };
    let of_b = |first, lines| {
        move |transaction: &redb::WriteTransaction| {
            let mut documents = transaction.open_table(DOCUMENTS).unwrap();
            documents.insert(first, (lines, "b.txt", text("b.txt"), text("b.txt"))).unwrap();
            let mut identities = transaction.open_table(IDENTITIES).unwrap();
            for text in [TextHash::AsRead(text("b.txt")), TextHash::Any] {
                identities.insert((identity("b.txt", text), first), ()).unwrap();
            }
        }
    };
    let wrong = |first| WhatIsWrong::Document { first, name: "b.txt".to_owned() };
    assert_eq!(faults(&of_b(2, 1)), [wrong(2)]);
    assert_eq!(faults(&of_b(5, 1)), [wrong(5)]);
    assert_eq!(faults(&of_b(u64::MAX, 2)), [wrong(u64::MAX)]);
    assert_eq!(faults(&of_b(3, 0)), [wrong(3), WhatIsWrong::Windows { windows: 1, place: 4 }]);
    assert_eq!(
        faults(&|transaction| {
            transaction.open_table(DOCUMENTS).unwrap().remove(0).unwrap();
        }),
        [WhatIsWrong::Identities { identities: 2 }, WhatIsWrong::Windows { windows: 1, place: 1 }]
    );
    assert_eq!(
        faults(&|transaction| {
            let mut identities = transaction.open_table(IDENTITIES).unwrap();
            identities.remove((identity("a.txt", TextHash::AsRead(text("a.txt"))), 0)).unwrap();
        }),
        [WhatIsWrong::Unrecognised { documents: 1 }]
    );
    assert_eq!(
        faults(&|transaction| {
            transaction.open_table(SEGMENTS).unwrap().insert(0, 3).unwrap();
        }),
        [WhatIsWrong::Count { told: 3, counted: 2 }]
    );
    assert_eq!(
        faults(&|transaction| {
            let mut windows = transaction.open_table(WINDOWS).unwrap();
            let (key, block) =
                windows.pop_first().unwrap().map(|(key, block)| (*key.value(), block.value().to_vec())).unwrap();
            let turned = [&block[24..], &block[..24]].concat();
            windows.insert(&key, &*turned).unwrap();
        }),
        [WhatIsWrong::Order { windows: 1 }]
    );
    // What can't be read at all is told of the file.
    for plant in [
        &(|transaction: &redb::WriteTransaction| {
            let mut windows = transaction.open_table(WINDOWS).unwrap();
            let key = *windows.first().unwrap().unwrap().0.value();
            windows.insert(&key, &[1, 2, 3][..]).unwrap();
        }) as &dyn Fn(&redb::WriteTransaction),
        &|transaction| {
            transaction.delete_table(WINDOWS).unwrap();
        },
        &|transaction| {
            transaction.open_table(META).unwrap().insert("lines", "many").unwrap();
        },
    ] {
        let (_folder, path) = planted(plant);
        let error = verify(&path, CACHE).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }) && said(&error).contains("news.index"), "{error}");
    }
}

#[test]
fn what_is_no_store_is_told_from_one_of_another_format() {
    let (folder, path) = planted(|transaction| {
        transaction.open_table(META).unwrap().insert("format", "3").unwrap();
    });
    let of_another = |path: &Path, number| {
        let before = fs::read(path).unwrap();
        for opened in [Store::open(path, &version(), CACHE), Store::open_read_only(path, &version(), CACHE)] {
            let error = said(&opened.unwrap_err());
            let wanted =
                format!("is an index of format {number}, and this tikrar reads and writes format 2: make it anew");
            assert!(error.ends_with(&wanted) && error.contains("news.index"), "{error}");
        }
        fs::read(path).unwrap() == before
    };
    of_another(&path, 3);
    // Indexes of format 1 had no checksums.
    let (_folder, path) = planted(|transaction| {
        transaction.open_table(META).unwrap().insert("format", "1").unwrap();
    });
    fs::write(&path, bare(&fs::read(&path).unwrap())).unwrap();
    assert!(of_another(&path, 1), "nothing is written to it");

    let other = folder.path().join("other.redb");
    Database::create(&other).unwrap();
    let text = folder.path().join("a.txt");
    fs::write(&text, "قال الوزير").unwrap();
    let empty = folder.path().join("empty");
    fs::write(&empty, "").unwrap();
    for path in [other, text, empty] {
        let before = fs::read(&path).unwrap();
        let error = Store::open_read_only(&path, &version(), CACHE).unwrap_err();
        assert!(matches!(error, StoreError::NotAStore { .. }), "{error:?}");
        assert!(matches!(Store::open(&path, &version(), CACHE).unwrap_err(), StoreError::NotAStore { .. }));
        assert_eq!(fs::read(&path).unwrap(), before);
    }
    assert!(matches!(Store::open(folder.path(), &version(), CACHE).unwrap_err(), StoreError::Io { .. }));
}
