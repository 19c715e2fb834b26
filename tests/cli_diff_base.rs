//! `check --diff-base`: only text that was added since a revision of git is looked at.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use command::{folder, run, text, tikrar};
use tempfile::TempDir;

const ONE: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";
const TWO: &str = "وأضاف أن الفرق الطبية ستواصل زياراتها إلى القرى البعيدة حتى نهاية العام";

fn twice(line: &str) -> String {
    format!("{line}\nنعم\n{line}\n")
}

/// Runs git, with nobody's configuration.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = std::process::Command::new("git");
    command.args(["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "protocol.file.allow=always"]);
    command.args(["-c", "init.defaultBranch=main", "-c", "commit.gpgSign=false"]);
    command.args(arguments).current_dir(folder).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", folder);
    command.env("GIT_CEILING_DIRECTORIES", std::env::temp_dir());
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn write(folder: &TempDir, name: impl AsRef<OsStr>, content: impl AsRef<[u8]>) {
    let path = folder.path().join(name.as_ref());
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn commit(folder: &TempDir) {
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "--allow-empty", "-m", "x"]);
}

/// A repository in which these files are committed.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let folder = folder(&[]);
    git(folder.path(), &["init", "-q"]);
    files.iter().for_each(|(name, content)| write(&folder, name, content));
    commit(&folder);
    folder
}

/// What `check` comes to in a folder: its status, and what it says on either output.
fn check_in(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = tikrar(&[&["check"], arguments].concat());
    command.current_dir(folder).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", folder);
    command.env("GIT_CEILING_DIRECTORIES", std::env::temp_dir());
    let output = command.output().unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn check(folder: &TempDir, arguments: &[&str]) -> (i32, String, String) {
    check_in(folder.path(), &[&["--diff-base", "HEAD"], arguments].concat())
}

/// The places that are found, each a file and a line.
fn places(stdout: &str) -> Vec<&str> {
    stdout.lines().filter_map(|line| line.split_once(": line")).map(|(place, _)| place).collect()
}

#[track_caller]
fn assert_found(folder: &TempDir, arguments: &[&str], wanted: &[&str]) {
    let (status, stdout, stderr) = check(folder, arguments);
    assert_eq!(places(&stdout), wanted, "{stdout}{stderr}");
    let note =
        if stdout.starts_with("looked at nothing") { "tikrar: nothing was looked at: no text was added\n" } else { "" };
    assert_eq!((status, &*stderr), (i32::from(!wanted.is_empty()), note), "{stdout}");
}

#[test]
fn what_was_there_before_does_not_count_and_what_was_added_does() {
    let folder = repository(&[("old.txt", &twice(ONE)), ("new.txt", "عنوان\n"), ("b.txt", &twice(ONE))]);
    write(&folder, "new.txt", format!("عنوان\n{}", twice(ONE)));
    write(&folder, "b.txt", format!("{}شيء آخر\n", twice(ONE)));
    let (status, stdout, stderr) = check(&folder, &["old.txt", "new.txt", "b.txt"]);
    assert_eq!((status, &*stderr), (1, ""));
    assert_eq!(places(&stdout), ["new.txt:4"]);
    assert!(
        stdout.ends_with("looked at 2 documents and 4 added lines since HEAD: 1 is a copy, in 1 block\n"),
        "{stdout}"
    );
    // Committed or not is all one.
    commit(&folder);
    let (status, committed, _) = check_in(folder.path(), &["--diff-base", "HEAD~1", "old.txt", "new.txt", "b.txt"]);
    assert_eq!((status, committed), (1, stdout.replace("HEAD", "HEAD~1")));
}

#[test]
fn an_original_that_was_added_above_an_old_text_counts() {
    let folder = repository(&[("a.txt", &format!("عنوان\n{ONE}\n"))]);
    write(&folder, "a.txt", format!("{ONE}\nعنوان\n{ONE}\n"));
    assert_found(&folder, &["a.txt"], &["a.txt:3"]);
}

#[test]
fn a_blank_line_within_an_old_block_adds_nothing() {
    let folder = repository(&[("a.txt", &format!("{ONE}\n{TWO}\nنعم\n{ONE}\n{TWO}\n"))]);
    write(&folder, "a.txt", format!("{ONE}\n{TWO}\nنعم\n{ONE}\n\n{TWO}\n"));
    let (status, stdout, stderr) = check(&folder, &["a.txt"]);
    assert_eq!((status, &*stdout), (0, "looked at nothing: no text was added since HEAD\n"));
    assert_eq!(stderr, "tikrar: nothing was looked at: no text was added\n");
    assert_eq!(check(&folder, &["-q", "a.txt"]), (0, String::new(), String::new()));
}

#[test]
fn where_nothing_was_added_reports_are_whole_and_empty() {
    let folder = repository(&[("a.txt", &twice(ONE))]);
    for (report, written) in [("gitlab", "[]\n"), ("github", ""), ("unified", "")] {
        let (status, stdout, _) = check(&folder, &["--report", report, "."]);
        assert_eq!((status, &*stdout), (0, written), "{report}");
    }
    let (_, stdout, _) = check(&folder, &["--report", "json", "."]);
    let summary: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&summary["since"], &summary["documents"]), (&"HEAD".into(), &0.into()));
    // What is not there is an error still.
    assert_eq!(check(&folder, &["missing.txt"]).0, 2);
    fs::create_dir(folder.path().join("empty")).unwrap();
    assert_eq!(check(&folder, &["empty"]).0, 2);
}

#[test]
fn it_counts_from_where_the_branches_parted() {
    let folder = repository(&[("a.txt", "عنوان\n")]);
    git(folder.path(), &["checkout", "-q", "-b", "topic"]);
    write(&folder, "mine.txt", twice(ONE));
    commit(&folder);
    git(folder.path(), &["checkout", "-q", "main"]);
    // Deleted there, so that against the end of that branch it would be new here.
    write(&folder, "a.txt", "");
    commit(&folder);
    git(folder.path(), &["checkout", "-q", "topic"]);
    write(&folder, "a.txt", format!("عنوان\n{ONE}\n"));
    let (_, stdout, _) = check_in(folder.path(), &["--diff-base", "main", "."]);
    assert!(
        stdout.ends_with("looked at 2 documents and 4 added lines since main: 1 is a copy, in 1 block\n"),
        "{stdout}"
    );
}

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
fn nobodys_configuration_changes_what_is_found() {
    let folder = repository(&[("a.txt", "عنوان\n"), ("old.txt", &twice(ONE))]);
    write(&folder, "a.txt", format!("عنوان\n{}", twice(ONE)));
    fs::rename(folder.path().join("old.txt"), folder.path().join("moved.txt")).unwrap();
    git(folder.path(), &["add", "-A"]);
    for (name, value) in [
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.external", "false"),
        ("diff.renames", "false"),
        ("diff.context", "9"),
        ("diff.interHunkContext", "9"),
        ("diff.relative", "true"),
        ("diff.colorMoved", "zebra"),
        ("diff.algorithm", "patience"),
        ("diff.submodule", "log"),
        ("diff.wsErrorHighlight", "all"),
        ("diff.suppressBlankEmpty", "true"),
        ("diff.srcPrefix", "x/"),
        ("diff.dstPrefix", "y/"),
        ("color.ui", "always"),
        ("color.diff", "always"),
        ("core.quotePath", "false"),
        ("core.autocrlf", "true"),
        ("core.pager", "false"),
        ("status.showUntrackedFiles", "no"),
    ] {
        git(folder.path(), &["config", name, value]);
        assert_found(&folder, &["a.txt", "moved.txt"], &["a.txt:4"]);
    }
    let mut command = tikrar(&["check", "--diff-base", "HEAD", "a.txt", "moved.txt"]);
    command.env("GIT_DIFF_OPTS", "--unified=9").env("GIT_EXTERNAL_DIFF", "false").env("GIT_PAGER", "false");
    assert_eq!(places(&text(&command.current_dir(folder.path()).output().unwrap().stdout)), ["a.txt:4"]);
}

#[test]
fn the_working_folder_may_lie_below_the_top() {
    let folder = repository(&[("news/2024/a.txt", "عنوان\n"), ("news/old.txt", &twice(ONE))]);
    write(&folder, "news/2024/a.txt", format!("عنوان\n{}", twice(ONE)));
    write(&folder, "news/new.txt", twice(ONE));
    let arguments = ["--diff-base", "HEAD", "a.txt", "../old.txt", "../new.txt"];
    let (status, stdout, _) = check_in(&folder.path().join("news/2024"), &arguments);
    assert_eq!((status, places(&stdout)), (1, vec!["a.txt:4", "../new.txt:3"]));
    let whole = folder.path().join("news");
    assert_found(
        &folder,
        &[whole.to_str().unwrap()],
        &[&format!("{}/2024/a.txt:4", whole.display()), &format!("{}/new.txt:3", whole.display())],
    );
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
fn a_file_outside_of_the_repository_is_named_and_the_others_are_looked_at() {
    let folder = repository(&[]);
    write(&folder, "new.txt", twice(ONE));
    let elsewhere = tempfile::tempdir().unwrap();
    write(&elsewhere, "a.txt", twice(ONE));
    let outside = elsewhere.path().join("a.txt");
    let (status, stdout, stderr) = check(&folder, &["new.txt", outside.to_str().unwrap()]);
    assert_eq!((status, places(&stdout)), (2, vec!["new.txt:3"]));
    assert!(stderr.contains("a.txt: lies outside of the git repository "), "{stderr}");
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

#[test]
fn a_revision_that_is_not_there_is_an_error_with_a_hint() {
    let folder = repository(&[("a.txt", &twice(ONE))]);
    let refused = |folder: &Path, revision: &str, said: &str| {
        let (status, stdout, stderr) = check_in(folder, &[&format!("--diff-base={revision}"), "."]);
        assert_eq!((status, &*stdout), (2, ""), "{revision}");
        assert!(stderr.contains(said), "{revision}: {stderr}");
    };
    let unknown = "there is no such revision: git fetch may get it";
    for revision in ["missing", "0000000000000000000000000000000000000000", "HEAD..HEAD", "^HEAD", "HEAD:a.txt", "a b"]
    {
        refused(folder.path(), revision, unknown);
    }
    refused(folder.path(), "", "the revision is empty");
    refused(folder.path(), "--output=x", "no revision begins with a hyphen");
    let (status, _, stderr) = check_in(folder.path(), &["--diff-base", "-x", "."]);
    assert!(status == 2 && stderr.contains("--diff-base -x: no revision begins with a hyphen"), "{stderr}");

    // A clone of a part of the history has no revision before, nor one in common with what was fetched alone.
    let base = git(folder.path(), &["rev-parse", "HEAD"]);
    git(folder.path(), &["branch", "other"]);
    write(&folder, "b.txt", "عنوان\n");
    commit(&folder);
    git(folder.path(), &["checkout", "-q", "other"]);
    write(&folder, "c.txt", "عنوان\n");
    commit(&folder);
    git(folder.path(), &["checkout", "-q", "main"]);
    let clone = tempfile::tempdir().unwrap();
    let url = format!("file://{}", folder.path().display());
    git(clone.path(), &["clone", "-q", "--depth=1", "--no-single-branch", &url, "clone"]);
    let clone = clone.path().join("clone");
    refused(
        &clone,
        base.trim(),
        "there is no such revision: this clone has a part of the history only; git fetch --unshallow",
    );
    refused(&clone, "origin/other", "no commit in common with HEAD: this clone has a part of the history only");

    git(folder.path(), &["checkout", "-q", "--orphan", "unborn"]);
    refused(folder.path(), "main", "nothing is committed here yet");
    let nowhere = tempfile::tempdir().unwrap();
    write(&nowhere, "a.txt", twice(ONE));
    refused(nowhere.path(), "HEAD", "there is no git repository with a working folder here");
}

#[test]
fn standard_input_was_added_to_nothing() {
    let folder = repository(&[]);
    for paths in [&[][..], &["-"]] {
        let (status, _, stderr) = check(&folder, paths);
        assert_eq!(status, 2);
        assert!(stderr.contains("standard input is in none: name files or folders"), "{stderr}");
    }
    let without_git = tikrar(&["check", "--diff-base", "HEAD", "."]).env("PATH", "").output().unwrap();
    assert_eq!(without_git.status.code(), Some(2));
    assert!(text(&without_git.stderr).contains("git can't be run"), "{}", text(&without_git.stderr));
}

#[test]
fn nothing_of_the_repository_is_changed() {
    let folder = repository(&[("a.txt", "عنوان\n")]);
    write(&folder, "a.txt", twice(ONE));
    let index = || {
        (
            fs::read(folder.path().join(".git/index")).unwrap(),
            fs::metadata(folder.path().join(".git/index")).unwrap().modified().unwrap(),
        )
    };
    let before = index();
    assert_eq!(check(&folder, &["."]).0, 1);
    assert!(index() == before);
}

#[test]
fn in_a_corpus_a_copy_counts_where_it_or_its_original_was_added() {
    let folder = repository(&[
        ("b.txt", &format!("{ONE}\n{TWO}\n")),
        ("c.txt", &format!("{TWO}\n")),
        ("d.jsonl", &format!("{{\"text\":\"{ONE}\"}}\n")),
    ]);
    let corpus = ["--scope", "corpus", "."];
    assert_found(&folder, &corpus, &[]);
    write(&folder, "d.jsonl", format!("{{\"text\":\"{ONE}\"}}\n{{\"text\":\"{TWO}\"}}\n"));
    let (status, stdout, _) = check(&folder, &corpus);
    assert_eq!((status, places(&stdout)), (1, vec!["./d.jsonl, record 2:1"]));
    assert!(
        stdout.ends_with("looked at 4 documents and 5 lines, for what was added since HEAD: 1 is a copy, in 1 block\n"),
        "{stdout}"
    );
    commit(&folder);
    // Added before what was there: that is the copy now.
    write(&folder, "a.txt", format!("{ONE}\n"));
    assert_found(&folder, &corpus, &["./b.txt:1", "./d.jsonl, record 1:1"]);
}

#[test]
fn with_a_baseline_one_more_copy_that_was_added_is_found_wherever_the_known_ones_stand() {
    let folder = repository(&[("m.txt", &twice(ONE))]);
    let known = check_in(folder.path(), &["--baseline", "known.jsonl", "--update-baseline", "."]);
    assert_eq!(known.0, 0, "{}", known.2);
    commit(&folder);
    for name in ["a.txt", "z.txt"] {
        write(&folder, name, twice(ONE));
        let (status, stdout, stderr) = check(&folder, &["--baseline", "known.jsonl", "."]);
        assert_eq!((status, places(&stdout)), (1, vec![&*format!("./{name}:3")]), "{stderr}");
        assert!(stdout.contains("looked at 1 document and 3 added lines since HEAD: 1 is a copy"), "{stdout}");
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    // What was added and is known is passed, and what is there no longer is not named.
    write(&folder, "z.txt", twice(TWO));
    assert_eq!(check_in(folder.path(), &["--baseline", "known.jsonl", "--update-baseline", "."]).0, 0);
    let (status, stdout, stderr) = check(&folder, &["--baseline", "known.jsonl", "."]);
    assert_eq!((status, &*stderr), (0, ""));
    assert!(stdout.ends_with("no repeats; 1 known\n"), "{stdout}");
    write(&folder, "z.txt", "نعم\n");
    assert_eq!(check(&folder, &["--baseline", "known.jsonl", "."]).2, "");
}

#[test]
fn other_commands_look_at_all() {
    let folder = folder(&[("a.txt", ONE.as_bytes())]);
    for command in ["diff", "clean"] {
        let output = run(&folder, &[command, "--diff-base", "HEAD", "a.txt"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("unexpected argument '--diff-base'"));
    }
}
