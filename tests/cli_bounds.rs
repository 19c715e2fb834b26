//! What has no end is refused before it takes all the memory, and what is waited for is what was there.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use command::{folder, run, text, tikrar};
use tikrar::sink::Packer;
use tikrar::source::Codec;

const LONG: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";

/// A packed file of zeros, behind a line, that is longer than any line may be: as many frames as it takes.
fn bomb() -> Vec<u8> {
    let packed = |bytes: &[u8]| {
        let mut packer = Packer::new(Some(Codec::Zstd), Vec::new()).unwrap();
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    };
    [packed(format!("{LONG}\n").as_bytes()), packed(&vec![0; 1 << 20]).repeat(258)].concat()
}

#[test]
fn a_line_without_end_is_refused_and_the_other_files_are_done() {
    let bomb = bomb();
    assert!(bomb.len() < 100_000);
    let good = format!("{LONG}\n{LONG}\n");
    let cleaned = format!("{LONG}\n");
    for scope in ["document", "corpus"] {
        let folder = folder(&[("a.txt.zst", &bomb), ("b.txt", good.as_bytes())]);
        let out = run(&folder, &["clean", "--scope", scope, "a.txt.zst", "b.txt", "--output-dir", "out"]);
        let said = text(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{said}");
        assert!(said.contains("a.txt.zst: ") && said.contains("line 2 has 268"), "{scope}: {said}");
        assert!(said.contains(" bytes so far and no end, where 256 MiB is the most"), "{scope}: {said}");
        assert!(!folder.path().join("out/a.txt.zst").exists());
        assert_eq!(fs::read_to_string(folder.path().join("out/b.txt")).unwrap(), cleaned, "{scope}");

        let out = run(&folder, &["clean", "-q", "--scope", scope, "-i", "a.txt.zst", "b.txt"]);
        assert_eq!(out.status.code(), Some(2), "{scope}");
        assert_eq!(fs::read(folder.path().join("a.txt.zst")).unwrap(), bomb, "{scope}");
        assert_eq!(fs::read_to_string(folder.path().join("b.txt")).unwrap(), cleaned, "{scope}");
    }
}

#[test]
fn a_file_that_is_cut_off_within_its_first_bytes_is_no_text() {
    for (name, bytes) in [
        ("a.txt.gz", &b"\x1F\x8B"[..]),
        ("a.txt.gz", b"\x1F"),
        ("a.txt.zst", b"\x28\xB5\x2F"),
        ("a.txt.bz2", b"BZh91A"),
        ("a.txt.bz2", b"B"),
        ("a.jsonl.xz", b"\xFD7zXZ"),
    ] {
        let folder = folder(&[(name, bytes)]);
        for scope in ["document", "corpus"] {
            let out = run(&folder, &["clean", "--scope", scope, name]);
            assert_eq!(out.status.code(), Some(2), "{name}");
            assert!(text(&out.stderr).contains("data is cut off"), "{name}: {}", text(&out.stderr));
        }
    }
    // Text may be called anything.
    let folder = folder(&[("a.txt.bz2", b"Bzzz")]);
    assert_eq!(run(&folder, &["clean", "a.txt.bz2"]).stdout, b"Bzzz");
}

#[cfg(unix)]
fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
#[cfg(unix)]
fn a_pipe_has_no_place_and_is_not_waited_for() {
    let folder = folder(&[("b.txt", format!("{LONG}\n{LONG}\n").as_bytes())]);
    pipe(&folder.path().join("a.txt"));
    pipe(&folder.path().join("a.csv"));
    for (scope, name) in [("document", "a.txt"), ("corpus", "a.txt"), ("document", "a.csv")] {
        let mut command = tikrar(&["clean", "--scope", scope, "-i", name, "b.txt"]);
        let out = command.current_dir(folder.path()).timeout(Duration::from_secs(60)).output().unwrap();
        assert_eq!(out.status.code(), Some(2), "{scope} {name}: {}", text(&out.stderr));
        assert!(text(&out.stderr).contains(name), "{}", text(&out.stderr));
    }
    let mut command = tikrar(&["clean", "a.csv", "--output-dir", "out"]);
    let out = command.current_dir(folder.path()).timeout(Duration::from_secs(60)).output().unwrap();
    assert!(text(&out.stderr).contains("can be read only once"), "{}", text(&out.stderr));
}

#[test]
#[cfg(unix)]
fn a_file_that_became_a_pipe_is_not_waited_for_when_it_is_read_again() {
    for options in [
        &["--scope", "corpus", "--verify"][..],
        &["--scope", "corpus", "--boilerplate", "2"],
        &["--scope", "corpus", "--max-removed", "90%"],
        &["--max-removed", "90%"],
        &["--removed", "removed.jsonl", "-o", "out.txt"],
    ] {
        let folder = folder(&[("a.txt", format!("{LONG}\n{LONG}\n").as_bytes())]);
        let mut child = Command::new(env!("CARGO_BIN_EXE_tikrar"))
            .args(["clean", "-j1"])
            .args(options)
            .args(["a.txt", "-"])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // More than a pipe holds: when all of it is written, the file before has been read.
        let lines: String = (0..100_000).map(|number| format!("سطر {number}\n")).collect();
        stdin.write_all(lines.as_bytes()).unwrap();
        fs::rename(folder.path().join("a.txt"), folder.path().join("b.txt")).unwrap();
        pipe(&folder.path().join("a.txt"));
        drop(stdin);
        let waited = std::thread::spawn(move || child.wait_with_output().unwrap());
        let begun = std::time::Instant::now();
        while !waited.is_finished() && begun.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(waited.is_finished(), "{options:?}");
        let out = waited.join().unwrap();
        let said = text(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{options:?}: {said}");
        let is_told = said.contains("changed while it was read") || said.contains("can be read only once");
        assert!(is_told && said.contains("a.txt"), "{options:?}: {said}");
        assert!(!folder.path().join("out.txt").exists());
    }
}
