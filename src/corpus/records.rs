//! The records of a chunk, one after the other: their texts are looked at, what has none is counted.

use crate::format::{Chunk, NoText, Passed, Value};
use crate::source::Document;

/// What came of a record.
#[derive(Debug)]
pub struct OfRecord<R> {
    /// The number of the record in its chunk.
    pub record: usize,
    /// Its text.
    pub document: Document,
    /// Where the text lies in the chunk.
    pub value: Value,
    /// What came of it.
    pub result: R,
}

/// What came of the records of a chunk.
#[derive(Debug)]
pub struct Looked<R> {
    /// What was seen in all of them.
    pub seen: Seen,
    /// What came of those that have a text.
    pub records: Vec<OfRecord<R>>,
}

/// A record that could not be looked at.
#[derive(Debug)]
pub struct NotLooked<E> {
    /// The number of the record in its chunk.
    pub record: usize,
    /// What went wrong.
    pub error: E,
}

/// What was seen in a chunk.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The number of records.
    pub records: u64,
    /// The number of those that have a text.
    pub documents: u64,
    /// Those that have none.
    pub passed: Passed,
    /// The number of bytes of texts that are not UTF-8.
    pub damaged_bytes: u64,
    /// The first record with such bytes, by its number in the chunk.
    pub damaged: Option<usize>,
    /// The first record that is not in its format, by its number in the chunk, and what is wrong with it.
    pub malformed: Option<(usize, String)>,
}

/// Does `work` on each record of a chunk that has a text, until it fails.
///
/// # Errors
/// What `work` returned.
pub fn look_at<R, E>(
    chunk: &Chunk,
    mut work: impl FnMut(&Document, &Value) -> Result<R, E>,
) -> Result<Looked<R>, NotLooked<E>> {
    let mut seen = Seen { records: chunk.len() as u64, ..Seen::default() };
    let mut records = Vec::with_capacity(chunk.len());
    for record in 0..chunk.len() {
        let mut value = match chunk.text(record) {
            Ok(value) => value,
            Err(no_text) => {
                seen.passed.add(&no_text);
                if let (NoText::Malformed { at, reason }, None) = (no_text, &seen.malformed) {
                    seen.malformed = Some((record, format!("{reason}, at its byte {at}")));
                }
                continue;
            }
        };
        let text = std::mem::take(&mut value.text);
        let damaged = damaged_bytes(&text);
        if damaged > 0 {
            seen.damaged_bytes += damaged;
            seen.damaged.get_or_insert(record);
        }
        seen.documents += 1;
        let document = Document::of_bytes(text);
        let result = work(&document, &value).map_err(|error| NotLooked { record, error })?;
        records.push(OfRecord { record, document, value, result });
    }
    Ok(Looked { seen, records })
}

fn damaged_bytes(text: &[u8]) -> u64 {
    if simdutf8::basic::from_utf8(text).is_ok() {
        return 0;
    }
    text.utf8_chunks().map(|chunk| chunk.invalid().len() as u64).sum()
}
