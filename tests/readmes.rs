//! The README in Arabic says the same commands as the one in English, and both say those that there are.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

use std::fs;
use std::process::Command;

fn read(name: &str) -> String {
    fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The lines of its code blocks that are no comments.
fn code(readme: &str) -> Vec<&str> {
    let mut is_code = false;
    let lines = readme.lines().filter(|line| {
        let is_fence = line.starts_with("```");
        is_code ^= is_fence;
        is_code && !is_fence
    });
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

#[test]
fn code_in_the_arabic_readme_stands_in_the_english_one() {
    let (english, arabic) = (read("README.md"), read("README.ar.md"));
    let known = code(&english);
    let lines = code(&arabic);
    assert!(lines.len() > 20, "{lines:?}");
    for line in lines {
        assert!(known.contains(&line), "only in README.ar.md: {line}");
    }
}

#[test]
fn code_and_text_stand_in_their_directions() {
    let arabic = read("README.ar.md");
    let mut is_right_to_left = false;
    let mut is_code = false;
    for line in arabic.lines() {
        match line {
            "<div dir=\"rtl\">" => assert!(!std::mem::replace(&mut is_right_to_left, true)),
            "</div>" => assert!(std::mem::replace(&mut is_right_to_left, false)),
            _ if line.starts_with("```") => {
                assert!(!is_right_to_left, "{line}");
                is_code = !is_code;
            }
            _ => assert!(is_code || line.is_empty() || is_right_to_left, "{line}"),
        }
        // What begins with a hyphen would be shown with it at its end.
        assert!(is_code || !line.contains("`-"), "{line}");
    }
    assert!(!is_right_to_left && !is_code);
}

#[test]
fn every_command_and_option_of_the_readmes_is_there() {
    let tikrar = assert_cmd::cargo::cargo_bin!("tikrar");
    let help = |arguments: &[&str]| {
        let output = Command::new(tikrar).args(arguments).arg("--help").output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let commands = [
        "clean",
        "diff",
        "check",
        "explain",
        "fold",
        "config",
        "restore",
        "keys",
        "drop",
        "index",
        "completions",
        "man",
    ];
    let all: String = commands.map(|command| help(&[command])).concat();
    // Options of other programs.
    let foreign = [
        "--release",
        "--path",
        "--open",
        "--no-default-features",
        "--features",
        "--cached",
        "--name-only",
        "--diff-filter",
        "--git",
        "--locked",
        "--rev",
        "--unshallow",
        "--filter",
        "--refetch",
        "--no-filter",
    ];
    for name in ["README.md", "README.ar.md", "docs/ci.md", "docs/explain.md", "docs/configuration.md"] {
        let readme = read(name);
        for command in commands {
            assert!(readme.contains(&format!("tikrar {command}")) || name.starts_with("docs"), "{name}: {command}");
        }
        for option in readme.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
            let is_option =
                option.strip_prefix("--").is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()));
            if is_option && !foreign.contains(&option) && option != "--help" && option != "--version" {
                assert!(
                    all.contains(&format!("{option} "))
                        || all.contains(&format!("{option}\n"))
                        || all.contains(&format!("{option}[")),
                    "{name}: {option}"
                );
            }
        }
    }
}
