//! What of a corpus is read and waits to be decided about.

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroU64;
use std::ops::Range;

use hashbrown::HashMap;

use super::aside::{Aside, At, Content};
use super::dropping::Repeating;
use super::gone::Why;
use super::most::Most;
use super::repeats::{Place, Repeated, Repeats};
use super::stream::{Boilerplate, Finished, StreamError, Totals};
use crate::index::{IndexError, KnownDocument};
use crate::key::Key;
use crate::near::Nearness;
use crate::plan::{Decision, StreamItem};
use crate::report::account::Account;
use crate::source::{Spooling, Tally};
use crate::unit::{Terminator, Unit};

/// The pieces that are not written yet, and what is said of them.
pub(super) struct Pending<'a, E> {
    pub(super) waiting: Waiting,
    /// Which of them has the first unit that is not decided.
    undecided: usize,
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
    /// Why what waits can't be read back, or it can't be told where copies are.
    failed: Option<StreamError>,
}

/// Pieces that are not written yet.
#[derive(Default)]
pub(super) struct Waiting {
    held: VecDeque<Held>,
    /// What they take in memory.
    bytes: u64,
    /// Those that are not in memory.
    aside: Aside,
}

/// A piece that is not written yet.
pub(super) struct Held {
    /// The number of the file.
    pub(super) file: usize,
    /// How many lines of the corpus there are before the document.
    pub(super) lines_before: u64,
    /// The text and its units, unless they are aside.
    pub(super) content: Content,
    aside: Option<At>,
    /// How many units there are.
    units: usize,
    /// How many of them are decided, and a bit of each that says whether it goes.
    decided: usize,
    goes: Vec<u64>,
    /// Of units that go, by their number among these: why.
    pub(super) whys: Vec<(usize, Reason)>,
    /// Of those that are nearly the same as others, in order: how near.
    pub(super) near: Vec<(usize, Nearness)>,
    pub(super) begins: bool,
    /// Of the last piece of a document: what was no UTF-8 in it.
    pub(super) ends: Option<Tally>,
}

impl Held {
    /// A piece of a file, of which nothing is decided.
    pub(super) fn new(file: usize, lines_before: u64, content: Content, begins: bool, ends: Option<Tally>) -> Held {
        let units = content.units.len();
        let (goes, whys, near) = (vec![0; units.div_ceil(64)], Vec::new(), Vec::new());
        Held { file, lines_before, content, aside: None, units, decided: 0, goes, whys, near, begins, ends }
    }

    /// Whether a unit goes that was decided about.
    pub(super) fn goes(&self, unit: usize) -> bool {
        self.goes[unit / 64] >> (unit % 64) & 1 == 1
    }

    /// Reads back what is aside.
    fn come_back(&mut self, aside: &Aside) -> io::Result<()> {
        if let Some(at) = self.aside
            && self.content.bytes.is_empty()
        {
            self.content = aside.get(at)?;
        }
        Ok(())
    }

    /// What is aside is there still.
    fn leave(&mut self) {
        if self.aside.is_some() {
            self.content = Content::default();
        }
    }
}

/// A unit with its terminator, as a range of its piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) range: Range<u64>,
    /// Its first line, numbered through the corpus.
    pub(super) line: u64,
    pub(super) lines: u32,
    pub(super) terminator: Terminator,
    /// Whether it goes wherever it stands: if so, in how many documents it does.
    pub(super) boilerplate: Option<NonZeroU64>,
    pub(super) protected: bool,
    pub(super) words: u32,
    pub(super) key: Key,
}

impl Placed {
    /// Where it stands, without its terminator.
    pub(super) fn without_terminator(&self) -> Range<u64> {
        Unit::at(self.range.clone(), self.terminator, self.line, self.lines).range()
    }

    fn item(&self) -> StreamItem {
        StreamItem { key: self.key, words: self.words, protected: self.protected, place: self.line }
    }
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
    near: u64,
    blocks: u64,
    boilerplate: u64,
    with_documents: u64,
}

impl SoFar {
    /// Puts down what was removed since `before`.
    pub(super) fn since(self, before: SoFar, account: &mut Account) {
        account.copies = self.copies - before.copies;
        account.near = self.near - before.near;
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
            waiting: Waiting::default(),
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

    /// Whether all that was decided so far could be taken.
    pub(super) fn check(&mut self) -> Result<(), StreamError> {
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
        let Waiting { held: waiting, aside, .. } = &mut self.waiting;
        while let Some(held) = waiting.get_mut(self.undecided) {
            let at = held.decided;
            if at == held.units {
                held.leave();
                self.undecided += 1;
                continue;
            }
            if let Err(error) = held.come_back(aside) {
                self.failed = Some(StreamError::Aside(error));
                return;
            }
            held.decided += 1;
            let Placed { line, lines, key, boilerplate, .. } = held.content.units[at];
            let fate = if self.repeating.is_some() { Fate::Document } else { Fate::of(decision, boilerplate) };
            held.goes[at / 64] |= u64::from(fate.goes()) << (at % 64);
            let near = nearness_of(&held.near, at).cloned();
            let ended = self.take(line, lines, key, fate, near.is_some());
            self.say_of(ended);
            let reason = self.reason(lines, fate, near);
            if let (Some(reason), Some(held)) = (reason, self.waiting.held.get_mut(self.undecided)) {
                held.whys.push((at, reason));
            }
            return;
        }
    }

    /// Takes what becomes of the next unit. Returns the stretch of copies that has come to its end by that.
    fn take(&mut self, line: u64, lines: u32, key: Key, fate: Fate, is_near: bool) -> Option<Repeated> {
        match fate {
            Fate::Decided(Decision::Kept) => self.end(),
            Fate::Decided(Decision::Copy { original, run }) => {
                self.totals.removed += 1;
                self.most.add(key, original.unwrap_or(run.1));
                let ended = self.repeats.add(line, lines, original, run);
                self.totals.near += u64::from(is_near);
                if is_near {
                    self.repeats.nearly();
                }
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
    fn reason(&mut self, lines: u32, fate: Fate, near: Option<Nearness>) -> Option<Reason> {
        // What goes everywhere is a block by itself, and so is a document.
        let block = self.blocks + self.of_record.len() as u64 + self.boilerplate + self.totals.repeating;
        let (block, why) = match fate {
            _ if !self.tells => return None,
            Fate::Decided(Decision::Kept) => return None,
            Fate::Decided(Decision::Copy { original, run }) => {
                let found = self.repeats.original_of(lines, original, run);
                let (document, original) = self.or_failed(found)?;
                (block + 1, Why::Copy { document, original, folds: None, near })
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
            near: self.totals.near,
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
            self.failed = Some(StreamError::Index(error));
            None
        })
    }

    pub(super) fn end_repeat(&mut self) {
        let ended = self.end();
        self.say_of(ended);
    }

    /// Takes what becomes of a unit of a record: what was found is said later, when it is known what the record is called.
    /// Returns whether it goes, and why if that is to be told.
    pub(super) fn decide_of_record(
        &mut self,
        line: u64,
        lines: u32,
        key: Key,
        fate: Fate,
        near: Option<&Nearness>,
    ) -> (bool, Option<Reason>) {
        let ended = self.take(line, lines, key, fate, near.is_some());
        self.of_record.extend(ended);
        (fate.goes(), self.reason(lines, fate, near.cloned()))
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
    pub(super) fn next_decided(&mut self) -> io::Result<Option<Held>> {
        let waiting = &mut self.waiting;
        if waiting.held.front().is_none_or(|held| held.decided < held.units) {
            return Ok(None);
        }
        let Some(mut held) = waiting.held.pop_front() else { return Ok(None) };
        self.undecided = self.undecided.saturating_sub(1);
        match held.aside {
            Some(_) => held.come_back(&waiting.aside)?,
            None => waiting.bytes -= held.content.held(),
        }
        if waiting.held.is_empty() {
            waiting.aside.clear()?;
        }
        Ok(Some(held))
    }
}

/// How near a unit is to its original, if it is nearly the same as that.
pub(super) fn nearness_of(near: &[(usize, Nearness)], unit: usize) -> Option<&Nearness> {
    let at = near.binary_search_by_key(&unit, |(at, _)| *at).ok()?;
    Some(&near[at].1)
}

impl Waiting {
    /// A piece was read.
    pub(super) fn push(&mut self, held: Held) {
        self.bytes += held.content.held();
        self.held.push_back(held);
    }

    /// Whether the document that waits was read to its end.
    pub(super) fn is_whole(&self) -> bool {
        self.held.back().is_some_and(|held| held.ends.is_some())
    }

    /// The units of a piece, by its number among those that wait.
    pub(super) fn items(&mut self, piece: usize) -> Result<Option<Vec<StreamItem>>, StreamError> {
        let Some(held) = self.held.get_mut(piece) else { return Ok(None) };
        held.come_back(&self.aside).map_err(StreamError::Aside)?;
        let items = held.content.units.iter().map(Placed::item).collect();
        held.leave();
        Ok(Some(items))
    }

    /// Whether any unit waits.
    pub(super) fn has_units(&self) -> bool {
        self.held.iter().any(|held| held.units > 0)
    }

    /// Puts pieces into a temporary file if they take more memory than they may. The last one is what comes next.
    pub(super) fn put_aside(&mut self, spooling: &Spooling) -> io::Result<()> {
        let waiting = self.held.len().saturating_sub(1);
        if self.bytes <= spooling.hold {
            return Ok(());
        }
        // What is aside already comes first.
        let first = self.held.partition_point(|held| held.aside.is_some()).min(waiting);
        for held in self.held.range_mut(first..waiting) {
            held.aside = Some(self.aside.put(&held.content, spooling)?);
            self.bytes -= held.content.held();
            held.leave();
        }
        Ok(())
    }
}
