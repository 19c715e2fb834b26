//! What is left of any document are units of it, untouched and in order; every folded text that was there is still there; and
//! nothing more goes of what is left.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tikrar::corpus::Examiner;
use tikrar::source::{Document, ReadOptions, Spooling};
use tikrar_fuzz::choices::Choices;
use tikrar_fuzz::cleaned::{Cleaned, cleaned, without};
use tikrar_fuzz::plainly::{folded, is_part, units};

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices::of(bytes);
    let options = choices.options();
    let piece = u64::from(choices.byte());
    let text = choices.text();
    let Cleaned { examined, cuts, left, .. } = cleaned(&text, &options);
    assert_eq!(left, without(&text, &cuts));
    let (before, after) = (units(options.unit, &text), units(options.unit, &left));
    assert!(is_part(&after, &before), "what is left are units that were there");
    assert_eq!(before.len() - after.len(), examined.plan.copies());
    assert_eq!(folded(options.folds, &after), folded(options.folds, &before));
    if examined.plan.copies() == 0 {
        assert_eq!(left, text);
    }
    assert_eq!(cleaned(&left, &options).examined.plan.copies(), 0, "a second run removes nothing");

    // However it is read and held.
    let read = ReadOptions { spooling: Spooling { hold: piece, temp_dir: None }, ..ReadOptions::default() };
    let Ok(document) = Document::from_reader(&text[..], &read) else { return };
    if document.raw.is_none() {
        let mut examiner = Examiner::new(&options).with_pieces_of(piece);
        let examined = examiner.examine(&document).expect("a spooled document can be read back");
        assert_eq!(examined.cuts(&document.body).expect("a spooled document can be read back"), cuts);
    }
});
