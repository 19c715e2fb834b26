//! Indexes that are damaged, or cut off: each is refused, or gives what it gives whole.

#![cfg(feature = "index")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod stored;

use std::fs;
use std::path::{Path, PathBuf};

use stored::{CACHE, add, document, folder, key, open, version};
use tempfile::TempDir;
use tikrar::index::store::{AddError, Store, StoreError, verify};
use tikrar::index::{TextHash, identity};

/// The windows of a run, and how many runs there were.
const WINDOWS: u64 = 600;
const RUNS: u64 = 3;

/// What the file begins with; then pages of so many bytes, each with its checksum, the first of them twice.
const HEAD: usize = 16;
const STORED: usize = 4096 + 16;

/// A run that finds windows of which the half are known.
fn add_run(store: &Store, run: u64) -> Result<(), StoreError> {
    let first = run * WINDOWS;
    let windows: Vec<_> = (0..WINDOWS).map(|n| (first / 2 + n, first + n + 1)).collect();
    match add(store, &windows, &[document(first, WINDOWS, &run.to_string())], first + WINDOWS) {
        Ok(()) => Ok(()),
        Err(AddError::Store(error)) => Err(error),
        Err(AddError::Given(never)) => match never {},
    }
}

/// An index that is whole, and its bytes.
fn whole() -> (TempDir, PathBuf, Vec<u8>) {
    let (folder, path) = folder();
    (0..RUNS).for_each(|run| add_run(&open(&path), run).unwrap());
    let bytes = fs::read(&path).unwrap();
    (folder, path, bytes)
}

/// Looks at an index that has so many runs: nothing that it says may be wrong.
fn look(path: &Path, runs: u64) -> Result<(), StoreError> {
    let store = Store::open_read_only(path, &version(), CACHE)?;
    assert_eq!(store.lines(), runs * WINDOWS);
    let view = store.view()?;
    for n in (0..(runs + 1) * WINDOWS / 2 + 20).step_by(7) {
        // The first run has the first windows; each later one the half of its own.
        let run = (n / (WINDOWS / 2)).saturating_sub(1);
        let is_there = n < (runs + 1) * WINDOWS / 2;
        assert_eq!(view.first(key(n))?, is_there.then_some(run * WINDOWS + (n - run * WINDOWS / 2) + 1));
    }
    for run in 0..runs {
        let wanted = document(run * WINDOWS, WINDOWS, &run.to_string());
        assert_eq!(view.document(run * WINDOWS + 7)?.as_ref(), Some(&wanted));
        let own = view.own(identity(&wanted.name, TextHash::AsRead(wanted.as_read)))?;
        assert_eq!(own.ranges(), [wanted.places()]);
    }
    let contents = store.contents()?;
    let counted = (contents.documents, contents.windows, contents.lines, contents.runs);
    assert_eq!(counted, (runs, (runs + 1) * WINDOWS / 2, runs * WINDOWS, runs));
    Ok(())
}

fn look_through(path: &Path) -> Result<(), StoreError> {
    let (contents, faults) = verify(path, CACHE)?;
    assert_eq!((contents.runs, faults), (RUNS, vec![]));
    Ok(())
}

fn try_to_add(path: &Path) -> Result<(), StoreError> {
    let added = Store::open(path, &version(), CACHE).and_then(|store| add_run(&store, RUNS));
    // Where nothing was added there is nothing else than before.
    let _ = look(path, if added.is_ok() { RUNS + 1 } else { RUNS });
    added
}

/// Whether it is refused, which has to be for what it is.
#[track_caller]
fn is_refused(result: Result<(), StoreError>) -> bool {
    let Err(error) = result else { return false };
    let said = error.to_string();
    let is_clear = match error {
        StoreError::Damaged { .. } => said.contains("take a copy of it, or make it anew"),
        // Its very name is damaged.
        StoreError::NotAStore { .. } => true,
        _ => false,
    };
    assert!(is_clear && said.contains("damaged.index"), "{said}");
    true
}

/// Asks for all that can be asked of an index with these bytes. Returns how often it was refused, of three times.
#[track_caller]
fn refusals(path: &Path, bytes: &[u8]) -> usize {
    fs::write(path, bytes).unwrap();
    let mut refused = usize::from(is_refused(look(path, RUNS))) + usize::from(is_refused(look_through(path)));
    assert_eq!(fs::read(path).unwrap(), bytes, "to look writes nothing");
    refused += usize::from(is_refused(try_to_add(path)));
    refused
}

#[test]
fn a_byte_that_is_something_else_is_refused_or_changes_nothing() {
    let (folder, path, bytes) = whole();
    let damaged = folder.path().join("damaged.index");
    assert_eq!(refusals(&damaged, &bytes), 0);
    let first = HEAD + 2 * STORED;
    let (mut asked, mut refused) = (0, 0);
    let mut ask = |at: usize, to: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = to;
        let refusals = refusals(&damaged, &bytes);
        assert!(at >= HEAD || refusals == 3, "what is damaged is named a text, not an index, at {at}");
        assert!(!(HEAD..first).contains(&at) || refusals == 0, "the other copy of the first page has all, at {at}");
        (asked, refused) = (asked + 1, refused + usize::from(refusals > 0));
    };
    for (at, byte) in bytes.iter().enumerate().take(HEAD) {
        ask(at, byte ^ 1);
    }
    for at in (HEAD..first).step_by(509) {
        ask(at, bytes[at] ^ 0x80);
    }
    for (page, stored) in bytes[first..].chunks(STORED).enumerate() {
        if stored.iter().all(|&byte| byte == 0) {
            continue;
        }
        // Somewhere in the page, and in what it begins with or in its checksum.
        for within in [page * 389 % 4096, [page % 12, 4096 + page % 16][page % 2]] {
            let at = first + page * STORED + within;
            ask(at, [bytes[at] ^ 1, bytes[at].wrapping_add(1), !bytes[at]][page % 3]);
        }
    }
    assert!(refused * 4 > asked, "only {refused} of {asked}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

/// With these two bytes an index of format 1 told of one window more than it had, after a run that ended well.
#[test]
fn bytes_that_once_made_a_window_more_are_refused() {
    let (folder, _, mut bytes) = whole();
    let pages = (bytes.len() - HEAD) / STORED - 1;
    for (at, to) in [(7_670_661, 0xff), (1_114_741, 0x85)] {
        let at = at % (pages * 4096);
        bytes[HEAD + (at / 4096 + 1) * STORED + at % 4096] = to;
    }
    refusals(&folder.path().join("damaged.index"), &bytes);
}

#[test]
fn both_copies_of_the_first_page_damaged_are_refused() {
    let (folder, _, mut bytes) = whole();
    bytes[HEAD + 100] ^= 1;
    bytes[HEAD + STORED + 4000] ^= 1;
    assert_eq!(refusals(&folder.path().join("damaged.index"), &bytes), 3);
}

#[test]
fn a_first_page_of_which_half_was_written_is_that_before_or_after() {
    let (folder, path, before) = whole();
    add_run(&open(&path), RUNS).unwrap();
    let after = fs::read(&path).unwrap();
    let torn = folder.path().join("damaged.index");
    let copies = [HEAD, HEAD + STORED];
    assert_ne!(before[HEAD..HEAD + STORED], after[HEAD..HEAD + STORED]);
    for half in [1, 9, 64, 200, 320, 2000, 4100] {
        // While the first copy is written the second is that before; while the second is, the first is that after.
        for (copy, is_added) in [(0, false), (1, true)] {
            let mut bytes = after.clone();
            bytes[copies[1]..copies[1] + STORED].copy_from_slice(&before[copies[1]..copies[1] + STORED]);
            let rest = copies[copy] + half..copies[copy] + STORED;
            bytes[copies[copy]..copies[copy] + half].copy_from_slice(&after[copies[copy]..copies[copy] + half]);
            bytes[rest.clone()].copy_from_slice(&before[rest]);
            if copy == 0 && bytes[HEAD..HEAD + STORED] == after[HEAD..HEAD + STORED] {
                continue;
            }
            fs::write(&torn, &bytes).unwrap();
            assert_eq!(fs::metadata(&torn).unwrap().len(), after.len() as u64);
            let runs = if is_added { RUNS + 1 } else { RUNS };
            look(&torn, runs).unwrap();
            if !is_added {
                add_run(&open(&torn), RUNS).unwrap();
            }
            look(&torn, RUNS + 1).unwrap();
        }
    }
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_refused() {
    let (folder, _, bytes) = whole();
    let damaged = folder.path().join("damaged.index");
    let pages = (bytes.len() - HEAD) / STORED;
    let ends = (0..pages).map(|page| HEAD + page * STORED);
    let around = ends.enumerate().flat_map(|(page, end)| match page % 5 {
        0 => vec![end - 1, end, end + 1],
        1 => vec![end, end + page * 389 % STORED],
        _ => vec![end],
    });
    for len in (0..HEAD).chain(around) {
        assert_eq!(refusals(&damaged, &bytes[..len]), 3, "cut off at {len} of {}", bytes.len());
    }
}

#[test]
fn what_was_put_behind_the_end_or_in_the_place_of_a_part_changes_nothing() {
    let (folder, _, bytes) = whole();
    let damaged = folder.path().join("damaged.index");
    for more in [1, 100, 4096, STORED, 3 * STORED, 300 * STORED, bytes.len() - HEAD] {
        for with in [0, 7] {
            refusals(&damaged, &[&*bytes, &vec![with; more]].concat());
        }
    }
    // A part that is zeros, and the pages of another place.
    let pages = (bytes.len() - HEAD) / STORED;
    for page in (0..pages).step_by(11) {
        let place = HEAD + page * STORED..HEAD + (page + 1) * STORED;
        let mut zeros = bytes.clone();
        zeros[place.clone()].fill(0);
        zeros[place.end..].iter_mut().take(page * 100).for_each(|byte| *byte = 0);
        refusals(&damaged, &zeros);
        let mut another = bytes.clone();
        let from = HEAD + (page * 7 + 2) % pages * STORED;
        another[place].copy_from_slice(&bytes[from..from + STORED]);
        refusals(&damaged, &another);
    }
}
