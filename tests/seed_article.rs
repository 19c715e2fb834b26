//! The article that tikrar began with: its lines 9-13 repeat its lines 4-8, however they are typed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test that can't go on has failed")]

use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;

const ARTICLE: &str = include_str!("../fixtures/articles/seed-article.txt");

/// The article with its second half typed another way, as it stands in `fixtures/variants`.
fn variants() -> Vec<(&'static str, String)> {
    let lines: Vec<&str> = ARTICLE.lines().collect();
    assert_eq!(lines.len(), 13);
    let (first, second) = lines.split_at(8);
    let retyped = |retype: &dyn Fn(usize, &str) -> String| {
        let second: Vec<String> = second.iter().enumerate().map(|(i, line)| retype(i, line)).collect();
        format!("{}\n{}", first.join("\n"), second.join("\n"))
    };
    let is_quote = |c: char| matches!(c, '”' | '“');
    let other_quotes = |_: usize, line: &str| {
        let others = ["\"", "«", "»", "„", "‟", "''", "``", "&quot;", "\u{93}", "＂", "<<", "﴾", "″", "\"\""];
        let mut next = others.iter().cycle();
        line.chars()
            .map(
                |c| if is_quote(c) { next.next().map_or(String::new(), |quote| (*quote).to_owned()) } else { c.into() },
            )
            .collect()
    };
    let strewn = |i: usize, line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        format!("\u{200F}{}\u{A0}", words.join(["\u{A0}", "\u{200F} ", " \u{200F}\u{A0}"][i % 3]))
    };
    let respaced = |_: usize, line: &str| {
        let mut out = String::new();
        for c in line.chars() {
            match c {
                '”' | '“' => out.push_str(&format!(" {c} ")),
                '،' | '.' | ':' => {
                    out.truncate(out.trim_end().len());
                    out.push(c);
                    if c == '،' {
                        out.push_str("  ");
                    }
                }
                _ => out.push(c),
            }
        }
        out
    };
    vec![
        ("quotes", retyped(&other_quotes)),
        ("nbsp-rlm", retyped(&strewn)),
        ("spacing", retyped(&respaced)),
        ("crlf", retyped(&|_, line| format!("{line}\r"))),
        ("presentation-forms", retyped(&|_, line| presentation_forms(line))),
    ]
}

/// Letters in the shapes that PDF extraction leaves, each by its place in the word.
fn presentation_forms(line: &str) -> String {
    // Letter, then its isolated form; final, initial and medial follow it, as many as the letter has.
    const FORMS: [(char, u32, u32); 36] = [
        ('ء', 0xFE80, 1),
        ('آ', 0xFE81, 2),
        ('أ', 0xFE83, 2),
        ('ؤ', 0xFE85, 2),
        ('إ', 0xFE87, 2),
        ('ئ', 0xFE89, 4),
        ('ا', 0xFE8D, 2),
        ('ب', 0xFE8F, 4),
        ('ة', 0xFE93, 2),
        ('ت', 0xFE95, 4),
        ('ث', 0xFE99, 4),
        ('ج', 0xFE9D, 4),
        ('ح', 0xFEA1, 4),
        ('خ', 0xFEA5, 4),
        ('د', 0xFEA9, 2),
        ('ذ', 0xFEAB, 2),
        ('ر', 0xFEAD, 2),
        ('ز', 0xFEAF, 2),
        ('س', 0xFEB1, 4),
        ('ش', 0xFEB5, 4),
        ('ص', 0xFEB9, 4),
        ('ض', 0xFEBD, 4),
        ('ط', 0xFEC1, 4),
        ('ظ', 0xFEC5, 4),
        ('ع', 0xFEC9, 4),
        ('غ', 0xFECD, 4),
        ('ف', 0xFED1, 4),
        ('ق', 0xFED5, 4),
        ('ك', 0xFED9, 4),
        ('ل', 0xFEDD, 4),
        ('م', 0xFEE1, 4),
        ('ن', 0xFEE5, 4),
        ('ه', 0xFEE9, 4),
        ('و', 0xFEED, 2),
        ('ى', 0xFEEF, 2),
        ('ي', 0xFEF1, 4),
    ];
    let form = |c: char| FORMS.iter().find(|form| form.0 == c);
    let letters: Vec<char> = line.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < letters.len() {
        let joined_before = at > 0 && form(letters[at - 1]).is_some_and(|form| form.2 == 4);
        let lam_alef = match letters[at..] {
            ['ل', 'آ', ..] => Some(0xFEF5),
            ['ل', 'أ', ..] => Some(0xFEF7),
            ['ل', 'إ', ..] => Some(0xFEF9),
            ['ل', 'ا', ..] => Some(0xFEFB),
            _ => None,
        };
        let code = match (lam_alef, form(letters[at])) {
            (Some(ligature), _) => {
                at += 1;
                ligature + u32::from(joined_before)
            }
            (None, Some(&(_, isolated, forms))) => {
                let joined_after =
                    forms == 4 && letters.get(at + 1).is_some_and(|&next| form(next).is_some_and(|form| form.2 > 1));
                let joined_before = joined_before && forms > 1;
                isolated + u32::from(joined_before) + 2 * u32::from(joined_after)
            }
            (None, None) => u32::from(letters[at]),
        };
        out.extend(char::from_u32(code));
        at += 1;
    }
    out
}

#[test]
fn the_variants_are_those_of_the_fixtures() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/variants");
    for (name, text) in variants() {
        assert_ne!(text, ARTICLE);
        let path = folder.join(format!("{name}.txt"));
        if std::env::var_os("TIKRAR_BLESS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        assert!(
            std::fs::read_to_string(&path).unwrap() == text,
            "{name} is stale: TIKRAR_BLESS=1 cargo test --test seed_article"
        );
    }
}

#[test]
fn clean_writes_the_first_eight_lines_and_nothing_else() {
    let first_eight = ARTICLE.split_inclusive('\n').take(8).collect::<String>();
    for (name, text) in variants().into_iter().chain([("as it is", ARTICLE.to_owned())]) {
        let clean = cargo_bin_cmd!("tikrar").arg("clean").write_stdin(text).output().unwrap();
        assert!(clean.status.success(), "{name}");
        assert_eq!(String::from_utf8(clean.stdout).unwrap(), first_eight, "{name}");
        let notes = String::from_utf8(clean.stderr).unwrap();
        assert_eq!(
            notes, "standard input: lines 9-13 repeat lines 4-8\nremoved 5 of 13 lines, 1 block in 1 document\n",
            "{name}"
        );
        cargo_bin_cmd!("tikrar").arg("check").write_stdin(first_eight.clone()).assert().code(0);
    }
}

#[test]
fn check_and_diff_say_what_repeats_what_and_exit_1() {
    let folds = [
        ("quotes", "by entities, quotes"),
        ("nbsp-rlm", "by spaces, invisible"),
        ("spacing", "by quotes, punctuation"),
        ("crlf", "byte for byte"),
        ("presentation-forms", "by forms"),
        ("as it is", "byte for byte"),
    ];
    for (name, text) in variants().into_iter().chain([("as it is", ARTICLE.to_owned())]) {
        let check = cargo_bin_cmd!("tikrar").arg("check").write_stdin(text.clone()).assert().code(1);
        let report = String::from_utf8(check.get_output().stdout.clone()).unwrap();
        let (_, by) = folds.iter().find(|(variant, _)| *variant == name).unwrap();
        let first = format!("standard input:9: lines 9-13 repeat lines 4-8 ({by})\n");
        assert!(report.starts_with(&first), "{name}: {report}");
        let diff = cargo_bin_cmd!("tikrar").arg("diff").write_stdin(text).assert().code(1);
        let diff = String::from_utf8(diff.get_output().stdout.clone()).unwrap();
        assert!(diff.contains("@@ -6,8 +6,3 @@ lines 9-13 repeat lines 4-8\n"), "{name}: {diff}");
    }
}
