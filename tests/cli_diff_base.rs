//! `check --diff-base`: only text that was added since a revision of git is looked at.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;
mod repository;

use std::fs;
use std::path::Path;

use command::{folder, run, text, tikrar};
use repository::{ONE, TWO, assert_found, check, check_in, commit, git, places, repository, twice, write};

#[test]
fn what_was_there_before_does_not_count_and_what_was_added_does() {
    let folder = repository(&[("old.txt", &twice(ONE)), ("new.txt", "عنوان\n"), ("b.txt", &twice(ONE))]);
    write(&folder, "new.txt", format!("عنوان\n{}", twice(ONE)));
    write(&folder, "b.txt", format!("{}شيء آخر\n", twice(ONE)));
    let (status, stdout, stderr) = check(&folder, &["old.txt", "new.txt", "b.txt"]);
    assert_eq!((status, &*stderr), (1, ""));
    assert_eq!(places(&stdout), ["new.txt:4"]);
    assert!(
        stdout.ends_with("looked at 2 documents and 4 added lines since HEAD: found 1 copy, in 1 block\n"),
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
fn of_a_block_to_which_something_was_added_all_lines_are_copies() {
    let block = format!("{ONE}\n{TWO}\n{ONE} ثم\n");
    let folder = repository(&[("a.txt", &format!("{block}نعم\n{ONE}\n{ONE} ثم\n"))]);
    write(&folder, "a.txt", format!("{block}نعم\n{block}"));
    let (status, stdout, _) = check(&folder, &["a.txt"]);
    assert_eq!(status, 1);
    assert!(
        stdout.ends_with(
            "looked at 1 document and 1 added line since HEAD: found 3 copies, in 1 block, old lines of them too\n"
        ),
        "{stdout}"
    );
}

#[test]
fn where_all_is_excluded_that_is_what_is_said() {
    let folder = repository(&[("a.txt", "عنوان\n")]);
    write(&folder, "a.txt", twice(ONE));
    let (status, stdout, stderr) = check(&folder, &["--exclude", "*", "."]);
    assert_eq!((status, &*stdout), (0, "looked at nothing: all files are left out\n"));
    assert!(stderr.ends_with("\ntikrar: nothing was looked at: all files are left out\n"), "{stderr}");
}

#[test]
fn variables_that_name_the_repository_hold_from_any_folder() {
    let folder = repository(&[("texts/a.txt", "عنوان\n")]);
    write(&folder, "texts/a.txt", format!("عنوان\n{}", twice(ONE)));
    fs::rename(folder.path().join(".git"), folder.path().join("elsewhere")).unwrap();
    let mut command = tikrar(&["check", "--diff-base", "HEAD", "."]);
    command.current_dir(folder.path().join("texts")).env("GIT_DIR", "../elsewhere").env("GIT_WORK_TREE", "..");
    let output = command.output().unwrap();
    assert_eq!(places(&text(&output.stdout)), ["./a.txt:4"], "{}", text(&output.stderr));
}

#[test]
fn a_repository_that_has_lost_a_commit_is_told_from_an_empty_one() {
    let folder = repository(&[("a.txt", "عنوان\n")]);
    let head = git(folder.path(), &["rev-parse", "HEAD"]);
    let object = format!(".git/objects/{}/{}", &head[..2], head[2..].trim());
    fs::remove_file(folder.path().join(object)).unwrap();
    let (status, _, stderr) = check(&folder, &["."]);
    assert_eq!(status, 2);
    assert!(stderr.contains("git rev-list HEAD has failed: fatal: bad object HEAD"), "{stderr}");
}

#[test]
fn a_clone_without_contents_gets_none_and_that_is_said() {
    let folder = repository(&[("a.txt", "عنوان\n")]);
    for option in ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"] {
        git(folder.path(), &["config", option, "true"]);
    }
    write(&folder, "a.txt", twice(ONE));
    commit(&folder);
    let clone = tempfile::tempdir().unwrap();
    let url = format!("file://{}", folder.path().display());
    git(clone.path(), &["clone", "-q", "--filter=blob:none", &url, "clone"]);
    let clone = clone.path().join("clone");
    let packs = || fs::read_dir(clone.join(".git/objects/pack")).unwrap().count();
    let before = packs();
    let (status, stdout, stderr) = check_in(&clone, &["--diff-base", "HEAD~1", "."]);
    assert_eq!((status, &*stdout), (2, ""));
    assert!(stderr.contains("this clone lacks contents that have to be compared"), "{stderr}");
    assert_eq!(packs(), before);
    // What is said to help does.
    git(&clone, &["fetch", "-q", "--refetch", "--no-filter"]);
    assert_eq!(places(&check_in(&clone, &["--diff-base", "HEAD~1", "."]).1), ["./a.txt:3"]);
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
        stdout.ends_with("looked at 2 documents and 4 added lines since main: found 1 copy, in 1 block\n"),
        "{stdout}"
    );
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
        assert!(
            stdout.contains("looked at 1 document and 3 added lines since HEAD: found 1 copy, in 1 block"),
            "{stdout}"
        );
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
