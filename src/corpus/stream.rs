//! A corpus in one pass: read in pieces, folded side by side, decided and written in order.
//!
//! What is kept in memory is the index, and a few pieces: those in work, and those whose last units are not decided yet.
//! Where these are many, because units without words hold their places, their text waits in a temporary file. The index goes
//! to disk as well where it would not fit in the memory that a run may take.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use serde::Serialize;

use super::desk::{Desk, Work};
use super::dropping::Repeating;
use super::gone::Gone;
use super::kinds::Kinds;
use super::ordered::{Threads, ordered};
use super::piece::{Hashed, Hasher, PIECE};
use super::reader::{Buffers, Documents, NotRead, Reader, Taken};
use super::recognised::Before;
use super::records::{Looked, NotLooked, OfRecord, Seen, look_at};
use super::repeats::{Origin, Place, Repeated};
use super::spans::Names;
use super::survey::{Survey, Surveyed, Wanted};
use super::{Mended, Options};
use crate::cut::FileCuts;
use crate::format::{AnnotationError, RecordError, Value};
use crate::index::{IndexError, KnownDocument, Spilling, Starts};
use crate::key::Key;
use crate::longest::Lengthy;
use crate::repair::{Repair, Repairer};
use crate::report::account::Account;
use crate::share::Share;
use crate::source::{self, Damage, Document, Doubt, Spooling};

/// What comes up on the way, in order.
#[derive(Debug)]
pub enum Finished<E> {
    /// File number `file` could not be opened, or nothing could be read of it.
    Failed {
        /// The number of the file, from 0.
        file: usize,
        /// What was wrong.
        error: E,
    },
    /// A file was opened.
    Begun {
        /// The number of the file, from 0.
        file: usize,
        /// What is doubtful about it.
        doubts: Vec<Doubt>,
        /// The encoding it is read in, and another that it looks more like.
        likelier: Option<(&'static str, &'static str)>,
    },
    /// A document of text was read to its end.
    Ended {
        /// The number of the file, from 0.
        file: usize,
        /// What was read and written of it.
        account: Account,
        /// Bytes that are no UTF-8, which were passed through.
        damage: Option<Damage>,
        /// Whether these are more than one in a hundred, so that it was hardly UTF-8 at all.
        too_damaged: bool,
    },
    /// Some records of a file were looked at.
    Records {
        /// The number of the file, from 0.
        file: usize,
        /// The field that their text is in, as far as there was one.
        text_field: Option<String>,
        /// What was seen in them.
        seen: Seen,
        /// What of them was written.
        account: Account,
        /// How many bytes of the file they are.
        bytes: u64,
    },
    /// What goes of a file is known up to the end of this.
    Cut {
        /// The number of the file, from 0.
        file: usize,
        /// What goes, behind what was told before.
        cuts: FileCuts,
        /// The units that go with it and why, where that is to be told.
        gone: Vec<Gone>,
    },
    /// Nothing can be read of file number `file`, not even its first piece or record.
    Unreadable {
        /// The number of the file, from 0.
        file: usize,
        /// What was wrong.
        error: RecordError,
    },
    /// The records of a file were read to its end.
    RecordsEnded {
        /// The number of the file, from 0.
        file: usize,
    },
    /// A stretch of a document was left out.
    Repeated(Repeated),
    /// A document goes as a whole.
    Dropped {
        /// Which.
        document: Place,
        /// What the record is called by itself.
        id: Option<String>,
        /// Why.
        repeating: Repeating,
    },
    /// What later runs are to know of a document, where this one knows of earlier runs.
    Known(KnownDocument),
}

/// Why a stream ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// A file can't be read further.
    #[error("the run ends here, and what has been written is not all")]
    Read {
        /// The number of the file, from 0.
        file: usize,
        /// What went wrong.
        #[source]
        error: RecordError,
    },
    /// A document has bytes that are no UTF-8, and that was not to be.
    #[error("{damage}, and --strict allows none: the run ends here, and what has been written is not all")]
    Damaged {
        /// The number of the file, from 0.
        file: usize,
        /// What is not UTF-8 so far.
        damage: Damage,
    },
    /// A record is damaged, and that was not to be.
    #[error(
        "record {record}: {what}, and --strict allows none such: the run ends here, and what has been written is not all"
    )]
    DamagedRecord {
        /// The number of the file, from 0.
        file: usize,
        /// The number of the record in it, from 1.
        record: u64,
        /// What is wrong with it.
        what: String,
    },
    /// The field that is to be added to a record can't be.
    #[error("record {record}: {error}; the run ends here, and what has been written is not all")]
    Annotation {
        /// The number of the file, from 0.
        file: usize,
        /// The number of the record in it, from 1.
        record: u64,
        /// Why it can't be.
        error: AnnotationError,
    },
    /// What is put aside can't be written or read back.
    #[error("what has to be put aside can't be (--temp-dir names another folder)")]
    Aside(#[source] io::Error),
    /// The output, or a temporary file, can't be written.
    #[error("the output cannot be written")]
    Write(#[source] io::Error),
    /// The index can't go on.
    #[error("the run ends here, and what has been written is not all")]
    Index(#[source] IndexError),
    /// The index can't begin.
    #[error(transparent)]
    NoIndex(IndexError),
}

/// A corpus that is cleaned as a whole: a unit that repeats an earlier one of any document goes.
#[derive(Clone, Debug)]
pub struct Stream<'a> {
    /// What counts as a copy.
    pub options: &'a Options,
    /// How many pieces are folded side by side.
    pub threads: Threads,
    /// Of which files bytes that are no UTF-8 end the run; none means of no file.
    pub strict: Option<Strict<'a>>,
    /// How much text that waits for a decision is held in memory, and where more of it goes.
    pub spooling: Spooling,
    /// Whether documents are looked at for what makes them doubtful.
    pub doubts: bool,
    /// What becomes of records that lose all their text.
    pub empty: Empty,
    /// Documents of which a greater share of the words is copies of others go as wholes. They are decided about when they are read
    /// to their end then, and what goes is nothing's original.
    pub drop_above: Option<Share>,
    /// Whether it is told of each unit that goes why it does.
    pub tells: bool,
    /// What files are called in the field that is added to records, if one is.
    pub names: Option<Names<'a>>,
    /// What is mended in the text that stays, if something is.
    pub repair: Option<Repair>,
    /// What a first reading has found, if there was one: see [`Stream::survey`].
    pub surveyed: Arc<Surveyed>,
    /// What earlier runs have found, if the corpus goes on behind them. A document is decided about when it is read to its end
    /// then: it may be one of theirs.
    pub before: Option<Before<'a>>,
    /// Makes many units have one key, so that it can be seen what becomes of them.
    #[cfg(test)]
    weak_keys: bool,
    /// How many bytes are read at a time, if no unit is longer. What is written is the same for any number.
    pub piece: usize,
    /// How many bytes of memory the run may take, with all that it needs; none means as many as the index takes. With less than
    /// [`Stream::least_memory`] it takes more. What is written is the same for any number. Not counted are the list of files,
    /// units and records that are longer than a piece, which take some times their length, and what unpacking takes; of millions of
    /// units without words in a row, 80 bytes for each that is not like the one before; and, where it is more than the index may
    /// take, what a first reading has found.
    pub memory: Option<u64>,
}

/// Whether bytes of a file that are no UTF-8 end the run, by its number.
#[derive(Clone, Copy)]
pub struct Strict<'a>(pub &'a (dyn Fn(usize) -> bool + Sync));

impl Strict<'_> {
    pub(super) fn is(strict: Option<Strict<'_>>, file: usize) -> bool {
        strict.is_some_and(|Strict(is_strict)| is_strict(file))
    }
}

impl fmt::Debug for Strict<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Strict")
    }
}

/// What becomes of a document that loses all its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Empty {
    /// It stays, with an empty text.
    #[default]
    Keep,
    /// It goes.
    Drop,
}

/// What a stream has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The number of documents that were read.
    pub documents: u64,
    /// The number of units.
    pub units: u64,
    /// The number of units that were left out as copies, or annotated.
    pub removed: u64,
    /// How many of these are not the same as their originals, but nearly.
    pub near: u64,
    /// The number of documents that were left out as wholes.
    pub repeating: u64,
    /// The number of units of those.
    pub with_documents: u64,
    /// The number of distinct windows, without those of earlier runs.
    pub windows: u64,
    /// The number of lines, with those of earlier runs.
    pub lines: u64,
    /// The most bytes that the index took on disk at a time.
    pub index_disk: u64,
    /// The unit that was left out most.
    pub most: Option<Commonest>,
    /// The units that went everywhere, those of most documents first.
    pub boilerplate: Vec<Boilerplate>,
    /// How many texts had the key of another that they are not equal to. Looked for only where texts confirm keys.
    pub collisions: u64,
}

/// A unit that goes wherever it stands, because it stands in many documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Boilerplate {
    /// How it begins.
    pub text: String,
    /// Its key.
    pub key: Key,
    /// In how many documents it stands.
    pub documents: u64,
    /// How often it was left out, or annotated.
    pub removed: u64,
}

/// A unit that was left out more often than others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commonest {
    /// Its key.
    pub key: Key,
    /// How often it was left out, at least.
    pub count: u64,
    /// Where it first stands.
    pub document: Origin,
    /// On which line there; or on which a run begins that it is in.
    pub line: u64,
}

/// The memory that a run takes by itself.
const ITSELF: u64 = 10 << 20;
/// The memory that a byte of text takes while it is in work, where units are few bytes long.
const A_BYTE_OF_TEXT: u64 = 24;
/// The memory that it takes besides where it is repaired: what is known of its signs, and changes.
const A_BYTE_THAT_IS_REPAIRED: u64 = 40;
/// Smaller pieces take longer.
const LEAST_PIECE: usize = 32 << 10;

/// What may be kept of where documents begin.
fn starts_share(memory: u64) -> u64 {
    memory / 64
}

/// What the windows of a file may take that an earlier run had.
fn again_share(memory: u64) -> u64 {
    memory / 8
}

impl<'a> Stream<'a> {
    /// A stream under these options: with all processors, of damaged documents too, in pieces of 256 KiB, and with at
    /// most 16 MiB of text held that waits.
    #[must_use]
    pub fn new(options: &'a Options) -> Stream<'a> {
        Stream {
            options,
            threads: Threads::All,
            strict: None,
            doubts: true,
            spooling: Spooling { hold: 16 << 20, temp_dir: None },
            empty: Empty::Keep,
            drop_above: None,
            tells: false,
            names: None,
            repair: None,
            surveyed: Arc::default(),
            before: None,
            #[cfg(test)]
            weak_keys: false,
            piece: PIECE,
            memory: None,
        }
    }

    /// The least memory, in bytes, that a run can be held to.
    #[must_use]
    pub fn least_memory(&self) -> u64 {
        (16 << 20) + self.in_work() as u64 * LEAST_PIECE as u64 * self.a_byte_of_text()
    }

    fn a_byte_of_text(&self) -> u64 {
        A_BYTE_OF_TEXT + self.repair.map_or(0, |_| A_BYTE_THAT_IS_REPAIRED)
    }

    /// The most pieces that are in work.
    fn in_work(&self) -> usize {
        self.threads.number() + 2
    }

    /// The stream, with smaller pieces and less that is held where there is little memory; and what of it the index may take.
    fn within_memory(&self) -> (Stream<'a>, Option<u64>) {
        let mut stream = self.clone();
        let Some(memory) = self.memory else { return (stream, None) };
        let in_work = self.in_work() as u64 * self.a_byte_of_text();
        let piece = usize::try_from(memory / 8 / in_work).unwrap_or(usize::MAX);
        stream.piece = self.piece.min(piece.max(LEAST_PIECE));
        stream.spooling.hold = self.spooling.hold.min(memory / 64);
        let besides = ITSELF + in_work * stream.piece as u64 + 2 * stream.spooling.hold + starts_share(memory);
        // Of what earlier runs have found as much is held, and as much again is sorted to add to it.
        let besides = besides + if self.before.is_some() { memory / 4 + again_share(memory) } else { 0 };
        let surveyed = self.surveyed.bytes();
        (stream, Some(memory.saturating_sub(besides + surveyed)))
    }

    /// The index, where documents begin, and how much memory the windows of a file may take that is met again.
    fn index(&self, budget: Option<u64>) -> Result<(Spilling, Starts, Option<u64>), StreamError> {
        let folder = &self.spooling.temp_dir;
        let index = Spilling::new(budget, folder.clone()).map_err(StreamError::NoIndex)?;
        let starts = Starts::new(self.memory.map(starts_share), folder.clone());
        Ok((index, starts, self.memory.map(again_share)))
    }

    /// Writes what remains of the documents that `open` opens, strung together, to `out`, and hands on what comes up. Returns
    /// also the windows of this run, each with the place where it first began.
    ///
    /// # Errors
    /// A document can't be read to its end, or the output, or the index, can't be written.
    pub fn clean<E: Send>(
        &self,
        open: impl FnMut() -> Option<Result<Documents, E>> + Send,
        out: &mut (dyn Write + Send),
        finished: &mut (dyn FnMut(Finished<E>) + Send),
    ) -> Result<(Totals, Spilling), StreamError> {
        let (stream, budget) = self.within_memory();
        let buffers = Buffers::default();
        let of_windows = if self.options.near.is_some() { budget.map(|budget| budget / 2) } else { budget };
        let kinds = self.options.near.map(|near| Kinds::new(near, self.options.folds, of_windows, &stream.spooling));
        let kinds = kinds.transpose().map_err(StreamError::NoIndex)?;
        let mut desk = Desk::new(&stream, self.index(of_windows)?, kinds, out, finished, &buffers);
        stream.walk(open, &buffers, |work| desk.take(work))?;
        desk.end()
    }

    /// Reads the documents that `open` opens and counts their units, for a [`Stream::clean`] of the same documents. Files that
    /// can't be opened are left out.
    ///
    /// # Errors
    /// A document can't be read to its end, or there is no room for what is put aside.
    pub fn survey<E: Send>(
        &self,
        open: impl FnMut() -> Option<Result<Documents, E>> + Send,
        wanted: Wanted,
    ) -> Result<Surveyed, StreamError> {
        let (stream, budget) = self.within_memory();
        // Units are counted by their own keys, and nothing is written.
        let options = Options { near: None, ..self.options.clone() };
        let stream = Stream { options: &options, repair: None, ..stream };
        let buffers = Buffers::default();
        let mut survey = Survey::new(wanted, budget, &stream.spooling);
        stream.walk(open, &buffers, |work| {
            match work {
                Ok(Work::Piece(piece, hashed, _)) => {
                    let mut keys = hashed.units.iter().map(|unit| unit.key);
                    keys.try_for_each(|key| survey.unit(key)).map_err(StreamError::Aside)?;
                    if piece.ends {
                        survey.end_document();
                    }
                    buffers.give_back(piece.bytes);
                }
                Ok(Work::Chunk { chunk, records, .. }) => {
                    for OfRecord { result: (hashed, _), .. } in records {
                        let mut keys = hashed.units.iter().map(|unit| unit.key);
                        keys.try_for_each(|key| survey.unit(key)).map_err(StreamError::Aside)?;
                        survey.end_document();
                    }
                    buffers.give_back(chunk.bytes);
                }
                Err(NotRead::Broken { file, error }) => return Err(StreamError::Read { file, error }),
                Ok(Work::End { .. })
                | Err(NotRead::Failed { .. } | NotRead::Unreadable { .. } | NotRead::Taken { .. }) => {}
            }
            Ok(())
        })?;
        survey.finish().map_err(StreamError::Aside)
    }

    /// Reads, folds and hashes the documents side by side, and hands on what comes of it in order.
    fn walk<E: Send>(
        &self,
        open: impl FnMut() -> Option<Result<Documents, E>> + Send,
        buffers: &Buffers,
        mut take: impl FnMut(Result<Work, NotRead<E>>) -> Result<(), StreamError> + Send,
    ) -> Result<(), StreamError> {
        let mut reader = Reader::new(open, self.options.unit, self.piece, buffers);
        #[cfg(test)]
        let weak_keys = self.weak_keys;
        let hash_units = |hasher: &mut Hasher<'_>, bytes: &[u8], begins: bool| {
            #[allow(unused_mut, reason = "changed in tests")]
            let mut hashed = hasher.hash(bytes, begins);
            #[cfg(test)]
            if weak_keys {
                hashed.units.iter_mut().for_each(|unit| unit.key = Key::from(u128::from(unit.key.low() % 3)));
            }
            hashed
        };
        let hasher = Hasher::new(self.options).with_boilerplate(&self.surveyed.boilerplate);
        let worker = || (hasher.clone(), self.repair.map(Repairer::new));
        let hash = |(hasher, repairer): &mut (Hasher<'_>, Option<Repairer>), taken: Result<Taken, NotRead<E>>| {
            Ok(match taken? {
                Taken::Piece(piece) => {
                    let mut hashed = hash_units(hasher, &piece.bytes, piece.begins);
                    hashed.mended =
                        repairer.as_mut().and_then(|repairer| mended(repairer, &hashed, &piece.bytes, |_| true));
                    let doubts = if piece.begins && self.doubts { source::doubts(&piece.bytes) } else { Vec::new() };
                    Work::Piece(piece, hashed, doubts)
                }
                Taken::Chunk { file, chunk } => {
                    let hash = |document: &Document, value: &Value| {
                        let text = document.body.held_bytes();
                        let mut hashed = hash_units(hasher, text, true);
                        let fits = |edits: &[(Range<u64>, &str)]| chunk.holds(value, text, edits);
                        hashed.mended = repairer.as_mut().and_then(|repairer| mended(repairer, &hashed, text, fits));
                        Ok((hashed, chunk.slot(value)?))
                    };
                    let Looked { seen, records } = look_at(&chunk, hash)
                        .map_err(|NotLooked { record, error }| NotRead::Taken { file, record, error })?;
                    let doubts = if chunk.begins() && self.doubts { source::doubts(&chunk.bytes) } else { Vec::new() };
                    Work::Chunk { file, chunk, seen, records, doubts }
                }
                Taken::End { file } => Work::End { file },
            })
        };
        let mut result = Ok(());
        let mut lines = 0;
        let finish = |mut work| {
            match &mut work {
                Ok(Work::Piece(piece, hashed, _)) => lines = if piece.begins { 0 } else { lines } + hashed.lines,
                Err(NotRead::Broken { error: RecordError::TooLong(too_long), .. })
                    if too_long.what == Lengthy::Line =>
                {
                    too_long.number = too_long.number.map(|number| number + lines);
                }
                _ => {}
            }
            match take(work) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    result = Err(error);
                    ControlFlow::Break(())
                }
            }
        };
        ordered(self.threads, worker, || reader.next(), hash, finish);
        result
    }
}

/// What would be repaired in the units of a piece or a record.
fn mended(
    repairer: &mut Repairer,
    hashed: &Hashed,
    bytes: &[u8],
    fits: impl Fn(&[(Range<u64>, &str)]) -> bool,
) -> Option<Mended> {
    let text = |range: Range<u64>| Ok(Cow::Borrowed(&bytes[range.start as usize..range.end as usize]));
    // Bytes that are at hand can be read.
    Mended::of(repairer, hashed.units.iter().map(|unit| unit.unit.range()), text, fits).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Opened;

    fn cleaned(stream: &mut Stream<'_>, documents: &[String], verify: bool) -> (String, Totals) {
        let open = |text: &String| -> Result<Documents, io::Error> {
            let (head, reader) = (text.clone().into_bytes(), Box::new(io::empty()));
            Ok(Documents::Text(Box::new(Opened { head, reader, file: None, raw: None })))
        };
        let mut first = documents.iter();
        let wanted = Wanted { repeated: verify, in_documents: None };
        stream.surveyed = Arc::new(stream.survey(|| first.next().map(open), wanted).unwrap());
        let (mut out, mut again) = (Vec::new(), documents.iter());
        let (totals, _) = stream.clean(|| again.next().map(open), &mut out, &mut |_| {}).unwrap();
        (String::from_utf8(out).unwrap(), totals)
    }

    #[test]
    fn texts_confirm_keys_and_collisions_are_counted() {
        let options = Options { min_words: std::num::NonZeroU32::MIN, ..Options::default() };
        let mut stream = Stream::new(&options);
        let documents: Vec<String> = (0..12).map(|n| format!("سطر رقم {}\nوآخر {n}\n", n % 5)).collect();
        let (strong, _) = cleaned(&mut stream, &documents, false);
        stream.weak_keys = true;
        let (weak, _) = cleaned(&mut stream, &documents, false);
        assert_ne!(weak, strong, "without the texts, text is lost");
        let (confirmed, totals) = cleaned(&mut stream, &documents, true);
        assert_eq!(confirmed, strong);
        // 17 different lines have 3 keys.
        assert_eq!(totals.collisions, 14);
    }
}
