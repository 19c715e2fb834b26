//! The two halves of a corpus run of which another engine does the middle: one that groups by key, on one machine or on many.
//!
//! [`Keys`] makes of documents rows, one for each window of each document. The engine groups the rows by key: of each key the
//! first row, by document and then by unit, is the original, and every other is a copy. It lists the copies in a field of their
//! documents, [`FIELD`], and [`Cleaner`] takes these units out, and the field. The result is that of a run over the corpus in one
//! pass, with the documents in the order of their names as bytes.
//!
//! ```
//! use tikrar::corpus::Options;
//! use tikrar::engine::{Cleaner, Keys, record_options};
//! use tikrar::format::Chunk;
//!
//! let options = Options::default();
//! let chunk = |line: String| Chunk::of_json_lines(line.into(), &record_options(None, None, &options));
//!
//! let long = "أعلنت الوزارة يوم الأحد أن العمل سيبدأ في المدارس كلها بعد العيد";
//! let rows = Keys::new(&options).rows(&chunk(format!(r#"{{"id":"a","text":"{long}"}}"#)))?;
//! let mut lines = Vec::new();
//! rows.write(&mut lines)?;
//! assert!(lines.ends_with(b"\"id\":\"a\",\"a\":0,\"b\":0}\n"));
//!
//! let version = options.key_version();
//! let listed = format!(r#"{{"id":"b","text":"{long}","drop":{{"version":"{version}","units":[0]}}}}"#);
//! let cleaned = Cleaner::new(&options).cleaned(&chunk(listed))?;
//! assert_eq!(cleaned.lines, br#"{"id":"b","text":""}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cleaner;
mod keys;

use std::ops::Range;
use std::{fmt, io};

use serde::Serialize;

pub use cleaner::{Cleaned, Cleaner};
pub use keys::{Keys, Rows};

use crate::corpus::Options;
use crate::format::{Chunk, NoText, RecordOptions, Value};

/// The field with the units of a document that go.
pub const FIELD: &str = "drop";

/// The field with the text, unless another is named. None is looked for: what one process takes another has to take too.
pub const TEXT_FIELD: &str = "text";

/// The most bytes of an id, which stands in every row of its document.
pub const LONGEST_ID: usize = 4096;

/// Why a document can't be taken. Nothing is passed over: a document that is lost here is lost for good.
#[derive(Debug, thiserror::Error)]
#[error("record {}: {why}", self.record + 1)]
pub struct Unfit {
    /// The number of the record in its chunk.
    pub record: u64,
    /// What it is called, if that can be told.
    pub id: Option<String>,
    /// What is wrong with it.
    pub why: Why,
}

/// What is wrong with a document.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Why {
    /// It is no JSON object.
    #[error("{reason}, at its byte {at}")]
    Malformed {
        /// Where in the record, in bytes.
        at: usize,
        /// What is wrong.
        reason: String,
    },
    /// It has bytes that are not UTF-8. An engine would put others in their place.
    #[error("it is not UTF-8, at its byte {at}: `tikrar clean` would let that pass, an engine would change it")]
    NotUtf8 {
        /// Where in the record, in bytes.
        at: usize,
    },
    /// It is not called anything.
    #[error(
        "it has no {field} that is a number or a string: name the field that documents are called by with --id-field"
    )]
    NoId {
        /// The field.
        field: String,
    },
    /// It is called something that is too long.
    #[error("its {field} has {len} bytes, and an id can have {LONGEST_ID}: it stands in every row")]
    LongId {
        /// The field.
        field: String,
        /// How many bytes.
        len: usize,
    },
    /// Units are listed before any are known.
    #[error(
        "it has a field `{FIELD}` already, which is where the units will be listed that go: give that another name"
    )]
    HasList,
    /// No units are listed, nor that there are none.
    #[error("it has no field `{FIELD}` with the units that go")]
    NoList,
    /// The field is there more than once, or its name is written with escapes.
    #[error("its field `{FIELD}` has to be there once, under that name as it is")]
    Lists,
    /// The list is something else.
    #[error("its field `{FIELD}` is no list of units: {0}")]
    List(String),
    /// The list is of keys that mean something else.
    #[error("its list is of keys of another kind ({theirs}) than these options make ({ours})")]
    Version {
        /// The kind of keys of the list.
        theirs: String,
        /// The kind that was asked for.
        ours: String,
    },
    /// What is held of it can't be read or written.
    #[error("cannot be read back")]
    Io(#[from] io::Error),
    /// The document has fewer units.
    #[error(
        "its list names unit {unit}, counted from 0, and it has {units}: the text is not the one the keys are of, or another field is"
    )]
    NoUnit {
        /// The unit.
        unit: u64,
        /// How many it has.
        units: usize,
    },
}

/// What ends the output of a process: whoever puts several together can see that each came to its end, and with how much.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct End {
    /// Always true: so this is told from a row.
    pub end: bool,
    /// How many documents were taken.
    pub docs: u64,
    /// Of rows: how many of the documents have a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub texts: Option<u64>,
    /// Of rows: how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Of cleaned documents: how many units are gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<u64>,
    /// The kind of keys.
    pub version: String,
}

impl fmt::Display for End {
    /// As a line of JSON, without the line end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

/// The options by which documents are read here.
#[must_use]
pub fn record_options(text_field: Option<String>, id_field: Option<String>, options: &Options) -> RecordOptions {
    let text_field = Some(text_field.unwrap_or_else(|| TEXT_FIELD.to_owned()));
    RecordOptions { text_field, id_field, joint: options.unit.joint(), ..RecordOptions::default() }
}

/// The text of a record, and where it lies. A document without a text is one without units.
fn text(chunk: &Chunk, record: usize) -> Result<Option<Value>, Why> {
    match chunk.text(record) {
        Ok(value) => Ok(Some(value)),
        Err(NoText::Missing | NoText::Null | NoText::NotText | NoText::LoneSurrogate) => Ok(None),
        Err(NoText::Malformed { at, reason }) => Err(Why::Malformed { at, reason }),
    }
}

/// Does `work` on the records of a chunk and what each is called, one after the other.
fn each(chunk: &Chunk, mut work: impl FnMut(usize, &str) -> Result<(), Why>) -> Result<(), Unfit> {
    for record in 0..chunk.len() {
        let unfit = |id, why| Unfit { record: record as u64, id, why };
        let Range { start, end } = chunk.place(record);
        if let Err(error) = simdutf8::compat::from_utf8(&chunk.bytes[start as usize..end as usize]) {
            return Err(unfit(None, Why::NotUtf8 { at: error.valid_up_to() }));
        }
        let field = || chunk.layout().id_field().to_owned();
        let Some(id) = chunk.id(record) else {
            // What is no JSON has none either.
            let why = text(chunk, record).err().unwrap_or_else(|| Why::NoId { field: field() });
            return Err(unfit(None, why));
        };
        if id.len() > LONGEST_ID {
            return Err(unfit(None, Why::LongId { field: field(), len: id.len() }));
        }
        work(record, &id).map_err(|why| unfit(Some(id), why))?;
    }
    Ok(())
}
