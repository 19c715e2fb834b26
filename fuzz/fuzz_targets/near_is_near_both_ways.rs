//! How near a line is to another is the same the other way round, and a line is nearly the same as itself; and what goes as nearly
//! the same as a line is that.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tikrar::corpus::{Examined, Options};
use tikrar::fold::Level;
use tikrar::near::Verifier;
use tikrar::source::Document;
use tikrar::unit::UnitKind;
use tikrar_fuzz::choices::Choices;
use tikrar_fuzz::plainly::units;

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices::of(bytes);
    let near = choices.near();
    let text = choices.text();
    let lines = units(UnitKind::Line, &text);
    let folds = Level::default().folds();
    let mut verifier = Verifier::new(near, folds);
    for one in lines.iter().take(12) {
        let itself = verifier.nearness(one, one);
        assert!(itself.is_none_or(|itself| itself.alignment() == 1.0 && itself.differences().is_empty()));
        for other in lines.iter().take(12) {
            let there = verifier.nearness(one, other).map(|near| (near.words, near.in_order, near.shared));
            let back = verifier.nearness(other, one).map(|near| (near.words, near.in_order, near.shared));
            // Guarded, one may say less.
            assert!(there == back || (near.guarded && (there.is_none() || back.is_none())));
            assert!(there.is_none_or(|(words, in_order, shared)| in_order <= shared && 2 * shared <= words));
        }
    }
    let options = Options { near: Some(near), ..Options::default() };
    let Ok(examined) = Examined::new(&Document::of_bytes(text), &options) else { return };
    for at in 0..lines.len() {
        let Some(original) = examined.plan.original(at) else { continue };
        assert!(original < at);
        if examined.nearness(at, original).is_none() {
            assert_eq!(examined.near.contains_key(&at), examined.near.contains_key(&original), "line {at}");
        }
    }
});
