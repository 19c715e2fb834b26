//! What `--repair` makes of a unit: pairs of texts, and what holds for any.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

use std::time::{Duration, Instant};

use proptest::prelude::*;
use tikrar::fold::{Folder, Level};
use tikrar::repair::{Edit, Kind, Kinds, QuoteStyle, Repair, Repairer, repaired};

/// A unit, repaired, and whether marks of it are left because they do not pair.
fn repair(repair: Repair, unit: &[u8]) -> (Vec<u8>, bool) {
    let mut repairer = Repairer::new(repair);
    let done = repairer.repair(unit);
    (repaired(unit, done.edits), done.unpaired)
}

fn in_full(unit: &str) -> String {
    String::from_utf8(repair(Repair::default(), unit.as_bytes()).0).unwrap()
}

/// As `\u{200F}` is written in the table.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_once('}').unwrap();
        out.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        out.push_str(rest);
    }
    out
}

#[test]
fn the_pairs_of_the_table_are_repaired_so() {
    let table = include_str!("../fixtures/repair/pairs.tsv");
    let mut wrong = Vec::new();
    for line in table.lines().skip(1) {
        let [kinds, style, before, after, what] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let kinds = match kinds {
            "all" => Kinds::default(),
            names => Kinds::of(&names.split(',').map(|name| name.parse().unwrap()).collect::<Vec<Kind>>()),
        };
        let before = unescaped(before);
        let wanted = if after == "=" { before.clone() } else { unescaped(after) };
        let found = repair(Repair { kinds, quotes: style.parse().unwrap() }, before.as_bytes()).0;
        let found = String::from_utf8(found).unwrap();
        if found != wanted {
            wrong.push(format!("{what}:\n  {before}\n  {found}\n  {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "text, as found, as wanted:\n{}", wrong.join("\n"));
}

#[test]
fn the_examples_of_the_docs_are_repaired_so() {
    let mut found = 0;
    for row in include_str!("../docs/repair.md").lines() {
        let cells: Vec<&str> = row.split(" | ").map(|cell| cell.trim_matches(['|', ' '])).collect();
        let [kind, before, after] = cells[..] else { continue };
        let kinds = match kind.trim_matches('`') {
            "all" => Kinds::default(),
            name => match name.parse() {
                Ok(kind) => Kinds::of(&[kind]),
                Err(_) => continue,
            },
        };
        // One that is not seen stands there by its number.
        let text = |cell: &str| cell.replace("` U+200F `", " \u{200F}").trim_matches('`').to_owned();
        let done = repair(Repair { kinds, ..Repair::default() }, text(before).as_bytes()).0;
        assert_eq!(String::from_utf8(done).unwrap(), text(after), "{kind}");
        found += 1;
    }
    assert_eq!(found, 5);
}

#[test]
fn marks_that_do_not_pair_are_told_of() {
    let unpaired = |unit: &str| repair(Repair::default(), unit.as_bytes()).1;
    assert!(unpaired("قال \"نص بلا نهاية"));
    assert!(unpaired("نهاية كلامه\". وقال \"بداية كلام"));
    assert!(unpaired("قال \"أ \"ب \"ج\" د\" ه\""));
    assert!(!unpaired("قال \"نص\" ثم"));
    assert!(!unpaired("شاشة 5\" كبيرة"));
    let spaces = Repair { kinds: Kinds::of(&[Kind::Spaces]), ..Repair::default() };
    assert!(!repair(spaces, "قال \"نص بلا نهاية".as_bytes()).1);
}

#[test]
fn other_repairs_of_a_unit_do_not_wait_for_its_marks() {
    assert_eq!(in_full("قال \"نص ، بلا نهاية"), "قال \"نص، بلا نهاية");
}

#[test]
fn damaged_text_stays() {
    let unit = [b"\xD9".as_slice(), "قال \"نص\" ، ثم".as_bytes()].concat();
    assert_eq!(repair(Repair::default(), &unit).0, unit);
}

#[test]
fn line_ends_within_a_unit_stay() {
    let unit = "قال الوزير \r\n“نص ،\rطويل”\n \nثم";
    assert_eq!(in_full(unit), "قال الوزير \r\n«نص،\rطويل»\n \nثم");
    // And so does what each of them begins with.
    let list = "البنود :\n1 . أول البنود\n  2 . ثاني البنود\n- ثالث  البنود";
    assert_eq!(in_full(list), "البنود:\n1 . أول البنود\n  2 . ثاني البنود\n- ثالث البنود");
}

/// How long the repair of a unit takes, the least of some times.
fn time(unit: &str) -> Duration {
    let mut repairer = Repairer::new(Repair::default());
    let once = |_| {
        let begun = Instant::now();
        repairer.repair(unit.as_bytes());
        begun.elapsed()
    };
    (0..3).map(once).min().unwrap()
}

#[test]
fn lines_that_do_harm_take_as_long_for_each_byte_as_short_ones() {
    let parts = [
        "\"",
        "«",
        "»",
        "»ن",
        "\" ",
        " \"",
        "\"ن",
        "ن\"",
        "ن \"",
        "''",
        "<",
        "<<ن",
        "<a ",
        "`",
        "`ن",
        " ",
        "ن  ",
        ".",
        " .",
        "ن.",
        "ن .",
        "!",
        "، ",
        "ن ،",
        "(",
        "( ",
        "(ن ",
        ")",
        "ـ",
        "نـ",
        "ن\u{64E}",
        "\u{64E}ـ",
        "\u{200F}",
        "ن\u{200F}",
        "\u{200B}",
        "ن\u{200B}",
        "﴿",
        "﴾ن",
        "@",
        "a\"",
        "a \"b\" ",
        "5\"",
        "و\"",
        "\u{A0}",
        "ن\u{A0}",
        "\"\"ن\"\" ",
        "“قال \"نعم\"” ",
        "ن.ن",
        "قال.قال ",
        "ن:\"",
        "|",
        "#\"",
        "\\\"",
    ];
    for part in parts {
        let of_len = |bytes: usize| format!("قال {} نعم", part.repeat(bytes / part.len()));
        let (short, long) = (of_len(5_000), of_len(160_000));
        let (short, long) = (time(&short), time(&long));
        assert!(long < 32 * 8 * short.max(Duration::from_micros(200)), "{part:?}: {short:?}, {long:?}");
    }
}

/// Signs that rules look at, and others.
fn arabic_text() -> impl Strategy<Value = String> {
    let interesting = "ابتلنوفكهةىيأآء\u{640}\u{640}\u{64E}\u{651}\u{654}01٣٫%.,،؛;:?؟!…-–—/()[]{}\"\"\"''`«»“”„‘’<>#@_&=|*\\\
        \u{A0}\u{200B}\u{200C}\u{200D}\u{200E}\u{200F}\u{202A}\u{202C}\u{202E}\u{2067}\u{2069}\u{FEFF}\u{AD}\u{2009}\u{2028}\u{2029}     \t\n\r\
        \u{FEFB}\u{FDFA}﴿﴾＂❝❞ABs中\u{301}\u{FFFD}😀";
    let chars: Vec<char> = interesting.chars().collect();
    let part = prop_oneof![
        10 => prop::sample::select(chars).prop_map(String::from),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..30).prop_map(|parts| parts.concat())
}

/// Text as news has it, badly set.
fn news_text() -> impl Strategy<Value = String> {
    let words = "قال|الوزير|لـ|هـ|الـ|محمـــد|مُـدَّ|CNN|Hello|13|٢٠٢٤|5|و|ب|إلى|شيء|د|أ|1,000|10:30|نعم|إنه|http://x.org/a?b=\"c\"|\
                 me@x.org|#وسم|العربية.نت|a.txt|ﻋﺮﺑﻴﺔ|&quot;|<b>|</b>|`x`|﴿|﴾|أ.ف.ب.|...|5\"|:)|***";
    let signs = " | | | | |  |   |     |\u{A0}|\u{200F}|\u{200C}|،|.|..|…|:|؟|!|؛|,|\"|\"|\"|“|”|«|»|''|'|’|<<|>>|(|)|[|]|-|–|/|%|ـ|\u{64E}|\u{200B}|\u{AD}|\t|\n";
    let split = |list: &str| list.split('|').map(str::to_owned).collect::<Vec<String>>();
    let part = prop_oneof![4 => prop::sample::select(split(words)), 5 => prop::sample::select(split(signs))];
    prop::collection::vec(part, 0..30).prop_map(|parts| parts.concat())
}

/// Text of quotations, most of which pair.
fn quoting_text() -> impl Strategy<Value = String> {
    let marks = prop::sample::select(vec![
        ("\"", "\""),
        ("“", "”"),
        ("”", "“"),
        ("”", "”"),
        ("«", "»"),
        ("»", "«"),
        ("''", "''"),
        ("‘‘", "’’"),
        ("\"\"", "\"\""),
        ("<<", ">>"),
    ]);
    let inner = prop::sample::select(vec![
        "نص",
        "نص طويل",
        "إن عام 2024",
        "Apple",
        "العربية.نت",
        "قال \"نعم\" ثم",
        "قال “نعم”",
        "5",
        "نعم.",
        "لا، نعم",
    ]);
    let space = || prop::sample::select(vec!["", "", " ", " ", "  ", "\u{A0}", "\u{200F}"]);
    let between = prop::sample::select(vec!["قال", "و", "لـ", "، ", ":", ".", "(", ")", "ثم غادر", "CNN", "13", " ،"]);
    let quotation = (between, space(), marks, space(), inner, space(), space());
    let quotation = quotation.prop_map(|(before, outer, (open, close), left, inner, right, behind)| {
        format!("{before}{outer}{open}{left}{inner}{right}{close}{behind}")
    });
    prop::collection::vec(quotation, 1..5).prop_map(|parts| parts.concat())
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![arabic_text(), news_text(), quoting_text()]
}

/// What is mended, and how: any of it.
fn any_repair() -> impl Strategy<Value = Repair> {
    let kinds = prop::collection::vec(prop::sample::select(Kind::ALL.to_vec()), 0..5);
    (prop_oneof![Just(Kind::ALL.to_vec()), kinds], prop::sample::select(QuoteStyle::ALL.to_vec()))
        .prop_map(|(kinds, quotes)| Repair { kinds: Kinds::of(&kinds), quotes })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 5 } else { 4_000 }, ..ProptestConfig::default() })]

    #[test]
    fn a_repaired_unit_folds_as_before_and_a_second_repair_finds_nothing(text in any_text(), options in any_repair()) {
        let mut repairer = Repairer::new(options);
        let done = repairer.repair(text.as_bytes());
        let (once, unpaired) = (repaired(text.as_bytes(), done.edits), done.unpaired);
        for level in &Level::ALL[1..] {
            let folded = |text: &[u8]| Folder::new(level.folds()).fold(text).text().to_vec();
            prop_assert_eq!(folded(text.as_bytes()), folded(&once), "{}", level);
        }
        let again = repairer.repair(&once);
        prop_assert_eq!(again.edits, &[] as &[Edit]);
        if !done_refused(options, &text) {
            prop_assert_eq!(again.unpaired, unpaired);
        }
    }

    #[test]
    fn edits_are_in_order_within_the_unit_and_few(text in any_text(), options in any_repair()) {
        let mut repairer = Repairer::new(options);
        let mut at = 0;
        for Edit { range, with } in repairer.repair(text.as_bytes()).edits {
            prop_assert!(at <= range.start && range.start <= range.end && range.end <= text.len());
            prop_assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end));
            prop_assert_ne!(&text[range.clone()], *with, "it changes something");
let kept = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{200C}', '\u{200D}'];
            let goes = text[range.clone()].contains(kept);
            prop_assert!(!goes);
            at = range.end;
        }
    }

    #[test]
    fn text_without_arabic_stays(text in "[ -~\u{A0}-\u{FF}«»“”0-9٠-٩،؟\u{200F}]{0,40}") {
        for kinds in [Kinds::default(), Kinds::of(&[Kind::Quotes])] {
            prop_assert_eq!(repair(Repair { kinds, ..Repair::default() }, text.as_bytes()).0, text.as_bytes());
        }
    }

    #[test]
    fn numbers_addresses_and_latin_runs_stay_in_arabic_text(
        before in news_text(),
        within in prop::sample::select(vec![
            "1,000", "12.5", "10:30", "1/2", "٣٫٥", "http://x.org/a?b=c,d:e", "www.example.com", "me@x.org", "@user", "#وسم_هنا", "file.v2.txt",
            "Hello , world", "x  ( y )", "أ.ف.ب.", "C:\\a\\b.txt", "50%", "it's", "a<b", "5'10",
        ]),
        after in news_text(),
    ) {
        // Apart from what is around it, which may be put in quotation marks or lose a space.
        let text = format!("{before} نعم {within} نعم {after}");
        let mended = in_full(&text);
        prop_assert!(mended.contains(within), "{} {}", text, mended);
    }

    #[test]
    fn bytes_that_are_no_text_stay(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let mended = repair(Repair::default(), &bytes).0;
        prop_assert!(mended == bytes || std::str::from_utf8(&bytes).is_ok());
    }
}

fn done_refused(options: Repair, text: &str) -> bool {
    Repairer::new(options).repair(text.as_bytes()).refused
}
