//! `check --baseline`: what is known passes, wherever it stands, and one more of it does not.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::fs;

use command::{folder, run, text, tikrar};
use proptest::prelude::*;
use tempfile::TempDir;

const ONE: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";
const TWO: &str = "وأضاف أن الفرق الطبية ستواصل زياراتها إلى القرى البعيدة حتى نهاية العام";

fn twice(line: &str) -> String {
    format!("{line}\nنعم\n{line}\n")
}

/// What a run of `check` with the baseline comes to: its status, and what it says on either output.
fn check(folder: &TempDir, arguments: &[&str]) -> (i32, String, String) {
    let output = run(folder, &[&["check", "--baseline", "known.jsonl"], arguments].concat());
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn update(folder: &TempDir, arguments: &[&str]) -> String {
    let (status, stdout, stderr) = check(folder, &[&["--update-baseline"], arguments].concat());
    assert_eq!(status, 0, "{stdout}{stderr}");
    stderr
}

fn baseline(folder: &TempDir) -> String {
    text(&fs::read(folder.path().join("known.jsonl")).unwrap())
}

fn write(folder: &TempDir, name: &str, content: &str) {
    fs::write(folder.path().join(name), content).unwrap();
}

#[test]
fn what_is_known_passes_and_is_in_no_report() {
    let folder = folder(&[("a.txt", twice(ONE).as_bytes()), ("b.txt", twice(TWO).as_bytes())]);
    assert_eq!(update(&folder, &["a.txt"]), "tikrar: known.jsonl knows 1 finding: 1 added, 0 dropped\n");
    let (status, stdout, stderr) = check(&folder, &["a.txt"]);
    assert_eq!((status, &*stderr), (0, ""));
    assert_eq!(stdout, "looked at 1 document and 3 lines: no repeats; 1 known\n");
    let (status, stdout, _) = check(&folder, &["a.txt", "b.txt"]);
    assert_eq!(status, 1);
    assert!(stdout.starts_with("b.txt:3:") && !stdout.contains("a.txt"), "{stdout}");
    assert!(stdout.ends_with("looked at 2 documents and 6 lines: 1 is a copy, in 1 block; 1 known\n"), "{stdout}");
    for report in ["unified", "github", "gitlab", "sarif", "json"] {
        let (status, stdout, _) = check(&folder, &["--report", report, "a.txt", "b.txt"]);
        assert_eq!(status, 1);
        assert!(stdout.contains("b.txt") && !stdout.contains("a.txt"), "{report}: {stdout}");
    }
    let (_, json, _) = check(&folder, &["--report", "json", "a.txt"]);
    let summary: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!([&summary["known"], &summary["copies"], &summary["blocks"]], [1, 0, 0]);
}

#[test]
fn a_diff_shows_of_a_document_only_what_is_not_known() {
    let folder = folder(&[("a.txt", twice(ONE).as_bytes())]);
    update(&folder, &["a.txt"]);
    write(&folder, "a.txt", &format!("{}{}", twice(ONE), twice(TWO)));
    let (status, stdout, _) = check(&folder, &["--report", "unified", "a.txt"]);
    assert_eq!(status, 1);
    let gone: Vec<&str> = stdout.lines().filter(|line| line.starts_with('-') && !line.starts_with("---")).collect();
    assert_eq!(gone, [format!("-{TWO}")]);
}

#[test]
fn one_more_of_what_is_known_is_found() {
    let folder = folder(&[("a.txt", twice(ONE).as_bytes())]);
    update(&folder, &["a.txt"]);
    // Apart, so that it is a finding of its own.
    write(&folder, "a.txt", &format!("{}لا\n{ONE}\n", twice(ONE)));
    let (status, stdout, _) = check(&folder, &["a.txt"]);
    assert_eq!(status, 1, "{stdout}");
    assert!(stdout.starts_with("a.txt:5: line 5 repeats line 1"), "{stdout}");
    // In another document too.
    write(&folder, "a.txt", &twice(ONE));
    write(&folder, "b.txt", &twice(ONE));
    assert_eq!(check(&folder, &["a.txt", "b.txt"]).0, 1);
    assert_eq!(update(&folder, &["a.txt", "b.txt"]), "tikrar: known.jsonl knows 2 findings: 1 added, 0 dropped\n");
    assert_eq!(check(&folder, &["a.txt", "b.txt"]).0, 0);
}

#[test]
fn text_that_moved_or_is_set_differently_is_known_still() {
    let folder =
        folder(&[("a.txt", twice("قال الوزير إن النتائج \"جيدة جدا\" وإن العمل مستمر في كل المدن").as_bytes())]);
    update(&folder, &["a.txt"]);
    let moved = "عنوان\n\nمقدمة\nقال الوزير إن النتائج «جيدة جدا» وإن العمل مستمر في كل المدن\nنعم\nلا\nقال الوزير إن النتائج “جيدة جدا” وإن العمل مستمر في كل المدن\n";
    write(&folder, "moved.txt", moved);
    fs::remove_file(folder.path().join("a.txt")).unwrap();
    assert_eq!(
        check(&folder, &["moved.txt"]),
        (0, "looked at 1 document and 6 lines: no repeats; 1 known\n".to_owned(), String::new())
    );
}

#[test]
fn what_is_there_no_longer_is_named_and_no_error() {
    let folder = folder(&[("a.txt", twice(ONE).as_bytes()), ("b.txt", twice(TWO).as_bytes())]);
    update(&folder, &["."]);
    write(&folder, "a.txt", ONE);
    let (status, _, stderr) = check(&folder, &["."]);
    assert_eq!(status, 0);
    assert_eq!(
        stderr,
        format!(
            "tikrar: known.jsonl knows what is there no longer, or fewer times (--update-baseline drops it):\n  a.txt: 0 of 1 found: {ONE}\n"
        )
    );
    assert_eq!(check(&folder, &["-q", "."]).2, "");
    // Of files that were not looked at nothing is known; of those that are gone it is.
    assert_eq!(check(&folder, &["b.txt"]).2, "");
    fs::remove_file(folder.path().join("a.txt")).unwrap();
    assert!(check(&folder, &["b.txt"]).2.contains("a.txt: 0 of 1"));
    assert_eq!(update(&folder, &["."]), "tikrar: known.jsonl knows 1 finding: 0 added, 1 dropped\n");
    assert_eq!(check(&folder, &["."]).2, "");
}

#[test]
#[cfg(unix)]
fn a_baseline_behind_a_link_is_the_same_file_as_without() {
    let folder = folder(&[("texts/a.txt", twice(ONE).as_bytes()), ("texts/b.txt", twice(TWO).as_bytes())]);
    fs::create_dir(folder.path().join("conf")).unwrap();
    // Before the file is there, and after.
    std::os::unix::fs::symlink("conf/known.jsonl", folder.path().join("known.jsonl")).unwrap();
    update(&folder, &["texts"]);
    let written = baseline(&folder);
    assert!(written.contains("\"file\":\"../texts/a.txt\""), "{written}");
    update(&folder, &["texts"]);
    let direct = run(&folder, &["check", "--baseline", "conf/known.jsonl", "--update-baseline", "texts"]);
    assert!(direct.status.success() && baseline(&folder) == written, "{}", text(&direct.stderr));
    // What was not looked at is not taken for gone, and what is gone is.
    assert_eq!(check(&folder, &["texts/b.txt"]).2, "");
    fs::remove_file(folder.path().join("texts/a.txt")).unwrap();
    assert!(check(&folder, &["texts/b.txt"]).2.contains("../texts/a.txt: 0 of 1"));
    assert!(folder.path().join("known.jsonl").is_symlink());
}

#[test]
fn at_most_ten_stale_entries_are_named() {
    let article: String = (0..12).map(|number| twice(&format!("{ONE} {number}"))).collect();
    let folder = folder(&[("a.txt", article.as_bytes())]);
    update(&folder, &["a.txt"]);
    write(&folder, "a.txt", ONE);
    let stderr = check(&folder, &["a.txt"]).2;
    assert_eq!(stderr.lines().count(), 12);
    assert!(stderr.ends_with("\n  and 2 more\n"), "{stderr}");
}

#[test]
fn the_file_is_the_same_for_the_same_findings_and_not_written_again() {
    let folder = folder(&[
        ("texts/b.txt", twice(TWO).as_bytes()),
        ("texts/a.txt", format!("{}{}", twice(ONE), twice(TWO)).as_bytes()),
    ]);
    update(&folder, &["texts"]);
    let written = baseline(&folder);
    let lines: Vec<serde_json::Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        lines[0],
        serde_json::json!({"tikrar_baseline": 1, "keys": "rules 1, typography, unit line, min-words 10"})
    );
    assert_eq!(lines.len(), 3);
    assert!(lines[1..].iter().all(|line| line["file"] == "texts/a.txt"), "{written}");
    assert_eq!(lines[1]["count"].as_u64().unwrap() + lines[2]["count"].as_u64().unwrap(), 3);
    let modified = || fs::metadata(folder.path().join("known.jsonl")).unwrap().modified().unwrap();
    let before = modified();
    for threads in ["1", "3"] {
        update(&folder, &["-j", threads, "texts"]);
        assert_eq!(baseline(&folder), written);
    }
    assert_eq!(modified(), before);
    // From another folder it is the same file.
    let mut below = tikrar(&["check", "--baseline", "../known.jsonl", "--update-baseline", "."]);
    assert!(below.current_dir(folder.path().join("texts")).output().unwrap().status.success());
    assert_eq!(baseline(&folder), written);
}

#[test]
fn a_baseline_is_no_text_of_its_run() {
    let folder = folder(&[("a.txt", twice(ONE).as_bytes())]);
    update(&folder, &["."]);
    // A record of it has no text, so a run that reads it is one that fails.
    assert_eq!(run(&folder, &["check", "known.jsonl"]).status.code(), Some(2));
    assert_eq!(check(&folder, &["."]).0, 0);
    assert_eq!(check(&folder, &["a.txt", "known.jsonl"]).0, 0);
    update(&folder, &["a.txt", "./known.jsonl"]);
    // Alone it is nothing to look at, as a wrong path is.
    fs::create_dir(folder.path().join("empty")).unwrap();
    for nothing in [&["known.jsonl"][..], &["known.jsonl", "empty"]] {
        let (status, stdout, stderr) = check(&folder, nothing);
        assert_eq!((status, &*stdout), (2, ""));
        assert!(stderr.contains("there is nothing but what this run writes, or its baseline"), "{stderr}");
    }
}

#[test]
fn what_is_wrong_about_a_baseline_is_said_and_nothing_is_written() {
    let folder = folder(&[("a.txt", twice(ONE).as_bytes()), ("article.txt", ONE.as_bytes())]);
    let said = |arguments: &[&str], said: &str| {
        let output = run(&folder, &[&["check"], arguments].concat());
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{arguments:?}");
        let stderr = text(&output.stderr);
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    };
    said(
        &["--baseline", "known.jsonl", "a.txt"],
        "--baseline known.jsonl: there is no such file: --update-baseline makes it",
    );
    said(&["--update-baseline", "a.txt"], "--update-baseline writes the file of --baseline");
    said(&["--baseline", "-", "a.txt"], "--baseline is a file");
    said(&["--baseline", "known.jsonl", "--update-baseline", "--diff-base", "HEAD", "a.txt"], "cannot be used with");
    said(&["--baseline", "missing/known.jsonl", "--update-baseline", "a.txt"], "missing/known.jsonl");
    // An article is not taken for one, and stays.
    for update in [&[][..], &["--update-baseline"]] {
        said(
            &[&["--baseline", "article.txt", "a.txt"], update].concat(),
            "--baseline article.txt: line 1: this is no baseline",
        );
    }
    assert_eq!(fs::read(folder.path().join("article.txt")).unwrap(), ONE.as_bytes());
    update(&folder, &["a.txt"]);
    said(
        &["--baseline", "known.jsonl", "--level", "loose", "a.txt"],
        "of other keys (typography there, loose here), so it knows none",
    );
    for other in [&["--report", "json=known.jsonl"][..], &["-o", "known.jsonl"], &["--summary", "./known.jsonl"]] {
        for update in [&[][..], &["--update-baseline"]] {
            said(&[&["--baseline", "known.jsonl", "a.txt"], other, update].concat(), "known.jsonl: give another file");
        }
    }
    let known = baseline(&folder);
    let conflict = known.replacen('\n', "\n<<<<<<< HEAD\n", 1);
    for (content, line) in [
        (&*conflict, "line 2: a merge conflict"),
        (known.split_at(known.find("\"file\"").unwrap()).0, "line 2: it is cut off"),
    ] {
        write(&folder, "known.jsonl", content);
        for update in [&[][..], &["--update-baseline"]] {
            said(&[&["--baseline", "known.jsonl", "a.txt"], update].concat(), line);
        }
        assert_eq!(baseline(&folder), content);
    }
}

#[test]
fn a_baseline_of_other_keys_is_made_anew_when_asked() {
    let folder = folder(&[("a.txt", twice(ONE).as_bytes())]);
    update(&folder, &["a.txt"]);
    let said = update(&folder, &["--level", "loose", "a.txt"]);
    assert_eq!(said, "tikrar: known.jsonl knows 1 finding: 1 added, 1 dropped\n");
    assert!(baseline(&folder).contains("loose"));
}

#[test]
fn what_could_not_be_looked_at_leaves_the_file_as_it_is() {
    let folder = folder(&[("a.txt", twice(ONE).as_bytes()), ("b.txt", &[0xC7, 0xE1, b'\n'].repeat(50))]);
    update(&folder, &["a.txt"]);
    let before = baseline(&folder);
    write(&folder, "a.txt", ONE);
    for other in ["missing.txt", "b.txt"] {
        let (status, _, stderr) = check(&folder, &["--update-baseline", "a.txt", other]);
        assert_eq!(status, 2);
        assert!(stderr.contains("known.jsonl stays as it is"), "{stderr}");
        assert_eq!(baseline(&folder), before);
    }
    // Nor is it emptied where all is left out.
    let (status, _, stderr) = check(&folder, &["--update-baseline", "--exclude", "*.txt", "."]);
    assert_eq!(status, 0);
    assert!(stderr.contains("all files are left out") && stderr.contains("known.jsonl stays as it is"), "{stderr}");
    assert_eq!(baseline(&folder), before);
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[test]
fn in_a_corpus_what_is_known_passes_too() {
    let folder = folder(&[("a.txt", ONE.as_bytes()), ("b.txt", ONE.as_bytes()), ("c.txt", TWO.as_bytes())]);
    update(&folder, &["--scope", "corpus", "."]);
    assert_eq!(check(&folder, &["--scope", "corpus", "."]).0, 0);
    write(&folder, "d.txt", ONE);
    let (status, stdout, _) = check(&folder, &["--scope", "corpus", "."]);
    assert_eq!(status, 1);
    assert!(stdout.starts_with("./d.txt:1: line 1 repeats line 1 of ./a.txt"), "{stdout}");
    assert!(stdout.ends_with("looked at 4 documents and 4 lines: 1 is a copy, in 1 block; 1 known\n"), "{stdout}");
}

#[test]
fn other_commands_have_no_baseline() {
    for command in ["diff", "clean"] {
        let output = tikrar(&[command, "--baseline", "known.jsonl"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("unexpected argument '--baseline'"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn right_after_it_was_made_all_is_known_and_one_more_copy_is_not(
        documents in prop::collection::vec(prop::collection::vec(0..6usize, 1..12), 1..4),
        is_corpus in any::<bool>(),
    ) {
        let line = |number: usize| match number {
            0 => "نعم".to_owned(),
            1 => String::new(),
            number => format!("{ONE} {number}"),
        };
        let files: Vec<(String, String)> = documents
            .iter()
            .enumerate()
            .map(|(at, lines)| (format!("{at}.txt"), lines.iter().map(|number| line(*number) + "\n").collect()))
            .collect();
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (&**name, text.as_bytes())).collect();
        let folder = folder(&files);
        let scope = ["--scope", if is_corpus { "corpus" } else { "document" }, "."];
        update(&folder, &scope);
        let (status, stdout, stderr) = check(&folder, &scope);
        prop_assert_eq!((status, &*stderr), (0, ""), "{}", stdout);
        // One more copy of a line, set apart by one that is new, whether the line was repeated before or not.
        let first = text(files[0].1);
        let again = line(2 + documents[0].len() % 4);
        write(&folder, "0.txt", &format!("{first}{again}\nجديد\n{again}\n"));
        prop_assert_eq!(check(&folder, &scope).0, 1);
    }
}

#[test]
fn a_baseline_made_under_other_overrides_is_refused() {
    let with = |level: &str| format!("[[override]]\npaths = [\"a.txt\"]\n{level}\n");
    let folder = folder(&[("a.txt", twice(ONE).as_bytes()), ("tikrar.toml", with("level = \"loose\"").as_bytes())]);
    update(&folder, &["a.txt"]);
    assert_eq!(check(&folder, &["a.txt"]).0, 0);
    for (options, said) in [
        (with("level = \"orthography\""), "level = \"loose\" there, paths = [\"a.txt\"], level = \"orthography\" here"),
        (with("level = \"loose\"\nmin-words = 3"), "level = \"loose\", min-words = 3 here"),
        (with("level = \"loose\"").replace("a.txt", "*.txt"), "paths = [\"*.txt\"], level = \"loose\" here"),
        (String::new(), "level = \"loose\" there, none here"),
    ] {
        write(&folder, "tikrar.toml", &options);
        let (status, stdout, stderr) = check(&folder, &["a.txt"]);
        assert_eq!((status, &*stdout), (2, ""), "{options}");
        assert!(stderr.contains("made under other overrides of tikrar.toml"), "{stderr}");
        assert!(stderr.contains(said), "{said}: {stderr}");
    }
    // How a file is read, and what is kept, is no matter of fingerprints.
    write(&folder, "tikrar.toml", &with("level = \"loose\"\nstrict = true\nkeep = \"x\""));
    assert_eq!(check(&folder, &["a.txt"]).0, 0);
    write(&folder, "tikrar.toml", &with("level = \"exact\""));
    update(&folder, &["a.txt"]);
    assert_eq!(check(&folder, &["a.txt"]).0, 0);
}

#[test]
fn the_baseline_of_a_tikrar_toml_is_made_anew_and_is_no_text() {
    let line = format!("{{\"text\":\"{ONE}\\n{ONE}\"}}\n");
    let folder = folder(&[("in/a.jsonl", line.as_bytes()), ("in/tikrar.toml", b"baseline = \"k.jsonl\"\n")]);
    let inside = folder.path().join("in");
    let of = |arguments: &[&str]| {
        let output = tikrar(arguments).current_dir(&inside).output().unwrap();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    };
    let (status, _, missing) = of(&["check", "."]);
    assert_eq!(status, 2);
    assert!(missing.contains("tikrar.toml:1:1: baseline ") && missing.contains("there is no such file"), "{missing}");
    let (status, _, stderr) = of(&["check", "--update-baseline", "."]);
    assert_eq!(status, 0, "{stderr}");
    assert!(stderr.contains("k.jsonl knows 1 finding: 1 added, 0 dropped"), "{stderr}");
    let before = fs::read(inside.join("k.jsonl")).unwrap();
    assert_eq!(of(&["check", "."]).0, 0);
    assert_eq!(of(&["check", "--update-baseline", "."]).0, 0);
    // It is the same file by its own name.
    assert_eq!(of(&["check", "--baseline", "k.jsonl", "--update-baseline", "."]).0, 0);
    for command in [
        &["clean", "--output-dir", "out", "."][..],
        &["diff", "."],
        &["fold", "--text-field", "text", "."],
        &["clean", "-i", "a.jsonl", "k.jsonl"],
    ] {
        let (status, stdout, stderr) = of(command);
        assert!(status < 2, "{command:?}: {stderr}");
        assert!(!stdout.contains("k.jsonl") && !stderr.contains("k.jsonl"), "{command:?}: {stdout}{stderr}");
        assert!(!inside.join("out/k.jsonl").exists());
    }
    for command in [
        &["clean", "a.jsonl", "-o", "k.jsonl"][..],
        &["diff", "a.jsonl", "-o", "./k.jsonl"],
        &["fold", "a.jsonl", "-o", "k.jsonl"],
    ] {
        let (status, _, stderr) = of(command);
        assert_eq!(status, 2, "{command:?}");
        assert!(stderr.contains("-o and the `baseline` of tikrar.toml are both "), "{command:?}: {stderr}");
    }
    assert_eq!(fs::read(inside.join("k.jsonl")).unwrap(), before);
    let (status, _, none) = of(&["check", "--no-config", "--update-baseline", "."]);
    assert_eq!(status, 2);
    assert!(
        none.contains("--update-baseline writes the file of --baseline, or of `baseline` in tikrar.toml"),
        "{none}"
    );
}
