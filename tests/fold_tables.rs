//! `src/fold/tables.rs` is made from `src/fold/data/*.tsv`. This test makes it again and compares;
//! `TIKRAR_BLESS=1 cargo test --test fold_tables` writes it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test that can't go on has failed")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use tikrar::fold::{Fold, Level};
use unicode_normalization::{IsNormalized, is_nfc_quick};

/// In the order of the bits of `Class` in `src/fold/atom.rs`.
const CLASSES: [&str; 10] =
    ["letter", "mark", "digit", "punctuation", "space", "ignorable", "latin", "arabic", "dual", "vowel"];
/// Further bits of `Class`, computed here.
const COMPOSES: u16 = 1 << 10;
const CODE_POINTS: usize = 0x11_0000;

fn rows(source: &str) -> impl Iterator<Item = Vec<&str>> {
    source.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(|line| line.split('\t').collect())
}

fn code_point(hex: &str) -> u32 {
    u32::from_str_radix(hex, 16).unwrap_or_else(|_| panic!("'{hex}' is no code point"))
}

fn tables(unicode: &str, folds: &str) -> String {
    let mut classes = vec![0_u16; CODE_POINTS];
    for row in rows(unicode) {
        let [class, first, last] = row[..] else { panic!("{row:?} is not class, first, last") };
        let bit = CLASSES.iter().position(|name| *name == class).expect("a known class");
        for code in code_point(first)..=code_point(last) {
            classes[code as usize] |= 1 << bit;
        }
    }
    for (code, class) in classes.iter_mut().enumerate() {
        let Some(c) = char::from_u32(code as u32) else { continue };
        let stays = is_nfc_quick(std::iter::once(c)) == IsNormalized::Yes;
        if !stays || unicode_normalization::char::canonical_combining_class(c) != 0 {
            *class |= COMPOSES;
        }
    }
    let class_of = classes.clone();
    let mut folds_of = vec![0_u32; CODE_POINTS];
    let mut map: BTreeMap<u32, Vec<(Fold, String)>> = BTreeMap::new();
    let mut entities: BTreeMap<&str, char> = BTreeMap::new();
    for row in rows(folds) {
        let (fold, from, to) = (row[0], row[1], row[2]);
        let target: String =
            to.split(' ').filter(|hex| !hex.is_empty()).map(|hex| char::from_u32(code_point(hex)).unwrap()).collect();
        if from.starts_with('&') {
            entities.insert(from, target.chars().next().unwrap());
        } else {
            let code = code_point(from);
            let fold: Fold = fold.parse().unwrap();
            folds_of[code as usize] |= 1 << fold as u32;
            map.entry(code).or_default().push((fold, target));
        }
    }

    let mut kinds: Vec<(u16, u32)> = Vec::new();
    let kind_of: Vec<usize> = classes.into_iter().zip(folds_of).map(|kind| place_of(&mut kinds, kind)).collect();
    assert!(kinds.len() <= 256, "{} kinds", kinds.len());
    let mut pages: Vec<&[usize]> = Vec::new();
    let page_of: Vec<usize> = kind_of.chunks(256).map(|page| place_of(&mut pages, page)).collect();
    let mut targets = String::new();
    let mut out = String::from(
        "// Made from data/unicode.tsv and data/folds.tsv by tests/fold_tables.rs. Do not edit.\n\n\
         //! The fold tables: properties of code points in two stages, and what named folds turn code points into.\n\n\
         pub(super) const UNICODE_VERSION: (u8, u8, u8) = (18, 0, 0);\n\n",
    );
    wrapped(&mut out, &format!("PAGE_OF: [u8; {}]", page_of.len()), page_of.iter().map(ToString::to_string));
    let page_rows = pages.iter().map(|page| format!("{page:?}").replace(", ", ","));
    wrapped(&mut out, &format!("PAGES: [[u8; 256]; {}]", pages.len()), page_rows);
    let kind_rows = kinds.iter().map(|(class, folds)| format!("(0x{class:X}, 0x{folds:X})"));
    wrapped(&mut out, &format!("KINDS: [(u16, u32); {}]", kinds.len()), kind_rows);
    let fast = |range: std::ops::Range<u32>| range.map(|code| fast_entry(code, &class_of, &map).to_string());
    wrapped(&mut out, "FAST: [u16; 0x800]", fast(0..0x800));
    wrapped(&mut out, "FAST_GENERAL: [u16; 0x80]", fast(0x2000..0x2080));
    wrapped(&mut out, "FAST_FORMS_A: [u16; 0x2B0]", fast(0xFB50..0xFE00));
    wrapped(&mut out, "FAST_FORMS_B: [u16; 0x90]", fast(0xFE70..0xFF00));
    let later = |entry: &dyn Fn(u32, u16, Option<char>) -> u16, level: Level, before: Level| {
        let entries = (0..0x800).map(|code| {
            let rows = map.get(&code).map_or(&[][..], |rows| rows);
            let is_row = |fold: Fold| level.folds().has(fold) && !before.folds().has(fold);
            let target = rows.iter().find(|(fold, _)| is_row(*fold)).map(|(_, target)| target.chars().next());
            entry(code, class_of[code as usize], target.unwrap_or(char::from_u32(code))).to_string()
        });
        entries.collect::<Vec<String>>().into_iter()
    };
    let orthography = later(&orthography_entry, Level::Orthography, Level::Typography);
    wrapped(&mut out, "FAST_ORTHOGRAPHY: [u16; 0x800]", orthography);
    wrapped(&mut out, "FAST_LOOSE: [u16; 0x800]", later(&loose_entry, Level::Loose, Level::Orthography));
    let mut map_rows = Vec::new();
    for (code, entries) in &map {
        for (fold, target) in entries {
            let start = targets.find(target.as_str()).unwrap_or_else(|| {
                targets.push_str(target);
                targets.len() - target.len()
            });
            map_rows.push(format!("(0x{code:X}, {}, {start}, {})", *fold as u8, target.len()));
        }
    }
    wrapped(&mut out, &format!("MAP: [(u32, u8, u16, u8); {}]", map_rows.len()), map_rows.into_iter());
    writeln!(out, "pub(super) static TARGETS: &str = \"{}\";\n", targets.escape_unicode()).unwrap();
    let entity_rows = entities.iter().map(|(name, c)| format!("({name:?}, '{}')", c.escape_unicode()));
    wrapped(&mut out, &format!("ENTITIES: [(&str, char); {}]", entities.len()), entity_rows);
    out
}

/// What the fast path does with a code point below U+0800 or in General Punctuation: its class (the numbers of
/// `fast::class`) and the code point it turns into, 0 for the ellipsis.
fn fast_entry(code: u32, classes: &[u16], map: &BTreeMap<u32, Vec<(Fold, String)>>) -> u16 {
    let class = classes[code as usize];
    let is = |name: &str| has_class(class, name);
    let entry = |fast: u16, code: u32| if code < 0x800 { fast << 11 | code as u16 } else { 0 };
    let punctuation = |c: char| match c {
        ',' | ';' | ':' | '!' | '?' | '.' => entry(8, c.into()),
        '…' => entry(8, 0),
        '(' | '[' | '{' | '/' => entry(9, c.into()),
        ')' | ']' | '}' => entry(10, c.into()),
        '-' => entry(11, c.into()),
        '"' => entry(12, c.into()),
        '%' => entry(13, c.into()),
        '*' => entry(14, c.into()),
        '\'' => entry(17, c.into()),
        _ => 0,
    };
    let c = char::from_u32(code).unwrap();
    if is("space") {
        return entry(2, 0x20);
    }
    if is("ignorable") {
        return entry(1, 0);
    }
    let typography = map.get(&code).and_then(|rows| rows.iter().find(|(fold, _)| Level::Typography.folds().has(*fold)));
    if let Some((_, target)) = typography {
        let mut target = target.chars();
        return match (target.next(), target.next()) {
            _ if c == '٫' => entry(23, 0),
            (Some('•'), None) if !c.is_control() => entry(18, code),
            (Some('ك'), None) => entry(4, 'ك'.into()),
            (Some(' '), None) => entry(2, 0x20),
            (Some(digit), None) if digit.is_ascii_digit() => entry(6, digit.into()),
            // A presentation form of a single letter is that letter.
            (Some(letter), None) if code >= 0x800 && has_class(classes[letter as usize], "arabic") => {
                fast_entry(letter.into(), classes, map)
            }
            (Some(c), None) if !is("letter") => punctuation(c),
            _ => 0,
        };
    }
    match c {
        'ی' => entry(15, 'ى'.into()),
        'ـ' => entry(16, 0),
        '\u{64B}'..='\u{652}' => entry(5, code),
        _ if is("mark") || class & COMPOSES != 0 || c.is_control() => 0,
        _ if is("arabic") => entry(if is("dual") && c != 'ى' { 4 } else { 3 }, code),
        '0'..='9' => entry(6, code),
        _ if is("latin") => entry(7, code),
        // These are apostrophes in Latin words.
        'ʻ' | 'ʼ' => 0,
        _ if is("letter") => entry(22, code),
        _ if is("digit") => 0,
        '&' => entry(19, code),
        '<' | '>' => entry(20, code),
        '\\' => entry(21, code),
        _ if punctuation(c) != 0 => punctuation(c),
        _ => entry(14, code),
    }
}

fn has_class(class: u16, name: &str) -> bool {
    class & 1 << CLASSES.iter().position(|known| *known == name).unwrap() != 0
}

/// What the fast path to `orthography` does with a code point: 0 leaves it to the plain rules, 1 writes its counterpart,
/// 2 drops it.
fn orthography_entry(code: u32, class: u16, target: Option<char>) -> u16 {
    const GUARDED: [char; 7] = ['ھ', 'ہ', 'ە', 'ۀ', 'ۂ', 'ۃ', 'ڪ'];
    match (char::from_u32(code), target) {
        // Hamza and madda that did not compose, and the letters that a language guard may protect.
        (Some('\u{653}'..='\u{655}'), _) => 0,
        (Some(c), _) if GUARDED.contains(&c) => 0,
        // A sign that goes leaves white space behind.
        (_, None) => 0,
        _ if has_class(class, "vowel") => 2 << 11,
        (_, Some(target)) => 1 << 11 | u32::from(target) as u16,
    }
}

/// What the fast path to `loose` does with a code point: 0 leaves it to the plain rules, 1 writes its counterpart, 2 takes
/// it for part of a gap.
fn loose_entry(code: u32, class: u16, target: Option<char>) -> u16 {
    let Some(target) = target else { return 0 };
    match char::from_u32(code) {
        Some('%') => 1 << 11 | code as u16,
        _ if has_class(class, "space") || has_class(class, "punctuation") => 2 << 11,
        Some(c) if c.is_ascii() => 1 << 11 | u16::from(c.to_ascii_lowercase() as u8),
        // Case outside ASCII is for the plain rules.
        _ if has_class(class, "latin") => 0,
        _ => 1 << 11 | u32::from(target) as u16,
    }
}

/// Where the item stands in the list; it is added where it does not.
fn place_of<T: PartialEq>(list: &mut Vec<T>, item: T) -> usize {
    list.iter().position(|known| *known == item).unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    })
}

fn wrapped(out: &mut String, declaration: &str, items: impl Iterator<Item = String>) {
    writeln!(out, "pub(super) static {declaration} = [").unwrap();
    let mut line = String::new();
    for item in items {
        if line.len() + item.len() > 110 && !line.is_empty() {
            writeln!(out, "   {line}").unwrap();
            line.clear();
        }
        write!(line, " {item},").unwrap();
    }
    writeln!(out, "   {line}\n];\n").unwrap();
}

#[test]
fn the_tables_are_made_from_their_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/fold");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let made = tables(&read("data/unicode.tsv"), &read("data/folds.tsv"));
    if std::env::var_os("TIKRAR_BLESS").is_some() {
        std::fs::write(root.join("tables.rs"), &made).unwrap();
    }
    assert!(made == read("tables.rs"), "src/fold/tables.rs is stale: run TIKRAR_BLESS=1 cargo test --test fold_tables");
}

#[test]
fn presentation_forms_fold_as_unicode_decomposes_them() {
    use unicode_normalization::UnicodeNormalization;

    let source =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/fold/data/folds.tsv")).unwrap();
    let mut checked = 0;
    for row in rows(&source).filter(|row| row[0] == "forms") {
        let c = char::from_u32(code_point(row[1])).unwrap();
        let to: String = row[2].split(' ').map(|hex| char::from_u32(code_point(hex)).unwrap()).collect();
        let compatible: String = std::iter::once(c).nfkc().collect();
        match c {
            '\u{FDFA}' | '\u{FDFB}' => assert_eq!(to, format!(" {compatible} ")),
            // The rial sign decomposes with a Farsi yeh; the bismillah does not decompose.
            '\u{FDFC}' | '\u{FDFD}' => {}
            _ => assert_eq!(to, compatible.trim_start_matches([' ', '\u{640}']), "U+{}", row[1]),
        }
        checked += 1;
    }
    assert_eq!(checked, 730);
}
