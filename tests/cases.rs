//! Real articles and small cases, each with what is right for it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test that can't go on has failed")]

use std::path::{Path, PathBuf};

use assert_cmd::cargo::cargo_bin_cmd;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The rows of a table of fixtures, tab-separated, comments left out.
fn rows(table: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(fixtures().join(table)).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

#[test]
fn cases_come_out_as_expected() {
    let rows = rows("cases/cases.tsv");
    assert!(rows.len() > 30);
    for row in rows {
        let [case, options, input, expected] = &row[..] else { panic!("{row:?}") };
        let folder = fixtures().join("cases").join(case);
        let output = cargo_bin_cmd!("tikrar")
            .arg("clean")
            .args(options.split(' ').filter(|option| !option.is_empty()))
            .arg(folder.join(input))
            .output()
            .unwrap();
        assert!(output.status.success(), "{row:?}: {}", String::from_utf8_lossy(&output.stderr));
        let mut expected = std::fs::read_to_string(folder.join(expected)).unwrap();
        let mut cleaned = String::from_utf8(output.stdout).unwrap();
        if case.starts_with("45") {
            // The case is about UTF-16; the expected text has other line ends.
            cleaned = cleaned.replace("\r\n", "\n");
        }
        if case.starts_with("41") {
            expected = expected.trim_start_matches('\u{FEFF}').to_owned();
            cleaned = cleaned.trim_start_matches('\u{FEFF}').to_owned();
        }
        assert_eq!(cleaned, expected, "{row:?}");
    }
}

#[test]
fn real_articles_lose_their_repeated_blocks_and_nothing_else() {
    for row in rows("articles/articles.tsv") {
        let [article, options, blocks] = &row[..] else { panic!("{row:?}") };
        let path = fixtures().join("articles").join(article);
        let mut clean = cargo_bin_cmd!("tikrar");
        clean.arg("clean").args(options.split(' ').filter(|option| !option.is_empty())).arg(&path);
        let output = clean.output().unwrap();
        let notes = String::from_utf8(output.stderr).unwrap();
        let name = format!("{}: ", path.display());
        let said: Vec<&str> = notes.lines().filter_map(|line| line.strip_prefix(&name)).collect();
        assert_eq!(said.join("; "), *blocks, "{row:?}");
        if blocks.is_empty() {
            assert_eq!(output.stdout, std::fs::read(&path).unwrap(), "{row:?}");
        }
    }
}
