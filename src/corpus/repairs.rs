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

impl Repairs {
    /// Of units, without their terminators, in order. `text` gives the bytes of each, and `fits` says whether such changes
    /// can be written.
    ///
    /// # Errors
    /// What `text` returned.
    pub fn of<'t>(
        repairer: &mut Repairer,
        units: impl IntoIterator<Item = Range<u64>>,
        text: impl Fn(Range<u64>) -> io::Result<Cow<'t, [u8]>>,
        fits: impl Fn(&Edits) -> bool,
    ) -> io::Result<Repairs> {
        let mut repairs = Repairs::default();
        let mut edits = Edits::new();
        for unit in units {
            let start = unit.start;
            let bytes = text(unit)?;
            let done = repairer.repair(&bytes);
            repairs.unpaired += u64::from(done.unpaired);
            repairs.refused += u64::from(done.refused);
            if done.edits.is_empty() {
                continue;
            }
            let place = |range: &Range<usize>| start + range.start as u64..start + range.end as u64;
            edits.clear();
            edits.extend(done.edits.iter().map(|edit| (place(&edit.range), edit.with)));
            if fits(&edits) {
                repairs.repaired += 1;
                repairs.edits.append(&mut edits);
            } else {
                repairs.refused += 1;
            }
        }
        Ok(repairs)
    }

    /// Of the units of a document that stay, those that `goes` does not say go, by their numbers. Of a record is said where it lies.
    ///
    /// # Errors
    /// A spooled document can't be read back.
    pub fn of_document(
        repairer: &mut Repairer,
        body: &Body,
        units: &[crate::unit::Unit],
        goes: impl Fn(usize) -> bool,
        record: Option<(&Chunk, &Value)>,
    ) -> io::Result<Repairs> {
        let kept = units.iter().enumerate().filter(|(at, _)| !goes(*at)).map(|(_, unit)| unit.range());
        let fits = |edits: &Edits| match record {
            None => true,
            Some((chunk, value)) => chunk.holds(value, body.held_bytes(), edits),
        };
        Repairs::of(repairer, kept, |range| body.bytes(range), fits)
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
