//! Formats: how documents lie in files, and how they are written back.

pub mod text;

use std::path::Path;

/// A format of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A file is one document.
    Text,
}

/// A file in a format that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is {name}, which is not read; --format text takes its lines as they are")]
pub struct UnreadFormat {
    name: &'static str,
}

impl Format {
    /// The format of a file by its extension. What has no known one is text.
    ///
    /// # Errors
    /// The extension is that of a format that holds many documents and can't be read.
    pub fn of_path(path: &Path) -> Result<Format, UnreadFormat> {
        let extension = path.extension().map(|extension| extension.to_ascii_lowercase());
        let name = match extension.as_deref().and_then(|extension| extension.to_str()) {
            Some("jsonl" | "ndjson") => "JSON Lines",
            Some("json") => "JSON",
            Some("csv") => "CSV",
            Some("tsv") => "TSV",
            Some("parquet") => "Parquet",
            _ => return Ok(Format::Text),
        };
        Err(UnreadFormat { name })
    }

    /// The format of text that came without a name, by how it starts.
    ///
    /// # Errors
    /// It looks like a format that holds many documents and can't be read.
    pub fn of_head(head: &[u8]) -> Result<Format, UnreadFormat> {
        let line = head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).find(|line| !line.is_empty());
        match line {
            Some(line) if line.starts_with(b"{\"") && line.ends_with(b"}") => Err(UnreadFormat { name: "JSON Lines" }),
            _ => Ok(Format::Text),
        }
    }
}
