//! `--unit sentence` through the command: what stands between sentences, and what of it stays.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::fs;

use command::{folder, run, text, tikrar};

const LONG: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن.";

fn cleaned(arguments: &[&str], input: &str) -> String {
    let output = tikrar(&["clean", "-q", "--unit", "sentence"]).args(arguments).write_stdin(input).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn of_what_stands_around_a_sentence_that_goes_what_keeps_apart_furthest_stays() {
    for (before, after) in [
        // Within a line, at its end and at its start.
        ("S نعم. S لا.\n", "S نعم. لا.\n"),
        ("S نعم.  S\n", "S نعم.\n"),
        ("S\nS لا.\n", "S\nلا.\n"),
        ("S\nلا. S\nنعم\n", "S\nلا.\nنعم\n"),
        // A line of which all goes, and one that is a title.
        ("عنوان\nS S\nآخر\n", "عنوان\nS\nآخر\n"),
        ("S\r\nS S\r\nنعم\r\n", "S\r\nنعم\r\n"),
        ("عنوان\nS\nعنوان آخر\nS\nخاتمة", "عنوان\nS\nعنوان آخر\nخاتمة"),
        // Blank lines.
        ("S\n\nS\n\nلا.\n", "S\n\nلا.\n"),
        ("S\nS\n\nلا.\n", "S\n\nلا.\n"),
        ("S\n\n  S لا.\n", "S\n\n  لا.\n"),
        // The end, with and without a line end; a mark at the start.
        ("\u{FEFF}S S", "\u{FEFF}S"),
        ("S\n\nS\n", "S\n"),
        ("S لا. S", "S لا."),
    ] {
        let of = |text: &str| text.replace('S', LONG);
        for scope in ["document", "corpus"] {
            assert_eq!(cleaned(&["--scope", scope], &of(before)), of(after), "{scope}: {before:?}");
        }
    }
    let record = |text: &str| format!("{{\"id\": 1, \"text\":\"{text}\"}}\n");
    assert_eq!(cleaned(&["--format", "jsonl"], &record(&format!("{LONG} {LONG}\\nلا"))), record(&format!("{LONG}\\nلا")));
}

#[test]
fn short_sentences_go_with_their_block_and_stay_alone() {
    let block = "وصل الوفد صباحا. ثم زار المصنع الجديد؟ وعاد مساء إلى العاصمة!";
    assert_eq!(cleaned(&[], &format!("{block} انتهى. {block}\n")), format!("{block} انتهى.\n"));
    assert_eq!(cleaned(&[], "نعم. لا. نعم. لا.\n"), "نعم. لا. نعم. لا.\n");
}

#[test]
fn a_line_that_is_the_same_text_twice_is_pointed_at() {
    let check = |input: &str| text(&tikrar(&["check"]).write_stdin(input).output().unwrap().stdout);
    let let_pass = "let pass: 1 line that is the same text twice (--unit sentence)\n";
    for twice in [format!("{LONG} {LONG}\n"), format!("{LONG}{LONG}\n"), format!("{LONG} \u{200F} {LONG}\nلا\n")] {
        assert!(check(&twice).ends_with(let_pass), "{}", check(&twice));
    }
    for once in [format!("{LONG} نعم {LONG}\n"), "نعم نعم\n".to_owned(), format!("{LONG}\n")] {
        assert!(!check(&once).contains("twice"), "{}", check(&once));
    }
}

#[test]
fn sentences_come_back() {
    let article = format!("{LONG} نعم. {LONG}\n\nعنوان\n{LONG} لا.\n");
    let folder = folder(&[("a.txt", article.as_bytes())]);
    let read = || fs::read_to_string(folder.path().join("a.txt")).unwrap();
    let output = run(&folder, &["clean", "-q", "--unit", "sentence", "-i", "a.txt", "--removed", "gone.jsonl"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(read(), format!("{LONG} نعم.\n\nعنوان\nلا.\n"));
    let output = run(&folder, &["restore", "-q", "--removed", "gone.jsonl", "-i", "a.txt"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(read(), article);
}
