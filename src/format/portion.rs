//! Which part of what goes of a record goes with which copy.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::record::{Chunk, Coding, Goes, Part, Parts, Value, long, written_in};
use crate::cut;
use crate::unit::Unit;

/// What goes of a record with one copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Portion {
    /// Where it is written, in order.
    pub gone: Vec<Stretch>,
    /// The copies of a record that have the same number here can only be put back together: what goes with one of them
    /// alone is no whole part of the record. Counted from 0.
    pub together: Option<u64>,
}

impl Portion {
    /// Of a text that is a file.
    #[must_use]
    pub fn of_text(ranges: Vec<Range<u64>>) -> Portion {
        let gone = ranges.into_iter().map(|range| Stretch { range, in_row: None }).collect();
        Portion { gone, together: None }
    }

    /// Of the copies of a text that is a file, each. Those that belong together are numbered from `first` on.
    pub(crate) fn of_texts(portions: cut::Portions, first: u64) -> impl Iterator<Item = Portion> {
        let together = portions.together(first).into_iter();
        portions
            .ranges
            .into_iter()
            .zip(together)
            .map(|(ranges, together)| Portion { together, ..Portion::of_text(ranges) })
    }
}

/// A stretch that goes of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Where it is written in the chunk.
    pub range: Range<u64>,
    /// Of a row of a table of columns: where it is to be put back in what is left of the row.
    pub in_row: Option<InRow>,
}

/// A place in the text of a row from which something went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InRow {
    /// In bytes through what is left of the text or, of a list, of the paragraph.
    pub at: u64,
    /// Of a list: how many paragraphs of what is left of it, nulls counted too, stand before that place.
    pub element: Option<u64>,
    /// Of a list: the number from 1 that the paragraph had in it, if it went as a whole. It has to be put back before the
    /// `element`, as a paragraph of its own that is made of all that went with this number.
    pub whole: Option<u64>,
}

/// A cut in the text of a record: in which of its parts, and whether that goes as a whole.
struct CutIn {
    part: usize,
    is_whole: bool,
}

impl Chunk {
    /// What goes of a record with each of its copies, in order. All in all that is what [`Value::written`] says goes.
    ///
    /// `value` is the text of the record, `text` the same text if it was taken out of the value, `units` are its units,
    /// `is_copy` says which of them go, and `stretches` is what goes of the text (see [`cut::stretches_of_value`]).
    #[must_use]
    pub fn portions(
        &self,
        value: &Value,
        text: &[u8],
        units: &[Unit],
        is_copy: impl Fn(usize) -> bool,
        stretches: &[Range<u64>],
    ) -> Vec<Portion> {
        let parts = match &value.parts {
            Parts::One(part) => std::slice::from_ref(part),
            Parts::Strings(parts) | Parts::Plain(parts, _) => parts,
        };
        let (cuts, within) = match &value.parts {
            Parts::One(_) => {
                (stretches.to_vec(), stretches.iter().map(|_| CutIn { part: 0, is_whole: false }).collect())
            }
            Parts::Strings(_) | Parts::Plain(..) => cuts_in(parts, text, stretches),
        };
        let mut portions = cut::portions(units, is_copy, &cuts);
        let of_copies = std::mem::take(&mut portions.ranges);
        // Each range is in one cut, and so in one part.
        let mut at = 0;
        let mut places = Vec::new();
        for range in of_copies.iter().flatten() {
            while cuts.get(at).is_some_and(|cut| cut.end <= range.start) {
                at += 1;
            }
            places.push((at, range.clone()));
        }
        let mut written = written(value.coding, &self.bytes, parts, &places, &within).into_iter();
        match &value.parts {
            Parts::Strings(_) => {
                let all_go = within.iter().filter(|cut| cut.is_whole).count() == parts.len();
                strings(parts, &within, &places, &mut written, (of_copies, portions), all_go)
            }
            Parts::One(_) | Parts::Plain(..) => {
                let numbers = match &value.parts {
                    Parts::Plain(_, numbers) => Some(&**numbers),
                    _ => None,
                };
                let mut row = self.is_of_rows().then_some(Row { parts, numbers, whole: 0, part: 0, gone: 0 });
                let mut places = places.iter();
                let mut next = || {
                    let (range, (cut, _)) = (written.next()?, places.next()?);
                    let in_row = row.as_mut().zip(within.get(*cut)).map(|(row, cut)| row.place(cut, &range));
                    Some(Stretch { range, in_row })
                };
                let portion = |(ranges, together): (&Vec<_>, _)| Portion {
                    gone: ranges.iter().filter_map(|_| next()).collect(),
                    together,
                };
                of_copies.iter().zip(portions.together(0)).map(portion).collect()
            }
        }
    }
}

/// What goes of each part of a text, as places in the text.
fn cuts_in(parts: &[Part], text: &[u8], stretches: &[Range<u64>]) -> (Vec<Range<u64>>, Vec<CutIn>) {
    let (mut cuts, mut within) = (Vec::new(), Vec::new());
    for (at, part) in parts.iter().enumerate() {
        let (here, is_whole) = match Goes::of(text, part, stretches) {
            Goes::Nothing => continue,
            Goes::Stretches(here) => (here, false),
            Goes::All => (vec![long(&part.text)], true),
        };
        for cut in here.into_iter().filter(|cut| !cut.is_empty()) {
            cuts.push(cut);
            within.push(CutIn { part: at, is_whole });
        }
    }
    (cuts, within)
}

/// Where the ranges of a text are written, each of them in the part that its cut is in.
fn written(
    coding: Coding,
    bytes: &[u8],
    parts: &[Part],
    places: &[(usize, Range<u64>)],
    within: &[CutIn],
) -> Vec<Range<u64>> {
    let part = |(cut, _): &(usize, Range<u64>)| within.get(*cut).map_or(0, |cut| cut.part);
    let mut found = Vec::with_capacity(places.len());
    // At once for a part, which is walked through from its start.
    for of_part in places.chunk_by(|one, other| part(one) == part(other)) {
        let Some(part) = of_part.first().and_then(|place| parts.get(part(place))) else { continue };
        let ranges: Vec<Range<u64>> = of_part.iter().map(|(_, range)| range.clone()).collect();
        found.extend(written_in(coding, bytes, part, &ranges));
    }
    found
}

/// The portions of the strings of a JSON array, which go with their quotation marks and a comma.
fn strings(
    parts: &[Part],
    within: &[CutIn],
    places: &[(usize, Range<u64>)],
    written: &mut impl Iterator<Item = Range<u64>>,
    (of_copies, mut bound): (Vec<Vec<Range<u64>>>, cut::Portions),
    all_go: bool,
) -> Vec<Portion> {
    let quoted = |part: &Part| part.written.start as u64 - 1..part.written.end as u64 + 1;
    let first_kept = first_kept(parts.len(), within);
    // The whole stretch of a string that goes: of the commas around it the one before, unless no string before it stays.
    let stretch = |at: usize| {
        let own = quoted(&parts[at]);
        if at > first_kept {
            quoted(&parts[at - 1]).end..own.end
        } else {
            own.start..parts.get(at + 1).map_or(own.end, |next| quoted(next).start)
        }
    };
    let mut places = places.iter().peekable();
    let mut portions: Vec<Portion> = Vec::with_capacity(of_copies.len());
    // The string that goes as a whole with the last copy that is in one.
    let mut last = None;
    for (copy, ranges) in of_copies.iter().enumerate() {
        let mut portion = Portion::default();
        for _ in ranges {
            let (Some(mut range), Some((cut, place))) = (written.next(), places.next()) else { break };
            if let Some(CutIn { part, is_whole: true }) = within.get(*cut) {
                let text = long(&parts[*part].text);
                let stretch = stretch(*part);
                if place.start == text.start {
                    range.start = stretch.start;
                }
                if place.end == text.end {
                    range.end = stretch.end;
                }
                if let Some((last, before)) = last.replace((*part, copy))
                    && (all_go || last == *part)
                {
                    (before + 1..=copy).for_each(|copy| bound.bound[copy] = true);
                }
            }
            portion.gone.push(Stretch { range, in_row: None });
        }
        portions.push(portion);
    }
    portions.iter_mut().zip(bound.together(0)).for_each(|(portion, together)| portion.together = together);
    portions
}

/// The number of the first part that does not go as a whole.
fn first_kept(parts: usize, within: &[CutIn]) -> usize {
    let mut gone = within.iter().filter(|cut| cut.is_whole).map(|cut| cut.part).peekable();
    (0..parts).find(|part| gone.next_if_eq(part).is_none()).unwrap_or(parts)
}

/// Goes through what goes of a row.
struct Row<'a> {
    parts: &'a [Part],
    /// Of a list: the numbers of its paragraphs.
    numbers: Option<&'a [u64]>,
    /// How many paragraphs went as a whole, before the part at hand.
    whole: u64,
    part: usize,
    /// How many bytes went of the part at hand.
    gone: u64,
}

impl Row<'_> {
    fn place(&mut self, cut: &CutIn, range: &Range<u64>) -> InRow {
        let start = self.parts.get(cut.part).map_or(0, |part| part.written.start as u64);
        if cut.part != self.part {
            (self.part, self.gone) = (cut.part, 0);
        }
        let at = if cut.is_whole { 0 } else { range.start - start - self.gone };
        let number = self.numbers.and_then(|numbers| numbers.get(cut.part)).copied();
        // A paragraph that goes is counted with its first range.
        let before = self.whole - u64::from(cut.is_whole && self.gone > 0);
        self.whole += u64::from(cut.is_whole && self.gone == 0);
        self.gone += range.end - range.start;
        InRow {
            at,
            element: number.map(|number| number - before),
            whole: number.filter(|_| cut.is_whole).map(|number| number + 1),
        }
    }
}
