//! Any bytes as a file of records: all of it is read, or it is an error; a record with nothing removed is written as it was; a
//! value in JSON is the same but for its text, and so is a row of CSV. The first bytes are the format and how much is read at a time.

#![no_main]

use std::io;
use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use serde_json::Value as Json;
use tikrar::corpus::records::look_at;
use tikrar::corpus::{Examiner, Options};
use tikrar::format::{Chunk, Format, RecordOptions, RecordReader, Removed, record};
use tikrar::source::Opened;
use tikrar_fuzz::choices::Choices;
use tikrar_fuzz::cleaned::without;

const FORMATS: [Format; 4] = [Format::JsonLines, Format::Json, Format::Csv, Format::Tsv];

/// The bytes of a record, and what is left of them.
fn before_and_after(chunk: &Chunk, record: usize, cuts: &[Range<u64>]) -> (Vec<u8>, Vec<u8>) {
    let place = chunk.place(record);
    let within = |cut: &Range<u64>| cut.start.max(place.start)..cut.end.min(place.end);
    let cuts: Vec<Range<u64>> = cuts.iter().map(within).filter(|cut| cut.start < cut.end).collect();
    let moved: Vec<Range<u64>> = cuts.iter().map(|cut| cut.start - place.start..cut.end - place.start).collect();
    let before = chunk.bytes[place.start as usize..place.end as usize].to_vec();
    let after = without(&before, &moved);
    (before, after)
}

/// A record in JSON, before and after, where it lost this and its text was this and is this.
fn assert_same_json(before: &[u8], after: &[u8], field: &str, text: &[u8], left: &[u8]) {
    let Ok(mut value) = serde_json::from_slice::<Json>(before) else { return };
    let mut found: Json = match serde_json::from_slice(after) {
        Ok(found) => found,
        Err(error) => panic!("{error}: {}", String::from_utf8_lossy(after)),
    };
    let (Some(value), Some(found)) = (value.as_object_mut(), found.as_object_mut()) else { panic!("no object") };
    let (was, is) = (value.remove(field), found.remove(field));
    assert_eq!(value, found, "the other fields are the same");
    if let (Some(Json::String(was)), Some(Json::String(is))) = (was, is)
        && was.as_bytes() == text
    {
        assert_eq!(is.as_bytes(), left);
    }
}

/// Whether all fields are written as RFC 4180 has them, so that any reader takes them for the same.
fn is_strict(file: &[u8], delimiter: u8) -> bool {
    let text = file.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(file);
    let mut rest = text.iter().copied().peekable();
    let mut is_blank = true;
    loop {
        // At the start of a field.
        let mut ends = rest.next();
        if ends == Some(b'"') {
            is_blank = false;
            loop {
                match rest.next() {
                    Some(b'"') if rest.peek() == Some(&b'"') => drop(rest.next()),
                    Some(b'"') => break,
                    Some(b'\r') if rest.peek() != Some(&b'\n') => return false,
                    Some(_) => {}
                    None => return false,
                }
            }
            ends = rest.next();
        } else {
            while let Some(byte) = ends {
                if byte == delimiter || byte == b'\n' || byte == b'\r' {
                    break;
                }
                if byte == b'"' {
                    return false;
                }
                is_blank = false;
                ends = rest.next();
            }
        }
        match ends {
            Some(b'\r') if rest.next() != Some(b'\n') => return false,
            Some(b'\r' | b'\n') if is_blank => return false,
            Some(b'\r' | b'\n') => is_blank = true,
            Some(byte) if byte == delimiter => is_blank = false,
            Some(_) => return false,
            None => return true,
        }
    }
}

fn rows(file: &[u8], delimiter: u8) -> Vec<csv::ByteRecord> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(file);
    reader.byte_records().map(|row| row.expect("it is strict CSV")).collect()
}

/// A table before and after, in which only this field of a row may differ.
fn assert_same_rows(before: &[u8], after: &[u8], delimiter: u8, field: &str) {
    if !is_strict(before, delimiter) {
        return;
    }
    let mark = "\u{FEFF}".as_bytes();
    let [before, after] = [before, after].map(|file| rows(file.strip_prefix(mark).unwrap_or(file), delimiter));
    assert_eq!(after.len(), before.len(), "as many rows");
    let text = before.first().and_then(|header| header.iter().position(|name| name == field.as_bytes()));
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(after.len(), before.len(), "as many fields");
        for (at, (before, after)) in before.iter().zip(after).enumerate() {
            assert!(before == after || Some(at) == text, "the other fields are the same");
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices::of(bytes);
    let format = choices.one(&FORMATS);
    let (piece, choice) = (choices.byte(), choices.byte());
    let mut options = Options::default();
    options.min_words = options.min_words.min((1 + u32::from(choice % 12)).try_into().unwrap_or(options.min_words));
    let delimiter = match format {
        Format::Csv => [b',', b';', b'|'][usize::from(choice / 12) % 3],
        _ => b'\t',
    };
    let is_row = matches!(format, Format::Csv | Format::Tsv);
    let of_records = RecordOptions {
        delimiter: is_row.then_some(delimiter),
        text_field: (choice / 12 % 5 == 4).then(|| "text".to_owned()),
        ..RecordOptions::default()
    };
    let file = choices.text();
    let opened = Opened { head: file.clone(), reader: Box::new(io::empty()), file: None, raw: None };
    let mut reader = RecordReader::new(opened, format, &of_records).with_chunks_of(usize::from(piece));
    let mut examiner = Examiner::new(&options);
    let (mut read, mut out, mut any_kept, mut any_removed) = (Vec::new(), Vec::new(), false, false);
    let mut field = None;
    loop {
        let chunk = match reader.next(Vec::new()) {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            Err(_) => return,
        };
        let looked = look_at(&chunk, |document, value| -> io::Result<_> {
            let examined = examiner.examine(document).map_err(io::Error::other)?;
            let stretches = examined.cuts_of_value(&document.body)?;
            let text = document.body.bytes(0..u64::MAX)?.into_owned();
            Ok((value.written(&text, &chunk.bytes, &stretches), stretches))
        });
        let records = looked.unwrap_or_else(|not_looked| panic!("{}", not_looked.error)).records;
        any_removed |= records.iter().any(|of| !of.result.0.is_empty());
        let fills: Vec<u64> = records.iter().filter_map(|of| chunk.fill(of.record, &of.result.0)).collect();
        let removed = records.iter().map(|of| (of.record, Removed::Stretches(of.result.0.clone())));
        let cuts = chunk.cuts(removed, &mut any_kept);
        field = field.or(chunk.layout().text_field.clone());
        if !is_row {
            for of in records.iter().filter(|of| !of.result.0.is_empty()) {
                let (before, after) = before_and_after(&chunk, of.record, &cuts);
                let text = of.document.body.bytes(0..u64::MAX).expect("it is in memory");
                let left = without(&text, &of.result.1);
                let field = chunk.layout().text_field.clone().unwrap_or_default();
                assert_same_json(&before, &after, &field, &text, &left);
            }
        }
        record::write_filled(&chunk.bytes, &cuts, &fills, &mut out).expect("a vector can be written");
        read.extend_from_slice(&chunk.bytes);
    }
    assert!(read == file, "all of it is read");
    assert_eq!(out == file, !any_removed);
    if is_row {
        assert_same_rows(&file, &out, delimiter, &field.unwrap_or_default());
    }
});
