//! What holds for any document, cleaned: what is left, what is apart, what a diff makes of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test that can't go on has failed")]

mod patched;

use std::io::Write as _;
use std::num::NonZeroU32;
use std::path::Path;

use patched::patched;
use proptest::prelude::*;
use tikrar::corpus::{Examined, Options};
use tikrar::fold::{Folder, Level};
use tikrar::format::text;
use tikrar::report::unified;
use tikrar::source::{Document, ReadOptions, Spooling};
use tikrar::unit::{Splitter, UnitKind};

fn examined(bytes: &[u8], options: &Options) -> (Document, Examined) {
    let document = Document::of_bytes(bytes.to_vec());
    let examined = Examined::new(&document, options).unwrap();
    (document, examined)
}

fn cleaned(bytes: &[u8], options: &Options) -> Vec<u8> {
    let (document, examined) = examined(bytes, options);
    let mut out = Vec::new();
    text::write(&document.body, &examined.cuts(&document.body).unwrap(), &mut out).unwrap();
    out
}

fn units(bytes: &[u8], kind: UnitKind) -> Vec<Vec<u8>> {
    let mut units = Vec::new();
    Splitter::new(kind).split(bytes, true, |_, unit| units.push(unit.to_vec()));
    units
}

fn is_subsequence(short: &[u8], long: &[u8]) -> bool {
    let mut long = long.iter();
    short.iter().all(|byte| long.any(|other| other == byte))
}

/// Documents of a few texts over and over, long and short, with every kind of line end and blank line.
fn documents() -> impl Strategy<Value = Vec<u8>> {
    let line = prop::sample::select(vec![
        "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن",
        "قال الوزير إن «النتائج جيدة جدا» وإن العمل مستمر في كل المدن اليوم",
        "قال الوزير إن \" النتائج جيدة جدا \" وإن العمل مستمر في كل المدن اليوم",
        "المصدر : وكالات",
        "المصدر: وكالات",
        "نعم.",
        "* * *",
        "خمس كلمات في هذا السطر",
        "وست كلمات في هذا السطر الآخر",
        "A\u{200F}",
        "b",
    ]);
    let end = prop_oneof![
        10 => Just("\n"), 3 => Just("\r\n"), 1 => Just("\r"), 2 => Just("\n\n"), 1 => Just("\r\n\r\n"), 1 => Just("\r\n\n"),
        1 => Just("\n\u{A0}\u{200F}\n"), 1 => Just("\n\r"), 1 => Just("\u{0C}"), 1 => Just("\u{2029}"), 1 => Just("\r\r\n\r"),
    ];
    let start = prop::sample::select(vec!["", "", "", "\u{FEFF}", "\n", "\u{FEFF}\r\n\n"]);
    (start, prop::collection::vec((line, end), 0..24), any::<bool>()).prop_map(|(start, lines, ended)| {
        let mut text = start.to_owned();
        for (line, end) in &lines {
            text.extend([*line, *end]);
        }
        if let (false, Some((_, end))) = (ended, lines.last()) {
            text.truncate(text.len() - end.len());
        }
        text.into_bytes()
    })
}

fn options() -> impl Strategy<Value = Options> {
    let level = prop::sample::select(Level::ALL.to_vec());
    let unit = prop::sample::select(UnitKind::ALL.to_vec());
    (level, unit, 1..12_u32).prop_map(|(level, unit, min_words)| Options {
        folds: level.folds(),
        unit,
        min_words: NonZeroU32::new(min_words).unwrap(),
        ..Options::default()
    })
}

fn diff(bytes: &[u8], options: &Options) -> Vec<u8> {
    let (document, examined) = examined(bytes, options);
    let mut diff = Vec::new();
    unified::write(Path::new("a.txt"), &document.body, &examined, &mut diff).unwrap();
    diff
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_left_is_the_kept_units_untouched_and_apart_as_before(bytes in documents(), options in options()) {
        let (_, examined) = examined(&bytes, &options);
        let cleaned = cleaned(&bytes, &options);
        prop_assert!(is_subsequence(&cleaned, &bytes));
        let kept: Vec<Vec<u8>> = units(&bytes, options.unit)
            .into_iter()
            .enumerate()
            .filter(|&(at, _)| !examined.plan.is_copy(at))
            .map(|(_, unit)| unit)
            .collect();
        prop_assert_eq!(units(&cleaned, options.unit), kept);
        if examined.plan.copies() == 0 {
            prop_assert_eq!(cleaned, bytes);
        }
    }

    #[test]
    fn every_text_that_was_there_is_still_there(bytes in documents(), options in options()) {
        let mut folder = Folder::new(options.folds);
        let mut texts = |bytes: &[u8]| -> std::collections::BTreeSet<Vec<u8>> {
            units(bytes, options.unit).iter().map(|unit| folder.fold(unit).text().to_vec()).collect()
        };
        prop_assert_eq!(texts(&cleaned(&bytes, &options)), texts(&bytes));
    }

    #[test]
    fn a_cleaned_document_is_clean(bytes in documents(), options in options()) {
        let once = cleaned(&bytes, &options);
        let (_, again) = examined(&once, &options);
        prop_assert_eq!(again.plan.copies(), 0);
        prop_assert_eq!(cleaned(&once, &options), once);
    }

    #[test]
    fn the_diff_makes_of_a_document_what_clean_makes_of_it(bytes in documents(), options in options()) {
        prop_assert_eq!(patched(&bytes, &diff(&bytes, &options)), cleaned(&bytes, &options));
    }

    #[test]
    fn a_spooled_document_comes_out_like_a_held_one(bytes in documents(), options in options()) {
        let read = ReadOptions { spooling: Spooling { hold: 1, temp_dir: None }, ..ReadOptions::default() };
        let spooled = Document::from_reader(&bytes[..], &read).unwrap();
        let examined = Examined::new(&spooled, &options).unwrap();
        let mut out = Vec::new();
        text::write(&spooled.body, &examined.cuts(&spooled.body).unwrap(), &mut out).unwrap();
        prop_assert_eq!(out, cleaned(&bytes, &options));
        let mut spooled_diff = Vec::new();
        unified::write(Path::new("a.txt"), &spooled.body, &examined, &mut spooled_diff).unwrap();
        prop_assert_eq!(spooled_diff, diff(&bytes, &options));
    }

    #[test]
    fn any_bytes_can_be_cleaned(bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b' '), any::<u8>()], 0..200), options in options()) {
        let once = cleaned(&bytes, &options);
        prop_assert!(is_subsequence(&once, &bytes));
        prop_assert_eq!(cleaned(&once, &options), once);
        prop_assert_eq!(patched(&bytes, &diff(&bytes, &options)), cleaned(&bytes, &options));
    }
}

#[test]
fn blank_lines_keep_apart_what_they_kept_apart() {
    let long = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";
    let made = |pattern: &str| pattern.replace('L', long).replace('|', "\n");
    let options = Options::default();
    for (before, after) in [
        // Blank lines on both sides: those before stay.
        ("L||a||L||b|", "L||a||b|"),
        ("L|a|||L||b|", "L|a|||b|"),
        // On one side: they stay, whichever it is.
        ("L|a|L||b|", "L|a||b|"),
        ("L|a||L|b|", "L|a||b|"),
        ("L|a|L|b|", "L|a|b|"),
        // At the end: what ended the document ends it still.
        ("L||a||L|", "L||a|"),
        ("L||a||L", "L||a|"),
        ("L||a||L||||", "L||a||||"),
        ("L||a|L||", "L||a||"),
        // Several in a row leave one gap.
        ("L||a||L||L||L||b|", "L||a||b|"),
        ("L||L||L", "L|"),
    ] {
        assert_eq!(String::from_utf8(cleaned(made(before).as_bytes(), &options)), Ok(made(after)), "{before}");
    }
}

#[test]
fn a_lone_cr_and_a_lf_that_meet_stay_two_line_ends() {
    let long = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";
    let text = format!("{long}\nأ\r{long}\n\nب");
    let cleaned = cleaned(text.as_bytes(), &Options::default());
    assert_eq!(String::from_utf8(cleaned).unwrap(), format!("{long}\nأ\r\n\nب"));
    let text = format!("{long}\r{long}\r\n\nب");
    let cleaned = self::cleaned(text.as_bytes(), &Options::default());
    assert_eq!(String::from_utf8(cleaned).unwrap(), format!("{long}\r\n\nب"));
}

#[test]
fn patch_itself_applies_the_diff() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a b.txt");
    let article = include_bytes!("../fixtures/articles/seed-article.txt");
    for bytes in [&article[..], &include_bytes!("../fixtures/variants/crlf.txt")[..]] {
        std::fs::write(&path, bytes).unwrap();
        let patch = std::process::Command::new("patch")
            .args(["-s", "-p0", "--binary"])
            .current_dir(folder.path())
            .stdin(std::process::Stdio::piped())
            .spawn();
        let mut patch = match patch {
            Ok(patch) => patch,
            Err(error) => {
                eprintln!("SKIPPED: patch can't be run here: {error}");
                return;
            }
        };
        let options = Options::default();
        let (document, examined) = examined(bytes, &options);
        let mut diff = Vec::new();
        unified::write(Path::new("a b.txt"), &document.body, &examined, &mut diff).unwrap();
        patch.stdin.take().unwrap().write_all(&diff).unwrap();
        assert!(patch.wait().unwrap().success());
        assert_eq!(std::fs::read(&path).unwrap(), cleaned(bytes, &options));
    }
}
