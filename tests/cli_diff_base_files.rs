//! `check --diff-base` on files of every kind, with every kind of name.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

#[allow(dead_code, reason = "not all of it is used")]
mod command;
mod repository;

use std::ffi::OsStr;
use std::fs;

use command::tikrar;
use repository::{ONE, TWO, assert_found, check, commit, git, places, repository, twice, write};

#[test]
fn files_that_git_does_not_know_are_new_and_ignored_ones_are_not() {
    let folder = repository(&[(".gitignore", "ignored.txt\n")]);
    write(&folder, "new.txt", twice(ONE));
    write(&folder, "ignored.txt", twice(ONE));
    assert_found(&folder, &["new.txt", "ignored.txt"], &["new.txt:3"]);
    git(folder.path(), &["add", "new.txt"]);
    assert_found(&folder, &["new.txt", "ignored.txt"], &["new.txt:3"]);
    git(folder.path(), &["add", "-f", "ignored.txt"]);
    assert_found(&folder, &["new.txt", "ignored.txt"], &["new.txt:3", "ignored.txt:3"]);
    // A repository within it that it does not know.
    git(folder.path(), &["init", "-q", "within"]);
    write(&folder, "within/a.txt", twice(ONE));
    assert_found(&folder, &["within/a.txt"], &["within/a.txt:3"]);
}

#[test]
fn a_file_that_was_renamed_is_not_new() {
    let article: String = (0..20).map(|number| format!("{number} {TWO}\n")).collect();
    let folder = repository(&[("a.txt", &(twice(ONE) + &article)), ("b.txt", &(article + &twice(ONE)))]);
    git(folder.path(), &["mv", "a.txt", "c d.txt"]);
    fs::rename(folder.path().join("b.txt"), folder.path().join("ب.txt")).unwrap();
    git(folder.path(), &["add", "-A"]);
    assert_eq!(check(&folder, &["."]).0, 0);
    // But for what was added to it.
    let old = fs::read_to_string(folder.path().join("c d.txt")).unwrap();
    write(&folder, "c d.txt", old + ONE + "\n");
    assert_found(&folder, &["."], &["./c d.txt:24"]);
}

#[test]
fn names_of_any_kind_are_told_apart() {
    let names = [
        "-a.txt",
        "a\nb.txt",
        "\"quoted\".txt",
        "مقال عن الماء.txt",
        "a b.txt",
        "tab\t.txt",
        "back\\slash.txt",
        "x\n+++ b/y.txt",
        "\u{1}.txt",
        ":(top)z.txt",
    ];
    let folder = repository(&names.map(|name| (name, "عنوان\n")));
    for name in names {
        write(&folder, name, format!("عنوان\n{}", twice(ONE)));
    }
    write(&folder, "y.txt", "عنوان\n");
    let (status, stdout, stderr) = check(&folder, &["."]);
    assert_eq!((status, &*stderr), (1, ""));
    assert_eq!(places(&stdout).len(), names.len(), "{stdout}");
    assert!(places(&stdout).iter().all(|place| place.ends_with(".txt:4")), "{stdout}");
    assert!(stdout.contains("looked at 11 documents and 31 added lines"), "{stdout}");
    assert_found(&folder, &["--", "-a.txt"], &["-a.txt:4"]);
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::ffi::OsStrExt as _;
        write(&folder, OsStr::from_bytes(b"bad-\xFF.txt"), twice(ONE));
        assert_eq!(places(&check(&folder, &["."]).1).len(), names.len() + 1);
        git(folder.path(), &["add", "-A"]);
        assert_eq!(places(&check(&folder, &["."]).1).len(), names.len() + 1);
    }
}

#[test]
fn text_that_looks_like_a_patch_is_text() {
    let folder = repository(&[("a.txt", "عنوان\n"), ("b.txt", &twice(ONE))]);
    write(&folder, "a.txt", "++ b/b.txt\n@@ -1,3 +1,3 @@\ndiff --git a/b.txt b/b.txt\n+++ b/b.txt\n@@ -1 +1,3 @@\n");
    let (status, stdout, _) = check(&folder, &["."]);
    assert_eq!(status, 0);
    assert!(stdout.contains("looked at 1 document and 5 added lines"), "{stdout}");
}

#[test]
fn whose_line_ends_are_others_is_counted_by_bytes() {
    // Lone CRs end lines here and not for git, so the numbers differ.
    let old = format!("أ\rب\rج\n{ONE}\nنعم\n{ONE}\nآخر\n");
    let folder = repository(&[("cr.txt", &old), ("crlf.txt", &old.replace(['\r', '\n'], "\r\n"))]);
    write(&folder, "cr.txt", format!("{old}{TWO}\n"));
    write(&folder, "crlf.txt", format!("{old}{TWO}\n").replace(['\r', '\n'], "\r\n"));
    assert_found(&folder, &["."], &[]);
    write(&folder, "cr.txt", format!("أ\rب\rج\n{ONE}\nنعم\nلا\n{ONE}\nآخر\n"));
    assert_found(&folder, &["."], &[]);
    write(&folder, "cr.txt", format!("{old}{TWO}\rنعم\r{TWO}\n"));
    assert_found(&folder, &["cr.txt"], &["cr.txt:10"]);
    // A file that only changes its line ends changes all of them.
    write(&folder, "crlf.txt", &old);
    assert_found(&folder, &["crlf.txt"], &["crlf.txt:6"]);
}

#[test]
fn paragraphs_count_if_one_of_their_lines_was_added() {
    let paragraph = |first: &str| format!("{first}\n{TWO}\n");
    let folder = repository(&[("a.txt", &format!("{}\n{}", paragraph(ONE), paragraph("قال")))]);
    write(&folder, "a.txt", format!("{}\n{}", paragraph(ONE), paragraph(ONE)));
    assert_found(&folder, &["--unit", "paragraph", "a.txt"], &["a.txt:4"]);
}

#[test]
fn units_are_those_that_hold_for_the_path() {
    let paragraph = ONE.replacen(' ', "\n", 3);
    let folder = repository(&[
        ("tikrar.toml", "[[override]]\npaths = [\"book.txt\"]\nunit = \"paragraph\"\n"),
        ("book.txt", &format!("{paragraph}\n\nعنوان\n")),
    ]);
    write(&folder, "book.txt", format!("{paragraph}\n\nعنوان\n\n{paragraph}\n"));
    let (status, stdout, stderr) = check(&folder, &["book.txt"]);
    assert_eq!((status, places(&stdout)), (1, vec!["book.txt:8"]), "{stdout}{stderr}");
    assert!(stdout.contains("looked at 1 document and 1 added unit"), "{stdout}");
}

#[test]
fn records_count_by_the_lines_that_they_stand_on() {
    let record = |id: u32, text: &str| format!("{{\"id\":{id},\"text\":\"{}\"}}", text.replace('\n', "\\n"));
    let (old, new) = (record(1, &twice(ONE)), record(2, &twice(TWO)));
    let row = |text: &str| format!("1,\"{text}\"\n");
    let folder = repository(&[
        ("a.jsonl", &format!("{old}\n")),
        ("a.json", &format!("[\n{old}\n]\n")),
        ("a.csv", &format!("id,text\n{}", row(&twice(ONE)))),
    ]);
    write(&folder, "a.jsonl", format!("{old}\n{new}"));
    write(&folder, "a.json", format!("[\n{old},\n{}\n]\n", new.replace("{", "{\n").replace(",\"text", ",\n\"text")));
    write(&folder, "a.csv", format!("id,text\n{}{}", row(&twice(ONE)), row(&twice(TWO))));
    let (status, stdout, stderr) = check(&folder, &["."]);
    assert_eq!((status, &*stderr), (1, ""), "{stdout}");
    // In JSON the old record got a comma behind it on its line.
    assert_eq!(
        places(&stdout),
        [
            "./a.csv, record 2 (1):3",
            "./a.json, record 1 (1):3",
            "./a.json, record 2 (2):3",
            "./a.jsonl, record 2 (2):3"
        ]
    );
    assert!(stdout.contains("looked at 4 documents and 12 added lines"), "{stdout}");
}

#[test]
fn records_of_many_chunks_are_found_by_their_lines() {
    let line = |number: usize, text: &str| format!("{{\"text\":\"{number} {text}\"}}\n");
    let mut lines: Vec<String> = (0..9000).map(|number| line(number, TWO)).collect();
    let folder = repository(&[("a.jsonl", &lines.concat())]);
    for at in [3, 4500, 8999] {
        lines[at] = line(at, &format!("{ONE}\\nنعم\\n{at} {ONE}"));
    }
    write(&folder, "a.jsonl", lines.concat());
    assert_found(&folder, &["a.jsonl"], &["a.jsonl, record 4:3", "a.jsonl, record 4501:3", "a.jsonl, record 9000:3"]);
}

#[test]
fn files_of_which_git_has_no_lines_count_as_wholes() {
    let folder = repository(&[]);
    let wide = |text: &str| -> Vec<u8> {
        "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    write(&folder, "wide.txt", wide(&twice(ONE)));
    write(&folder, "same.txt", wide(&twice(ONE)));
    write(&folder, "odd.txt", twice(ONE));
    write(&folder, ".gitattributes", "odd.txt -diff\n");
    commit(&folder);
    assert_eq!(check(&folder, &["."]).0, 0);
    write(&folder, "wide.txt", wide(&(twice(ONE) + "آخر\n")));
    write(&folder, "odd.txt", twice(ONE) + "آخر\n");
    git(folder.path(), &["mv", "same.txt", "renamed.txt"]);
    assert_found(&folder, &["."], &["./odd.txt:3", "./wide.txt:3"]);
}

#[test]
#[cfg(feature = "compression")]
fn packed_files_count_as_wholes() {
    let folder = repository(&[]);
    let pack = |text: &str| {
        let output = tikrar(&["clean", "-o", "a.txt.gz", "-"]).current_dir(folder.path()).write_stdin(text).output();
        assert!(output.unwrap().status.success());
    };
    let article = |more: &str| format!("{ONE}\nنعم\n{more}");
    pack(&article(""));
    commit(&folder);
    pack(&article(TWO));
    let (_, stdout, _) = check(&folder, &["."]);
    assert!(stdout.contains("looked at 1 document and 3 added lines"), "{stdout}");
}

#[test]
fn files_that_git_keeps_in_another_form_count_as_wholes() {
    let folder = repository(&[(".gitattributes", "*.txt filter=short\n")]);
    git(folder.path(), &["config", "filter.short.clean", "sed -n 1p"]);
    write(&folder, "a.txt", format!("1\n{}", twice(ONE)));
    commit(&folder);
    assert_eq!(check(&folder, &["."]).0, 0);
    write(&folder, "a.txt", format!("2\n{}", twice(ONE)));
    assert_found(&folder, &["."], &["./a.txt:4"]);
}

#[test]
fn encoded_text_has_the_lines_of_its_file() {
    let encoded = |text: &str| encoding_rs::WINDOWS_1256.encode(text).0.into_owned();
    let folder = repository(&[]);
    write(&folder, "a.txt", encoded(&twice(ONE)));
    commit(&folder);
    write(&folder, "a.txt", encoded(&format!("{}{TWO}\nنعم\n{TWO}\n", twice(ONE))));
    assert_found(&folder, &["--encoding", "windows-1256", "a.txt"], &["a.txt:6"]);
}

#[test]
fn a_link_is_what_it_leads_to() {
    let folder = repository(&[("a.txt", "عنوان\n"), ("old.txt", &twice(ONE))]);
    std::os::unix::fs::symlink("a.txt", folder.path().join("link.txt")).unwrap();
    commit(&folder);
    assert_found(&folder, &["link.txt"], &[]);
    write(&folder, "a.txt", format!("عنوان\n{}", twice(ONE)));
    assert_found(&folder, &["link.txt"], &["link.txt:4"]);
    commit(&folder);
    // A link that leads somewhere else shows text that was not there.
    fs::remove_file(folder.path().join("link.txt")).unwrap();
    std::os::unix::fs::symlink("old.txt", folder.path().join("link.txt")).unwrap();
    assert_found(&folder, &["link.txt"], &["link.txt:3"]);
}

#[test]
fn a_submodule_counts_if_it_was_moved() {
    let other = repository(&[("a.txt", &twice(ONE))]);
    let folder = repository(&[]);
    git(folder.path(), &["submodule", "--quiet", "add", other.path().to_str().unwrap(), "sub"]);
    commit(&folder);
    assert_eq!(check(&folder, &["."]).0, 0);
    write(&folder, "sub/a.txt", twice(ONE) + "آخر\n");
    assert_found(&folder, &["."], &["./sub/a.txt:3"]);
}
