//! Formats: how documents lie in files, and how they are written back.
//!
//! But for Parquet, a file is always written as its own bytes without the stretches that go, or with a field that is added. So what a format has to know
//! is where its records are, where the text of a record is, and how the text's bytes are written there.

mod annotation;
pub mod csv;
mod edited;
mod field;
pub mod json;
pub mod json_lines;
#[cfg(feature = "parquet")]
pub mod parquet;
mod portion;
mod reader;
pub mod record;
pub mod text;
mod window;

use std::path::Path;

use crate::source::Codec;

pub use annotation::{AnnotationError, Slot};
pub use field::FieldError;
pub use portion::{InRow, Portion, Stretch};
pub use reader::{RecordError, RecordReader};
pub use record::{Chunk, Field, Layout, NoText, Passed, RecordOptions, Removed, TEXT_FIELDS, Value};

/// A format of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// A file is one document.
    Text,
    /// A line is one JSON object, a document.
    JsonLines,
    /// An array of JSON objects, each a document; or objects one after the other.
    Json,
    /// Comma-separated values: a row is a document.
    Csv,
    /// Tab-separated values: a row is a document.
    Tsv,
    /// Apache Parquet: a row is a document.
    Parquet,
}

impl Format {
    /// The extensions that files are known by, each with the format.
    pub const EXTENSIONS: [(&'static str, Format); 8] = [
        ("txt", Format::Text),
        ("text", Format::Text),
        ("jsonl", Format::JsonLines),
        ("ndjson", Format::JsonLines),
        ("json", Format::Json),
        ("csv", Format::Csv),
        ("tsv", Format::Tsv),
        ("parquet", Format::Parquet),
    ];

    /// The format that the extension of a path says, behind which may stand that of a compression. None if it says nothing.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Format> {
        let path = Codec::of_path(path).map_or(path, |(_, path)| path);
        let extension = path.extension()?.to_ascii_lowercase();
        Format::EXTENSIONS.into_iter().find(|(known, _)| extension == *known).map(|(_, format)| format)
    }

    /// The format of text that came without a name, by how it starts.
    #[must_use]
    pub fn of_head(head: &[u8]) -> Format {
        let mut lines = head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        match lines.find(|line| !line.is_empty()) {
            Some(line) if json_lines::is_object(line) => Format::JsonLines,
            Some([b'[', rest @ ..]) if begins_with_object(rest, head) => Format::Json,
            _ => Format::Text,
        }
    }

    /// What the format is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::JsonLines => "JSON Lines",
            Format::Json => "JSON",
            Format::Csv => "CSV",
            Format::Tsv => "TSV",
            Format::Parquet => "Parquet",
        }
    }

    /// Whether one file after the other is a file of the format too.
    #[must_use]
    pub fn can_be_strung(self) -> bool {
        matches!(self, Format::Text | Format::JsonLines)
    }
}

/// Whether an object stands behind the bracket that a file begins with, on its line or after it.
fn begins_with_object(rest: &[u8], head: &[u8]) -> bool {
    let behind = match rest.trim_ascii_start() {
        [] => head.trim_ascii_start().get(1..).unwrap_or_default().trim_ascii_start(),
        rest => rest,
    };
    behind.strip_prefix(b"{").is_some_and(|object| object.trim_ascii_start().starts_with(b"\""))
}
