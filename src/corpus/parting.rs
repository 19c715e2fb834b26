//! What goes of a document that is read once is parted among the units that go.

use std::ops::Range;

use super::gone::Gone;
use super::pending::{Held, Reason};
use crate::cut;
use crate::format::Portion;
use crate::unit::Unit;

/// Parts what goes of a document of text among the units that go.
#[derive(Default)]
pub(super) struct Parting {
    /// How many bytes there are in the pieces before.
    bytes: u64,
    /// The units that go and that nothing goes with yet, with the first one that stays behind each of them; and of each
    /// that goes what is known.
    units: Vec<(Unit, Option<Gone>)>,
    /// How many groups there were of units that can only be put back together.
    groups: u64,
}

impl Parting {
    /// Takes the units of a piece, before which so many were in the document.
    pub(super) fn take(&mut self, held: &Held, before: u64) {
        let mut whys = held.whys.iter().peekable();
        let is_open = |units: &[(Unit, Option<Gone>)]| units.last().is_some_and(|(_, gone)| gone.is_some());
        if whys.peek().is_some() || is_open(&self.units) {
            for (at, placed) in held.content.units.iter().enumerate() {
                let why = whys.next_if(|(unit, _)| *unit == at).map(|(_, reason)| reason);
                if why.is_none() && !is_open(&self.units) {
                    continue;
                }
                let range = placed.range.start + self.bytes..placed.range.end + self.bytes;
                let line = placed.line - held.lines_before;
                let unit = Unit::at(range, placed.terminator, line, placed.lines);
                let gone = why.map(|Reason { block, why }| {
                    let why = (*block, why.clone());
                    Gone::new(&unit, before + at as u64, (placed.key, placed.words), why, Portion::default())
                });
                self.units.push((unit, gone));
            }
        }
        self.bytes += held.content.bytes.len() as u64;
    }

    /// The units that go with these stretches.
    pub(super) fn gone(&mut self, stretches: &[Range<u64>]) -> Vec<Gone> {
        let end = stretches.last().map_or(0, |last| last.end);
        let done = self.units.partition_point(|(unit, _)| unit.range().start < end);
        // With the next unit, by which it is known that the document goes on.
        let known = (done + 1).min(self.units.len());
        let units: Vec<Unit> = self.units[..known].iter().map(|(unit, _)| unit.clone()).collect();
        let is_gone = |at: usize| at < done && self.units[at].1.is_some();
        let mut portions = Portion::of_texts(cut::portions(&units, is_gone, stretches), self.groups);
        let gone = self.units.drain(..done).filter_map(|(_, gone)| gone);
        let gone: Vec<Gone> = gone
            .map(|gone| {
                let Portion { gone: stretches, together } = portions.next().unwrap_or_default();
                Gone { stretches, together, ..gone }
            })
            .collect();
        self.groups = gone.iter().filter_map(|gone| gone.together).max().map_or(self.groups, |last| last + 1);
        gone
    }
}
