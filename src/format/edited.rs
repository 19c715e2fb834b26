//! Changes of the text of a record, as they are written in it.

use std::ops::Range;

use super::record::{Chunk, Coding, Fields, Parts, Value, Walk};

impl Chunk {
    /// Whether changes of a record's text can be written where that lies: a field of a table that is not in quotation marks can't
    /// have any written in it, nor what parts fields.
    #[must_use]
    pub fn holds(&self, value: &Value, text: &[u8], edits: &[(Range<u64>, &str)]) -> bool {
        let Fields::Row { dialect, .. } = &self.layout.fields else { return true };
        if value.coding != Coding::Plain {
            return true;
        }
        let is_special = |byte: u8| byte == dialect.delimiter || dialect.quoting && byte == b'"';
        // What the field would begin with, if it begins otherwise than now.
        let (mut start, mut written) = (0, None);
        let mut edits_at_start = edits.iter();
        while let (None, Some((range, with))) = (written, edits_at_start.next())
            && range.start == start
        {
            (start, written) = (range.end, with.bytes().next());
        }
        let begins_otherwise = edits.first().is_some_and(|(range, _)| range.start == 0);
        let first = written.or_else(|| text.get(start as usize).copied());
        let begins_quoted = dialect.quoting && begins_otherwise && first == Some(b'"');
        !begins_quoted && !edits.iter().any(|(_, with)| with.bytes().any(is_special))
    }
}

impl Value {
    /// Changes of the text, in order, as they are written in `bytes`, those of the chunk.
    #[must_use]
    pub fn written_edits(&self, bytes: &[u8], edits: &[(Range<u64>, &'static str)]) -> Vec<(Range<u64>, &'static str)> {
        let parts = match &self.parts {
            Parts::One(part) => std::slice::from_ref(part),
            Parts::Strings(parts) | Parts::Plain(parts, _) => parts,
        };
        let (mut rest, mut all) = (edits, Vec::with_capacity(edits.len()));
        for part in parts {
            let written = &bytes[part.written.clone()];
            let mut walk = Walk::new(self.coding, written);
            while let Some(((range, with), later)) = rest.split_first()
                && range.end <= part.text.end as u64
            {
                rest = later;
                let inside = |at: u64| (at as usize).max(part.text.start) - part.text.start;
                let start = part.written.start + walk.to(inside(range.start));
                let end = part.written.start + walk.to(inside(range.end));
                let with = match (*with, self.coding) {
                    ("\"", Coding::Json) => "\\\"",
                    ("\"", Coding::Doubled) => "\"\"",
                    (with, _) => with,
                };
                all.push((start as u64..end as u64, with));
            }
        }
        all
    }
}
