//! Where bytes come from: paths, standard input, encodings.

mod body;
mod doubt;
mod encoding;
mod walk;

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub(crate) use body::without_temporary_name;
pub use body::{Body, BodyWriter, Spooling};
pub use doubt::Doubt;
pub(crate) use doubt::{LOOKED_AT, doubts};
pub(crate) use encoding::Tally;
pub use encoding::{Damage, Decoded, EncodingError, Encodings, Raw, UnknownEncoding, decode};
pub use walk::{Skipped, Walk, WalkError, walk};

/// Where one document comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

/// How documents are read.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The encodings to try; none means UTF-8.
    pub encodings: Encodings,
    /// Whether damaged UTF-8 is an error.
    pub strict: bool,
    /// When a document is spooled.
    pub spooling: Spooling,
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
}

/// Why a document can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The bytes can't be read.
    #[error("cannot be read")]
    Io(#[from] io::Error),
    /// The path is a folder.
    #[error("is a folder")]
    Folder,
    /// The text can't be told.
    #[error(transparent)]
    Encoding(EncodingError),
}

impl From<EncodingError> for ReadError {
    fn from(error: EncodingError) -> ReadError {
        match error {
            EncodingError::Io(error) => ReadError::Io(error),
            error => ReadError::Encoding(error),
        }
    }
}

impl Document {
    /// A document that is at hand already, as UTF-8.
    #[must_use]
    pub fn of_bytes(bytes: Vec<u8>) -> Document {
        Document { body: Body::held(bytes), raw: None, damage: None, file: None }
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
        match input {
            Input::Stdin => Document::from_reader(io::stdin().lock(), None, options),
            Input::File(path) => {
                let file = open(path)?;
                let metadata = file.metadata()?;
                Document::from_reader(file, Some(metadata), options)
            }
        }
    }

    /// Reads a document from any reader.
    ///
    /// # Errors
    /// It can't be read, or its text can't be told.
    pub fn from_reader(
        mut reader: impl Read,
        file: Option<Metadata>,
        options: &ReadOptions,
    ) -> Result<Document, ReadError> {
        let mut writer = BodyWriter::new(&options.spooling);
        if let Some(metadata) = &file {
            writer.expect(metadata.len());
        }
        io::copy(&mut reader, &mut writer)?;
        let Decoded { body, raw, damage } =
            decode(writer.finish()?, &options.encodings, options.strict, &options.spooling)?;
        Ok(Document { body, raw, damage, file })
    }
}

/// A document that is read as it comes.
pub struct Opened {
    /// How it starts; the reader goes on from there.
    pub head: Vec<u8>,
    /// The rest of it: UTF-8, possibly with damaged bytes.
    pub reader: Box<dyn Read + Send>,
    /// The encoding it was decoded from, and another that it looks more like.
    pub likelier: Option<(&'static str, &'static str)>,
}

impl Opened {
    /// Opens a document. One that starts as UTF-8 does is read only as it is needed; any other is read, and decoded, first.
    /// The head is looked at by `check`.
    ///
    /// # Errors
    /// It can't be read, or its text can't be told.
    pub fn new<E: From<ReadError>>(
        input: &Input,
        options: &ReadOptions,
        check: impl FnOnce(&[u8]) -> Result<(), E>,
    ) -> Result<Opened, E> {
        let mut head = Vec::new();
        let (mut reader, file): (Box<dyn Read + Send>, _) = match input {
            Input::Stdin => (Box::new(io::stdin()), None),
            Input::File(path) => {
                let file = open(path)?;
                let metadata = file.metadata().map_err(ReadError::from)?;
                head.reserve(metadata.len().min(HEAD) as usize + 1);
                (Box::new(file), Some(metadata))
            }
        };
        reader.by_ref().take(HEAD).read_to_end(&mut head).map_err(ReadError::from)?;
        check(&head)?;
        if encoding::is_plain(&head, &options.encodings).map_err(ReadError::from)? {
            return Ok(Opened { head, reader, likelier: None });
        }
        let whole = io::Cursor::new(head).chain(reader);
        let document = Document::from_reader(whole, file, options)?;
        let raw = document.raw.as_ref();
        let likelier = raw.and_then(|raw| raw.likelier().map(|likelier| (raw.encoding(), likelier)));
        let reader = document.body.into_reader().map_err(ReadError::from)?;
        Ok(Opened { head: Vec::new(), reader, likelier })
    }
}

/// How much of a document decides about how it is read, in bytes.
const HEAD: u64 = 256 << 10;

fn open(path: &Path) -> Result<File, ReadError> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() { Err(ReadError::Folder) } else { Ok(file) }
}
