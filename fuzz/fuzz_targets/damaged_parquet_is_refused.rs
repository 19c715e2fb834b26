//! Any bytes as a Parquet file are an error, or rows of which only texts go: what is written is read with the texts that are left,
//! and its rows are called as they were.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tikrar::corpus::records::look_at;
use tikrar::corpus::{Examiner, Options};
use tikrar::cut::FileCuts;
use tikrar::format::{RecordError, RecordOptions, RecordReader, parquet};
use tikrar_fuzz::on_disk;

/// Of each row what it is called and its text, and what goes when the texts are cleaned, each by itself.
type Rows = (Vec<(Option<String>, Option<Vec<u8>>)>, Vec<std::ops::Range<u64>>);

fn rows(file: &[u8]) -> Result<Rows, RecordError> {
    let mut reader = RecordReader::of_parquet(on_disk::open(file), &RecordOptions::default())?;
    let options = Options::default();
    let mut examiner = Examiner::new(&options);
    let (mut rows, mut cuts, mut from) = (Vec::new(), Vec::new(), 0);
    while let Some(chunk) = reader.next(Vec::new())? {
        for record in 0..chunk.len() {
            rows.push((chunk.id(record), chunk.text(record).ok().map(|value| value.text)));
        }
        let looked = look_at(&chunk, |document, value| -> std::io::Result<_> {
            let examined = examiner.examine(document).map_err(std::io::Error::other)?;
            let stretches = examined.cuts_of_value(&document.body)?;
            Ok(value.written(&document.body.bytes(0..u64::MAX)?, &chunk.bytes, &stretches))
        });
        let looked = looked.unwrap_or_else(|not_looked| panic!("{}", not_looked.error));
        let moved = |cut: std::ops::Range<u64>| cut.start + from..cut.end + from;
        cuts.extend(looked.records.into_iter().flat_map(|of| of.result).map(moved));
        from += chunk.bytes.len() as u64;
    }
    Ok((rows, cuts))
}

fuzz_target!(init: on_disk::let_guarded_panics_pass(), |bytes: &[u8]| {
    let Ok((before, cuts)) = rows(bytes) else { return };
    let mut written = Vec::new();
    let cuts = FileCuts::of(cuts);
    let options = RecordOptions::default();
    if parquet::write(on_disk::open(bytes), &options, &cuts, &mut written).is_err() {
        return;
    }
    let (after, more) = match rows(&written) {
        Ok(rows) => rows,
        Err(error) => panic!("what was written can't be read: {error}"),
    };
    assert_eq!(more, [], "a second run removes nothing");
    assert_eq!(after.len(), before.len());
    for ((id, text), (id_before, text_before)) in after.iter().zip(&before) {
        assert_eq!(id, id_before);
        let (text, before) = (text.as_deref().unwrap_or_default(), text_before.as_deref().unwrap_or_default());
        assert!(tikrar_fuzz::plainly::is_part(text, before), "a text lost bytes, and has no others");
        assert!(!cuts.is_empty() || text == before);
    }
});
