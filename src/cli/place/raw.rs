//! A file in another encoding, which it keeps in its place.

use std::io::{self, Write};
use std::ops::Range;

use crate::cut::FileCuts;
use crate::format::text;
use crate::source::{Body, Raw};

/// What becomes of the bytes of a file that is in another encoding.
pub(super) struct InRaw<'a> {
    raw: &'a Raw,
    /// What goes of them.
    cuts: Vec<Range<u64>>,
    /// What is written between them.
    insertions: Vec<(u64, Vec<u8>)>,
}

impl<'a> InRaw<'a> {
    /// What is to be done with the text, as it is done with the bytes that this was decoded from. None where that can't be.
    pub(super) fn of(raw: &'a Raw, text: &Body, cuts: &FileCuts) -> io::Result<Option<InRaw<'a>>> {
        let places: Vec<Range<u64>> = cuts.insertions.iter().map(|(at, _)| at..at).collect();
        let (stretches, places) = (raw.ranges(text, &cuts.stretches)?, raw.ranges(text, &places)?);
        let encoded: Option<Vec<Vec<u8>>> = cuts.insertions.iter().map(|(_, text)| raw.encode(text)).collect();
        let (Some(cuts), Some(places), Some(encoded), true) = (stretches, places, encoded, cuts.fills.is_empty())
        else {
            return Ok(None);
        };
        let insertions = places.into_iter().map(|place| place.start).zip(encoded).collect();
        Ok(Some(InRaw { raw, cuts, insertions }))
    }

    /// Writes what is left of the bytes, or all of them with what is written between.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let InRaw { raw, cuts, insertions } = self;
        if insertions.is_empty() {
            return text::write(&raw.body, cuts, out);
        }
        text::write_with(&raw.body, insertions.iter().map(|(at, bytes)| (*at, &**bytes)), out)
    }
}
