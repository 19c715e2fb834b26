//! Which paths the patterns of a `tikrar.toml` and of the command line are of.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

#[allow(dead_code, reason = "not all of it is used")]
mod command;

use std::fs;

use command::{folder, run, text, tikrar};
use tempfile::TempDir;

const TEXT: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن\n\
    قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن\n";

fn files(names: &[&str]) -> TempDir {
    let all: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, TEXT.as_bytes())).collect();
    folder(&all)
}

/// The files that are looked at, in order.
fn looked_at(folder: &TempDir, below: &str, arguments: &[&str]) -> Vec<String> {
    let arguments = [&["check", "--allow-empty"], arguments].concat();
    let output = tikrar(&arguments).current_dir(folder.path().join(below)).output().unwrap();
    assert_ne!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
    let stdout = text(&output.stdout);
    let names = stdout.lines().filter_map(|line| line.split_once(":2: ")).map(|(name, _)| name);
    names.map(|name| name.trim_start_matches("./").to_owned()).collect()
}

#[test]
fn a_letter_of_a_pattern_is_a_letter_of_the_name() {
    let names = ["ق.txt", "قصيدة.txt", "مقال.txt", "٣.txt"];
    let folder = files(&names);
    for (pattern, fitting) in [
        ("[قص]*", &["ق.txt", "قصيدة.txt"][..]),
        ("?.txt", &["ق.txt", "٣.txt"]),
        ("[ق].txt", &["ق.txt"]),
        ("قص[يا]دة.txt", &["قصيدة.txt"]),
        ("[٠-٩].txt", &["٣.txt"]),
        ("{مقال,ق}.txt", &["ق.txt", "مقال.txt"]),
        ("[!ق]*.txt", &["مقال.txt", "٣.txt"]),
    ] {
        let others: Vec<&str> = names.into_iter().filter(|name| !fitting.contains(name)).collect();
        assert_eq!(looked_at(&folder, "", &["--no-config", "--include", pattern, "."]), fitting, "{pattern}");
        fs::write(folder.path().join("tikrar.toml"), format!("exclude = [\"{pattern}\"]\n")).unwrap();
        assert_eq!(looked_at(&folder, "", &["."]), others, "{pattern}");
        assert_eq!(looked_at(&folder, "", &names), others, "{pattern}");
    }
}

#[test]
#[cfg(unix)]
fn a_file_is_left_out_by_whichever_way_it_is_reached() {
    use std::os::unix::fs::symlink;

    let folder = files(&["deep/a.txt", "deep/in/b.txt", "far/a.txt", "far/in/c.txt", "top.txt"]);
    fs::write(folder.path().join("tikrar.toml"), "exclude = [\"deep/**\"]\n").unwrap();
    symlink("deep", folder.path().join("ld")).unwrap();
    symlink("deep/in", folder.path().join("lin")).unwrap();
    symlink("far/in", folder.path().join("lo")).unwrap();
    for (below, path, is_taken) in [
        ("", "deep/a.txt", false),
        ("", "ld/a.txt", false),
        ("ld", "a.txt", false),
        ("", "ld", false),
        ("", "lin/b.txt", false),
        // The folder above a link is that above where it leads.
        ("", "lin/../a.txt", false),
        ("", "lo/../a.txt", true),
        ("", "lo/c.txt", true),
        ("", "far/../top.txt", true),
    ] {
        assert_eq!(looked_at(&folder, below, &[path]).len(), usize::from(is_taken), "{below} {path}");
    }
    // By the name that it is given too.
    fs::write(folder.path().join("tikrar.toml"), "exclude = [\"lo/*\"]\n").unwrap();
    assert_eq!(looked_at(&folder, "", &["lo/c.txt"]), [""; 0]);
    assert_eq!(looked_at(&folder, "", &["far/in/c.txt"]), ["far/in/c.txt"]);
}

#[test]
fn a_slash_at_the_end_is_of_folders() {
    let folder = files(&["drafts.txt/a.txt", "sub/drafts.txt", "sub/in/a.txt", "a.txt"]);
    let all = looked_at(&folder, "", &["."]);
    assert_eq!(all.len(), 4);
    for (pattern, left) in [
        ("drafts.txt/", &["a.txt", "sub/drafts.txt", "sub/in/a.txt"][..]),
        ("drafts.txt", &["a.txt", "sub/in/a.txt"]),
        ("sub/in/", &["a.txt", "drafts.txt/a.txt", "sub/drafts.txt"]),
        ("sub/drafts.txt/", &["a.txt", "drafts.txt/a.txt", "sub/drafts.txt", "sub/in/a.txt"]),
        ("*/", &["a.txt"]),
        ("**/", &["a.txt"]),
    ] {
        fs::write(folder.path().join("tikrar.toml"), format!("exclude = [\"{pattern}\"]\n")).unwrap();
        assert_eq!(looked_at(&folder, "", &["."]), left, "{pattern}");
        assert_eq!(looked_at(&folder, "", &["--no-config", "--exclude", pattern, "."]), left, "{pattern}");
    }
    let output = run(&folder, &["check", "--no-config", "--include", "sub/", "."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("'sub/**' is of what is in them"), "{}", text(&output.stderr));
}

#[test]
fn a_pattern_that_no_path_fits_is_an_error() {
    let folder = files(&["a.txt"]);
    for (pattern, why) in [
        ("", "is empty"),
        ("/", "is empty"),
        ("./", "is empty"),
        (".", "is empty"),
        ("x//y", "two slashes"),
        ("../x", "leads out"),
        ("x/../../y", "leads out"),
        ("x/./y", "has a '.'"),
    ] {
        for line in [
            format!("exclude = [\"*.md\", \"{pattern}\"]"),
            format!("include = [\"*.md\", \"{pattern}\"]"),
            format!("[[override]]\npaths = [\"*.md\", \"{pattern}\"]\nlevel = \"loose\""),
        ] {
            fs::write(folder.path().join("tikrar.toml"), &line).unwrap();
            let output = run(&folder, &["check", "a.txt"]);
            assert_eq!(output.status.code(), Some(2), "{line}");
            let said = text(&output.stderr);
            assert!(said.contains("tikrar.toml:") && said.contains(why), "{line}: {said}");
        }
    }
    for option in ["--include", "--exclude"] {
        for pattern in ["", "./", "x//y", "[a"] {
            let output = run(&folder, &["check", "--no-config", option, pattern, "a.txt"]);
            assert_eq!(output.status.code(), Some(2), "{option} {pattern}");
            let said = text(&output.stderr);
            assert!(said.starts_with(&format!("tikrar: {option}: the pattern '{pattern}' ")), "{said}");
        }
        // Paths of the command line may be anywhere.
        assert_ne!(
            run(&folder, &["check", "--no-config", "--allow-empty", option, "../x", "a.txt"]).status.code(),
            Some(2)
        );
    }
}
