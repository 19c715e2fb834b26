//! Repairs of the units of a document that stay.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use super::Examined;
use crate::cut::Edits;
use crate::format::{Chunk, Value};
use crate::repair::Repairer;
use crate::report::account::Account;
use crate::source::Body;
use crate::unit::Unit;

/// What is changed in units, and how many of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repairs {
    /// The changes, in order.
    pub edits: Edits,
    /// The number of units in which something is changed.
    pub repaired: u64,
    /// The number of those whose quotation marks are left, because they do not pair.
    pub unpaired: u64,
    /// The number of those that are left although there is something to change, because it would make another text of them, or
    /// could not be written where they stand.
    pub refused: u64,
}

/// What would be changed in units, before it is known which of them stay.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mended {
    edits: Edits,
    /// The units with something to tell, in order.
    units: Vec<OfUnit>,
}

#[derive(Clone, Copy, Debug)]
struct OfUnit {
    unit: usize,
    /// How many of the changes are in it.
    edits: usize,
    unpaired: bool,
    refused: bool,
}

impl Mended {
    /// Of units, without their terminators, in order. `text` gives the bytes of each, and `fits` says whether such changes
    /// can be written.
    pub(crate) fn of<'t>(
        repairer: &mut Repairer,
        units: impl IntoIterator<Item = Range<u64>>,
        text: impl Fn(Range<u64>) -> io::Result<Cow<'t, [u8]>>,
        fits: impl Fn(&[(Range<u64>, &str)]) -> bool,
    ) -> io::Result<Mended> {
        let mut mended = Mended::default();
        for (unit, range) in units.into_iter().enumerate() {
            let start = range.start;
            let bytes = text(range)?;
            let done = repairer.repair(&bytes);
            let (unpaired, mut refused) = (done.unpaired, done.refused);
            let place = |range: &Range<usize>| start + range.start as u64..start + range.end as u64;
            let before = mended.edits.len();
            mended.edits.extend(done.edits.iter().map(|edit| (place(&edit.range), edit.with)));
            if !fits(&mended.edits[before..]) {
                mended.edits.truncate(before);
                refused = true;
            }
            let edits = mended.edits.len() - before;
            if edits > 0 || unpaired || refused {
                mended.units.push(OfUnit { unit, edits, unpaired, refused });
            }
        }
        Ok(mended)
    }

    /// What of it is of units that stay, those that `goes` does not say go, by their numbers.
    pub(crate) fn of_kept(self, goes: impl Fn(usize) -> bool) -> Repairs {
        let Mended { edits, units } = self;
        let mut repairs = Repairs::default();
        let mut edits = edits.into_iter();
        for OfUnit { unit, edits: number, unpaired, refused } in units {
            let of_unit = edits.by_ref().take(number);
            if goes(unit) {
                of_unit.for_each(drop);
                continue;
            }
            repairs.edits.extend(of_unit);
            repairs.repaired += u64::from(number > 0);
            repairs.unpaired += u64::from(unpaired);
            repairs.refused += u64::from(refused);
        }
        repairs
    }

    /// What it takes in memory.
    pub(crate) fn held(&self) -> u64 {
        (size_of_val(&*self.edits) + size_of_val(&*self.units)) as u64
    }
}

impl Repairs {
    /// Of the units of a document that stay, those that `goes` does not say go, by their numbers. Of a record is said where it lies.
    ///
    /// # Errors
    /// A spooled document can't be read back.
    pub fn of_document(
        repairer: &mut Repairer,
        body: &Body,
        units: &[Unit],
        goes: impl Fn(usize) -> bool,
        record: Option<(&Chunk, &Value)>,
    ) -> io::Result<Repairs> {
        let kept = units.iter().enumerate().filter(|(at, _)| !goes(*at)).map(|(_, unit)| unit.range());
        let fits = |edits: &[(Range<u64>, &str)]| match record {
            None => true,
            Some((chunk, value)) => chunk.holds(value, body.held_bytes(), edits),
        };
        Ok(Mended::of(repairer, kept, |range| body.bytes(range), fits)?.of_kept(|_| false))
    }

    /// Adds how many there are to what is told of a file.
    pub fn count(&self, account: &mut Account) {
        account.repaired += self.repaired;
        account.unpaired += self.unpaired;
        account.unrepaired += self.refused;
    }
}

impl Examined {
    /// What is to be changed in the units that stay. Of a record is said where it lies.
    ///
    /// # Errors
    /// A spooled document can't be read back.
    pub fn repairs(
        &self,
        body: &Body,
        repairer: &mut Repairer,
        record: Option<(&Chunk, &Value)>,
    ) -> io::Result<Repairs> {
        Repairs::of_document(repairer, body, &self.units, |at| self.plan.is_copy(at), record)
    }
}
