//! The command line in corpus scope, and with threads.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::fmt::Write as _;
use std::fs;

use command::{folder, run, text, tikrar};
use tempfile::TempDir;

const LONG: &str = "قال الوزير إن “النتائج” جيدة جدا وإن العمل مستمر في كل المدن";
const AGAIN: &str = "قال الوزير إن «النتائج» جيدة جدا وإن العمل مستمر في كل المدن";

#[test]
fn what_another_document_has_goes_and_it_is_said_where_that_is() {
    let a = format!("خبر\n{LONG}\n\nنعم\n");
    let b = format!("خبر آخر\n\n{AGAIN}\n\nنعم\n\nلا\n");
    let folder = folder(&[("a.txt", a.as_bytes()), ("b.txt", b.as_bytes())]);
    let out = run(&folder, &["clean", "--scope", "corpus", "a.txt", "b.txt"]);
    assert_eq!(out.status.code(), Some(0));
    // The short line goes with the block that it belongs to.
    assert_eq!(text(&out.stdout), format!("{a}خبر آخر\n\nلا\n"));
    assert_eq!(
        text(&out.stderr),
        "b.txt: lines 3-5 repeat the text from line 2 of a.txt\nremoved 2 of 7 lines, 1 block in 1 document\n"
    );
    // By itself no document has a copy.
    let out = run(&folder, &["clean", "a.txt", "b.txt"]);
    assert_eq!(text(&out.stdout), format!("{a}{b}"));
}

/// What is said of the lines of documents, which are named a, b and so on.
#[test]
fn what_is_said_of_originals_is_so() {
    let middle = "خمس كلمات من النص هنا";
    for (documents, keep, said) in [
        // The second line of the run is not in the first document.
        (
            vec![vec![LONG], vec![LONG, middle, LONG, middle]],
            "",
            "b.txt: line 1 repeats line 1 of a.txt\n\
            b.txt: line 3 repeats line 1 of a.txt\nb.txt: line 4 repeats a part of the text from line 1\n",
        ),
        // Line 2, which line 5 goes with, went itself.
        (
            vec![vec![LONG, LONG, "نعم", LONG, "نعم"]],
            "",
            "a.txt: line 2 repeats line 1\na.txt: line 4 repeats line 1\n\
            a.txt: line 5 repeats a part of the text from line 2\n",
        ),
        (vec![vec![middle, middle, middle]], "", "a.txt: lines 2-3 repeat the text from line 1\n"),
        (vec![vec![LONG, middle, LONG, middle]], "الوزير", "a.txt: line 4 repeats a part of the text from line 1\n"),
        // The originals of two lines that stand together stand in two documents.
        (
            vec![vec![LONG], vec![&LONG[2..]], vec![LONG, &LONG[2..]]],
            "",
            "c.txt: line 1 repeats line 1 of a.txt\n\
            c.txt: line 2 repeats line 1 of b.txt\n",
        ),
        (vec![vec![LONG, &LONG[2..]], vec!["", LONG, &LONG[2..]]], "", "b.txt: lines 2-3 repeat lines 1-2 of a.txt\n"),
    ] {
        let names = ["a.txt", "b.txt", "c.txt"];
        let texts: Vec<String> = documents.iter().map(|lines| lines.join("\n") + "\n").collect();
        let files: Vec<(&str, &[u8])> =
            names.into_iter().zip(&texts).map(|(name, text)| (name, text.as_bytes())).collect();
        let folder = folder(&files);
        let mut arguments = vec!["clean", "--scope", "corpus"];
        if !keep.is_empty() {
            arguments.extend(["--keep", keep]);
        }
        arguments.extend(&names[..documents.len()]);
        let stderr = text(&run(&folder, &arguments).stderr);
        let blocks = stderr.split_inclusive('\n').filter(|line| !line.starts_with("removed")).collect::<String>();
        assert_eq!(blocks, said);
    }
}

#[test]
fn standard_input_is_cleaned_as_it_is_read() {
    let out = tikrar(&["clean", "--scope", "corpus"]).write_stdin(format!("{LONG}\nنعم\n{AGAIN}\n")).output().unwrap();
    assert_eq!(text(&out.stdout), format!("{LONG}\nنعم\n"));
    assert!(text(&out.stderr).starts_with("standard input: line 3 repeats line 1\n"));
}

#[test]
fn a_folder_needs_one_destination() {
    let folder = folder(&[("b.txt", AGAIN.as_bytes()), ("a.txt", LONG.as_bytes())]);
    let out = run(&folder, &["clean", "--scope", "corpus", "."]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("-o FILE strings texts or JSON Lines together"));
    let out = run(&folder, &["clean", "-q", "--scope", "corpus", ".", "-o", "all.out"]);
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(fs::read_to_string(folder.path().join("all.out")).unwrap(), LONG);
}

#[test]
fn a_bad_document_is_reported_and_the_others_are_done() {
    let windows = encoding_rs::WINDOWS_1256.encode(LONG).0;
    let folder = folder(&[("a.txt", LONG.as_bytes()), ("b.txt", &windows), ("c.txt", AGAIN.as_bytes())]);
    let out = run(&folder, &["clean", "--scope", "corpus", "a.txt", "missing.txt", "b.txt", "c.txt"]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(text(&out.stdout), LONG);
    let said = text(&out.stderr);
    assert!(said.contains("missing.txt: ") && said.contains("b.txt: not UTF-8: byte 0 is 0xDE"), "{said}");
    assert!(said.contains("c.txt: line 1 repeats line 1 of a.txt"), "{said}");
    assert!(said.ends_with("tikrar: 2 of 4 could not be done: missing.txt, b.txt\n"), "{said}");
    let listed =
        run(&folder, &["clean", "-q", "--scope", "corpus", "--encoding", "utf-8,windows-1256", "b.txt", "a.txt"]);
    assert_eq!(listed.status.code(), Some(0));
    assert_eq!(text(&listed.stdout), LONG);
}

#[test]
fn bytes_that_turn_out_not_to_be_utf_8_pass_through() {
    let mut bytes = "سطر من النص لا يعاد أبدا في هذا الملف الطويل\n".repeat(8000).into_bytes();
    let damaged = bytes.len();
    bytes.extend_from_slice("آخر سطر \u{6E}".as_bytes());
    bytes.insert(damaged, 0xFF);
    let folder = folder(&[("a.txt", &bytes)]);
    let out = run(&folder, &["clean", "--scope", "corpus", "--min-words", "1000000", "a.txt"]);
    assert_eq!(out.status.code(), Some(0));
    assert!(out.stdout == bytes);
    assert!(text(&out.stderr).contains("a.txt: 1 byte is not UTF-8, at byte"), "{}", text(&out.stderr));
    let out = run(&folder, &["clean", "--scope", "corpus", "--strict", "a.txt"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("a.txt: 1 byte is not UTF-8"), "{}", text(&out.stderr));
}

#[test]
fn utf_16_is_decoded_first() {
    let utf_16 = |text: &str| -> Vec<u8> {
        "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let folder = folder(&[("a.txt", LONG.as_bytes()), ("b.txt", &utf_16(&format!("{AGAIN}\nنعم\n")))]);
    let out = run(&folder, &["clean", "-q", "--scope", "corpus", "a.txt", "b.txt"]);
    assert_eq!(text(&out.stdout), format!("{LONG}\nنعم\n"));
}

/// Files of many lines, some of them there before, in the same file and in others.
fn many_files() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut number = 1_u64;
    for file in 0..12 {
        let mut lines = String::new();
        for _ in 0..800 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            match number >> 61 {
                0 => lines.push('\n'),
                1 => lines.push_str("نعم\n"),
                _ => writeln!(lines, "{LONG} رقم {}", number >> 54).unwrap(),
            }
        }
        fs::write(folder.path().join(format!("{file:02}.txt")), lines).unwrap();
    }
    // One is long enough to be looked at in pieces.
    fs::write(folder.path().join("big.txt"), fs::read(folder.path().join("03.txt")).unwrap().repeat(6)).unwrap();
    folder
}

#[test]
fn any_number_of_threads_writes_and_says_the_same() {
    let folder = many_files();
    for arguments in [
        &["clean", "big.txt"][..],
        &["clean", "00.txt", "01.txt", "02.txt", "big.txt", "03.txt"],
        &["clean", "--scope", "corpus", "big.txt"],
        &["clean", "--scope", "corpus", "00.txt", "01.txt", "02.txt", "big.txt", "03.txt"],
        &["check", "."],
        &["check", "big.txt"],
        &["diff", "."],
        &["fold", "big.txt", "00.txt"],
    ] {
        let with = |threads: &str| run(&folder, &[arguments, &["-j", threads]].concat());
        let one = with("1");
        assert!(!one.stdout.is_empty());
        for threads in ["2", "3", "16"] {
            let more = with(threads);
            assert!(one == more, "{arguments:?} with {threads} threads");
        }
    }
}

#[cfg(unix)]
#[test]
fn files_are_written_in_place_side_by_side() {
    let (one, more) = (many_files(), many_files());
    // A second name for a file is not done at the same time.
    for folder in [&one, &more] {
        std::os::unix::fs::symlink("00.txt", folder.path().join("again.txt")).unwrap();
    }
    let said = [(&one, "1"), (&more, "4")].map(|(folder, threads)| {
        let out = run(folder, &["clean", "-i", "-j", threads, "00.txt", "again.txt", ".", "big.txt"]);
        assert_eq!(out.status.code(), Some(0));
        text(&out.stderr)
    });
    assert_eq!(said[0], said[1]);
    for name in fs::read_dir(one.path()).unwrap().map(|entry| entry.unwrap().file_name()) {
        assert_eq!(fs::read(one.path().join(&name)).unwrap(), fs::read(more.path().join(&name)).unwrap(), "{name:?}");
    }
    assert_eq!(run(&more, &["check", "-q", "."]).status.code(), Some(0));
}

#[test]
fn no_threads_at_all_is_refused() {
    let out = run(&folder(&[]), &["clean", "-j", "0", "a.txt"]);
    assert_eq!(out.status.code(), Some(2));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let folder = many_files();
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("tikrar"))
        .args(["clean", "--scope", "corpus", "-q", "big.txt", "00.txt", "01.txt"])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let out = child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(text(&out.stderr), "");
}

#[test]
fn boilerplate_goes_everywhere_and_is_listed() {
    let article = |n: u32| format!("{LONG} {n}\n\nاقرأ أيضا:\nالمصدر : وكالات\n{n}\n");
    let names: Vec<String> = (0..4).map(|n| format!("{n}.txt")).collect();
    let texts: Vec<String> = (0..4).map(article).collect();
    let mut files: Vec<(&str, &[u8])> =
        names.iter().zip(&texts).map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let last = "{\"text\": \"المصدر : وكالات\\nخبر\"}\n";
    files.push(("e.jsonl", last.as_bytes()));
    let folder = folder(&files);
    let arguments = ["clean", "--scope", "corpus", "--boilerplate", "4", ".", "--output-dir", "out", "--summary", "s"];
    let out = run(&folder, &arguments);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    for (n, name) in names.iter().enumerate() {
        let left = fs::read_to_string(folder.path().join("out").join(name)).unwrap();
        assert_eq!(left, format!("{LONG} {n}\n\n{n}\n"));
    }
    assert_eq!(fs::read_to_string(folder.path().join("out/e.jsonl")).unwrap(), "{\"text\": \"خبر\"}\n");
    assert_eq!(
        text(&out.stderr),
        "in 5 documents, 5 times left out: المصدر : وكالات\nin 4 documents, 4 times left out: اقرأ أيضا:\n\
         removed 0 of 18 lines, 0 blocks in 0 documents, and 9 lines of boilerplate\n"
    );
    let summary: serde_json::Value = serde_json::from_slice(&fs::read(folder.path().join("s")).unwrap()).unwrap();
    assert_eq!(summary["boilerplate"][0]["documents"], 5);
    assert_eq!((&summary["total"]["boilerplate"], &summary["total"]["kept"]), (&9.into(), &9.into()));
    // What is to be kept is, and on one output it is the same.
    let arguments = ["clean", "-q", "--scope", "corpus", "--boilerplate", "4", "--keep", "المصدر", "0.txt", "1.txt"];
    let out = run(&folder, &[&arguments[..], &["2.txt", "3.txt"]].concat());
    let left: String = (0..4).map(|n| format!("{LONG} {n}\n\nالمصدر : وكالات\n{n}\n")).collect();
    assert_eq!(text(&out.stdout), left);
    // Of three documents nothing stands in four.
    let out = run(&folder, &["clean", "--scope", "corpus", "--boilerplate", "4", "0.txt", "1.txt", "2.txt"]);
    assert_eq!((text(&out.stdout), text(&out.stderr)), (texts[..3].concat(), String::new()));
}

#[test]
fn texts_can_confirm_what_hashes_say() {
    let a = format!("خبر\n{LONG}\n");
    for arguments in [&["clean", "--scope", "corpus", "--verify"][..], &["clean", "--scope", "corpus"]] {
        let out = tikrar(arguments).write_stdin(format!("{a}نعم\n{AGAIN}\n")).output().unwrap();
        assert_eq!(text(&out.stdout), format!("{a}نعم\n"));
        assert!(text(&out.stderr).starts_with("standard input: line 4 repeats line 2\n"));
    }
    for option in [&["--verify"][..], &["--boilerplate", "3"]] {
        let out = tikrar(&[&["clean"], option].concat()).write_stdin(a.clone()).output().unwrap();
        assert_eq!(out.status.code(), Some(2));
        assert!(text(&out.stderr).contains("looks across documents: give --scope corpus with it"));
    }
}

#[cfg(unix)]
#[test]
fn what_can_be_read_only_once_is_not_read_twice() {
    let folder = folder(&[("a.txt", LONG.as_bytes())]);
    let pipe = folder.path().join("pipe.txt");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for option in [&["--scope", "corpus", "--verify"][..], &["--max-removed", "0.5"]] {
        let out = run(&folder, &[&["clean", "a.txt", "pipe.txt"], option].concat());
        assert_eq!(out.status.code(), Some(2));
        assert!(text(&out.stderr).contains("pipe.txt can be read only once"), "{}", text(&out.stderr));
    }
}

#[test]
fn with_little_memory_the_same_is_written_and_said() {
    let folder = many_files();
    let files = ["00.txt", "01.txt", "big.txt", "03.txt"];
    let without = run(&folder, &[&["clean", "--scope", "corpus"][..], &files].concat());
    for memory in ["64M", "64MiB", "65536k", "1.5G", "67108864"] {
        let with = run(&folder, &[&["clean", "--scope", "corpus", "--memory", memory][..], &files].concat());
        assert!(with == without, "{memory}");
    }
}

#[test]
fn memory_that_is_none_is_refused() {
    let folder = folder(&[("a.txt", LONG.as_bytes())]);
    let said = |arguments: &[&str]| {
        let out = run(&folder, &[&["clean", "a.txt", "-o", "b.txt"][..], arguments].concat());
        assert_eq!(out.status.code(), Some(2), "{arguments:?}");
        assert!(!folder.path().join("b.txt").exists());
        text(&out.stderr)
    };
    for size in ["", "M", "12MB", "-1G", "many", "1e9"] {
        let said = said(&["--scope", "corpus", &format!("--memory={size}")]);
        assert!(said.contains("--memory <SIZE>"), "{said}");
    }
    let few = said(&["--scope", "corpus", "-j2", "--memory", "10M"]);
    assert_eq!(few, "tikrar: --memory 10 MiB: a run takes at least 19 MiB\n");
    let document = said(&["--memory", "1G"]);
    assert!(document.starts_with("tikrar: --memory is for --scope corpus"), "{document}");
    let nowhere = said(&["--scope", "corpus", "--memory", "1G", "--temp-dir", "nowhere"]);
    assert_eq!(
        nowhere,
        "tikrar: there can be no temporary file for the index in nowhere (--temp-dir names another folder): \
         No such file or directory (os error 2)\n"
    );
}
