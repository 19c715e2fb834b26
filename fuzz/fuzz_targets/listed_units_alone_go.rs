//! Any bytes as documents that list the units that go: they are refused, or what is written is what was read, without the list, and a
//! text that is a part of what it was; and any bytes as documents have rows, or are refused. Rows are JSON, and of units that there are.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value as Json;
use tikrar::corpus::Options;
use tikrar::engine::{Cleaner, FIELD, Keys, record_options};
use tikrar::format::Chunk;
use tikrar_fuzz::plainly;

fn object(line: &[u8]) -> Option<serde_json::Map<String, Json>> {
    match serde_json::from_slice(line) {
        Ok(Json::Object(object)) => Some(object),
        _ => None,
    }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty())
}

/// A text, and how many units it has.
fn text(object: &serde_json::Map<String, Json>) -> Option<(String, usize)> {
    let text = object.get("text")?.as_str()?.to_owned();
    let units = plainly::units(Options::default().unit, text.as_bytes()).len();
    Some((text, units))
}

fuzz_target!(|bytes: &[u8]| {
    let options = Options::default();
    let chunk = Chunk::of_json_lines(bytes.to_vec(), &record_options(None, None, &options));
    let before: Vec<_> = lines(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).map(object).collect();
    if let Ok(rows) = Keys::new(&options).rows(&chunk) {
        assert_eq!(rows.docs, before.len() as u64);
        let mut units = before.iter().flatten().filter_map(text).map(|(_, units)| units).collect::<Vec<_>>();
        units.sort_unstable();
        let most = units.last().map_or(0, |&units| units as u64);
        let mut written = Vec::new();
        rows.write(&mut written).unwrap_or_default();
        for line in lines(&written) {
            let row = object(line).unwrap_or_default();
            let [Some(first), Some(last)] = ["a", "b"].map(|name| row.get(name).and_then(Json::as_u64)) else {
                panic!("no row: {}", String::from_utf8_lossy(line));
            };
            // Of arrays of strings the text is longer than any string, and what is not UTF-8 is no JSON here.
            let is_plain = |object: &Option<serde_json::Map<String, Json>>| {
                object.as_ref().is_some_and(|object| !object.get("text").is_some_and(Json::is_array))
            };
            let is_plain = before.iter().all(is_plain);
            assert!(first <= last && (!is_plain || last < most));
        }
    }
    let Ok(cleaned) = Cleaner::new(&options).cleaned(&chunk) else { return };
    let after: Vec<_> =
        lines(cleaned.lines.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&cleaned.lines)).map(object).collect();
    assert_eq!(after.len(), before.len());
    for (before, after) in before.into_iter().zip(after) {
        // What is not UTF-8 is no JSON to others.
        let (Some(mut before), Some(mut after)) = (before, after) else { continue };
        assert!(before.remove(FIELD).is_some());
        let (was, is) = (before.remove("text"), after.remove("text"));
        assert_eq!(before, after);
        if let (Some(Json::String(was)), Some(Json::String(is))) = (was, is) {
            assert!(plainly::is_part(is.as_bytes(), was.as_bytes()));
        }
    }
});
