//! `check` and `diff` where nothing is left to look at.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

#[allow(dead_code, reason = "not all of it is used")]
mod command;

use std::fs;

use command::{folder, run, text};

#[test]
fn what_is_excluded_is_no_error_of_check_and_diff_and_what_is_not_there_is() {
    let folder = folder(&[("a.txt", b"x\n"), ("sub/b.txt", b"x\n"), ("notes/c.md", b"x\n")]);
    let status = |arguments: &[&str]| {
        let output = run(&folder, arguments);
        (output.status.code().unwrap(), text(&output.stderr).contains("nothing was looked at: all files are left out"))
    };
    for command in ["check", "diff"] {
        for left_out in [
            &["--exclude", "*.txt", "."][..],
            &["--exclude", "*.txt", "a.txt", "sub/b.txt"],
            &["--exclude", "*.txt", "sub"],
            &["--exclude", "b.txt", "--include", "b.*", "."],
        ] {
            assert_eq!(status(&[&[command], left_out].concat()), (0, true), "{command} {left_out:?}");
        }
        assert_eq!(status(&[command, "--exclude", "sub", "--include", "*.csv", "."]), (0, true));
        assert_eq!(status(&[command, "-q", "--exclude", "*.txt", "."]), (0, false));
        for nothing in [
            &["--exclude", "*.txt", "missing.txt"][..],
            &["--exclude", "*.md", "notes"],
            &["--exclude", "*.csv", "notes"],
            &["--include", "*.tyt", "."],
        ] {
            assert_eq!(status(&[&[command], nothing].concat()), (2, false), "{command} {nothing:?}");
        }
    }
    for command in [&["clean", "-i"][..], &["fold"]] {
        assert_eq!(status(&[command, &["--exclude", "*.txt", "."]].concat()), (2, false), "{command:?}");
    }
}

#[test]
#[cfg(unix)]
fn of_a_folder_with_links_only_it_is_said_what_to_do() {
    let folder = folder(&[("a.txt", b"x\n")]);
    fs::create_dir(folder.path().join("links")).unwrap();
    std::os::unix::fs::symlink("../a.txt", folder.path().join("links/b.txt")).unwrap();
    for arguments in [&["check", "links"][..], &["check", "--include", "*", "links"]] {
        let output = run(&folder, arguments);
        assert_eq!(output.status.code(), Some(2));
        let stderr = text(&output.stderr);
        assert!(
            stderr.contains("symbolic links only, which are not followed in folders: name what they lead to"),
            "{stderr}"
        );
    }
}
