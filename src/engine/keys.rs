//! Documents to rows: one for each window.

use std::io::{self, Write};

use super::{FIELD, Unfit, Why, each, text};
use crate::corpus::{Hasher, Options};
use crate::format::{Chunk, FieldError};
use crate::plan::StreamItem;
use crate::plan::windows::{Window, Windows};

/// The rows of some documents.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Of each document that has rows what it is called, as a string of JSON, and its windows.
    of_documents: Vec<(Vec<u8>, Vec<Window>)>,
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
        each(chunk, |record, id| {
            rows.docs += 1;
            match chunk.field(record, FIELD) {
                Ok(None) => {}
                Ok(Some(_)) | Err(FieldError::Unclear) => return Err(Why::HasList),
                Err(FieldError::Malformed { at, reason }) => return Err(Why::Malformed { at, reason }),
            }
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
            let mut windows = Vec::new();
            self.windows.of_document(items, |window| windows.push(window));
            if !windows.is_empty() {
                rows.rows += windows.len() as u64;
                rows.of_documents.push((serde_json::Value::from(id).to_string().into_bytes(), windows));
            }
            Ok(())
        })?;
        Ok(rows)
    }
}

impl Rows {
    /// Writes the rows as lines of JSON: `{"k":key,"id":name,"a":first,"b":last}`, the units of a document counted from 0.
    ///
    /// # Errors
    /// `out` can't be written.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        // An id can be long, and there is a row for nearly each line.
        let mut lines = Vec::with_capacity(BUFFER);
        for (id, windows) in &self.of_documents {
            for window in windows {
                write_row(&mut lines, window, id)?;
                if lines.len() > BUFFER {
                    out.write_all(&lines)?;
                    lines.clear();
                }
            }
        }
        out.write_all(&lines)
    }
}

/// How many bytes are written at a time.
const BUFFER: usize = 1 << 16;

fn write_row(lines: &mut Vec<u8>, window: &Window, id: &[u8]) -> io::Result<()> {
    lines.extend_from_slice(b"{\"k\":\"");
    let key = u128::from(window.key).to_be_bytes();
    let digits = key.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    lines.extend(digits.map(|digit| b"0123456789abcdef"[usize::from(digit)]));
    lines.extend_from_slice(b"\",\"id\":");
    lines.extend_from_slice(id);
    writeln!(lines, ",\"a\":{},\"b\":{}}}", window.first, window.last)
}

/// Whether a text is `?` or U+FFFD for the most part, as it is where Arabic was written in an encoding that has none.
fn seems_lost(text: &[u8]) -> bool {
    let marks = memchr::memchr_iter(b'?', text).count();
    let signs = memchr::memmem::find_iter(text, "\u{FFFD}".as_bytes()).count();
    marks + 3 * signs > text.len() / 2
}
