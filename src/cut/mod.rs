//! What goes with the copies: which stretches of a document are left out when it is written.
//!
//! A removed unit takes its terminator. Of the gaps before and after removed units one stays, so that what was set apart
//! by blank lines stays apart: the blank lines after go only if a blank line or the document's start comes before; at
//! the document's end the blank lines before go.

mod file;
mod insertions;
mod portions;
mod stream;

use std::io;
use std::ops::Range;

use crate::source::Body;
use crate::unit::{Unit, byte_order_mark, terminator};

pub use file::FileCuts;
pub use insertions::Insertions;
pub use portions::{Portions, portions};
pub use stream::Remains;

/// The stretches to leave out, in order, none empty and no two touching. `is_copy` says of each unit, by its number,
/// whether it goes.
///
/// # Errors
/// The document can't be read.
pub fn stretches(body: &Body, units: &[Unit], is_copy: impl Fn(usize) -> bool) -> io::Result<Vec<Range<u64>>> {
    let mut cuts = Cuts { stretches: Vec::new() };
    let start = byte_order_mark(&body.bytes(0..8)?) as u64;
    let mut set_apart = true;
    let mut kept_end = start;
    for (at, unit) in units.iter().enumerate() {
        let Range { start, end } = unit.with_terminator();
        let gap = end..units.get(at + 1).map_or(body.len(), |next| next.range().start);
        if is_copy(at) {
            cuts.add(start..end);
            if set_apart {
                cuts.add(gap.clone());
            }
        } else {
            set_apart = false;
            kept_end = end;
        }
        set_apart |= !gap.is_empty();
    }
    if let Some(last) = units.last()
        && is_copy(units.len() - 1)
    {
        // Of the gaps around what goes at the end, the one that ended the document ends it still.
        cuts.stretches.retain(|cut| cut.end <= kept_end);
        cuts.add(kept_end..last.with_terminator().end);
    }
    apart(body, cuts.stretches)
}

/// As [`stretches`], of a text that is a value and no file: one that ended without a line end does so still, so what goes
/// at its end takes the line end before it along.
///
/// # Errors
/// The document can't be read.
pub fn stretches_of_value(body: &Body, units: &[Unit], is_copy: impl Fn(usize) -> bool) -> io::Result<Vec<Range<u64>>> {
    let mut cuts = stretches(body, units, &is_copy)?;
    let ends_in_copy = units.last().is_some_and(|last| is_copy(units.len() - 1) && last.range().end == body.len());
    let kept = (0..units.len()).rev().find(|&at| !is_copy(at)).map(|at| &units[at]);
    if let (true, Some(kept), Some(cut)) = (ends_in_copy, kept, cuts.last_mut())
        && cut.start == kept.with_terminator().end
    {
        cut.start = kept.range().end;
    }
    Ok(cuts)
}

/// How many bytes go.
#[must_use]
pub fn len(cuts: &[Range<u64>]) -> u64 {
    cuts.iter().map(|cut| cut.end - cut.start).sum()
}

/// How many units are not in what goes.
#[must_use]
pub fn kept(units: &[Unit], cuts: &[Range<u64>]) -> u64 {
    let mut cuts = cuts.iter().peekable();
    let stays = |unit: &&Unit| {
        let Range { start, end } = unit.range();
        while cuts.next_if(|cut| cut.end <= start).is_some() {}
        cuts.peek().is_none_or(|cut| cut.start >= end)
    };
    units.iter().filter(stays).count() as u64
}

struct Cuts {
    stretches: Vec<Range<u64>>,
}

impl Cuts {
    fn add(&mut self, cut: Range<u64>) {
        match self.stretches.last_mut() {
            _ if cut.is_empty() => {}
            Some(last) if last.end == cut.start => last.end = cut.end,
            _ => self.stretches.push(cut),
        }
    }
}

/// Keeps a lone CR before a cut and a LF after it from becoming one line end: of what goes, a line end stays.
fn apart(body: &Body, mut stretches: Vec<Range<u64>>) -> io::Result<Vec<Range<u64>>> {
    for cut in &mut stretches {
        let before = body.bytes(cut.start.saturating_sub(1)..cut.start)?;
        if *before == *b"\r" && *body.bytes(cut.end..cut.end + 1)? == *b"\n" {
            // A LF is enough, which goes with the CR.
            let tail = body.bytes(cut.start.max(cut.end.saturating_sub(3))..cut.end)?;
            cut.end -= if tail.ends_with(b"\n") { 1 } else { terminator(&tail) as u64 };
        }
    }
    Ok(stretches)
}
