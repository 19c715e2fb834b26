//! What went of a text or of records, put down in the file of what was removed and read again, put back into what was written gives
//! what was read: all of it, and any copies alone leave the units that they should.

#![no_main]

use std::io;
use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use tikrar::corpus::{Examined, Options};
use tikrar::cut::{self, Portions};
use tikrar::format::text::{self, Insertion};
use tikrar::format::{Format, Portion, RecordOptions, RecordReader};
use tikrar::removed::{self, Line, LineAt, Lines, Piece, Places, Removal};
use tikrar::source::{Document, Opened};
use tikrar::unit::UnitKind;
use tikrar_fuzz::choices::Choices;
use tikrar_fuzz::cleaned::{Cleaned, cleaned, without};
use tikrar_fuzz::plainly::{is_part, units};

/// Pieces, copy by copy, after they were written and read.
fn read_back(copies: Vec<Vec<Piece>>) -> Vec<Vec<Piece>> {
    let mut file = Vec::new();
    for removed in &copies {
        let removal = Removal { removed: removed.clone(), ..Removal::default() };
        removed::write(&Line::Removal(Box::new(removal)), &mut file).expect("a vector can be written");
    }
    let mut lines = Lines::new(&file[..]);
    let mut read = Vec::new();
    while let Some(LineAt { line, .. }) = lines.read().expect("what was written can be read") {
        if let Line::Removal(removal) = line {
            read.push(removal.removed);
        }
    }
    assert_eq!(read, copies);
    read
}

fn with(left: &[u8], pieces: impl Iterator<Item = Piece>) -> Vec<u8> {
    let mut out = Vec::new();
    let insertions = pieces.map(|piece| Ok(Insertion { at: piece.at, over: piece.over, bytes: piece.bytes }));
    let read = text::insert(&mut &left[..], insertions, &mut out).expect("what went fits");
    assert_eq!(read, left.len() as u64);
    out
}

/// Puts some copies back into a text, where one that is bound comes with the one before it.
fn of_text(text: &[u8], options: &Options, choice: u64) {
    let Cleaned { examined, cuts, left, .. } = cleaned(text, options);
    let is_copy = |at: usize| examined.plan.is_copy(at);
    let Portions { ranges, bound } = cut::portions(&examined.units, is_copy, &cuts);
    let mut places = Places::new();
    let mut piece = |range: &Range<u64>| places.piece(range.clone(), &text[range.start as usize..range.end as usize]);
    let copies = read_back(ranges.iter().map(|ranges| ranges.iter().map(&mut piece).collect()).collect());
    assert_eq!(with(&left, copies.iter().flatten().cloned()), text);
    let mut chosen: Vec<bool> = (0..copies.len()).map(|copy| choice >> (copy % 64) & 1 == 1).collect();
    for copy in 1..copies.len() {
        chosen[copy] = if bound[copy] { chosen[copy - 1] } else { chosen[copy] };
    }
    let some = copies.iter().zip(&chosen).filter(|(_, chosen)| **chosen).flat_map(|(pieces, _)| pieces.clone());
    let restored = with(&left, some);
    let mut copy = 0;
    let all = units(options.unit, text);
    let expected = all.into_iter().enumerate().filter(|(at, _)| {
        copy += usize::from(is_copy(*at));
        !is_copy(*at) || chosen[copy - 1]
    });
    assert_eq!(units(options.unit, &restored), expected.map(|(_, unit)| unit).collect::<Vec<_>>());
}

/// Puts all copies back into records, and a few.
fn of_records(file: &[u8], format: Format, options: &Options, choice: u64) {
    let opened = Opened { head: file.to_vec(), reader: Box::new(io::empty()), file: None, raw: None };
    let joint = if options.unit == UnitKind::Line { "\n" } else { "\n\n" };
    let mut reader = RecordReader::new(opened, format, &RecordOptions { joint, ..RecordOptions::default() });
    let (mut from, mut places) = (0, Places::new());
    let (mut left, mut copies, mut groups) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        let chunk = match reader.next(Vec::new()) {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            Err(_) => return,
        };
        let mut cuts = Vec::new();
        for record in 0..chunk.len() {
            let Ok(value) = chunk.text(record) else { continue };
            let document = Document::of_bytes(value.text.clone());
            let examined = Examined::new(&document, options).expect("a document in memory can be read");
            let stretches = examined.cuts_of_value(&document.body).expect("a document in memory can be read");
            let is_copy = |at: usize| examined.plan.is_copy(at);
            let portions: Vec<Portion> = chunk.portions(&value, &value.text, &examined.units, is_copy, &stretches);
            for portion in &portions {
                groups.push(portion.together.map(|together| (from, record, together)));
                copies.push(places.pieces(from, &chunk.bytes, portion));
            }
            cuts.extend(value.written(&value.text, &chunk.bytes, &stretches));
        }
        left.extend(without(&chunk.bytes, &cuts));
        from += chunk.bytes.len() as u64;
    }
    let copies = read_back(copies);
    assert_eq!(with(&left, copies.iter().flatten().cloned()), file);
    let first = |at: usize| match groups[at] {
        Some(group) => groups.iter().position(|other| *other == Some(group)).unwrap_or(at),
        None => at,
    };
    let chosen = |at: &usize| choice >> (first(*at) % 64) & 1 == 1;
    let some = (0..copies.len()).filter(chosen).flat_map(|at| copies[at].clone());
    let restored = with(&left, some);
    assert!(is_part(&restored, file) && is_part(&left, &restored));
}

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices::of(bytes);
    let options = choices.options();
    let form = choices.byte();
    let choice = (0..8).fold(0, |number, _| number << 8 | u64::from(choices.byte()));
    let text = choices.text();
    match form % 5 {
        0 => of_records(&text, Format::JsonLines, &options, choice),
        1 => of_records(&text, Format::Json, &options, choice),
        2 => of_records(&text, Format::Csv, &options, choice),
        _ => of_text(&text, &options, choice),
    }
});
