//! A text folds to the same, with as many words, composed, decomposed and as it came; and what is equal at a level is equal at those
//! above it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tikrar::fold::{Folder, Level};
use tikrar::key;
use tikrar::unit::UnitKind;
use tikrar_fuzz::plainly::units;
use unicode_normalization::UnicodeNormalization as _;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (composed, decomposed) = (text.nfc().collect::<String>(), text.nfd().collect::<String>());
    let lines = |text: &str| units(UnitKind::Line, text.as_bytes());
    let (lines, composed, decomposed) = (lines(&text), lines(&composed), lines(&decomposed));
    assert_eq!((composed.len(), decomposed.len()), (lines.len(), lines.len()));
    let mut folded: Vec<Vec<Vec<u8>>> = Vec::new();
    for level in Level::ALL {
        let mut folder = Folder::new(level.folds());
        let mut fold = |line: &[u8]| {
            let folded = folder.fold(line);
            (folded.text().to_vec(), key::words(folded))
        };
        let mut of_level = Vec::new();
        for ((line, composed), decomposed) in lines.iter().zip(&composed).zip(&decomposed) {
            let as_it_came = fold(line);
            assert_eq!(fold(composed), as_it_came, "{level}, composed");
            assert_eq!(fold(decomposed), as_it_came, "{level}, decomposed");
            of_level.push(as_it_came.0);
        }
        folded.push(of_level);
    }
    for (level, pair) in Level::ALL[1..].iter().zip(folded.windows(2)) {
        let [below, above] = pair else { continue };
        for at in 1..below.len().min(16) {
            for other in 0..at {
                assert!(below[at] != below[other] || above[at] == above[other], "{level}, lines {other} and {at}");
            }
        }
    }
});
