//! A file in another encoding, which it keeps in its place.

use std::io::{self, Write};
use std::ops::Range;

use crate::cut::FileCuts;
use crate::format::record::EMPTY_FIELD;
use crate::format::text;
use crate::source::{Body, Raw};

/// What becomes of the bytes of a file that is in another encoding.
pub(super) struct InRaw<'a> {
    raw: &'a Raw,
    /// What of them goes, and what stands there instead.
    changes: Vec<(Range<u64>, Vec<u8>)>,
}

impl<'a> InRaw<'a> {
    /// What is to be done with the text, as it is done with the bytes that this was decoded from. None where that can't be.
    pub(super) fn of(raw: &'a Raw, text: &Body, cuts: &FileCuts) -> io::Result<Option<InRaw<'a>>> {
        let (places, texts): (Vec<Range<u64>>, Vec<&str>) = cuts.changes(EMPTY_FIELD).unzip();
        let encoded: Option<Vec<Vec<u8>>> = texts.into_iter().map(|text| raw.encode(text)).collect();
        let (Some(places), Some(encoded), true) = (raw.ranges(text, &places)?, encoded, cuts.fills.is_empty()) else {
            return Ok(None);
        };
        Ok(Some(InRaw { raw, changes: places.into_iter().zip(encoded).collect() }))
    }

    /// Writes what is left of the bytes, and what is written between.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let InRaw { raw, changes } = self;
        text::write_with(&raw.body, changes.iter().map(|(range, bytes)| (range.clone(), &**bytes)), out)
    }
}
