//! The fast path folds any bytes as the plain rules do, with vectors and without, wherever in a document they stand.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tikrar::fold::{Folder, Level};
use tikrar::key;

fuzz_target!(|bytes: &[u8]| {
    for level in Level::ALL {
        let mut plain = Folder::by_plain_rules(level.folds());
        let (mut fast, mut portable) = (Folder::new(level.folds()), Folder::without_vectors(level.folds()));
        let mut start = 0;
        for line in bytes.split(|&byte| byte == b'\n') {
            let wanted = plain.fold(line);
            let unit = start..start + line.len();
            start = unit.end + 1;
            for folder in [&mut fast, &mut portable] {
                let folded = folder.fold_in(bytes, unit.clone());
                assert_eq!(folded.text(), wanted.text(), "{level}");
                assert_eq!(key::words(folded), key::words(wanted), "{level}");
            }
        }
    }
});
