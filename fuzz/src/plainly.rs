//! What units and keys are, as plainly as it can be said: what the targets compare with.

use std::collections::BTreeSet;

use tikrar::fold::{Folder, Folds};
use tikrar::unit::{Splitter, UnitKind};

/// Line ends, and what ends a paragraph within a line.
const ENDS: [(&[u8], bool); 5] =
    [(b"\r\n", false), (b"\n", false), (b"\r", false), (b"\x0C", true), ("\u{2029}".as_bytes(), true)];

const MARK: &[u8] = "\u{FEFF}".as_bytes();

/// The units of a text, without a U+FEFF that they begin with: of one that comes to stand first it is a mark.
pub fn units(kind: UnitKind, text: &[u8]) -> Vec<Vec<u8>> {
    if kind == UnitKind::Sentence {
        // What sentences are is told by Unicode, and compared with that where they are.
        let mut units = Vec::new();
        Splitter::new(kind).split(text, true, |_, unit| units.push(unit.to_vec()));
        return units;
    }
    let text = text.strip_prefix(MARK).unwrap_or(text);
    let mut units: Vec<Vec<u8>> = Vec::new();
    // Of a paragraph that may go on: what ended its last line.
    let mut open: Option<&[u8]> = None;
    let mut rest = text;
    while !rest.is_empty() {
        let is_end = |at: usize| {
            let ends = |&(end, parts): &(&'static [u8], bool)| {
                let counts = !parts || kind == UnitKind::Paragraph;
                (counts && rest[at..].starts_with(end)).then_some((at, end, parts))
            };
            ENDS.iter().find_map(ends)
        };
        let (content, end, parts) = match (0..rest.len()).find_map(is_end) {
            Some((at, end, parts)) => (&rest[..at], end, parts),
            None => (rest, &b""[..], false),
        };
        rest = &rest[content.len() + end.len()..];
        if is_blank(content) {
            open = None;
            continue;
        }
        match (open.take(), units.last_mut()) {
            (Some(joint), Some(unit)) => unit.extend([joint, content].concat()),
            _ => units.push(content.to_vec()),
        }
        if kind == UnitKind::Paragraph && !parts {
            open = Some(end);
        }
    }
    for unit in &mut units {
        let marks = unit.chunks_exact(MARK.len()).take_while(|&mark| mark == MARK).count();
        unit.drain(..marks * MARK.len());
    }
    units
}

/// Whether there is nothing but white space and what is not seen.
fn is_blank(line: &[u8]) -> bool {
    let is_unseen = |c: char| {
        matches!(u32::from(c), 0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
            | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFF8
            | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
    };
    std::str::from_utf8(line).is_ok_and(|line| line.chars().all(|c| c.is_whitespace() || is_unseen(c)))
}

/// The distinct folded texts of units.
pub fn folded(folds: Folds, units: &[Vec<u8>]) -> BTreeSet<Vec<u8>> {
    let mut folder = Folder::by_plain_rules(folds);
    units.iter().map(|unit| folder.fold(unit).text().to_vec()).collect()
}

/// Whether all of the one list is in the other, in the same order.
pub fn is_part<T: PartialEq>(part: &[T], whole: &[T]) -> bool {
    let mut whole = whole.iter();
    part.iter().all(|one| whole.any(|other| one == other))
}
