//! The typographic clean-up of text that is kept: what `--repair` does, and nothing else does.
//!
//! A fold decides what is compared and is never written. This is the other way round: it is written, so it changes as little as
//! it can, and nothing that carries meaning. A [`Repairer`] takes a unit and says where what is to stand instead; each kind
//! of change is a file. Whatever the rules say, a unit stays as it is if the result would not fold as it did at the level
//! `typography`, or if a second repair would find something to change in it.
//!
//! ```
//! use tikrar::repair::{Repair, Repairer, repaired};
//!
//! let unit = "من جهة أخرى ، نفى ” جيش الاسلام ” وجود أية مفاوضات .";
//! let mut repairer = Repairer::new(Repair::default());
//! let edits = repairer.repair(unit.as_bytes()).edits;
//! assert_eq!(repaired(unit.as_bytes(), edits), "من جهة أخرى، نفى «جيش الاسلام» وجود أية مفاوضات.".as_bytes());
//! ```

mod glance;
mod invisible;
mod kinds;
mod line;
mod locked;
mod quotes;
mod spaces;
mod tatweel;

use std::fmt;
use std::ops::Range;

use crate::fold::{Folder, Level};
use line::{Is, Sign};
use quotes::Paired;

pub use kinds::{Kind, Kinds, QuoteStyle, UnknownKind, UnknownStyle};

/// What is mended, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repair {
    /// The kinds of changes.
    pub kinds: Kinds,
    /// The marks that quotations are in.
    pub quotes: QuoteStyle,
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kinds)?;
        if self.kinds.has(Kind::Quotes) { write!(f, " in {}", self.quotes.name()) } else { Ok(()) }
    }
}

/// A change of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that go; none where something is put between.
    pub range: Range<usize>,
    /// What stands there instead.
    pub with: &'static str,
}

/// What came of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repaired<'a> {
    /// What changes in it: in order, apart from each other or side by side.
    pub edits: &'a [Edit],
    /// Whether it has quotation marks that are left as they are, because they do not pair.
    pub unpaired: bool,
    /// Whether it stays although there may be something to change: because that would make another text of it, or would be changed
    /// again, or because it is too long.
    pub refused: bool,
}

/// Longer units are no text that anybody reads, and what is known of their signs would take too much memory.
const LONGEST: usize = 64 << 20;

/// Mends units, one after the other. Its buffers are reused.
#[derive(Clone, Debug)]
pub struct Repairer {
    repair: Repair,
    folders: [Folder; 2],
    signs: Vec<Sign>,
    edits: Vec<Edit>,
    again: Vec<Edit>,
    text: Vec<u8>,
}

impl Repairer {
    /// One that mends so.
    #[must_use]
    pub fn new(repair: Repair) -> Repairer {
        let folder = Folder::new(Level::Typography.folds());
        Repairer {
            repair,
            folders: [folder.clone(), folder],
            signs: Vec::new(),
            edits: Vec::new(),
            again: Vec::new(),
            text: Vec::new(),
        }
    }

    /// What it does.
    #[must_use]
    pub fn options(&self) -> Repair {
        self.repair
    }

    /// Says what changes in a unit, given without its line terminator. One that is not UTF-8, has no Arabic letter, or is longer than
    /// 64 MiB stays as it is. Line ends within it stay.
    pub fn repair(&mut self, unit: &[u8]) -> Repaired<'_> {
        self.edits.clear();
        let as_it_is = Repaired { edits: &[], unpaired: false, refused: false };
        if !glance::may_need(unit) {
            return as_it_is;
        }
        if unit.len() > LONGEST {
            return Repaired { refused: true, ..as_it_is };
        }
        let Ok(text) = simdutf8::basic::from_utf8(unit) else { return as_it_is };
        let paired = self.repair.edit(text, &mut self.signs, &mut self.edits);
        let unpaired = paired == Paired::Not;
        if self.edits.is_empty() {
            return Repaired { unpaired, ..as_it_is };
        }
        let Repairer { repair, folders: [one, other], signs, edits, again, text } = self;
        write(unit, edits, text);
        again.clear();
        // Most are not looked at again, for there is nothing left in them.
        let stays = !glance::may_need(text)
            || simdutf8::basic::from_utf8(text)
                .is_ok_and(|text| repair.edit(text, signs, again) == paired && again.is_empty());
        let is_same = stays && one.fold(unit).text() == other.fold(text).text();
        if is_same {
            Repaired { edits, unpaired, refused: false }
        } else {
            Repaired { unpaired, refused: true, ..as_it_is }
        }
    }
}

impl Repair {
    /// What the rules would change in a text, in order.
    fn edit(self, text: &str, signs: &mut Vec<Sign>, edits: &mut Vec<Edit>) -> Paired {
        line::read(text, signs);
        if !signs.iter().any(|sign| sign.is == Is::Arabic) {
            return Paired::All;
        }
        locked::lock(signs);
        if self.kinds.has(Kind::Invisible) {
            invisible::repair(signs, edits);
        }
        if self.kinds.has(Kind::Tatweel) {
            tatweel::repair(text, signs, edits);
        }
        let mut paired = Paired::All;
        let style = self.kinds.has(Kind::Quotes).then_some(self.quotes);
        if style.is_some() || self.kinds.has(Kind::Spaces) {
            paired = quotes::repair(text, signs, style, edits);
        }
        if self.kinds.has(Kind::Spaces) {
            spaces::repair(text, signs, edits);
        }
        // What is put before a sign comes before what stands in its place.
        edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
        edits.dedup_by(|later, edit| {
            let is_one = edit.range.end == later.range.start && edit.with.is_empty() && later.with.is_empty();
            if is_one {
                edit.range.end = later.range.end;
            }
            is_one
        });
        if style.is_some() { paired } else { Paired::All }
    }
}

/// A unit with changes, which are in order.
#[must_use]
pub fn repaired(unit: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut text = Vec::new();
    write(unit, edits, &mut text);
    text
}

fn write(unit: &[u8], edits: &[Edit], text: &mut Vec<u8>) {
    text.clear();
    let mut at = 0;
    for Edit { range, with } in edits {
        text.extend_from_slice(unit.get(at..range.start).unwrap_or_default());
        text.extend_from_slice(with.as_bytes());
        at = range.end;
    }
    text.extend_from_slice(unit.get(at..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

        #[test]
        fn what_is_passed_over_at_a_glance_needs_nothing(
            signs in prop::collection::vec(
                prop::sample::select("ابلو5aA ـ\u{A0}،؛؟.:!,;?()[]\"«”'’<>\u{200F}\u{61C}\u{AD}\u{2009}\u{3000}\u{1680}＂❝…ﻻ中-\t".chars().collect::<Vec<_>>()),
                0..7,
            ),
        ) {
            let text: String = signs.into_iter().collect();
            if !glance::may_need(text.as_bytes()) {
                let mut edits = Vec::new();
                prop_assert_eq!(Repair::default().edit(&text, &mut Vec::new(), &mut edits), Paired::All);
                prop_assert_eq!(edits, []);
            }
        }
    }
}
