//! A document that was cleaned by itself.

use std::ops::Range;

use tikrar::corpus::{Examined, Options};
use tikrar::format::text;
use tikrar::source::Document;

/// A document, what was found in it, what goes, and what is left.
pub struct Cleaned {
    pub document: Document,
    pub examined: Examined,
    pub cuts: Vec<Range<u64>>,
    pub left: Vec<u8>,
}

/// Cleans a document.
pub fn cleaned(bytes: &[u8], options: &Options) -> Cleaned {
    let document = Document::of_bytes(bytes.to_vec());
    let examined = Examined::new(&document, options).expect("a document in memory can be read");
    let cuts = examined.cuts(&document.body).expect("a document in memory can be read");
    let mut left = Vec::new();
    text::write(&document.body, &cuts, &mut left).expect("a vector can be written");
    Cleaned { document, examined, cuts, left }
}

/// Bytes without some stretches.
pub fn without(bytes: &[u8], cuts: &[Range<u64>]) -> Vec<u8> {
    let mut left = Vec::new();
    let mut at = 0;
    for cut in cuts {
        left.extend_from_slice(&bytes[at..cut.start as usize]);
        at = cut.end as usize;
    }
    left.extend_from_slice(&bytes[at..]);
    left
}
