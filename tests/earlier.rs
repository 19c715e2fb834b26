//! Runs that go on behind earlier ones, against the definition: what an earlier run has seen is a copy, and no document is a copy of
//! what it was itself.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::Arc;

use proptest::prelude::*;
use tikrar::corpus::{Before, Documents, Finished, Options, Stream, Threads};
use tikrar::format::{Format, RecordOptions, RecordReader};
use tikrar::index::{Earlier, IndexError, KnownDocument, Own, Recognised, TextHash};
use tikrar::key::Key;
use tikrar::source::Opened;
use xxhash_rust::xxh3::xxh3_128;

/// What earlier runs have found, as plainly as it can be kept.
#[derive(Clone, Debug, Default)]
struct History {
    lines: u64,
    windows: HashMap<Key, u64>,
    documents: BTreeMap<u64, KnownDocument>,
    identities: HashMap<u128, Vec<Range<u64>>>,
}

impl Earlier for History {
    fn lines(&self) -> u64 {
        self.lines
    }

    fn first(&self, key: Key) -> Result<Option<u64>, IndexError> {
        Ok(self.windows.get(&key).copied())
    }

    fn document(&self, place: u64) -> Result<KnownDocument, IndexError> {
        Ok(self.documents.range(..place).next_back().unwrap().1.clone())
    }

    fn own(&self, identity: u128) -> Result<Own, IndexError> {
        Ok(Own::new(self.identities.get(&identity).cloned().unwrap_or_default()))
    }

    fn first_with(&self, identity: u128) -> Result<Option<u64>, IndexError> {
        Ok(self.identities.get(&identity).and_then(|places| Some(places.first()?.start - 1)))
    }
}

impl History {
    fn add(&mut self, document: KnownDocument, recognised: Recognised, before: &History) {
        let known = match recognised {
            Recognised::ByText => {
                document.recognised_by().iter().find_map(|identity| before.identities.get(identity)).cloned()
            }
            Recognised::ByFile => before.identities.get(&document.by_file()).map(|places| vec![places[0].clone()]),
        };
        let known = known.unwrap_or_default();
        for identity in document.identities() {
            let places = self.identities.entry(identity).or_default();
            places.push(document.places());
            places.extend(known.clone());
            places.sort_by_key(|places| places.start);
            places.dedup();
        }
        self.identities.entry(document.by_file()).or_default().push(document.places());
        self.documents.insert(document.first, document);
    }
}

/// What came of a run.
struct Cleaned {
    /// What is left of each document.
    left: Vec<String>,
    documents: Vec<KnownDocument>,
    windows: Vec<(Key, u64)>,
    lines: u64,
}

/// Cleans documents, each with its name.
fn clean(
    earlier: Arc<dyn Earlier>,
    documents: &[(&'static str, String)],
    recognised: Recognised,
    piece: usize,
) -> Cleaned {
    let options = Options { min_words: NonZeroU32::new(4).unwrap(), ..Options::default() };
    let name = |file: usize| documents[file].0.to_owned();
    let mut stream = Stream::new(&options);
    stream.threads = Threads::ONE;
    stream.piece = piece;
    stream.before = Some(Before { earlier, file_name: &name, recognised });
    let mut opened = documents.iter().map(|(_, text)| -> Result<Documents, io::Error> {
        let (head, reader) = (text.clone().into_bytes(), Box::new(io::empty()));
        Ok(Documents::Text(Box::new(Opened { head, reader, file: None, raw: None })))
    });
    let (mut out, mut known) = (Vec::new(), Vec::new());
    let mut cuts: Vec<Vec<Range<u64>>> = vec![Vec::new(); documents.len()];
    let mut finished = |event: Finished<io::Error>| match event {
        Finished::Known(document) => known.push(document),
        Finished::Cut { file, cuts: more, .. } => cuts[file].extend(more.stretches),
        _ => {}
    };
    let (totals, windows) = stream.clean(|| opened.next(), &mut out, &mut finished).unwrap();
    let left = documents.iter().zip(cuts).map(|((_, text), cuts)| {
        let mut left = text.clone();
        cuts.iter().rev().for_each(|cut| left.replace_range(cut.start as usize..cut.end as usize, ""));
        left
    });
    let left: Vec<String> = left.collect();
    assert_eq!(String::from_utf8(out).unwrap(), left.concat());
    let windows: Vec<(Key, u64)> = windows.into_entries().map(Result::unwrap).collect();
    for (_, place) in &windows {
        assert!(known.iter().any(|document| document.places().contains(place)), "line {place} is in no document");
    }
    Cleaned { left, documents: known, windows, lines: totals.lines }
}

/// Cleans the documents of a run, and puts down what it has found.
fn run(
    history: &mut History,
    documents: &[(&'static str, String)],
    recognised: Recognised,
    piece: usize,
) -> Vec<String> {
    let before = history.clone();
    let Cleaned { left, documents, windows, lines } = clean(Arc::new(before.clone()), documents, recognised, piece);
    for (key, place) in windows {
        history.windows.entry(key).or_insert(place);
    }
    documents.into_iter().for_each(|document| history.add(document, recognised, &before));
    history.lines = lines;
    left
}

/// A window, and the number of the document where it first stood.
type Windows = Vec<(Vec<String>, usize)>;

/// All that was ever read, as the definition needs it.
#[derive(Default)]
struct Plain {
    windows: Windows,
    /// Of each document what it is recognised by.
    identities: Vec<Vec<(String, TextHash)>>,
}

fn words(unit: &str) -> usize {
    unit.split_whitespace().count()
}

/// The shortest runs that start or end at a unit and have enough words.
fn windows(units: &[&str]) -> Vec<Range<usize>> {
    let enough = |range: &Range<usize>| units[range.clone()].iter().map(|unit| words(unit)).sum::<usize>() >= 4;
    let starting = (0..units.len()).filter_map(|a| (a + 1..=units.len()).map(|b| a..b).find(enough));
    let ending = (1..=units.len()).filter_map(|b| (0..b).rev().map(|a| a..b).find(enough));
    starting.chain(ending).collect()
}

impl Plain {
    /// "A unit is a copy exactly when some window that contains it occurred earlier." A document that was there already is where it
    /// was first.
    fn run(&mut self, documents: &[(&'static str, String)], recognised: Recognised) -> Vec<String> {
        let (mut out, earlier) = (Vec::new(), self.identities.len());
        let history = self.windows.clone();
        let mut of_run: Vec<Vec<String>> = Vec::new();
        let mut read = Vec::new();
        for (name, document) in documents {
            let units: Vec<&str> = document.lines().filter(|line| !line.trim().is_empty()).collect();
            let hash = xxh3_128(document.as_bytes());
            let id = |text| ((*name).to_owned(), text);
            let known_as = |id| (0..earlier).filter(|&of| self.identities[of].contains(&id)).collect::<Vec<usize>>();
            let (by_text, by_left) = (known_as(id(TextHash::AsRead(hash))), known_as(id(TextHash::AsLeft(hash))));
            let by_name = known_as(id(TextHash::Any));
            let met = documents[..read.len()].iter().filter(|other| *other == &(*name, document.clone())).count();
            let again = match recognised {
                Recognised::ByFile => by_name.first().copied(),
                Recognised::ByText if by_text.is_empty() => by_left.first().copied(),
                Recognised::ByText => by_text.get(met).copied(),
            };
            // What leads to it now, before it leads to itself.
            let same = match recognised {
                Recognised::ByFile => by_name.into_iter().take(1).collect(),
                Recognised::ByText if by_text.is_empty() => by_left,
                Recognised::ByText => by_text,
            };
            let mut goes = vec![false; units.len()];
            let ranges = windows(&units);
            let began = |window: &[String]| history.iter().find(|(other, _)| other == window).map(|(_, of)| *of);
            for range in &ranges {
                let window: Vec<String> = units[range.clone()].iter().map(|unit| (*unit).to_owned()).collect();
                let here = ranges.iter().any(|other| other.start < range.start && units[other.clone()] == window[..]);
                let is_known = match again {
                    Some(again) => began(&window).is_some_and(|of| of < again),
                    None => began(&window).is_some() || of_run.contains(&window),
                };
                if is_known || here {
                    goes[range.clone()].fill(true);
                }
                if !self.windows.iter().any(|(other, _)| *other == window) {
                    self.windows.push((window, earlier + read.len()));
                }
            }
            for range in ranges {
                let window: Vec<String> = units[range].iter().map(|unit| (*unit).to_owned()).collect();
                if began(&window).is_none() {
                    of_run.push(window);
                }
            }
            // Every unit of these documents has a line of its own, and nothing is set apart.
            let left = units.iter().zip(&goes).filter(|(_, goes)| !**goes).map(|(unit, _)| format!("{unit}\n"));
            let left: String = left.collect();
            let left_hash = xxh3_128(left.as_bytes());
            out.push(left);
            let mut ids = vec![id(TextHash::AsRead(hash))];
            if left_hash != hash {
                ids.push(id(TextHash::AsLeft(left_hash)));
            }
            // Of a text without a unit there is nothing to know.
            read.push(if units.is_empty() { None } else { Some((ids, id(TextHash::Any), same)) });
        }
        for document in read {
            let Some((ids, name, same)) = document else {
                self.identities.push(Vec::new());
                continue;
            };
            // Those that it is recognised as are recognised by what it is now.
            same.into_iter().for_each(|of| self.identities[of].extend(ids.clone()));
            self.identities.push([ids, vec![name]].concat());
        }
        out
    }
}

fn history() -> impl Strategy<Value = Vec<(Vec<(&'static str, String)>, bool)>> {
    prop::collection::vec((prop::collection::vec((name(), lines()), 1..4), any::<bool>()), 1..6)
}

fn lines() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec!["a b c d", "e f g h", "i j k l m", "n o", "p q", "r", "s t u"]);
    prop::collection::vec(line, 0..6).prop_map(|lines| lines.iter().map(|line| format!("{line}\n")).collect())
}

const NAMES: [&str; 3] = ["a.txt", "b.txt", "c.txt"];

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(NAMES.to_vec())
}

/// Some of the files, in some order.
fn files() -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(NAMES.to_vec(), 0..=3).prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_earlier_runs_have_seen_is_left_out_and_no_document_is_a_copy_of_itself(
        runs in history(),
        piece in prop::sample::select(vec![1_usize, 7, 30, 1 << 18]),
        again in any::<prop::sample::Index>(),
    ) {
        let (mut kept, mut plain) = (History::default(), Plain::default());
        let mut outputs = Vec::new();
        for (documents, in_place) in &runs {
            let recognised = if *in_place { Recognised::ByFile } else { Recognised::ByText };
            let out = run(&mut kept, documents, recognised, piece);
            prop_assert_eq!(&out, &plain.run(documents, recognised));
            outputs.push(out);
        }
        // What was read as it is in no run before gives the same again, as long as none was in place.
        let at = again.index(runs.len());
        let documents = &runs[at].0;
        let is_new = |(name, text): &(&str, String)| {
            !runs[..at].iter().any(|(others, _)| {
                others.iter().any(|(other, of)| other == name && (of == text || !text.starts_with(of)))
            })
        };
        if documents.iter().all(is_new) && !runs.iter().any(|(_, in_place)| *in_place) {
            let out = run(&mut kept, documents, Recognised::ByText, piece);
            prop_assert_eq!(&out, &outputs[at]);
        }
    }

    #[test]
    fn in_place_no_text_is_lost_whatever_is_added_and_in_whatever_order_files_are_given(
        steps in prop::collection::vec((prop::collection::vec((name(), lines()), 0..4), files()), 1..7),
        piece in prop::sample::select(vec![1_usize, 30, 1 << 18]),
    ) {
        let mut history = History::default();
        let mut disk = BTreeMap::new();
        for (added, files) in steps {
            for (name, lines) in added {
                disk.entry(name).or_insert_with(String::new).push_str(&lines);
            }
            let before = disk.clone();
            let given: Vec<(&'static str, String)> =
                files.into_iter().filter_map(|name| Some((name, disk.get(name)?.clone()))).collect();
            let left = run(&mut history, &given, Recognised::ByFile, piece);
            disk.extend(given.into_iter().map(|(name, _)| name).zip(left));
            let lines = |disk: &BTreeMap<&'static str, String>| -> BTreeSet<String> {
                disk.values().flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
            };
            prop_assert_eq!(lines(&disk), lines(&before));
        }
    }
}

/// What is done to a file of records between two runs.
#[derive(Clone, Debug)]
enum Edit {
    Before(String),
    Behind(String),
    Turn,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn in_place_no_text_of_records_is_lost_wherever_others_are_added(
        steps in prop::collection::vec((prop::collection::vec((name(), edit()), 0..4), files()), 1..7),
        drop_above in any::<bool>(),
        has_ids in any::<bool>(),
    ) {
        let mut history = History::default();
        let mut disk: BTreeMap<&'static str, Vec<(usize, String)>> = BTreeMap::new();
        let mut ids = 0..;
        for (edits, files) in steps {
            for (name, edit) in edits {
                let records = disk.entry(name).or_default();
                match edit {
                    Edit::Before(text) => records.insert(0, (ids.next().unwrap(), text)),
                    Edit::Behind(text) => records.push((ids.next().unwrap(), text)),
                    Edit::Turn => records.reverse(),
                }
            }
            let lines = |disk: &BTreeMap<&'static str, Vec<(usize, String)>>| -> BTreeSet<String> {
                let texts = disk.values().flatten().map(|(_, text)| text);
                texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
            };
            let before = lines(&disk);
            for (name, left) in records_in_place(&mut history, &files, &disk, drop_above, has_ids) {
                disk.insert(name, left);
            }
            prop_assert_eq!(lines(&disk), before);
        }
    }
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![lines().prop_map(Edit::Before), lines().prop_map(Edit::Behind), Just(Edit::Turn)]
}

/// What is left of files of records, of which each has a number and a text. With `drop_above` records go that have nothing new.
fn records_in_place(
    history: &mut History,
    files: &[&'static str],
    disk: &BTreeMap<&'static str, Vec<(usize, String)>>,
    drop_above: bool,
    has_ids: bool,
) -> Vec<(&'static str, Vec<(usize, String)>)> {
    let given: Vec<&'static str> = files.iter().copied().filter(|name| disk.contains_key(name)).collect();
    let options = Options { min_words: NonZeroU32::new(4).unwrap(), ..Options::default() };
    let name = |file: usize| given[file].to_owned();
    let earlier = Arc::new(history.clone());
    let mut stream = Stream::new(&options);
    stream.threads = Threads::ONE;
    stream.drop_above = drop_above.then(|| "99%".parse().unwrap());
    stream.before = Some(Before { earlier, file_name: &name, recognised: Recognised::ByFile });
    let id = if has_ids { "id" } else { "number" };
    let file = |name: &&'static str| -> String {
        disk[name]
            .iter()
            .map(|(number, text)| format!("{}\n", serde_json::json!({ id: number, "text": text })))
            .collect()
    };
    let mut opened = given.iter().map(|name| -> Result<Documents, io::Error> {
        let head = file(name).into_bytes();
        let opened = Opened { head, reader: Box::new(io::empty()), file: None, raw: None };
        let reader = RecordReader::new(opened, Format::JsonLines, &RecordOptions::default());
        Ok(Documents::Records(Box::new(reader)))
    });
    let (mut out, mut known) = (Vec::new(), Vec::new());
    let mut chunks = Vec::new();
    let mut finished = |event: Finished<io::Error>| match event {
        Finished::Known(document) => known.push(document),
        Finished::Records { file, account, .. } => chunks.push((file, account.bytes_out as usize)),
        _ => {}
    };
    let (totals, windows) = stream.clean(|| opened.next(), &mut out, &mut finished).unwrap();
    let before = history.clone();
    for window in windows.into_entries() {
        let (key, place) = window.unwrap();
        history.windows.entry(key).or_insert(place);
    }
    known.into_iter().for_each(|document| history.add(document, Recognised::ByFile, &before));
    history.lines = totals.lines;
    let mut left: Vec<(&'static str, Vec<(usize, String)>)> = given.iter().map(|name| (*name, Vec::new())).collect();
    let mut at = 0;
    for (file, bytes) in chunks {
        for line in std::str::from_utf8(&out[at..at + bytes]).unwrap().lines() {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = record["text"].as_str().unwrap().to_owned();
            left[file].1.push((record[id].as_u64().unwrap() as usize, text));
        }
        at += bytes;
    }
    left
}

#[cfg(feature = "index")]
mod kept {
    use std::convert::Infallible;

    use tikrar::index::store::{Store, verify};

    use super::*;

    const CACHE: usize = 1 << 20;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

        #[test]
        fn in_a_file_it_is_as_it_was_kept_plainly(runs in history()) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("news.index");
            let version = Options { min_words: NonZeroU32::new(4).unwrap(), ..Options::default() }.key_version();
            let mut history = History::default();
            for (documents, in_place) in &runs {
                let recognised = if *in_place { Recognised::ByFile } else { Recognised::ByText };
                let store = Store::open(&path, &version, CACHE).unwrap();
                let view = Arc::new(store.view().unwrap());
                let Cleaned { left, documents: known, windows, lines } = clean(view, documents, recognised, 30);
                let windows = windows.into_iter().map(Ok::<_, Infallible>);
                store.add(windows, known.into_iter().map(Ok), lines, recognised).unwrap();
                drop(store);
                prop_assert_eq!(left, run(&mut history, documents, recognised, 30));
                prop_assert_eq!(verify(&path, CACHE).unwrap().1, []);
            }
        }
    }
}
