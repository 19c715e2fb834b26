//! The two halves of a corpus run, with the plainest engine between them: what comes out is what one run over the corpus leaves.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::num::NonZeroU32;

use proptest::prelude::*;
use serde_json::{Value, json};
use tikrar::corpus::{Documents, Keep, Options, Stream};
use tikrar::engine::{Cleaner, Keys, Why, record_options};
use tikrar::fold::Level;
use tikrar::format::{Chunk, Format, RecordReader};
use tikrar::source::Opened;
use tikrar::unit::UnitKind;

fn chunk(lines: &str, options: &Options) -> Chunk {
    Chunk::of_json_lines(lines.to_owned().into(), &record_options(None, None, options))
}

/// What one run over the corpus writes.
fn by_one_run(lines: &str, options: &Options) -> String {
    let opened = Opened { head: lines.as_bytes().to_vec(), reader: Box::new(io::empty()), file: None, raw: None };
    let reader = RecordReader::new(opened, Format::JsonLines, &record_options(None, None, options));
    let mut documents = [Ok(Documents::Records(Box::new(reader)))].into_iter();
    let mut out = Vec::new();
    let mut finished = |_: tikrar::corpus::Finished<io::Error>| {};
    Stream::new(options).clean(|| documents.next(), &mut out, &mut finished).unwrap();
    String::from_utf8(out).unwrap()
}

fn rows(part: &str, options: &Options) -> Vec<Value> {
    let rows = Keys::new(options).rows(&chunk(part, options)).unwrap();
    let mut lines = Vec::new();
    rows.write(&mut lines).unwrap();
    let lines = String::from_utf8(lines).unwrap();
    let values: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(values.len() as u64, rows.rows);
    values
}

/// "Group by key; every row but the first in (id as UTF-8 bytes, first unit) order is a copy; collect units per document."
fn grouped(mut rows: Vec<Value>) -> BTreeMap<String, Vec<Value>> {
    rows.sort_by_key(|row| (row["id"].as_str().unwrap().as_bytes().to_vec(), row["a"].as_u64()));
    let mut firsts = HashMap::new();
    let mut lists: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for row in rows {
        let (key, place) = (row["k"].to_string(), (row["id"].clone(), row["a"].clone()));
        if *firsts.entry(key).or_insert_with(|| place.clone()) != place {
            let list = lists.entry(row["id"].as_str().unwrap().to_owned()).or_default();
            list.push(if row["a"] == row["b"] { row["a"].clone() } else { json!([row["a"], row["b"]]) });
        }
    }
    lists
}

/// A document with its list, which stands somewhere among its fields.
fn listed(line: &str, units: &[Value], options: &Options, at: usize) -> String {
    let list = format!(r#""drop":{}"#, json!({ "version": options.key_version().to_string(), "units": units }));
    match at {
        0 => line.replacen('{', &format!("{{{list},"), 1),
        1 => line.replacen(',', &format!(",{list} ,"), 1),
        _ => format!("{}, {list}}}", line.strip_suffix('}').unwrap()),
    }
}

fn documents() -> impl Strategy<Value = Vec<(String, Option<String>)>> {
    let line = prop::sample::select(vec![
        "قال الوزير إن العمل مستمر في كل المدن والقرى",
        "وغادر الوفد العاصمة مساء",
        "وغادر الوفدُ العاصمة مساء",
        "نعم",
        "لا . نعم",
        "قال نعم. وغادر الوفد العاصمة مساء؟  قال لا.وعاد",
        "وغادر الوفد العاصمة مساء؟ نعم. قال الوزير إن العمل مستمر في كل المدن والقرى. نعم.",
        "* * *",
        "«نعم»",
        "\"نعم\"",
        "",
    ]);
    let text = prop::collection::vec(line, 0..9).prop_map(|lines| lines.join("\n"));
    let document = ("[أبab\\t\\n\"]{1,3}", prop::option::weighted(0.9, text));
    prop::collection::btree_map(document.0, document.1, 1..7).prop_map(|documents| documents.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn both_halves_with_an_engine_between_are_one_run(
        documents in documents(),
        parts in 1..4_usize,
        min_words in 1..16_u32,
        unit in prop::sample::select(&UnitKind::ALL[..]),
        level in prop::sample::select(&Level::ALL[..]),
        keep in prop::option::of(Just("نعم".to_owned())),
        (is_escaped, at) in (any::<bool>(), 0..3_usize),
    ) {
        let options = Options {
            folds: level.folds(),
            unit,
            min_words: NonZeroU32::new(min_words).unwrap(),
            keep: Keep::new(&Vec::from_iter(keep), Vec::new()).unwrap(),
            ..Options::default()
        };
        // In the order of their names as bytes.
        let lines: Vec<String> = documents
            .iter()
            .map(|(id, text)| {
                let text = json!(text).to_string();
                let text = if is_escaped { text.replace('ن', "\\u0646") } else { text };
                format!(r#"{{"id": {}, "text" :{text}}}"#, json!(id))
            })
            .collect();
        let all = lines.join("\n");
        // The rows come from processes that know nothing of each other, in any order.
        let mut found: Vec<Value> =
            lines.chunks(parts).flat_map(|part| rows(&part.join("\n"), &options)).collect();
        found.reverse();
        let lists = grouped(found);
        let with_lists = lines.iter().zip(&documents).map(|(line, (id, _))| {
            listed(line, lists.get(id).map_or(&[][..], |units| units), &options, at)
        });
        let with_lists: Vec<String> = with_lists.collect();
        let cleaned = Cleaner::new(&options).cleaned(&chunk(&with_lists.join("\n"), &options)).unwrap();
        let cleaned_lines = String::from_utf8(cleaned.lines).unwrap();
        // Of the field's own surroundings a space may be left.
        let wanted = by_one_run(&all, &options);
        let is_same = match at {
            1 => cleaned_lines.replace(" ,", ",") == wanted.replace(" ,", ","),
            _ => cleaned_lines == wanted,
        };
        prop_assert!(is_same, "{cleaned_lines}\n{wanted}");
        prop_assert_eq!(cleaned.docs, documents.len() as u64);
    }

    /// Whatever is listed, only whole units go, and no line but those.
    #[test]
    fn what_is_listed_goes_and_nothing_else(
        document in documents(),
        units in prop::collection::vec((0..9_u64, 0..3_u64), 0..5),
    ) {
        let options = Options::default();
        let (id, text) = &document[0];
        let text = text.clone().unwrap_or_default();
        let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        let list: Vec<Value> = units.iter().map(|&(first, more)| json!([first, first + more])).collect();
        let line = json!({ "id": id, "text": text }).to_string();
        let cleaned = Cleaner::new(&options).cleaned(&chunk(&listed(&line, &list, &options, 2), &options));
        let goes = |unit: usize| units.iter().any(|&(first, more)| (first..=first + more).contains(&(unit as u64)));
        match cleaned {
            Ok(cleaned) => {
                let left: Value = serde_json::from_slice(&cleaned.lines).unwrap();
                let left = left["text"].as_str().unwrap();
                let left: Vec<&str> = left.lines().filter(|line| !line.is_empty()).collect();
                let wanted: Vec<&str> = (0..lines.len()).filter(|&unit| !goes(unit)).map(|unit| lines[unit]).collect();
                prop_assert_eq!(left, wanted);
                prop_assert_eq!(cleaned.units, (0..lines.len()).filter(|&unit| goes(unit)).count() as u64);
            }
            Err(unfit) => {
                let is_beyond = units.iter().any(|&(first, more)| first + more >= lines.len() as u64);
                prop_assert!(is_beyond && matches!(unfit.why, Why::NoUnit { .. }), "{unfit}");
            }
        }
    }
}
