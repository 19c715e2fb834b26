//! A store that is damaged anywhere is refused, or gives what it would give whole: when it is opened, looked into, gone through and
//! added to.

#![no_main]

use std::convert::Infallible;
use std::path::Path;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use tikrar::fold::Level;
use tikrar::index::store::{AddError, Store, verify};
use tikrar::index::{KnownDocument, Recognised, TextHash, identity};
use tikrar::key::{Key, KeyVersion};
use tikrar::unit::UnitKind;
use tikrar_fuzz::choices::Choices;
use tikrar_fuzz::damage::damage;
use tikrar_fuzz::on_disk;
use xxhash_rust::xxh3::xxh3_128;

const CACHE: usize = 1 << 20;
/// How many windows a run adds, and how many runs there were.
const WINDOWS: u64 = 600;
const RUNS: u64 = 3;

fn version() -> KeyVersion {
    KeyVersion::new(Level::Typography.folds(), UnitKind::Line, 10)
}

fn key(n: u64) -> Key {
    Key::from(xxh3_128(&n.to_le_bytes()))
}

fn document(first: u64) -> KnownDocument {
    let name = format!("{first}.txt");
    let text = xxh3_128(name.as_bytes());
    KnownDocument { first, lines: WINDOWS, name, as_read: text, as_left: text }
}

/// A run that finds windows of which the half are known.
fn add(store: &Store, run: u64) -> Result<(), AddError<Infallible>> {
    let first = run * WINDOWS;
    let windows = (0..WINDOWS).map(|n| Ok((key(first / 2 + n), first + n + 1)));
    store.add(windows, [Ok(document(first))], first + WINDOWS, Recognised::ByText)
}

/// A store that is whole.
fn whole() -> &'static [u8] {
    static WHOLE: OnceLock<Vec<u8>> = OnceLock::new();
    WHOLE.get_or_init(|| {
        let path = on_disk::folder().join("whole.index");
        let store = Store::open(&path, &version(), CACHE).expect("there is room for a store");
        (0..RUNS).for_each(|run| add(&store, run).expect("there is room for a store"));
        drop(store);
        std::fs::read(&path).expect("the store can be read")
    })
}

/// What a store gives that has so many runs, where it gives anything.
fn look(path: &Path, runs: u64) {
    let Ok(store) = Store::open_read_only(path, &version(), CACHE) else { return };
    assert_eq!(store.lines(), runs * WINDOWS);
    let Ok(view) = store.view() else { return };
    for n in (0..(runs + 1) * WINDOWS / 2 + 20).step_by(17) {
        // The first run has the first windows; each later one the half of its own.
        let wanted = match n {
            n if n < WINDOWS => Some(n + 1),
            n if n < (runs + 1) * WINDOWS / 2 => {
                let run = (n - WINDOWS) / (WINDOWS / 2) + 1;
                Some(run * WINDOWS + (n - run * WINDOWS / 2) + 1)
            }
            _ => None,
        };
        if let Ok(found) = view.first(key(n)) {
            assert_eq!(found, wanted, "window {n}");
        }
    }
    for run in 0..runs {
        let wanted = document(run * WINDOWS);
        if let Ok(found) = view.document(run * WINDOWS + 7) {
            assert_eq!(found.as_ref(), Some(&wanted));
        }
        if let Ok(own) = view.own(identity(&wanted.name, TextHash::AsRead(wanted.as_read))) {
            assert_eq!(own.ranges(), [wanted.places()]);
        }
    }
    if let Ok(contents) = store.contents() {
        let counted = (contents.documents, contents.windows, contents.lines, contents.runs);
        assert_eq!(counted, (runs, (runs + 1) * WINDOWS / 2, runs * WINDOWS, runs));
    }
}

fuzz_target!(init: on_disk::let_guarded_panics_pass(), |bytes: &[u8]| {
    let mut choices = Choices::of(bytes);
    let mut file = whole().to_vec();
    let finds = choices.byte();
    damage(&mut choices, &mut file);
    let path = on_disk::file("damaged.index", &file);
    let is_whole = file == whole();
    look(&path, RUNS);
    if finds % 2 == 0 {
        let verified = verify(&path, CACHE);
        assert!(!is_whole || verified.is_ok_and(|(_, faults)| faults.is_empty()));
    }
    let added = match Store::open(&path, &version(), CACHE) {
        Ok(store) => add(&store, RUNS).is_ok(),
        Err(_) => false,
    };
    assert!(added || !is_whole, "a store that is whole can be added to");
    look(&path, if added { RUNS + 1 } else { RUNS });
});
