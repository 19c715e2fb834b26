//! Which texts fold alike at which level: the pairs of `fixtures/folding`, and what holds for any text.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test that can't go on has failed")]

use proptest::prelude::*;
use tikrar::fold::{Folder, Level, Sign};
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

#[test]
fn look_alikes_stay_apart_and_variants_meet() {
    check_pairs(include_str!("../fixtures/folding/pairs-more.tsv"), 600);
}

#[test]
fn every_row_of_the_fold_table_does_what_it_says_alone() {
    // A letter on each side keeps rules about position out of the way.
    let source = include_str!("../src/fold/data/folds.tsv");
    for line in source.lines().filter(|line| line.starts_with("diacritics") || line.starts_with("fullwidth")) {
        let row: Vec<&str> = line.split('\t').collect();
        let fold: tikrar::fold::Fold = row[0].parse().unwrap();
        let letters = |hex: &str| -> String {
            let codes = hex.split(' ').filter(|code| !code.is_empty());
            codes.map(|code| char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap()).collect()
        };
        let mut folder = Folder::new(tikrar::fold::Folds::of(&[fold]));
        let text = format!("ب{}ب", letters(row[1]));
        assert_eq!(folder.fold(text.as_bytes()).text(), format!("ب{}ب", letters(row[2])).as_bytes(), "{line}");
    }
}

#[test]
fn damaged_bytes_equal_nothing_but_themselves() {
    // Two bytes that would spell a letter if what stands between them went without a trace.
    let apart = [b"\xD8".as_slice(), "\u{200C}".as_bytes(), b"\xA7"].concat();
    for level in Level::ALL {
        assert_ne!(folded(level, &apart), folded(level, "ا"), "{level}");
        assert_ne!(folded(level, b"\xFF"), folded(level, b"\xFE"), "{level}");
        assert_ne!(folded(level, b"a\xFF"), folded(level, "a"), "{level}");
        assert_ne!(folded(level, b"a\xFF"), folded(level, "a\u{FFFD}"), "{level}");
    }
    let mut folder = Folder::new(Level::Typography.folds());
    assert_eq!(folder.fold(b"\xD8\xFF \xA7").shown(), b"\xD8\xFF \xA7");
}

#[test]
fn the_fast_path_folds_real_news_as_the_plain_rules_do() {
    let Some(path) = std::env::var_os("TIKRAR_REAL_NEWS") else {
        eprintln!("SKIPPED: TIKRAR_REAL_NEWS names no text to compare on");
        return;
    };
    let text = std::fs::read(path).unwrap();
    for level in [Level::Typography, Level::Orthography, Level::Loose] {
        let (mut fast, mut plain) = (Folder::new(level.folds()), Folder::by_plain_rules(level.folds()));
        let mut start = 0;
        for line in text.split(|&byte| byte == b'\n') {
            let (fast, plain) = (fast.fold_in(&text, start..start + line.len()), plain.fold(line));
            start += line.len() + 1;
            assert_eq!(fast.text(), plain.text(), "{level}: {}", String::from_utf8_lossy(line));
            assert_eq!(
                tikrar::key::words(fast),
                tikrar::key::words(plain),
                "{level}: {}",
                String::from_utf8_lossy(line)
            );
        }
    }
}

/// Every code point that the fast path has a table for, and some more, in every place that matters, at every place in a
/// vector of 32 bytes.
#[test]
#[cfg_attr(miri, ignore = "days, by Miri")]
fn every_code_point_folds_by_the_fast_path_as_by_the_plain_rules() {
    let codes = (1..0x900).chain(0x2000..0x2300).chain(0x25A0..0x25B0).chain(0x3000..0x3020).chain(0xFB50..0xFF70);
    let after = "قال الوزير إن العمل مستمر في كل المدن والقرى";
    for (at, c) in codes.filter_map(char::from_u32).filter(|&c| c != '\n').enumerate() {
        let before = &"ب".repeat(20)[..2 * (at % 20)];
        for context in [
            ("", ""),
            ("ب", "ب"),
            ("ب", " ب"),
            ("ب ", "ب"),
            ("ي", "ء"),
            ("5", "5"),
            ("x", "x"),
            ("", "-5"),
            ("-", "5"),
            (" و", " ب"),
        ] {
            let unit = format!("{before} {}{c}{} {after}", context.0, context.1);
            let document = format!("\n{unit}\n{after}");
            for level in Level::ALL {
                let plain = Folder::by_plain_rules(level.folds()).fold(unit.as_bytes()).text().to_vec();
                for mut folder in [Folder::new(level.folds()), Folder::without_vectors(level.folds())] {
                    let fast = folder.fold_in(document.as_bytes(), 1..1 + unit.len()).text().to_vec();
                    assert_eq!(
                        String::from_utf8_lossy(&fast),
                        String::from_utf8_lossy(&plain),
                        "U+{:04X} at {level} in {unit}",
                        u32::from(c)
                    );
                }
            }
        }
    }
}

/// Text made of what the rules look at: letters, marks, digits, punctuation, and signs that fold to them.
fn arabic_text() -> impl Strategy<Value = String> {
    let interesting = "ابتثجدذرزسهويىئءأإآؤةکیےہھەڪٹۓ\u{640}\u{640}\u{64B}\u{64E}\u{651}\u{653}\u{654}\u{655}\u{670}\
        \u{6E1}\u{6DD}\u{6DE}\u{6C0}\u{6C2}\u{6D3}0123456789٠١٣۴٫٬٪%.,،;؛:?؟!…-–—−•*#~_=/()[]{}\"'`´«»“”„‘’‹›<>≪≫′″&#;ampquot\
        \u{A0}\u{200B}\u{200C}\u{200F}\u{202E}\u{FEFF}\u{AD}\u{85}\u{91}\u{93}\u{96}\u{2028}\u{2029} \u{20} \t\n\r\
        \u{FEFB}\u{FEF7}\u{FE7C}\u{FDFA}\u{FDF0}\u{FDFD}\u{FC5E}\u{FBFC}\u{FBFF}！＂5²½ABsé→●▪·‰€ʻʼя中\u{301}\u{338}\u{37E}\u{212A}\u{FFFD}😀";
    let chars: Vec<char> = interesting.chars().collect();
    let word = prop_oneof![
        8 => prop::sample::select(chars).prop_map(String::from),
        1 => prop::sample::select(vec!["&quot;", "&amp;quot;", "&#x654;", "&#1600;", "<<", "...", "--", " -5", "هـ", "1,000", "و "])
            .prop_map(String::from),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

/// Text as news has it, which the fast path is for: words, with a few other signs between and in them.
fn news_text() -> impl Strategy<Value = String> {
    let listed = |list: &str| list.split('|').map(str::to_owned).collect::<Vec<String>>();
    let mut words = listed(
        "قال|الوزير|لـ|هـ|شكراً|عظيمَاً|مدرّسة|کتاب|علی|میرود|CNN|13|٢٠٢٤|5|و|إلى|النـ|شيء|يء|سيئ|مسؤول|فى|مبادىء|أ|1,000|\
         %5|ة|s|it's|بَـ|هُـ|مُـدَّ|ﻋﺮﺑﻴﺔ|ﻻ|ﻓﯽ|я|ʼ|中|&amp;|&copy",
    );
    words.extend(listed(
        "وزارة الصحة في مدينة القاهرة أعلنت عن خطة جديدة|یک گزارش کوتاه می رسد کتاب های ایرانی|مُدَرِّسَةٌ فِي المَدِينَةِ",
    ));
    let signs = listed(
        " | | | | |\u{A0}|\u{200F}|\u{200C}|،|.|..|…|:|؟|!|\"|“|»|'|’|`|(|)|-|–|—|/|%|ـ|\u{64E}|\u{651}|\u{64B}|\u{650}|\u{652}\u{64E}|\
         \u{651}\u{64E}|*|_|=|@|+|\u{AD}|٬|٫|\t|°|•|·|▪|<|>|\\|&|#|😀|\u{FE0F}|€|‰|．|\u{2028}|-5|.5",
    );
    let part = prop_oneof![3 => prop::sample::select(words), 4 => prop::sample::select(signs)];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

/// A text and one that differs from it in a few places, by signs that often fold alike.
fn near_pairs() -> impl Strategy<Value = (String, String)> {
    let swaps = prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..4);
    (arabic_text(), swaps).prop_map(|(text, swaps)| {
        const ALIKE: [&[char]; 16] = [
            &['"', '“', '”', '«', '»', '\u{93}'],
            &['\'', '’', '‘', '`'],
            &[' ', '\u{A0}', '\t'],
            &['ي', 'ى', 'ی'],
            &['ك', 'ک', 'ڪ'],
            &['ا', 'أ', 'إ', 'آ'],
            &['ه', 'ة', 'ہ', 'ھ'],
            &['ؤ', 'ئ'],
            &[',', '،'],
            &['.', '۔', '…'],
            &['-', '–', '−', '\u{640}'],
            &['1', '١', '۱'],
            &['?', '؟', '!'],
            &['•', '●', '*'],
            &['٪', '%'],
            &[';', '؛'],
        ];
        let mut other: Vec<char> = text.chars().collect();
        for (place, choice) in swaps {
            if other.is_empty() {
                break;
            }
            let at = place.index(other.len());
            match ALIKE.iter().find(|group| group.contains(&other[at])) {
                Some(group) => other[at] = group[choice.index(group.len())],
                None if choice.index(2) == 0 => other.insert(at, '\u{200F}'),
                None => other.insert(at, '\u{64E}'),
            }
        }
        (text, other.into_iter().collect())
    })
}

proptest! {
    // Miri is slower by some thousand times.
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 5 } else { 4_000 }, ..ProptestConfig::default() })]

    #[test]
    fn composed_and_decomposed_text_fold_alike(text in arabic_text()) {
        let (composed, decomposed): (String, String) = (text.nfc().collect(), text.nfd().collect());
        for level in Level::ALL {
            prop_assert_eq!(folded(level, &composed), folded(level, &decomposed), "{}", level);
            prop_assert_eq!(folded(level, &composed), folded(level, &text), "{}", level);
        }
    }

    #[test]
    fn what_is_equal_at_a_level_is_equal_at_the_next((a, b) in near_pairs()) {
        let equal = Level::ALL.map(|level| folded(level, &a) == folded(level, &b));
        for pair in equal.windows(2) {
            prop_assert!(!pair[0] || pair[1], "{:?}", equal);
        }
    }

    #[test]
    fn the_fast_path_folds_as_the_plain_rules_do(
        text in prop_oneof![arabic_text(), news_text()],
        before in news_text(),
        after in news_text(),
    ) {
        let document = format!("{before}\n{text}\n{after}");
        let unit = before.len() + 1..before.len() + 1 + text.len();
        for level in Level::ALL {
            let mut plain = Folder::by_plain_rules(level.folds());
            let plain = plain.fold(text.as_bytes());
            let (mut fast, mut portable) = (Folder::new(level.folds()), Folder::without_vectors(level.folds()));
            let folded = [
                fast.clone().fold(text.as_bytes()).text().to_vec(),
                fast.fold_in(document.as_bytes(), unit.clone()).text().to_vec(),
                portable.fold_in(document.as_bytes(), unit.clone()).text().to_vec(),
            ];
            for folded in folded {
                prop_assert_eq!(String::from_utf8_lossy(&folded), String::from_utf8_lossy(plain.text()), "{}", level);
            }
            for folder in [&mut fast, &mut portable] {
                let words = tikrar::key::words(folder.fold_in(document.as_bytes(), unit.clone()));
                prop_assert_eq!(words, tikrar::key::words(plain), "{}", level);
            }
        }
    }

    #[test]
    fn numbers_never_run_together_or_come_apart((text, _) in near_pairs()) {
        let digit_runs = |level: Level, text: &str| -> Vec<Vec<u8>> {
            let folded = folded(level, text);
            folded.split(|byte| !byte.is_ascii_digit()).filter(|run| !run.is_empty()).map(<[u8]>::to_vec).collect()
        };
        // What may go from within a number: grouping commas, and marks that no digit carries in real text.
        let ungrouped = text.replace([',', '،', '٬', '٫', '&', '\u{6DD}', '\u{6DE}', '\u{FDF0}'], " ");
        let ungrouped: String = ungrouped.nfkd().filter(|&c| !unicode_normalization::char::is_combining_mark(c)).collect();
        for level in [Level::Orthography, Level::Loose] {
            prop_assert_eq!(digit_runs(level, &ungrouped), digit_runs(Level::Typography, &ungrouped));
            prop_assert_eq!(digit_runs(level, &text).concat(), digit_runs(Level::Typography, &text).concat());
        }
    }

    #[test]
    fn any_bytes_fold_at_any_set_of_folds(bytes in prop::collection::vec(any::<u8>(), 0..80), set in any::<u32>()) {
        let folds = tikrar::fold::Fold::ALL.into_iter().filter(|&fold| set & 1 << fold as u32 != 0).collect::<Vec<_>>();
        let mut folder = Folder::new(tikrar::fold::Folds::of(&folds));
        let once = folder.fold(&bytes).text().to_vec();
        prop_assert_eq!(folder.fold(&bytes).text(), &once[..]);
    }

    #[test]
    fn any_text_folds_at_any_set_of_folds_in_either_form(text in arabic_text(), set in any::<u32>()) {
        let folds = tikrar::fold::Fold::ALL.into_iter().filter(|&fold| set & 1 << fold as u32 != 0).collect::<Vec<_>>();
        let mut folder = Folder::new(tikrar::fold::Folds::of(&folds));
        let composed: String = text.nfc().collect();
        let once = folder.fold(composed.as_bytes()).text().to_vec();
        let decomposed: String = text.nfd().collect();
        prop_assert_eq!(folder.fold(decomposed.as_bytes()).text(), &once[..]);
        prop_assert!(std::str::from_utf8(&once).is_ok());
    }
}

#[test]
fn signs_are_code_points_and_bytes_that_are_no_utf_8() {
    let mut folder = Folder::new(Level::Typography.folds());
    let signs: Vec<Sign> = folder.fold(b"\xD8\xA3\xFF \xD9\xD9\x80x\xD9").signs().collect();
    let wanted = [Sign::Char('أ'), Sign::Byte(0xFF), Sign::Char(' ')];
    assert_eq!(&signs[..3], wanted);
    assert_eq!(&signs[3..], [Sign::Byte(0xD9), Sign::Char('-'), Sign::Char('x'), Sign::Byte(0xD9)]);
}
