//! Which part of what goes goes with which copy, so that copies can be put back one by one.

use std::cmp::Ordering;
use std::ops::Range;

use crate::unit::{Parts, Unit};

/// What goes with the copies of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Portions {
    /// What goes with each copy, in order: none where no cut is near it, and else first the one that has the copy in it.
    pub ranges: Vec<Vec<Range<u64>>>,
    /// Whether a copy can only be put back together with the one before it.
    pub bound: Vec<bool>,
}

impl Portions {
    /// For each copy a number, from `first` on, that those have which can only be put back together; none where that is one alone.
    #[must_use]
    pub fn together(&self, first: u64) -> Vec<Option<u64>> {
        let mut number = first;
        let mut groups = vec![None; self.bound.len()];
        for at in 1..groups.len() {
            if self.bound[at] {
                let group = *groups[at - 1].get_or_insert(number);
                (groups[at], number) = (Some(group), group + 1);
            }
        }
        groups
    }
}

/// Splits what goes, `cuts` in order, among the copies.
///
/// Put together, the portions are the cuts; each range lies within one of them. The split falls where lines end, so that
/// what is left with any of the portions put back has the units that were kept, and those of the copies chosen, in order.
/// Of paragraphs that is so of any in which those that are bound come with the one before: of the gap before what goes only the first
/// has a part, and a form feed or U+2029 sets apart only those that stand beside it. A sentence of which only the gap before it is a
/// part is bound where one before it was kept apart from the next by more than that gap.
#[must_use]
pub fn portions(units: &[Unit], is_copy: impl Fn(usize) -> bool, cuts: &[Range<u64>]) -> Portions {
    let Portions { ranges: mut portions, mut bound } = Portions::default();
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
        bound.resize(portions.len(), false);
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
        let mut binding = Binding::behind(before.filter(|before| before.with_terminator().end >= cut.start));
        let mut start = cut.start;
        while let Some(copy) = copies.next() {
            let end = match copies.peek() {
                Some(&later) => split.between(&units[copy], &units[later]).clamp(start, cut.end),
                None => cut.end,
            };
            bound.push(binding.next(start, &units[copy]));
            let mut ranges = std::mem::take(&mut leading);
            ranges.push(start..end);
            portions.push(ranges);
            start = end;
        }
    }
    portions.resize(portions.len() + (next..units.len()).filter(|&at| is_copy(at)).count(), Vec::new());
    bound.resize(portions.len(), false);
    Portions { ranges: portions, bound }
}

/// Tells which portions of a cut need the one before them.
struct Binding {
    /// What ends the portion before, and whether there is one.
    before: Option<Parts>,
    is_first: bool,
    /// Whether one of the portions before begins with a gap.
    gapped: bool,
    /// Whether a line feed that the next portion begins with could come behind a lone CR, if the one before it is not put back.
    behind_cr: bool,
    /// Of sentences: the line that the last one stands on, and by how many lines at most one of them was apart from the next.
    line: Option<u64>,
    apart: u64,
}

impl Binding {
    /// Of a cut that begins behind a unit.
    fn behind(before: Option<&Unit>) -> Binding {
        let line = before.map(Unit::last_line);
        let before = before.map(|before| before.terminator().parts);
        Binding { before, is_first: true, gapped: false, behind_cr: false, line, apart: 0 }
    }

    /// Whether the next portion, which begins at this place and has this copy, needs the one before.
    fn next(&mut self, start: u64, copy: &Unit) -> bool {
        let begins_with_gap = start < copy.range().start;
        let is_bound = if copy.terminator().parts == Parts::None {
            let apart = self.line.replace(copy.last_line()).map_or(0, |line| copy.first_line() - line);
            let is_less = apart < self.apart;
            self.apart = self.apart.max(apart);
            begins_with_gap && is_less
        } else if begins_with_gap {
            self.behind_cr
        } else {
            self.gapped && self.before == Some(Parts::Separator { of_paragraphs: true })
        };
        let is_bound = !std::mem::take(&mut self.is_first) && is_bound;
        self.gapped |= begins_with_gap;
        self.behind_cr |= self.before == Some(Parts::Cr);
        self.before = Some(copy.terminator().parts);
        is_bound
    }
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
            // What ends the document, or a text in it, has its gaps before it, as what is left there ends without one.
            _ if after.is_none() || cut.start < first.range().start && ends_before(cut, after) => Split::Terminator,
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
