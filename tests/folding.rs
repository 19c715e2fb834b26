//! Which texts fold alike at which level: the pairs of `fixtures/folding`, and what holds for any text.

use proptest::prelude::*;
use tikrar::fold::{Folder, Level};
use unicode_normalization::UnicodeNormalization;

fn folded(level: Level, text: impl AsRef<[u8]>) -> Vec<u8> {
    Folder::new(level.folds()).fold(text.as_ref()).text().to_vec()
}

/// The escapes of the pair files: `\n`, `\r`, `\t`, `\uXXXX`, `\UXXXXXXXX`.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let (c, len) = match rest.as_bytes()[at + 1] {
            b'n' => ('\n', 2),
            b'r' => ('\r', 2),
            b't' => ('\t', 2),
            kind => {
                let len = if kind == b'u' { 6 } else { 10 };
                let code = u32::from_str_radix(&rest[at + 2..at + len], 16).expect("a code point");
                (char::from_u32(code).expect("a scalar value"), len)
            }
        };
        out.push(c);
        rest = &rest[at + len..];
    }
    out + rest
}

fn check_pairs(source: &str, at_least: usize) {
    let mut rows = 0;
    let mut wrong = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#') && !line.starts_with("id\t")) {
        let row: Vec<&str> = line.split('\t').collect();
        let (a, b) = (unescaped(row[1]), unescaped(row[2]));
        for (level, verdict) in Level::ALL.into_iter().zip(&row[3..7]) {
            let (a, b) = (folded(level, &a), folded(level, &b));
            if (a == b) != (*verdict == "same") {
                let show = |text: &[u8]| String::from_utf8_lossy(text).escape_debug().to_string();
                wrong += &format!("{} {level}: want {verdict}: {} | {}   ({})\n", row[0], show(&a), show(&b), row[7]);
            }
        }
        rows += 1;
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(rows >= at_least, "only {rows} rows");
}

#[test]
fn pairs_fold_as_the_folding_page_says() {
    check_pairs(include_str!("../fixtures/folding/pairs.tsv"), 110);
}
