//! Where the pieces and chunks of a corpus are decided about and written, in order.

mod records;
mod text;

use std::cmp::Reverse;
use std::io::Write;
use std::sync::Arc;

use crate::corpus::confirm::Confirm;
use crate::corpus::dropping::Dropping;
use crate::corpus::kinds::Kinds;
use crate::corpus::parting::Parting;
use crate::corpus::pending::{Pending, SoFar};
use crate::corpus::piece::{Hashed, HashedUnit};
use crate::corpus::reader::{Buffers, NotRead, ReadPiece};
use crate::corpus::recognised::Recogniser;
use crate::corpus::records::{OfRecord, Seen};
use crate::corpus::repeats::Repeats;
use crate::corpus::spans::Names;
use crate::corpus::stream::{Boilerplate, Commonest, Empty, Finished, Stream, StreamError, Strict, Totals};
use crate::cut::Remains;
use crate::format::{Chunk, Slot};
use crate::index::{KnownDocument, Layered, Spilling, Starts};
use crate::plan::StreamPlan;
use crate::repair::Repairer;
use crate::report::account::Account;
use crate::report::excerpt;
use crate::sink::Strung;
use crate::source::{Doubt, Spooling, Tally};

/// What is folded and hashed, and waits for its turn.
pub(super) enum Work {
    Piece(ReadPiece, Hashed, Vec<Doubt>),
    Chunk {
        file: usize,
        chunk: Chunk,
        seen: Seen,
        /// Each with the place of the field that is added to it, if one is.
        records: Vec<OfRecord<(Hashed, Option<Slot>)>>,
        doubts: Vec<Doubt>,
    },
    End {
        file: usize,
    },
}

/// Where pieces are decided about and written, in order.
pub(super) struct Desk<'a, E> {
    plan: StreamPlan<Layered>,
    pending: Pending<'a, E>,
    remains: Remains<'a>,
    parting: Parting,
    out: Strung<'a>,
    /// Recognises the documents of earlier runs, if there were any to go on behind.
    recogniser: Option<Recogniser<'a>>,
    /// Tells texts with one key apart, if that is asked for.
    confirm: Option<Confirm>,
    /// Gives units the keys of those that they are nearly the same as, if that is asked for.
    kinds: Option<Kinds>,
    /// Whether units are listed that go everywhere.
    lists: bool,
    spooling: &'a Spooling,
    strict: Option<Strict<'a>>,
    empty: Empty,
    /// Which documents go as wholes, if any.
    dropping: Option<Dropping>,
    names: Option<Names<'a>>,
    /// What mends the text that stays, if something does.
    repairer: Option<Repairer>,
    /// How many lines of the corpus there are before what comes next.
    lines: u64,
    file: OfFile,
    buffers: &'a Buffers,
}

/// What there is of the current file before what comes next.
#[derive(Default)]
struct OfFile {
    account: Account,
    damage: Tally,
    /// The number of records, and of their bytes with those between them.
    records: u64,
    record_bytes: u64,
    /// How many lines of the corpus there are before it.
    lines_before: u64,
    /// The last line of the corpus that a unit of it stands on.
    last_line: u64,
    /// Whether a record was kept.
    any_kept: bool,
    /// What the run had removed before the file.
    before: SoFar,
    /// What later runs are to know of it.
    known: Option<KnownDocument>,
    /// Whether it goes as a whole.
    is_dropped: bool,
}

impl<'a, E> Desk<'a, E> {
    /// A desk for a run of `stream`, which hands back to `buffers` what is written.
    pub(super) fn new(
        stream: &'a Stream<'_>,
        (index, starts, again): (Spilling, Starts, Option<u64>),
        kinds: Option<Kinds>,
        out: &'a mut (dyn Write + Send),
        finished: &'a mut (dyn FnMut(Finished<E>) + Send),
        buffers: &'a Buffers,
    ) -> Desk<'a, E> {
        let confirm = || Confirm::new(stream.options.folds, Arc::clone(&stream.surveyed), &stream.spooling);
        let earlier = stream.before.as_ref().map(|before| Arc::clone(&before.earlier));
        let lines = earlier.as_ref().map_or(0, |earlier| earlier.lines());
        let repeats = Repeats::new(starts, earlier.clone());
        Desk {
            plan: StreamPlan::new(
                stream.options.min_words.get(),
                Layered::new(index, earlier, again, stream.spooling.temp_dir.clone()),
            ),
            pending: Pending::new(repeats, finished, stream.tells),
            recogniser: stream.before.clone().map(Recogniser::new),
            remains: Remains::new(&stream.spooling, stream.options.unit),
            parting: Parting::default(),
            out: Strung::new(out),
            confirm: stream.surveyed.repeated.is_some().then(confirm),
            kinds,
            lists: !stream.surveyed.boilerplate.is_empty(),
            spooling: &stream.spooling,
            strict: stream.strict,
            empty: stream.empty,
            dropping: stream.drop_above.map(|above| Dropping { above, min_words: stream.options.min_words.get() }),
            names: stream.names,
            repairer: stream.repair.map(Repairer::new),
            lines,
            file: OfFile::default(),
            buffers,
        }
    }

    /// All is taken.
    pub(super) fn end(mut self) -> Result<(Totals, Spilling), StreamError> {
        self.out.end().map_err(StreamError::Write)?;
        let most = match self.pending.most.get() {
            None => None,
            Some((key, count, original)) => {
                let place = self.pending.repeats.place_of(original).map_err(StreamError::Index)?;
                place.map(|(document, line)| Commonest { key, count, document, line })
            }
        };
        #[allow(clippy::iter_over_hash_type, reason = "they are sorted")]
        let mut boilerplate: Vec<Boilerplate> = self.pending.listed.into_values().collect();
        boilerplate.sort_by_key(|listed| (Reverse(listed.documents), listed.key));
        let collisions = self.confirm.as_ref().map_or(0, Confirm::collisions);
        let index = self.plan.into_index().into_run();
        let (lines, index_disk) = (self.lines, index.most_disk_bytes() + self.pending.repeats.disk_bytes());
        let totals = self.pending.totals;
        Ok((Totals { windows: index.len(), lines, index_disk, most, boilerplate, collisions, ..totals }, index))
    }

    pub(super) fn take(&mut self, work: Result<Work, NotRead<E>>) -> Result<(), StreamError> {
        match work {
            Ok(Work::Piece(piece, hashed, doubts)) => {
                if piece.begins {
                    self.begin_file(piece.file, false, doubts, piece.likelier)?;
                    self.pending.repeats.begin_document(self.lines).map_err(StreamError::Index)?;
                }
                self.survey(&piece, hashed.is_damaged)?;
                self.decide(piece, hashed)?;
                self.write().map_err(StreamError::Write)
            }
            Ok(Work::Chunk { file, chunk, seen, records, doubts }) => {
                if chunk.begins() {
                    self.begin_file(file, true, doubts, None)?;
                }
                self.take_chunk(file, chunk, seen, records)
            }
            Ok(Work::End { file }) => {
                (self.pending.finished)(Finished::RecordsEnded { file });
                Ok(())
            }
            Err(NotRead::Failed { file, error }) => {
                (self.pending.finished)(Finished::Failed { file, error });
                Ok(())
            }
            Err(NotRead::Unreadable { file, error }) => {
                (self.pending.finished)(Finished::Unreadable { file, error });
                Ok(())
            }
            Err(NotRead::Taken { file, record, error }) => {
                let record = self.file.records + record as u64 + 1;
                Err(StreamError::Annotation { file, record, error })
            }
            Err(NotRead::Broken { file, error }) => Err(StreamError::Read { file, error }),
        }
    }

    fn begin_file(
        &mut self,
        file: usize,
        has_records: bool,
        doubts: Vec<Doubt>,
        likelier: Option<(&'static str, &'static str)>,
    ) -> Result<(), StreamError> {
        self.pending.repeats.begin_file(file, has_records);
        if let Some(recogniser) = &mut self.recogniser {
            let before = recogniser.begin_file(file)?;
            self.plan.index_mut().begin_file(before).map_err(StreamError::Index)?;
        }
        self.file = OfFile { before: self.pending.removed(), ..OfFile::default() };
        (self.pending.finished)(Finished::Begun { file, doubts, likelier });
        Ok(())
    }

    /// Texts confirm keys, what goes everywhere is listed, and what is nearly the same gets one key.
    fn confirm(&mut self, hashed: &mut Hashed, bytes: &[u8]) -> Result<(), StreamError> {
        if self.confirm.is_some() || self.lists {
            self.confirm_keys(hashed, bytes)?;
        }
        if let Some(kinds) = &mut self.kinds {
            kinds.take(hashed, bytes)?;
        }
        Ok(())
    }

    fn confirm_keys(&mut self, hashed: &mut Hashed, bytes: &[u8]) -> Result<(), StreamError> {
        for HashedUnit { unit, key, boilerplate, .. } in &mut hashed.units {
            let text = &bytes[unit.range().start as usize..unit.range().end as usize];
            if let Some(confirm) = &mut self.confirm {
                *key = confirm.key(*key, text).map_err(StreamError::Aside)?;
            }
            if let Some(documents) = *boilerplate {
                let listed = || Boilerplate { text: excerpt(text), key: *key, documents: documents.get(), removed: 0 };
                self.pending.listed.entry(*key).or_insert_with(listed);
            }
        }
        Ok(())
    }
}
