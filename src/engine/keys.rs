//! Documents to rows: one for each window.

use std::io::Write as _;

use super::{FIELD, Unfit, Why, each, text};
use crate::corpus::{Hasher, Options};
use crate::format::{Chunk, FieldError};
use crate::plan::StreamItem;
use crate::plan::windows::{Window, Windows};

/// The rows of some documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// The rows as lines of JSON: `{"k":key,"id":name,"a":first,"b":last}`, the units of a document counted from 0.
    pub lines: Vec<u8>,
    /// How many there are.
    pub rows: u64,
    /// How many documents there were.
    pub docs: u64,
    /// How many of them have a text.
    pub texts: u64,
    /// How many of them have a text that seems to be lost: it is `?`, or U+FFFD, for the most part.
    pub lost: u64,
}

/// Makes rows of documents.
pub struct Keys<'a> {
    hasher: Hasher<'a>,
    windows: Windows,
}

impl<'a> Keys<'a> {
    /// Under these options. What is kept has rows as anything has: copies of it are known by them.
    #[must_use]
    pub fn new(options: &'a Options) -> Keys<'a> {
        Keys { hasher: Hasher::new(options), windows: Windows::new(options.min_words.get()) }
    }

    /// The rows of the records of a chunk.
    ///
    /// # Errors
    /// A record is no document that can be listed.
    pub fn rows(&mut self, chunk: &Chunk) -> Result<Rows, Unfit> {
        let mut rows = Rows::default();
        each(chunk, |record| {
            rows.docs += 1;
            match chunk.field(record, FIELD) {
                Ok(None) => {}
                Ok(Some(_)) | Err(FieldError::Unclear) => return Err(Why::HasList),
                Err(FieldError::Malformed { at, reason }) => return Err(Why::Malformed { at, reason }),
            }
            let id = chunk.id(record).ok_or_else(|| Why::NoId { field: chunk.layout().id_field().to_owned() })?;
            let Some(value) = text(chunk, record)? else { return Ok(()) };
            rows.texts += 1;
            rows.lost += u64::from(seems_lost(&value.text));
            let hashed = self.hasher.hash(&value.text, true);
            let items = hashed.units.iter().zip(0..).map(|(unit, place)| StreamItem {
                key: unit.key,
                words: unit.words,
                protected: unit.protected,
                place,
            });
            // Escaped once: every row has it.
            let mut middle = b"\",\"id\":".to_vec();
            serde_json::to_writer(&mut middle, &id).map_err(|error| Why::List(error.to_string()))?;
            middle.extend_from_slice(b",\"a\":");
            self.windows.of_document(items, |window| {
                rows.rows += 1;
                write_row(&mut rows.lines, &window, &middle);
            });
            Ok(())
        })?;
        Ok(rows)
    }
}

fn write_row(lines: &mut Vec<u8>, window: &Window, middle: &[u8]) {
    lines.extend_from_slice(b"{\"k\":\"");
    let key: u128 = window.key.into();
    lines.extend(
        key.to_be_bytes()
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .map(|digit| b"0123456789abcdef"[usize::from(digit)]),
    );
    lines.extend_from_slice(middle);
    // Writing to memory does not fail.
    let _ = writeln!(lines, "{},\"b\":{}}}", window.first, window.last);
}

/// Whether a text is `?` or U+FFFD for the most part, as it is where Arabic was written in an encoding that has none.
fn seems_lost(text: &[u8]) -> bool {
    let marks = memchr::memchr_iter(b'?', text).count();
    let signs = memchr::memmem::find_iter(text, "\u{FFFD}".as_bytes()).count();
    marks + 3 * signs > text.len() / 2
}
