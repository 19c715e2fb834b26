//! What of a corpus is read and waits to be decided about.

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroU64;
use std::ops::Range;

use hashbrown::HashMap;

use super::dropping::Repeating;
use super::gone::Why;
use super::most::Most;
use super::repeats::{Place, Repeated, Repeats};
use super::stream::{Boilerplate, Finished, Totals};
use crate::index::{IndexError, KnownDocument};
use crate::key::Key;
use crate::plan::Decision;
use crate::report::account::Account;
use crate::source::{Body, BodyWriter, Spooling, Tally};
use crate::unit::Terminator;

/// The pieces that are not written yet, and what is said of them.
pub(super) struct Pending<'a, E> {
    pub(super) held: VecDeque<Held>,
    /// How many of their bytes are in memory.
    pub(super) bytes: u64,
    /// Which of them has the first unit that is not decided.
    pub(super) undecided: usize,
    pub(super) finished: &'a mut (dyn FnMut(Finished<E>) + Send),
    pub(super) repeats: Repeats,
    /// What was found in the current record.
    of_record: Vec<Repeated>,
    pub(super) totals: Totals,
    /// How many stretches were left out.
    pub(super) blocks: u64,
    /// How many units were left out as boilerplate, and of each that there is how often.
    pub(super) boilerplate: u64,
    pub(super) listed: HashMap<Key, Boilerplate>,
    /// Which unit is left out most.
    pub(super) most: Most<u64>,
    /// Of a document that goes as a whole: why.
    repeating: Option<Repeating>,
    /// Whether it is told of each unit why it goes.
    pub(super) tells: bool,
    /// Why it can't be told where copies are.
    failed: Option<IndexError>,
}

/// A piece that is not written yet.
pub(super) struct Held {
    /// The number of the file.
    pub(super) file: usize,
    /// How many lines of the corpus there are before the document.
    pub(super) lines_before: u64,
    pub(super) bytes: Body,
    pub(super) units: Vec<Placed>,
    /// The keys and words of the units, in order.
    pub(super) hashes: Vec<(Key, u32)>,
    /// Of units that go, by their number among these: why.
    pub(super) whys: Vec<(usize, Reason)>,
    /// How many of the units are decided.
    pub(super) decided: usize,
    pub(super) begins: bool,
    /// Of the last piece of a document: what was no UTF-8 in it.
    pub(super) ends: Option<Tally>,
}

/// A unit with its terminator, as a range of its piece.
pub(super) struct Placed {
    pub(super) range: Range<u64>,
    /// Its first line, numbered through the corpus.
    pub(super) line: u64,
    pub(super) lines: u32,
    pub(super) terminator: Terminator,
    /// Whether it goes wherever it stands: if so, in how many documents it does.
    pub(super) boilerplate: Option<NonZeroU64>,
    pub(super) goes: bool,
}

/// What becomes of a unit.
#[derive(Clone, Copy)]
pub(super) enum Fate {
    Decided(Decision),
    /// It stands in so many documents that it goes everywhere.
    Boilerplate(NonZeroU64),
    /// It goes with its document.
    Document,
}

impl Fate {
    pub(super) fn of(decision: Decision, boilerplate: Option<NonZeroU64>) -> Fate {
        boilerplate.map_or(Fate::Decided(decision), Fate::Boilerplate)
    }

    fn goes(self) -> bool {
        !matches!(self, Fate::Decided(Decision::Kept))
    }
}

/// How much a run has removed so far.
#[derive(Clone, Copy, Default)]
pub(super) struct SoFar {
    copies: u64,
    blocks: u64,
    boilerplate: u64,
    with_documents: u64,
}

impl SoFar {
    /// Puts down what was removed since `before`.
    pub(super) fn since(self, before: SoFar, account: &mut Account) {
        account.copies = self.copies - before.copies;
        account.blocks = self.blocks - before.blocks;
        account.boilerplate = self.boilerplate - before.boilerplate;
        account.with_documents = self.with_documents - before.with_documents;
    }
}

/// Why a unit goes, and in which block.
pub(super) struct Reason {
    pub(super) block: u64,
    pub(super) why: Why,
}

impl<'a, E> Pending<'a, E> {
    /// Nothing is pending. It is told of each unit why it goes if `tells` says so.
    pub(super) fn new(
        repeats: Repeats,
        finished: &'a mut (dyn FnMut(Finished<E>) + Send),
        tells: bool,
    ) -> Pending<'a, E> {
        let totals = Totals::default();
        Pending {
            held: VecDeque::new(),
            bytes: 0,
            undecided: 0,
            finished,
            repeats,
            of_record: Vec::new(),
            totals,
            blocks: 0,
            boilerplate: 0,
            listed: HashMap::new(),
            most: Most::default(),
            repeating: None,
            tells,
            failed: None,
        }
    }

    /// Whether it could be told of all copies so far where they are.
    pub(super) fn check(&mut self) -> Result<(), IndexError> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// The current document goes as a whole, or does not.
    pub(super) fn begin_document(&mut self, repeating: Option<Repeating>) {
        self.totals.repeating += u64::from(repeating.is_some());
        self.repeating = repeating;
    }

    /// Whether the current document goes as a whole.
    pub(super) fn is_dropping(&self) -> bool {
        self.repeating.is_some()
    }

    /// The document has come to its end. Tells of one that goes as a whole, which is called by itself as `id` says. Returns whether
    /// it does.
    pub(super) fn end_document(&mut self, document: Place, id: Option<&str>) -> bool {
        let Some(repeating) = self.repeating.take() else { return false };
        (self.finished)(Finished::Dropped { document, id: id.map(str::to_owned), repeating });
        true
    }

    /// Takes the decision about the first unit that there is none about.
    pub(super) fn decide(&mut self, decision: Decision) {
        while let Some(held) = self.held.get_mut(self.undecided) {
            let at = held.decided;
            let Some(unit) = held.units.get_mut(at) else {
                self.undecided += 1;
                continue;
            };
            held.decided += 1;
            let fate = if self.repeating.is_some() { Fate::Document } else { Fate::of(decision, unit.boilerplate) };
            unit.goes = fate.goes();
            let (line, lines, key) = (unit.line, unit.lines, held.hashes[at].0);
            let ended = self.take(line, lines, key, fate);
            self.say_of(ended);
            if let (Some(reason), Some(held)) = (self.reason(lines, fate), self.held.get_mut(self.undecided)) {
                held.whys.push((at, reason));
            }
            return;
        }
    }

    /// Takes what becomes of the next unit. Returns the stretch of copies that has come to its end by that.
    fn take(&mut self, line: u64, lines: u32, key: Key, fate: Fate) -> Option<Repeated> {
        match fate {
            Fate::Decided(Decision::Kept) => self.end(),
            Fate::Decided(Decision::Copy { original, run }) => {
                self.totals.removed += 1;
                self.most.add(key, original.unwrap_or(run.1));
                let ended = self.repeats.add(line, lines, original, run);
                self.or_failed(ended)
            }
            Fate::Boilerplate(_) => {
                self.boilerplate += 1;
                if let Some(listed) = self.listed.get_mut(&key) {
                    listed.removed += 1;
                }
                self.end()
            }
            Fate::Document => {
                self.totals.with_documents += 1;
                self.end()
            }
        }
    }

    /// Why the unit goes of which this becomes, if it goes and that is to be told.
    fn reason(&mut self, lines: u32, fate: Fate) -> Option<Reason> {
        // What goes everywhere is a block by itself, and so is a document.
        let block = self.blocks + self.of_record.len() as u64 + self.boilerplate + self.totals.repeating;
        let (block, why) = match fate {
            _ if !self.tells => return None,
            Fate::Decided(Decision::Kept) => return None,
            Fate::Decided(Decision::Copy { original, run }) => {
                let found = self.repeats.original_of(lines, original, run);
                let (document, original) = self.or_failed(found)?;
                (block + 1, Why::Copy { document, original, folds: None })
            }
            Fate::Boilerplate(documents) => (block, Why::Boilerplate { documents: documents.get() }),
            Fate::Document => (block, Why::Document(self.repeating.clone()?)),
        };
        Some(Reason { block, why })
    }

    /// How much was removed so far.
    pub(super) fn removed(&self) -> SoFar {
        SoFar {
            copies: self.totals.removed,
            blocks: self.blocks,
            boilerplate: self.boilerplate,
            with_documents: self.totals.with_documents,
        }
    }

    fn end(&mut self) -> Option<Repeated> {
        let ended = self.repeats.end();
        self.or_failed(ended)
    }

    fn or_failed<T>(&mut self, found: Result<Option<T>, IndexError>) -> Option<T> {
        found.unwrap_or_else(|error| {
            self.failed = Some(error);
            None
        })
    }

    pub(super) fn end_repeat(&mut self) {
        let ended = self.end();
        self.say_of(ended);
    }

    /// Takes what becomes of a unit of a record: what was found is said later, when it is known what the record is called.
    /// Returns whether it goes, and why if that is to be told.
    pub(super) fn decide_of_record(&mut self, line: u64, lines: u32, key: Key, fate: Fate) -> (bool, Option<Reason>) {
        let ended = self.take(line, lines, key, fate);
        self.of_record.extend(ended);
        (fate.goes(), self.reason(lines, fate))
    }

    pub(super) fn end_repeat_of_record(&mut self) {
        let ended = self.end();
        self.of_record.extend(ended);
    }

    /// Says what was noted of a record, which is called by itself as `id` says.
    pub(super) fn say_of_record(&mut self, id: Option<&str>) {
        for repeated in std::mem::take(&mut self.of_record) {
            self.say_of(Some(Repeated { id: id.map(str::to_owned), ..repeated }));
        }
    }

    /// Tells what later runs are to know of a document.
    pub(super) fn tell(&mut self, known: Option<KnownDocument>) {
        if let Some(document) = known {
            (self.finished)(Finished::Known(document));
        }
    }

    /// Whether something was noted of a record.
    pub(super) fn has_of_record(&self) -> bool {
        !self.of_record.is_empty()
    }

    fn say_of(&mut self, ended: Option<Repeated>) {
        if let Some(repeated) = ended {
            self.blocks += 1;
            (self.finished)(Finished::Repeated(repeated));
        }
    }

    /// The next piece if all of it is decided.
    pub(super) fn next_decided(&mut self) -> Option<Held> {
        let is_decided = self.held.front().is_some_and(|held| held.decided == held.units.len());
        let held = if is_decided { self.held.pop_front() } else { None }?;
        self.undecided = self.undecided.saturating_sub(1);
        if held.bytes.is_held() {
            self.bytes -= held.bytes.len();
        }
        Some(held)
    }

    /// Makes one piece of those in memory, with its text in a temporary file. They are all of one document: where one
    /// ends, nothing waits.
    pub(super) fn put_aside(&mut self, spooling: &Spooling) -> io::Result<()> {
        let nothing = Spooling { hold: 0, ..spooling.clone() };
        let mut text = BodyWriter::new(&nothing);
        let (mut units, mut hashes, mut whys) = (Vec::new(), Vec::new(), Vec::new());
        let (mut file, mut lines_before, mut decided, mut len, mut begins) = (0, 0, 0, 0, false);
        let first = self.held.iter().position(|held| held.bytes.is_held()).unwrap_or(self.held.len());
        for held in self.held.drain(first..) {
            held.bytes.write(0..held.bytes.len(), &mut text)?;
            whys.extend(held.whys.into_iter().map(|(at, reason)| (units.len() + at, reason)));
            hashes.extend(held.hashes);
            units.extend(
                held.units
                    .into_iter()
                    .map(|unit| Placed { range: unit.range.start + len..unit.range.end + len, ..unit }),
            );
            decided += held.decided;
            begins |= held.begins;
            (file, lines_before) = (held.file, held.lines_before);
            len += held.bytes.len();
        }
        self.held.push_back(Held {
            file,
            lines_before,
            bytes: text.finish()?,
            units,
            hashes,
            whys,
            decided,
            begins,
            ends: None,
        });
        (self.bytes, self.undecided) = (0, 0);
        Ok(())
    }
}
