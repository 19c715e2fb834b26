//! Copies as spans of the text that they stand in: what is told of a record that keeps them.

use std::fmt;
use std::str::Utf8Chunk;

use serde::{Serialize, Serializer};

use super::Examined;
use super::gone::{At, Why};
use super::pending::Reason;
use super::piece::HashedUnit;
use crate::near::Nearness;
use crate::plan::Block;
use crate::removed::Original;
use crate::sink::FileName;
use crate::unit::Unit;

/// Consecutive units that are copies, in one block.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Span {
    /// From where to where they stand, without the terminator of the last, in code points of the text; a byte that is not
    /// UTF-8 counts as one. Where the text is an array, they are counted in its strings joined as they are compared.
    pub span: [u64; 2],
    /// The first and the last line that they stand on, from 1.
    pub lines: [u64; 2],
    /// Where the originals stand, in the same distances from each other; of what is not known nothing is written. In a
    /// corpus, where copies have blank lines between them, the originals may have other lines there, and of several lines
    /// of a paragraph the last that is told of is its first.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_known")]
    pub original: Option<Original>,
    /// Where some of them are only nearly the same as their originals: the least alignment of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub near: Option<f64>,
    /// Where it is one unit that stands in so many documents that it is a copy everywhere: in how many. It has no original.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boilerplate: Option<u64>,
    /// How many units they are.
    #[serde(skip)]
    pub units: u64,
}

/// What files are called, by their numbers, in what is written of them. None is the name of one that has none.
#[derive(Clone, Copy)]
pub struct Names<'a>(pub &'a (dyn Fn(usize) -> Option<FileName> + Sync));

impl fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Names")
    }
}

/// The originals of a span, without what is not known of them.
fn as_known<S: Serializer>(original: &Option<Original>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Known<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        file: &'a Option<FileName>,
        #[serde(skip_serializing_if = "Option::is_none")]
        record: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        earlier: &'a Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        lines: Option<[u64; 2]>,
        #[serde(skip_serializing_if = "Option::is_none")]
        run: Option<[u64; 2]>,
    }
    let Some(Original { file, record, earlier, lines, run, .. }) = original else {
        return serializer.serialize_none();
    };
    Known { file, record: *record, earlier, lines: *lines, run: *run }.serialize(serializer)
}

/// The spans of a document that was looked at by itself, and has this text. Where it is, is not said of the originals.
#[must_use]
pub fn of_document(examined: &Examined, text: &[u8]) -> Vec<Span> {
    let Examined { units, plan, .. } = examined;
    let mut counter = Counter::new(text);
    let of_block = |block: Block| {
        let originals = &units[block.original..block.original + block.len];
        let lines = originals.first().zip(originals.last());
        let original = lines.map(|(first, last)| Original {
            lines: Some([first.first_line(), last.last_line()]),
            ..Original::default()
        });
        let near = (0..block.len).filter_map(|at| examined.nearness(block.first + at, block.original + at));
        let span = counter.span(&units[block.first..block.first + block.len], |unit| unit, original, None)?;
        Some(Span { near: least(near), ..span })
    };
    plan.blocks().filter_map(of_block).collect()
}

/// The spans of a record that is decided about: its units, and of those that are copies, by their numbers, why.
pub(super) fn of_record(
    units: &[HashedUnit],
    text: &[u8],
    reasons: &[(usize, Reason)],
    names: Option<Names<'_>>,
) -> Vec<Span> {
    let mut counter = Counter::new(text);
    let are_one = |(one, of_one): &(usize, Reason), (other, of_other): &(usize, Reason)| {
        one + 1 == *other && of_one.block == of_other.block
    };
    let of_block = |block: &[(usize, Reason)]| {
        let [(first, Reason { why, .. }), ..] = block else { return None };
        let units = &units[*first..first + block.len()];
        let (original, boilerplate) = match why {
            Why::Boilerplate { documents } => (None, Some(*documents)),
            Why::Copy { document, .. } => {
                let name = |file: usize| names.and_then(|Names(name)| name(file));
                let at = originals(block, units.first()?.unit.first_line())?;
                (Some(Original::of(document, name, Some(at))), None)
            }
            // What goes with its document is not kept to be told of.
            Why::Document(_) => return None,
        };
        let near = block.iter().filter_map(|(_, Reason { why, .. })| why.near());
        let span = counter.span(units, |of_unit| &of_unit.unit, original, boilerplate)?;
        Some(Span { near: least(near), ..span })
    };
    reasons.chunk_by(are_one).filter_map(of_block).collect()
}

/// The least alignment.
fn least<'a>(near: impl Iterator<Item = &'a Nearness>) -> Option<f64> {
    near.map(Nearness::alignment).min_by(f64::total_cmp)
}

/// Where the originals of a block are, which begins on this line.
fn originals(block: &[(usize, Reason)], line: u64) -> Option<At> {
    let at = |(_, reason): &(usize, Reason)| match reason.why {
        Why::Copy { original, .. } => Some(original),
        Why::Boilerplate { .. } | Why::Document(_) => None,
    };
    let is_within = |of_unit: &(usize, Reason)| matches!(at(of_unit), Some(At::Run { .. }));
    Some(match (at(block.first()?)?, at(block.last()?)?) {
        // Of some is only known that they are in the run that begins so.
        (At::Lines(first, _) | At::Line(first), _) if block.iter().any(is_within) => {
            At::Run { copy: line, original: first }
        }
        (At::Lines(first, _) | At::Line(first), At::Lines(_, last) | At::Line(last)) => At::Lines(first, last),
        (first, _) => first,
    })
}

/// Counts the code points of a text, from place to place.
struct Counter<'t> {
    text: &'t [u8],
    at: usize,
    code_points: u64,
}

impl<'t> Counter<'t> {
    fn new(text: &'t [u8]) -> Counter<'t> {
        Counter { text, at: 0, code_points: 0 }
    }

    /// How many there are up to a byte. Asked for in order.
    fn up_to(&mut self, byte: u64) -> u64 {
        let end = usize::try_from(byte).unwrap_or(usize::MAX).min(self.text.len());
        let stretch = self.text.get(self.at..end).unwrap_or_default();
        let count = |chunk: Utf8Chunk<'_>| chunk.valid().chars().count() + chunk.invalid().len();
        self.code_points += stretch.utf8_chunks().map(count).sum::<usize>() as u64;
        self.at = self.at.max(end);
        self.code_points
    }

    /// The span of these units; none if there are none.
    fn span<U>(
        &mut self,
        units: &[U],
        unit: impl Fn(&U) -> &Unit,
        original: Option<Original>,
        boilerplate: Option<u64>,
    ) -> Option<Span> {
        let (first, last) = (unit(units.first()?), unit(units.last()?));
        let span = [self.up_to(first.range().start), self.up_to(last.range().end)];
        let lines = [first.first_line(), last.last_line()];
        Some(Span { span, lines, original, near: None, boilerplate, units: units.len() as u64 })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Origin, Place};
    use super::*;

    #[test]
    fn code_points_are_counted_and_bad_bytes_are_one_each() {
        let mut counter = Counter::new(b"\xEF\xBB\xBF\xD9\x86a\xF0\x9F\x8C\x99\xD9\n\xF0\x9F\x8Cx");
        let found: Vec<u64> = [3, 5, 6, 10, 11, 12, 15, 16, 99].map(|byte| counter.up_to(byte)).to_vec();
        assert_eq!(found, [1, 2, 3, 4, 5, 6, 9, 10, 10]);
    }

    #[test]
    fn of_originals_that_are_known_in_part_the_run_is_told() {
        let document = Origin::Here(Place { file: 0, record: None });
        let of = |original| Reason {
            block: 1,
            why: Why::Copy { document: document.clone(), original, folds: None, near: None },
        };
        let block = |ats: &[At]| ats.iter().map(|at| of(*at)).enumerate().collect::<Vec<_>>();
        let run = At::Run { copy: 6, original: 3 };
        assert_eq!(originals(&block(&[At::Lines(2, 2), At::Lines(4, 4)]), 5), Some(At::Lines(2, 4)));
        assert_eq!(
            originals(&block(&[At::Lines(2, 2), run, At::Lines(4, 4)]), 5),
            Some(At::Run { copy: 5, original: 2 })
        );
        assert_eq!(originals(&block(&[run]), 7), Some(run));
        assert_eq!(originals(&block(&[At::Line(2), At::Line(6)]), 9), Some(At::Lines(2, 6)));
    }
}
