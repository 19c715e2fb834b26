//! Where bytes come from: paths, standard input, compression, encodings.

mod body;
mod compression;
mod doubt;
mod encoding;
mod git;
mod globs;
mod open;
mod revision;
mod sample;
mod stdin;
mod walk;

use std::fs::Metadata;
use std::io::{self, Read};
use std::path::PathBuf;

use crate::longest::{self, Ends, LONGEST, TooLong};

pub(crate) use body::SharedReader;
pub use body::{Body, BodyWriter, Spooling};
pub(crate) use body::{read_at, without_temporary_name};
pub use compression::Codec;
pub use doubt::Doubt;
pub(crate) use doubt::{LOOKED_AT, doubts};
pub(crate) use encoding::Tally;
pub use encoding::{Damage, Decoded, EncodingError, Encodings, Raw, UnknownEncoding, decode};
pub use globs::{FolderGlobsError, Globs, PatternError};
pub use open::{Opened, Source, Tap};
pub use revision::{Added, AddedLines, OutsideRepository, RevisionError};
pub use sample::Sample;
pub use stdin::KeptStdin;
pub use walk::{Located, Skipped, Walk, WalkError, WalkOptions, named, walk};

/// Where documents come from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Input {
    /// What a file is like, as far as that can be told. Standard input is like nothing.
    #[must_use]
    pub fn metadata(&self) -> Option<Metadata> {
        match self {
            Input::Stdin => None,
            Input::File(path) => std::fs::metadata(path).ok(),
        }
    }
}

/// How documents are read.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The encodings to try; none means UTF-8.
    pub encodings: Encodings,
    /// Whether damaged UTF-8 is an error.
    pub strict: bool,
    /// Whether records are taken for UTF-8 without a look: whoever takes them looks at each.
    pub as_utf8: bool,
    /// When a document is spooled.
    pub spooling: Spooling,
    /// Told of the bytes of files as they are read.
    pub tap: Option<Tap>,
    /// What keeps standard input, where it is read more than once.
    pub stdin: Option<KeptStdin>,
}

/// One document: its text, and what the run must remember of where it came from.
#[derive(Debug)]
pub struct Document {
    /// The text: UTF-8, possibly with damaged bytes.
    pub body: Body,
    /// The bytes as they were read, where they were in another encoding.
    pub raw: Option<Raw>,
    /// What is not UTF-8 in it.
    pub damage: Option<Damage>,
    /// What the file was like when it was read.
    pub file: Option<Metadata>,
    /// How the file is compressed.
    pub codec: Option<Codec>,
}

/// Why a document can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The bytes can't be read.
    #[error("cannot be read")]
    Io(#[source] io::Error),
    /// A unit is longer than any can be.
    #[error(transparent)]
    TooLong(TooLong),
    /// The path is a folder.
    #[error("is a folder")]
    Folder,
    /// The text can't be told.
    #[error(transparent)]
    Encoding(EncodingError),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> ReadError {
        TooLong::of(error).map_or_else(ReadError::Io, ReadError::TooLong)
    }
}

impl From<EncodingError> for ReadError {
    fn from(error: EncodingError) -> ReadError {
        match error {
            EncodingError::Io(error) => error.into(),
            error => ReadError::Encoding(error),
        }
    }
}

impl Document {
    /// A document that is at hand already, as UTF-8.
    #[must_use]
    pub fn of_bytes(bytes: Vec<u8>) -> Document {
        Document { body: Body::held(bytes), raw: None, damage: None, file: None, codec: None }
    }

    /// What is doubtful about the text, by how it starts.
    ///
    /// # Errors
    /// A spooled document can't be read back.
    pub fn doubts(&self) -> io::Result<Vec<Doubt>> {
        Ok(doubts(&self.body.bytes(0..LOOKED_AT as u64)?))
    }

    /// Reads a document.
    ///
    /// # Errors
    /// It can't be read, or its text can't be told.
    pub fn read(input: &Input, options: &ReadOptions) -> Result<Document, ReadError> {
        Source::open(input, options)?.into_document(options)
    }

    /// Reads a document from any reader.
    ///
    /// # Errors
    /// It can't be read, or its text can't be told.
    pub fn from_reader(reader: impl Read, options: &ReadOptions) -> Result<Document, ReadError> {
        Document::collect(reader, 0, Ends::Lines, options)
    }

    /// Reads a document of about `len` bytes, with such ends in it.
    fn collect(reader: impl Read, len: u64, ends: Ends, options: &ReadOptions) -> Result<Document, ReadError> {
        let mut writer = BodyWriter::new(&options.spooling);
        writer.expect(len);
        if let Err(error) = longest::copy(reader, &mut writer, ends, LONGEST) {
            let TooLong { len, .. } = TooLong::of(error)?;
            let body = writer.finish()?;
            return Err(ReadError::TooLong(body.too_long(body.len() - len, body.len())?));
        }
        let Decoded { body, raw, damage } =
            decode(writer.finish()?, &options.encodings, options.strict, &options.spooling)?;
        Ok(Document { body, raw, damage, file: None, codec: None })
    }
}
