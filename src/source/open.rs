//! Files as they are opened: unpacked, and looked at before it is known how they will be read.

use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use crate::longest::Ends;

use super::{BodyWriter, Codec, Document, Input, Raw, ReadError, ReadOptions, Spooling, compression, encoding};

/// How much of a file decides about how it is read, in bytes.
const HEAD: u64 = 256 << 10;

/// Is told of the bytes of files as they are read, before they are unpacked.
#[derive(Clone)]
pub struct Tap(Arc<Tell>);

type Tell = dyn Fn(&[u8]) + Send + Sync;

impl Tap {
    /// Tells `tell`.
    #[must_use]
    pub fn new(tell: impl Fn(&[u8]) + Send + Sync + 'static) -> Tap {
        Tap(Arc::new(tell))
    }

    /// Tells of bytes that were read.
    pub(crate) fn tell(&self, bytes: &[u8]) {
        (self.0)(bytes);
    }
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tap")
    }
}

struct Tapped<R> {
    reader: R,
    tap: Tap,
}

impl<R: Read> Read for Tapped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.tap.tell(&buffer[..read]);
        Ok(read)
    }
}

/// A file, or standard input, that is open: its bytes, unpacked, and in whatever encoding they are.
pub struct Source {
    /// How it starts, as far as it was looked at; the reader goes on from there.
    head: Vec<u8>,
    reader: Box<dyn Read + Send>,
    /// What the file is like.
    pub file: Option<Metadata>,
    /// How it is compressed.
    pub codec: Option<Codec>,
}

impl Source {
    /// Opens a file, or standard input.
    ///
    /// # Errors
    /// It can't be read.
    pub fn open(input: &Input, options: &ReadOptions) -> Result<Source, ReadError> {
        let (file, metadata) = match input {
            Input::Stdin => (None, None),
            Input::File(path) => {
                let (file, metadata) = open(path)?;
                (Some(file), Some(metadata))
            }
        };
        let mut reader: Box<dyn Read + Send> = match (file, &options.stdin) {
            (Some(file), _) => Box::new(file),
            (None, None) => Box::new(io::stdin()),
            (None, Some(kept)) => kept.open(&options.spooling)?,
        };
        if let Some(tap) = options.tap.clone() {
            reader = Box::new(Tapped { reader, tap });
        }
        // The least that tells, in one read where the file is small.
        let len = metadata.as_ref().map_or(HEAD, Metadata::len).clamp(Codec::HEAD as u64, HEAD) as usize;
        let mut head = Vec::with_capacity(len + 1);
        while head.len() < Codec::HEAD && reader.by_ref().take(len as u64 + 1).read_some(&mut head)? > 0 {}
        let codec = Codec::of_head(&head);
        let Some(codec) = codec else {
            if let Input::File(path) = input
                && let Some((codec, _)) = Codec::of_path(path)
                && codec.is_cut_off(&head)
            {
                return Err(compression::cut_off(codec).into());
            }
            return Ok(Source { head, reader, file: metadata, codec: None });
        };
        let reader = compression::unpacked(codec, io::Cursor::new(head).chain(reader))?;
        Ok(Source { head: Vec::new(), reader, file: metadata, codec: Some(codec) })
    }

    /// How it starts, in at most 256 KiB.
    ///
    /// # Errors
    /// It can't be read.
    pub fn head(&mut self) -> io::Result<&[u8]> {
        let missing = HEAD.saturating_sub(self.head.len() as u64);
        self.reader.by_ref().take(missing).read_to_end(&mut self.head)?;
        Ok(&self.head)
    }

    /// The bytes, from the start.
    #[must_use]
    pub fn into_reader(self) -> Box<dyn Read + Send> {
        Box::new(io::Cursor::new(self.head).chain(self.reader))
    }

    /// All of it as a file that can be read anywhere: the one that was opened, or a temporary one without a name.
    ///
    /// # Errors
    /// It can't be read, or the temporary file can't be written.
    pub fn into_file(mut self, input: &Input, options: &ReadOptions) -> Result<File, ReadError> {
        match input {
            Input::File(path) if self.codec.is_none() && self.file.as_ref().is_some_and(Metadata::is_file) => {
                if options.tap.is_some() {
                    io::copy(&mut self.into_reader(), &mut io::sink())?;
                }
                Ok(open(path)?.0)
            }
            _ => {
                let spooling = Spooling { hold: 0, ..options.spooling.clone() };
                let mut writer = BodyWriter::new(&spooling);
                io::copy(&mut self.head.as_slice(), &mut writer)?;
                io::copy(&mut self.reader, &mut writer)?;
                Ok(writer.into_file()?)
            }
        }
    }

    /// Reads all of it as one document.
    ///
    /// # Errors
    /// It can't be read, or its text can't be told.
    pub fn into_document(self, options: &ReadOptions) -> Result<Document, ReadError> {
        self.collected(Ends::Lines, options)
    }

    fn collected(self, ends: Ends, options: &ReadOptions) -> Result<Document, ReadError> {
        let Source { head, reader, file, codec } = self;
        let len = file.as_ref().map_or(0, Metadata::len);
        let document = Document::collect(io::Cursor::new(head).chain(reader), len, ends, options)?;
        Ok(Document { file, codec, ..document })
    }
}

/// Reads once, into what room there is.
trait ReadSome: Read {
    fn read_some(&mut self, bytes: &mut Vec<u8>) -> io::Result<usize>;
}

impl<R: Read> ReadSome for io::Take<R> {
    fn read_some(&mut self, bytes: &mut Vec<u8>) -> io::Result<usize> {
        let before = bytes.len();
        bytes.resize(before + self.limit() as usize, 0);
        let read = loop {
            match self.read(&mut bytes[before..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        bytes.truncate(before + *read.as_ref().unwrap_or(&0));
        read
    }
}

/// Text that is read as it comes.
pub struct Opened {
    /// How it starts; the reader goes on from there.
    pub head: Vec<u8>,
    /// The rest of it: UTF-8, possibly with damaged bytes.
    pub reader: Box<dyn Read + Send>,
    /// What the file is like.
    pub file: Option<Metadata>,
    /// The bytes as they were read, where they were in another encoding.
    pub raw: Option<Raw>,
}

impl Opened {
    /// Goes on with a file that is open. One that starts as UTF-8 does is read only as it is needed; any other is read,
    /// and decoded, first.
    ///
    /// # Errors
    /// It can't be read, or its text can't be told.
    pub fn new(mut source: Source, options: &ReadOptions) -> Result<Opened, ReadError> {
        let head = source.head()?;
        if options.as_utf8 || encoding::is_plain(head, &options.encodings)? {
            let Source { head, reader, file, .. } = source;
            return Ok(Opened { head, reader, file, raw: None });
        }
        let Document { body, raw, file, .. } = source.collected(Ends::LinesOrObjects, options)?;
        let mut reader = body.into_reader()?;
        let mut head = Vec::new();
        reader.by_ref().take(HEAD).read_to_end(&mut head)?;
        Ok(Opened { head, reader, file, raw })
    }

    /// The bytes, from the start.
    #[must_use]
    pub fn into_reader(self) -> Box<dyn Read + Send> {
        Box::new(io::Cursor::new(self.head).chain(self.reader))
    }

    /// The encoding it was decoded from, and another that it looks more like.
    #[must_use]
    pub fn likelier(&self) -> Option<(&'static str, &'static str)> {
        self.raw.as_ref().and_then(|raw| raw.likelier().map(|likelier| (raw.encoding(), likelier)))
    }
}

fn open(path: &Path) -> Result<(File, Metadata), ReadError> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() { Err(ReadError::Folder) } else { Ok((file, metadata)) }
}
