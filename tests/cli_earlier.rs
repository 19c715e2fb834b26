//! `clean --index`: what earlier runs have seen is left out of later ones.

#![cfg(feature = "index")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::fs;

use command::{folder, run, text, tikrar};
use tempfile::TempDir;

const STORY: &str = "قالت الوكالة إن الرئيس افتتح اليوم مصنعا جديدا للسيارات في المدينة الساحلية";
const QUOTED: &str = "وأضاف الوزير في تصريح للصحافة \"إن المشروع يوفر ألف فرصة عمل للشباب\" هذا العام";
const QUOTED_AGAIN: &str = "وأضاف الوزير في تصريح للصحافة «إن المشروع يوفر ألف فرصة عمل للشباب» هذا العام";
const NEW: &str = "وفي خبر آخر أعلنت الجامعة عن فتح باب التسجيل للعام الدراسي الجديد أمام الطلبة";

/// Two days of a crawl.
fn days() -> TempDir {
    let day1 = format!("أول\n\n{STORY}\n{QUOTED}\n");
    let day2 = format!(
        "{{\"id\":\"u1\",\"text\":\"{STORY}\\n{QUOTED_AGAIN}\"}}\n{{\"id\":\"u2\",\"text\":\"{NEW}\"}}\n{{\"text\":\"{NEW}\\nنعم\"}}\n"
    );
    folder(&[("day1/a.txt", day1.as_bytes()), ("day2/b.jsonl", day2.as_bytes())])
}

fn clean(folder: &TempDir, more: &[&str]) -> (String, String) {
    let out = run(folder, &[&["clean", "--scope", "corpus", "--index", "news.index"], more].concat());
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    (text(&out.stdout), text(&out.stderr))
}

#[test]
fn what_was_seen_on_days_before_is_left_out() {
    let folder = days();
    let (day1, said) = clean(&folder, &["day1/a.txt"]);
    assert_eq!(day1, format!("أول\n\n{STORY}\n{QUOTED}\n"));
    assert_eq!(said, "");
    let (day2, said) = clean(&folder, &["day2/b.jsonl"]);
    let left = format!("{{\"id\":\"u1\",\"text\":\"\"}}\n{{\"id\":\"u2\",\"text\":\"{NEW}\"}}\n{{\"text\":\"نعم\"}}\n");
    assert_eq!(day2, left);
    assert_eq!(
        said,
        "day2/b.jsonl, record 1 (u1): lines 1-2 repeat lines 3-4 of day1/a.txt of an earlier run\n\
         day2/b.jsonl, record 3: line 1 repeats line 1 of day2/b.jsonl, record 2\n\
         removed 3 of 5 lines, 2 blocks in 2 documents\n"
    );
    let (day3, said) = clean(&folder, &["day1/a.txt", "-"]);
    assert_eq!((day3, said), (day1, String::new()), "empty standard input beside it");
}

#[test]
fn the_same_file_gives_the_same_again_from_wherever_it_is_named() {
    let folder = days();
    clean(&folder, &["day1/a.txt"]);
    let first = clean(&folder, &["day2/b.jsonl"]).0;
    for _ in 0..2 {
        assert_eq!(clean(&folder, &["day2/b.jsonl"]).0, first);
    }
    let absolute = folder.path().join("day2/b.jsonl");
    assert_eq!(clean(&folder, &[absolute.to_str().unwrap()]).0, first);
    let arguments = ["clean", "--scope", "corpus", "--index", "../news.index", "b.jsonl"];
    let within = tikrar(&arguments).current_dir(folder.path().join("day2")).output().unwrap();
    assert_eq!(text(&within.stdout), first);
    // It moves together with its files.
    let moved = tempfile::tempdir().unwrap();
    fs::rename(folder.path(), moved.path().join("elsewhere")).unwrap();
    let arguments = ["clean", "--scope", "corpus", "--index", "elsewhere/news.index", "elsewhere/day2/b.jsonl"];
    let moved = tikrar(&arguments).current_dir(moved.path()).output().unwrap();
    assert_eq!(text(&moved.stdout), first);
    fs::create_dir(folder.path()).unwrap();
}

#[test]
fn a_file_of_another_name_or_text_is_another_document() {
    let folder = days();
    clean(&folder, &["day1/a.txt"]);
    fs::copy(folder.path().join("day1/a.txt"), folder.path().join("copy.txt")).unwrap();
    assert_eq!(clean(&folder, &["copy.txt"]).0, "");
    fs::write(folder.path().join("day1/a.txt"), format!("{STORY}\n{NEW}\n")).unwrap();
    assert_eq!(clean(&folder, &["day1/a.txt"]).0, format!("{NEW}\n"), "what it has told before");
}

#[test]
fn in_place_a_file_that_was_added_to_keeps_what_only_it_has() {
    let folder = days();
    let path = folder.path().join("day1/a.txt");
    fs::write(&path, format!("{STORY}\n{QUOTED}\n{STORY}\n")).unwrap();
    clean(&folder, &["-i", "day1"]);
    let cleaned = format!("{STORY}\n{QUOTED}\n");
    assert_eq!(fs::read_to_string(&path).unwrap(), cleaned);
    clean(&folder, &["-i", "day1"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), cleaned);
    fs::write(&path, format!("{cleaned}{NEW}\n{QUOTED_AGAIN}\n")).unwrap();
    clean(&folder, &["-i", "day1"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{cleaned}{NEW}\n"));
    assert_eq!(clean(&folder, &["day1/a.txt"]).0, format!("{cleaned}{NEW}\n"), "and not in its place");
    let info = run(&folder, &["index", "verify", "news.index"]);
    assert!(text(&info.stdout).starts_with("news.index: sound, "), "{}", text(&info.stderr));
}

#[test]
fn in_place_records_may_be_moved_and_called_something_else() {
    let record = |text: &str| format!("{{\"text\":\"{text}\"}}\n");
    let folder = folder(&[("r.jsonl", [record(STORY), record(QUOTED)].concat().as_bytes())]);
    let path = folder.path().join("r.jsonl");
    clean(&folder, &["-i", "r.jsonl"]);
    let before_others = [record("خبر"), record(STORY), record(QUOTED)].concat();
    let turned = [record(QUOTED), record(STORY)].concat();
    let with_ids = before_others.replace("{\"text\"", "{\"id\":\"x\",\"text\"");
    for text in [&before_others, &turned, &with_ids] {
        fs::write(&path, text).unwrap();
        clean(&folder, &["-i", "r.jsonl"]);
        assert_eq!(&fs::read_to_string(&path).unwrap(), text);
    }
    fs::write(&path, [record(STORY), record(STORY), record(NEW)].concat()).unwrap();
    let left = [record(STORY), record(NEW)].concat();
    for options in [&["--drop-document-above", "50%"][..], &[], &["--id-field", "text"]] {
        clean(&folder, &[options, &["-i", "r.jsonl"]].concat());
        assert_eq!(fs::read_to_string(&path).unwrap(), left);
    }
}

#[test]
fn a_folder_is_filled_as_one_output_would_be() {
    let folder = days();
    clean(&folder, &["day1", "--output-dir", "out"]);
    clean(&folder, &["day2", "--output-dir", "out2", "--removed", "gone.jsonl"]);
    let other = days();
    clean(&other, &["day1/a.txt"]);
    let wanted = clean(&other, &["day2/b.jsonl"]).0;
    assert_eq!(fs::read_to_string(folder.path().join("out2/day2/b.jsonl")).unwrap(), wanted);
    let gone = fs::read_to_string(folder.path().join("gone.jsonl")).unwrap();
    let first: serde_json::Value = serde_json::from_str(gone.lines().next().unwrap()).unwrap();
    assert_eq!(first["original"]["earlier"], "day1/a.txt");
    assert_eq!(first["original"]["lines"], serde_json::json!([3, 3]));
    let back = run(&folder, &["restore", "--removed", "gone.jsonl", "out2/day2/b.jsonl"]);
    assert_eq!(back.stdout, fs::read(folder.path().join("day2/b.jsonl")).unwrap());
}

#[test]
fn a_dry_run_writes_no_index() {
    let folder = days();
    clean(&folder, &["--dry-run", "day1/a.txt"]);
    assert!(!folder.path().join("news.index").exists());
    clean(&folder, &["day1/a.txt"]);
    let index = fs::read(folder.path().join("news.index")).unwrap();
    let (out, said) = clean(&folder, &["--dry-run", "day2/b.jsonl"]);
    assert_eq!(out, "");
    assert!(said.contains("would remove 3 of 5 lines"), "{said}");
    assert_eq!(fs::read(folder.path().join("news.index")).unwrap(), index);
}

#[test]
fn a_run_that_fails_leaves_the_index_as_it_was() {
    let folder = days();
    clean(&folder, &["day1/a.txt"]);
    let before = text(&run(&folder, &["index", "info", "news.index"]).stdout);
    let arguments = ["clean", "--scope", "corpus", "--index", "news.index"];
    for more in [&["day2/b.jsonl", "--max-removed", "0.1"][..], &["day2/b.jsonl", "--removed", "no/such/folder"]] {
        let out = run(&folder, &[&arguments, more].concat());
        assert_eq!(out.status.code(), Some(2));
        assert_eq!(text(&run(&folder, &["index", "info", "news.index"]).stdout), before);
    }
}

#[test]
fn in_little_memory_it_is_the_same() {
    let folder = days();
    clean(&folder, &["day1/a.txt"]);
    let other = days();
    clean(&other, &["--memory", "64M", "day1/a.txt"]);
    assert_eq!(clean(&folder, &["day2/b.jsonl"]), clean(&other, &["--memory", "64M", "day2/b.jsonl"]));
}

#[test]
fn what_does_not_go_with_an_index_is_refused() {
    let folder = days();
    clean(&folder, &["day1/a.txt"]);
    let corpus = ["clean", "--scope", "corpus", "--index", "news.index"];
    let cases: [(&[&str], &str); 6] = [
        (
            &["clean", "--index", "news.index", "day1/a.txt"],
            "--index looks across documents: give --scope corpus with it",
        ),
        (
            &[&corpus[..], &["--level", "loose", "day1/a.txt"]].concat(),
            "--index news.index: news.index was made with level typography and this run has level loose: an index holds keys of \
             one kind only; give the same options, or another file",
        ),
        (&[&corpus[..], &["--verify", "day1/a.txt"]].concat(), "--index"),
        (&[&corpus[..], &["-o", "news.index", "day1/a.txt"]].concat(), "-o and --index are both news.index"),
        (&[&corpus[..], &["news.index"]].concat(), "news.index"),
        (
            &["clean", "--scope", "corpus", "--index", "day1/a.txt", "day2/b.jsonl"],
            "--index day1/a.txt: day1/a.txt is no index that tikrar made",
        ),
    ];
    for (arguments, wanted) in cases {
        let out = run(&folder, arguments);
        assert_eq!(out.status.code(), Some(2), "{arguments:?}");
        assert!(text(&out.stderr).contains(wanted), "{arguments:?}: {}", text(&out.stderr));
    }
}
