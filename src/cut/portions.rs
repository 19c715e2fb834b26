//! Which part of what goes goes with which copy, so that copies can be put back one by one.

use std::cmp::Ordering;
use std::ops::Range;

use crate::unit::Unit;

/// Splits what goes, `cuts` in order, among the copies: for each copy, in order, the ranges that go with it, which are none
/// where no cut is near it, and else begin with the one that has the copy in it.
///
/// Put together, the portions are the cuts; each range lies within one of them. The split falls where lines end, so that
/// what is left with any of the portions put back has the units that were kept, and those of the copies chosen, in order.
/// Where paragraphs are units, that holds as long as they are set apart by blank lines and no line ends at a lone CR: of the
/// gap before what goes only the first portion has a part, so that without it a paragraph that was set apart by a form
/// feed or U+2029 from another copy joins the one before, and so does one behind a CR whose portion begins with a LF.
#[must_use]
pub fn portions(units: &[Unit], is_copy: impl Fn(usize) -> bool, cuts: &[Range<u64>]) -> Vec<Vec<Range<u64>>> {
    let mut portions: Vec<Vec<Range<u64>>> = Vec::new();
    // Cuts that have no copy in them and none before them.
    let mut leading = Vec::new();
    let mut next = 0;
    for cut in cuts {
        while units.get(next).is_some_and(|unit| unit.range().end <= cut.start) {
            if is_copy(next) {
                portions.push(Vec::new());
            }
            next += 1;
        }
        let before = next.checked_sub(1).map(|before| &units[before]);
        let first = next;
        while units.get(next).is_some_and(|unit| unit.range().start < cut.end) {
            next += 1;
        }
        let mut copies = (first..next).filter(|&at| is_copy(at)).peekable();
        if copies.peek().is_none() {
            portions.last_mut().unwrap_or(&mut leading).push(cut.clone());
            continue;
        }
        let split = Split::of(cut, before, &units[first], units.get(next));
        let mut start = cut.start;
        while let Some(copy) = copies.next() {
            let end = match copies.peek() {
                Some(&later) => split.between(&units[copy], &units[later]).clamp(start, cut.end),
                None => cut.end,
            };
            let mut ranges = std::mem::take(&mut leading);
            ranges.push(start..end);
            portions.push(ranges);
            start = end;
        }
    }
    portions.resize(portions.len() + (next..units.len()).filter(|&at| is_copy(at)).count(), Vec::new());
    portions
}

/// Whether something stands between a cut and the next unit, or there is none.
fn ends_before(cut: &Range<u64>, after: Option<&Unit>) -> bool {
    after.is_none_or(|after| cut.end < after.range().start)
}

/// Where a cut is split between two copies.
#[derive(Clone, Copy)]
enum Split {
    /// Where the later one starts: what stands between them goes with the earlier one.
    Start,
    /// Behind the terminator of the earlier one: what stands between them goes with the later one.
    Terminator,
    /// Where the earlier one ends, as the cut begins with the line end before it: those between them go with the later one.
    End,
}

impl Split {
    fn of(cut: &Range<u64>, before: Option<&Unit>, first: &Unit, after: Option<&Unit>) -> Split {
        match before.map(|before| cut.start.cmp(&before.with_terminator().end)) {
            Some(Ordering::Less) => Split::End,
            // Of a text that is a part of the document it begins with the end of a blank line, and goes to the text's end.
            Some(Ordering::Greater) if cut.start < first.range().start && ends_before(cut, after) => Split::End,
            // What ends the document has its gaps before it, as what is left there ends without one.
            _ if after.is_none() || cut.start < first.range().start => Split::Terminator,
            _ => Split::Start,
        }
    }

    fn between(self, copy: &Unit, later: &Unit) -> u64 {
        match self {
            Split::Start => later.range().start,
            Split::Terminator => copy.with_terminator().end,
            Split::End => copy.range().end,
        }
    }
}
