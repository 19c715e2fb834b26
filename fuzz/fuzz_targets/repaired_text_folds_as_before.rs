//! A repaired unit folds as it did, at each level from `typography` on; a second repair finds nothing; a unit without Arabic, or with
//! damage, stays; and changes are in order and within the unit.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tikrar::fold::{Folder, Level};
use tikrar::repair::{Kind, Kinds, QuoteStyle, Repair, Repairer, repaired};
use tikrar::unit::UnitKind;
use tikrar_fuzz::plainly::units;

fuzz_target!(|bytes: &[u8]| {
    let [kinds, style, text @ ..] = bytes else { return };
    let kinds: Vec<Kind> =
        Kind::ALL.into_iter().enumerate().filter(|(at, _)| kinds & 1 << at != 0).map(|(_, kind)| kind).collect();
    let quotes = QuoteStyle::ALL[*style as usize % QuoteStyle::ALL.len()];
    let mut repairer = Repairer::new(Repair { kinds: Kinds::of(&kinds), quotes });
    for unit in units(UnitKind::Paragraph, text) {
        let edits = repairer.repair(&unit).edits;
        let mut at = 0;
        for edit in edits {
            assert!(at <= edit.range.start && edit.range.start <= edit.range.end && edit.range.end <= unit.len());
            at = edit.range.end;
        }
        let once = repaired(&unit, edits);
        let has_arabic = |text: &str| text.chars().any(|char| !char.is_ascii());
        if once != unit {
            assert!(std::str::from_utf8(&unit).is_ok_and(has_arabic));
        }
        for level in &Level::ALL[1..] {
            let folded = |text: &[u8]| Folder::new(level.folds()).fold(text).text().to_vec();
            assert_eq!(folded(&unit), folded(&once), "{level}");
        }
        assert!(repairer.repair(&once).edits.is_empty(), "a second repair");
    }
});
