//! `check` and `diff` in corpus scope: what repeats across documents, and what would go.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::fs;
use std::process::{Command, Stdio};

use command::{folder, run, text, tikrar};
use tempfile::TempDir;

const ONE: &str = "قال الوزير إن النتائج \"جيدة جدا\" وإن العمل مستمر في كل المدن";
const ONE_AGAIN: &str = "قال الوزير إن النتائج «جيدة جدا» وإن العمل مستمر في كل المدن";
const TWO: &str = "وأضاف أن الفرق الطبية ستواصل زياراتها إلى القرى البعيدة حتى نهاية العام";
const THREE: &str = "وختم الوزير كلمته بالشكر لكل من شارك في هذا العمل الكبير من أهل البلاد";

fn papers() -> TempDir {
    folder(&[
        ("a.txt", format!("عنوان\n\n{ONE}\n{TWO}\n").as_bytes()),
        ("b.txt", format!("{THREE}\n\n{ONE_AGAIN}\n{TWO}\n\nالنهاية\n").as_bytes()),
        ("c.jsonl", format!("{{\"id\":\"x\",\"text\":\"{THREE}\"}}\n{{\"text\":\"جديد\\n{TWO}\\nآخر\"}}\n").as_bytes()),
        ("d.txt", format!("{ONE} {TWO}\n").as_bytes()),
    ])
}

const FILES: [&str; 4] = ["a.txt", "b.txt", "c.jsonl", "d.txt"];

#[test]
fn check_lists_what_repeats_across_documents() {
    let folder = papers();
    let out = run(&folder, &[&["check", "--scope", "corpus"][..], &FILES].concat());
    assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
    insta::assert_snapshot!(text(&out.stdout), @r"
    b.txt:3: lines 3-4 repeat lines 3-4 of a.txt
        قال الوزير إن النتائج «جيدة جدا» وإن العمل مستمر في كل المدن
    c.jsonl, record 1 (x):1: line 1 repeats line 1 of b.txt
        وختم الوزير كلمته بالشكر لكل من شارك في هذا العمل الكبير من…
    c.jsonl, record 2:2: line 2 repeats line 4 of a.txt
        وأضاف أن الفرق الطبية ستواصل زياراتها إلى القرى البعيدة حتى…
    looked at 5 documents and 12 lines: 4 are copies, in 3 blocks
    ");
    let out = run(&folder, &["check", "--scope", "corpus", "a.txt", "d.txt"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stdout));
    assert_eq!(text(&out.stdout), "looked at 2 documents and 4 lines: no repeats\n");
    let quiet = run(
        &folder,
        &["check", "-q", "--scope", "corpus", "--boilerplate", "3", "--min-words", "90", "a.txt", "b.txt"],
    );
    assert_eq!((quiet.status.code(), text(&quiet.stdout)), (Some(0), String::new()));
}

#[test]
fn check_names_what_stands_everywhere_and_whole_documents() {
    let folder = papers();
    let arguments = ["check", "--scope", "corpus", "--boilerplate", "3", "--drop-document-above", "60%"];
    let out = run(&folder, &[&arguments[..], &FILES].concat());
    assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
    insta::assert_snapshot!(text(&out.stdout), @r"
    a.txt:4: line 4 stands in 3 documents
        وأضاف أن الفرق الطبية ستواصل زياراتها إلى القرى البعيدة حتى…
    b.txt:1: lines 1-6: 61% of the words repeat documents before, most of them a.txt
        وختم الوزير كلمته بالشكر لكل من شارك في هذا العمل الكبير من…
    c.jsonl, record 2:1: lines 1-3: 85% of the words repeat documents before, most of them a.txt
        جديد
    looked at 5 documents and 12 lines: 8 are copies, in 3 blocks
    ");
}

#[test]
fn a_diff_of_a_corpus_is_what_clean_would_write() {
    let folder = papers();
    let files = ["a.txt", "b.txt", "d.txt"];
    let out = run(&folder, &[&["diff", "--scope", "corpus"][..], &files].concat());
    assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
    assert!(
        text(&out.stdout).starts_with("--- b.txt\n+++ b.txt\n@@ -1,6 +1,3 @@ lines 3-4 repeat lines 3-4 of a.txt\n")
    );
    let mut patch =
        Command::new("patch").args(["-p0", "-s"]).current_dir(folder.path()).stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut patch.stdin.take().unwrap(), &out.stdout).unwrap();
    assert!(patch.wait().unwrap().success());
    let patched = files.map(|name| fs::read(folder.path().join(name)).unwrap());
    let cleaned = papers();
    run(&cleaned, &[&["clean", "-q", "--scope", "corpus", "-i"][..], &files].concat());
    assert_eq!(patched, files.map(|name| fs::read(cleaned.path().join(name)).unwrap()));
}

#[test]
fn a_diff_of_records_shows_their_texts() {
    let folder = papers();
    let out = run(&folder, &[&["diff", "--scope", "corpus"][..], &FILES].concat());
    let said = text(&out.stdout);
    assert!(said.contains("--- c.jsonl, record 2\t\n"), "{said}");
    assert!(said.contains(&format!(" جديد\n-{TWO}\n آخر\n")), "{said}");
    assert_eq!(text(&out.stderr), "tikrar: a diff of records shows their texts, and patch can't apply it\n");
}

#[test]
fn standard_input_is_kept_to_be_shown() {
    let input = format!("{ONE}\n{TWO}\n{ONE}\n");
    let out = tikrar(&["check", "--scope", "corpus"]).write_stdin(input.clone()).output().unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert!(
        text(&out.stdout).starts_with("standard input:3: line 3 repeats line 1\n    قال الوزير"),
        "{}",
        text(&out.stdout)
    );
    let out = tikrar(&["diff", "--scope", "corpus"]).write_stdin(input).output().unwrap();
    assert!(
        text(&out.stdout).starts_with("--- -\n+++ -\n@@ -1,3 +1,2 @@ line 3 repeats line 1\n"),
        "{}",
        text(&out.stdout)
    );
}

#[cfg(feature = "index")]
#[test]
fn an_index_is_looked_at_and_never_changed() {
    let folder = papers();
    let index = ["--scope", "corpus", "--index", "news.index"];
    let check = |file: &str| run(&folder, &[&["check"], &index[..], &[file]].concat());
    assert_eq!(check("a.txt").status.code(), Some(0));
    assert!(!folder.path().join("news.index").exists());
    run(&folder, &[&["clean", "-q"], &index[..], &["a.txt", "-o", "cleaned.txt"]].concat());
    let before = fs::read(folder.path().join("news.index")).unwrap();
    let out = check("b.txt");
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stdout).starts_with("b.txt:3: lines 3-4 repeat lines 3-4 of a.txt of an earlier run\n"));
    let out = run(&folder, &[&["diff"], &index[..], &["b.txt"]].concat());
    assert!(text(&out.stdout).contains("@@ lines 3-4 repeat lines 3-4 of a.txt of an earlier run\n"));
    assert_eq!(fs::read(folder.path().join("news.index")).unwrap(), before);
}
