//! The bytes of a document: held in memory, or spooled to a temporary file where there are too many to hold.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crate::longest::{LONGEST, Lengthy, LineEnds, TooLong};

/// How much is read at a time from a spooled document.
pub(super) const PIECE: usize = 1 << 20;

/// The bytes of one document.
#[derive(Debug)]
pub struct Body {
    bytes: Bytes,
}

#[derive(Debug)]
enum Bytes {
    Held(Vec<u8>),
    Spooled { file: File, len: u64 },
}

impl Body {
    /// A body held in memory.
    #[must_use]
    pub fn held(bytes: Vec<u8>) -> Body {
        Body { bytes: Bytes::Held(bytes) }
    }

    /// The length in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        match &self.bytes {
            Bytes::Held(bytes) => bytes.len() as u64,
            Bytes::Spooled { len, .. } => *len,
        }
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Some of the bytes. A range that reaches past the end is cut there.
    ///
    /// # Errors
    /// The temporary file can't be read.
    pub fn bytes(&self, range: Range<u64>) -> io::Result<Cow<'_, [u8]>> {
        let range = range.start.min(self.len())..range.end.min(self.len());
        match &self.bytes {
            Bytes::Held(bytes) => Ok(Cow::Borrowed(&bytes[range.start as usize..range.end as usize])),
            Bytes::Spooled { file, .. } => {
                let mut bytes = vec![0; (range.end - range.start) as usize];
                read_at(file, &mut bytes, range.start)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// Hands the bytes to `take` from the start, in pieces that get longer where `take` needs it: it returns how many
    /// it is done with, and is given the rest again with more behind it. With the last piece it is told so.
    ///
    /// # Errors
    /// The temporary file can't be read, a unit is longer than any can be, or what `take` returned.
    pub fn pieces<E: From<io::Error>>(&self, mut take: impl FnMut(&[u8], bool) -> Result<usize, E>) -> Result<(), E> {
        match &self.bytes {
            Bytes::Held(bytes) => take(bytes, true).map(drop),
            Bytes::Spooled { len, .. } => {
                let (mut piece, mut read) = (Vec::new(), 0);
                loop {
                    if piece.len() as u64 > LONGEST {
                        return Err(io::Error::from(self.too_long(read - piece.len() as u64, read)?).into());
                    }
                    // A piece of which nothing was taken is doubled, so that a unit of any length is looked at few times.
                    let more = piece.len().clamp(PIECE, LONGEST as usize) as u64;
                    piece.extend_from_slice(&self.bytes(read..read + more)?);
                    read = (read + more).min(*len);
                    let last = read == *len;
                    let done = take(&piece, last)?;
                    if last {
                        return Ok(());
                    }
                    piece.drain(..done);
                }
            }
        }
    }

    /// The unit that begins at a place and has come so far is too long.
    ///
    /// # Errors
    /// The temporary file can't be read.
    pub(crate) fn too_long(&self, start: u64, end: u64) -> io::Result<TooLong> {
        let (mut lines, mut at) = (LineEnds::default(), 0);
        while at < start {
            let bytes = self.bytes(at..start.min(at + PIECE as u64))?;
            lines.add(&bytes);
            at += bytes.len() as u64;
        }
        Ok(TooLong { what: Lengthy::Line, number: Some(lines.number() + 1), len: end - start })
    }

    /// A reader of the bytes from the start.
    ///
    /// # Errors
    /// The temporary file can't be read.
    pub(crate) fn into_reader(self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self.bytes {
            Bytes::Held(bytes) => Box::new(io::Cursor::new(bytes)),
            Bytes::Spooled { mut file, len } => {
                file.seek(SeekFrom::Start(0))?;
                Box::new(file.take(len))
            }
        })
    }

    /// The bytes that are held in memory: all, or none.
    pub(crate) fn held_bytes(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Held(bytes) => bytes,
            Bytes::Spooled { .. } => &[],
        }
    }

    /// Writes some of the bytes.
    ///
    /// # Errors
    /// The temporary file can't be read, or `out` can't be written.
    pub fn write(&self, range: Range<u64>, out: &mut dyn Write) -> io::Result<()> {
        let mut at = range.start;
        while at < range.end {
            let end = match self.bytes {
                Bytes::Held(_) => range.end,
                Bytes::Spooled { .. } => range.end.min(at + PIECE as u64),
            };
            out.write_all(&self.bytes(at..end)?)?;
            at = end;
        }
        Ok(())
    }
}

/// Reads a body that others read as well.
pub(crate) struct SharedReader {
    body: Arc<Body>,
    at: u64,
}

impl SharedReader {
    /// A reader from the start.
    pub(crate) fn new(body: Arc<Body>) -> SharedReader {
        SharedReader { body, at: 0 }
    }
}

impl Read for SharedReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &self.body.bytes {
            Bytes::Held(bytes) => {
                let rest = &bytes[bytes.len().min(self.at as usize)..];
                let read = rest.len().min(buffer.len());
                buffer[..read].copy_from_slice(&rest[..read]);
                read
            }
            Bytes::Spooled { file, len } => {
                let read = buffer.len().min((len - self.at) as usize);
                read_at(file, &mut buffer[..read], self.at)?;
                read
            }
        };
        self.at += read as u64;
        Ok(read)
    }
}

/// Reads from a place of a file, which other threads may read from as well.
#[cfg(unix)]
pub(crate) fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(not(unix))]
pub(crate) fn read_at(mut file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    // A file has one place that it is read from.
    static PLACE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _guard = PLACE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(bytes)
}

/// From how many bytes on a document is spooled, and where to.
#[derive(Clone, Debug)]
pub struct Spooling {
    /// The most bytes of one document held in memory.
    pub hold: u64,
    /// The folder of temporary files; none means the system's.
    pub temp_dir: Option<PathBuf>,
}

impl Default for Spooling {
    fn default() -> Spooling {
        Spooling { hold: 256 << 20, temp_dir: None }
    }
}

impl Spooling {
    /// A temporary file without a name.
    pub(crate) fn file(&self) -> io::Result<File> {
        let folder = self.temp_dir.clone().unwrap_or_else(std::env::temp_dir);
        std::fs::metadata(&folder).and_then(|_| tempfile::tempfile_in(&folder)).map_err(|source| {
            let kind = source.kind();
            io::Error::new(kind, SpoolError { folder, source: without_temporary_name(source) })
        })
    }
}

/// A folder in which no document can be spooled.
#[derive(Debug, thiserror::Error)]
#[error(
    "it is too big to hold, and there can be no temporary file in {} (--temp-dir names another folder)",
    crate::report::shown_name(folder)
)]
struct SpoolError {
    folder: PathBuf,
    source: io::Error,
}

/// What went wrong with a temporary file, without its name, which nobody knows.
pub(crate) fn without_temporary_name(error: io::Error) -> io::Error {
    match error.kind() {
        // What the system said itself has no name in it.
        _ if error.raw_os_error().is_some() => error,
        kind => match error.to_string().rsplit_once(" at path ") {
            Some((said, _)) => io::Error::new(kind, said.to_owned()),
            None => error,
        },
    }
}

/// Collects the bytes of a body, and spools them where they get too many. The temporary file has no name, so that
/// nothing is left of it however the process ends.
#[derive(Debug)]
pub struct BodyWriter<'a> {
    spooling: &'a Spooling,
    held: Vec<u8>,
    spool: Option<(File, u64)>,
}

impl<'a> BodyWriter<'a> {
    /// A writer of an empty body.
    #[must_use]
    pub fn new(spooling: &'a Spooling) -> BodyWriter<'a> {
        BodyWriter { spooling, held: Vec::new(), spool: None }
    }

    /// Whether nothing has been written yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.held.is_empty() && self.spool.is_none()
    }

    /// Makes room in memory for a body of about that many bytes.
    pub(super) fn expect(&mut self, len: u64) {
        self.held.reserve(len.min(self.spooling.hold) as usize);
    }

    /// The body.
    ///
    /// # Errors
    /// The temporary file can't be written.
    pub fn finish(self) -> io::Result<Body> {
        let bytes = match self.spool {
            None => Bytes::Held(self.held),
            Some((mut file, len)) => {
                file.write_all(&self.held)?;
                Bytes::Spooled { file, len: len + self.held.len() as u64 }
            }
        };
        Ok(Body { bytes })
    }

    /// The bytes as a temporary file.
    pub(super) fn into_file(mut self) -> io::Result<File> {
        self.spool()?;
        self.spool.map(|(file, _)| file).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn spool(&mut self) -> io::Result<()> {
        let (file, len) = match &mut self.spool {
            Some(spool) => spool,
            none => none.insert((self.spooling.file()?, 0)),
        };
        file.write_all(&self.held)?;
        *len += self.held.len() as u64;
        self.held.clear();
        self.held.shrink_to(PIECE);
        Ok(())
    }
}

impl Write for BodyWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        let most = if self.spool.is_some() { PIECE as u64 } else { self.spooling.hold };
        if self.held.len() as u64 > most {
            self.spool()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spooled_body_reads_like_a_held_one() {
        let text: Vec<u8> = (0..3 * PIECE + 17).map(|n| (n % 251) as u8).collect();
        let spooling = Spooling { hold: 1000, temp_dir: None };
        let mut writer = BodyWriter::new(&spooling);
        for part in text.chunks(70_001) {
            writer.write_all(part).unwrap();
        }
        let body = writer.finish().unwrap();
        assert!(matches!(body.bytes, Bytes::Spooled { .. }));
        assert_eq!(body.len(), text.len() as u64);
        assert_eq!(*body.bytes(5..9).unwrap(), text[5..9]);
        assert_eq!(*body.bytes(text.len() as u64 - 2..u64::MAX).unwrap(), text[text.len() - 2..]);
        let mut written = Vec::new();
        body.write(3..body.len(), &mut written).unwrap();
        assert_eq!(written, text[3..]);
        let mut seen = Vec::new();
        body.pieces::<io::Error>(|piece, last| {
            let done = if last { piece.len() } else { piece.len() * 2 / 3 };
            seen.extend_from_slice(&piece[..done]);
            Ok(done)
        })
        .unwrap();
        assert_eq!(seen, text);
    }

    #[test]
    fn a_piece_grows_until_something_is_taken() {
        let text = vec![b'x'; 5 * PIECE];
        let spooling = Spooling { hold: 0, temp_dir: None };
        let mut writer = BodyWriter::new(&spooling);
        writer.write_all(&text).unwrap();
        let mut lengths = Vec::new();
        writer
            .finish()
            .unwrap()
            .pieces::<io::Error>(|piece, _| {
                lengths.push(piece.len() / PIECE);
                Ok(0)
            })
            .unwrap();
        assert_eq!(lengths, [1, 2, 4, 5]);
    }
}
