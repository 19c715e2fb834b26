//! Any bytes as a file of records: all of it is read, and a record with nothing removed is written as it was. The first byte
//! is the format, the second how much is read at a time.

#![no_main]

use std::io;

use libfuzzer_sys::fuzz_target;
use tikrar::corpus::records::look_at;
use tikrar::corpus::{Examiner, Options};
use tikrar::format::{Format, RecordOptions, RecordReader, Removed, record};
use tikrar::source::Opened;

const FORMATS: [Format; 4] = [Format::JsonLines, Format::Json, Format::Csv, Format::Tsv];

fuzz_target!(|bytes: &[u8]| {
    let [format, piece, file @ ..] = bytes else { return };
    let format = FORMATS[usize::from(*format) % FORMATS.len()];
    let opened = Opened { head: file.to_vec(), reader: Box::new(io::empty()), file: None, raw: None };
    let mut reader =
        RecordReader::new(opened, format, &RecordOptions::default()).with_chunks_of(usize::from(*piece));
    let options = Options::default();
    let mut examiner = Examiner::new(&options);
    let (mut read, mut out, mut any_kept, mut any_removed) = (Vec::new(), Vec::new(), false, false);
    loop {
        let chunk = match reader.next(Vec::new()) {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            Err(_) => return,
        };
        let looked = look_at(&chunk, |document, value| -> io::Result<_> {
            let examined = examiner.examine(document).map_err(io::Error::other)?;
            let cuts = examined.cuts_of_value(&document.body)?;
            Ok(value.written(&document.body.bytes(0..u64::MAX)?, &chunk.bytes, &cuts))
        });
        let records = looked.expect("the records can be looked at").records;
        any_removed |= records.iter().any(|of| !of.result.is_empty());
        let removed = records.into_iter().map(|of| (of.record, Removed::Stretches(of.result)));
        let cuts = chunk.cuts(removed, &mut any_kept);
        record::write(&chunk.bytes, &cuts, &mut out).expect("a vector can be written");
        read.extend_from_slice(&chunk.bytes);
    }
    assert_eq!(read, file);
    assert_eq!(out == file, !any_removed);
});
