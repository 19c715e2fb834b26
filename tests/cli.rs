//! The command line: what goes in, what comes out, and with which status.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test that can't go on has failed")]

mod command;

use std::fs;
use std::path::{Path, PathBuf};

use command::{folder, run, text, tikrar};

const LONG: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";

fn repeated() -> String {
    format!("{LONG}\nنعم\n{LONG}\n")
}

fn once() -> String {
    format!("{LONG}\nنعم\n")
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn help_names_every_option() {
    for command in [
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
    ] {
        let help = tikrar(&[command, "--help"]).output().unwrap();
        assert!(help.status.success());
        insta::assert_snapshot!(format!("help_{command}"), text(&help.stdout));
    }
    for command in ["info", "merge", "verify"] {
        let help = tikrar(&["index", command, "--help"]).output().unwrap();
        assert!(help.status.success());
        insta::assert_snapshot!(format!("help_index_{command}"), text(&help.stdout));
    }
    insta::assert_snapshot!("help_config_show", text(&tikrar(&["config", "show", "--help"]).output().unwrap().stdout));
    insta::assert_snapshot!("help", text(&tikrar(&["--help"]).output().unwrap().stdout));
}

#[test]
fn the_version_names_the_rules_and_unicode() {
    let version = text(&tikrar(&["--version"]).output().unwrap().stdout);
    assert!(version.starts_with(&format!("tikrar {}\n", env!("CARGO_PKG_VERSION"))));
    assert!(version.contains("keys: rules 1 and its tables, Unicode 18.0.0"), "{version}");
}

#[test]
fn statuses_are_0_1_and_2() {
    let folder = folder(&[("twice.txt", repeated().as_bytes()), ("once.txt", once().as_bytes())]);
    for (arguments, status) in [
        (&["clean", "twice.txt"][..], 0),
        (&["check", "twice.txt"], 1),
        (&["diff", "twice.txt"], 1),
        (&["check", "once.txt"], 0),
        (&["diff", "once.txt"], 0),
        (&["fold", "twice.txt"], 0),
        (&["check", "twice.txt", "missing.txt"], 2),
        (&["check", "missing.txt"], 2),
        (&["check", "no-such-*.txt"], 2),
        (&["check", "--min-words", "0", "once.txt"], 2),
        (&["check", "--level", "sloppy", "once.txt"], 2),
        (&["check", "--fold", "quotes", "once.txt"], 2),
        (&["check", "--keep", "(", "once.txt"], 2),
        (&["check", "--keep-file", "missing", "once.txt"], 2),
        (&["check", "--encoding", "klingon", "once.txt"], 2),
        (&["sort"], 2),
        (&[], 2),
    ] {
        let output = run(&folder, arguments);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", text(&output.stderr));
        assert_eq!(status == 2, !output.stderr.is_empty() && status == 2, "{arguments:?}");
    }
}

#[test]
fn nothing_to_look_at_is_an_error_unless_that_is_allowed() {
    let folder = folder(&[("notes.md", b"x"), ("sub/.hidden.txt", b"x")]);
    let output = run(&folder, &["check", "."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no document in ."), "{}", text(&output.stderr));
    for command in ["check", "clean", "diff", "fold"] {
        assert_eq!(run(&folder, &[command, "--allow-empty", "."]).status.code(), Some(0), "{command}");
    }
}

#[test]
fn check_says_how_much_it_looked_at() {
    let folder = folder(&[("once.txt", once().as_bytes())]);
    let output = run(&folder, &["check", "once.txt"]);
    assert_eq!(text(&output.stdout), "looked at 1 document and 2 lines: no repeats\n");
    assert_eq!(text(&run(&folder, &["check", "-q", "once.txt"]).stdout), "");
}

#[test]
fn check_reports_what_it_found_and_let_pass() {
    let article = format!(
        "{LONG}\nالمصدر : وكالات\n* * *\n{LONG} «اليوم»\n{LONG} \"اليوم\"\nالمصدر: وكالات\n* * *\nذهب أحمد إلى المدرسة في \
         الصباح وعاد مع إخوته في المساء\nنعم\nذهب احمد الى المدرسة في الصباح وعاد مع اخوته في المساء\n"
    );
    let output = tikrar(&["check"]).write_stdin(article).output().unwrap();
    insta::assert_snapshot!(text(&output.stdout));
}

#[test]
fn what_a_later_level_would_find_is_what_it_finds() {
    // Seven long words: at loose, where spaces go, words are counted by letters, and these are more than ten.
    let line = "المستشفيات والمستوصفات الحكومية والجامعية بالمحافظات المصرية";
    let article = format!("{line}\nنص آخر\n{line}\n");
    let output = tikrar(&["check"]).write_stdin(article.clone()).output().unwrap();
    assert_eq!(
        text(&output.stdout),
        "looked at 1 document and 3 lines: no repeats\nlet pass: 1 repeat under 10 words; 1 more at loose\n"
    );
    assert_eq!(tikrar(&["check", "--level", "loose"]).write_stdin(article).output().unwrap().status.code(), Some(1));
}

#[test]
fn a_batch_goes_on_after_a_bad_file_and_names_it_at_the_end() {
    let latin = [0xC7, 0xE1, 0xCA, 0xCC, 0xD1, 0xC8, 0xC9, b'\n'];
    let folder = folder(&[("a.txt", repeated().as_bytes()), ("b.txt", &latin), ("c.txt", once().as_bytes())]);
    let output = run(&folder, &["clean", "a.txt", "b.txt", "c.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout), once() + &once());
    insta::assert_snapshot!(text(&output.stderr));
}

#[test]
fn a_folder_is_read_in_byte_order_and_needs_a_destination() {
    let folder = folder(&[
        ("in/b.txt", "ب\n".as_bytes()),
        ("in/a/z.txt", "أ\n".as_bytes()),
        ("in/a.TXT", "ت\n".as_bytes()),
        ("in/.hidden/x.txt", "خ\n".as_bytes()),
        ("in/paper.pdf", b"%PDF"),
        ("in/README", b"x\n"),
    ]);
    let output = run(&folder, &["clean", "in"]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!("folder_without_destination", text(&output.stderr));
    let output = run(&folder, &["clean", "in", "-o", "all.txt"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(fs::read_to_string(folder.path().join("all.txt")).unwrap(), "ت\nأ\nب\n");
    assert_eq!(text(&output.stderr), "skipped 2 files: 1 .pdf, 1 without extension\n");
}

#[test]
fn gitignore_is_honoured_when_asked() {
    let folder =
        folder(&[(".gitignore", b"draft.txt\n"), ("draft.txt", "أ\n".as_bytes()), ("a.txt", "ب\n".as_bytes())]);
    assert_eq!(text(&run(&folder, &["fold", "."]).stdout), "ب\nأ\n");
    assert_eq!(text(&run(&folder, &["fold", "--gitignore", "."]).stdout), "ب\n");
}

#[test]
fn standard_input_can_be_named() {
    let output = tikrar(&["check", "--stdin-filename", "خبر.txt", "-"]).write_stdin(repeated()).output().unwrap();
    assert!(text(&output.stdout).starts_with("خبر.txt:3: line 3 repeats line 1 (byte for byte)\n"));
    let output = tikrar(&["diff", "--stdin-filename", "خبر.txt"]).write_stdin(repeated()).output().unwrap();
    assert!(text(&output.stdout).starts_with("--- خبر.txt\n+++ خبر.txt\n@@ -1,3 +1,2 @@ line 3 repeats line 1\n"));
}

#[test]
fn files_strung_together_stay_apart_and_have_one_mark() {
    let folder = folder(&[
        ("a.txt", "\u{FEFF}أ".as_bytes()),
        ("b.txt", "\u{FEFF}ب\r\n".as_bytes()),
        ("empty.txt", b""),
        ("c.txt", "ج".as_bytes()),
    ]);
    let output = run(&folder, &["clean", "a.txt", "b.txt", "empty.txt", "c.txt", "a.txt"]);
    assert_eq!(text(&output.stdout), "\u{FEFF}أ\nب\r\nج\r\nأ");
}

#[test]
fn only_ten_blocks_are_named() {
    let article: String = (0..14).map(|n| format!("{LONG} {n}\n")).collect();
    let output = tikrar(&["clean"]).write_stdin(article.repeat(2).replace("13\n", "13\n\n")).output().unwrap();
    assert_eq!(
        text(&output.stderr),
        "standard input: lines 16-29 repeat lines 1-14\nremoved 14 of 28 lines, 1 block in 1 document\n"
    );
    let scattered: String =
        (0..14).flat_map(|n| [format!("{LONG} {n}\n"), format!("{LONG} {n}\n"), format!("{n}\n")]).collect();
    let output = tikrar(&["clean"]).write_stdin(scattered).output().unwrap();
    let notes = text(&output.stderr);
    assert_eq!(notes.lines().count(), 12, "{notes}");
    assert!(notes.ends_with("and 4 blocks more\nremoved 14 of 42 lines, 14 blocks in 1 document\n"), "{notes}");
    assert_eq!(tikrar(&["clean", "-q"]).write_stdin(repeated()).output().unwrap().stderr, b"");
}

#[test]
fn kept_units_stay() {
    let folder =
        folder(&[("twice.txt", repeated().as_bytes()), ("keep.txt", format!("\n  {LONG}\u{200F}  \n").as_bytes())]);
    assert_eq!(text(&run(&folder, &["clean", "--keep", "^قال .* المدن$", "twice.txt"]).stdout), repeated());
    assert_eq!(text(&run(&folder, &["clean", "--keep-file", "keep.txt", "twice.txt"]).stdout), repeated());
    let check = run(&folder, &["check", "--keep", "^قال", "twice.txt"]);
    assert_eq!(check.status.code(), Some(0));
    assert!(text(&check.stdout).contains("let pass: 1 repeat kept as asked"));
}

#[test]
fn a_mark_says_more_than_a_list() {
    let folder = folder(&[
        ("a.txt", "\u{FEFF}déjà vu\n".as_bytes()),
        ("damaged.txt", &[repeated().as_bytes(), b"\xFF\n"].concat()),
    ]);
    assert_eq!(text(&run(&folder, &["clean", "--encoding", "windows-1256", "a.txt"]).stdout), "\u{FEFF}déjà vu\n");
    let output = run(&folder, &["clean", "--strict", "--encoding", "utf-8,windows-1256", "damaged.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("1 byte is not UTF-8, at byte"), "{}", text(&output.stderr));
}

#[test]
#[cfg(target_os = "linux")]
fn standard_output_by_name_is_written_on() {
    let folder = folder(&[("a.txt", repeated().as_bytes()), ("out.txt", b"before\n")]);
    let path = folder.path().join("out.txt");
    let out = fs::File::options().append(true).open(&path).unwrap();
    let status = std::process::Command::new(assert_cmd::cargo::cargo_bin!("tikrar"))
        .args(["clean", "-q", "a.txt", "-o", "/dev/stdout"])
        .current_dir(folder.path())
        .stdout(out)
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(fs::read_to_string(path).unwrap(), format!("before\n{}", once()));
}

#[test]
fn a_keep_file_may_be_in_the_encodings_of_documents() {
    let utf_16: Vec<u8> = format!("\u{FEFF}{LONG}\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (windows, ..) = encoding_rs::WINDOWS_1256.encode(LONG);
    let folder = folder(&[("a.txt", repeated().as_bytes()), ("utf16.txt", &utf_16), ("windows.txt", &windows)]);
    assert_eq!(text(&run(&folder, &["clean", "--keep-file", "utf16.txt", "a.txt"]).stdout), repeated());
    let output = run(&folder, &["clean", "--keep-file", "windows.txt", "a.txt"]);
    assert_eq!((output.status.code(), output.stdout), (Some(2), Vec::new()));
    assert!(text(&output.stderr).contains("--keep-file windows.txt: not UTF-8"), "{}", text(&output.stderr));
    let list = ["clean", "--encoding", "utf-8,windows-1256", "--keep-file", "windows.txt", "a.txt"];
    assert_eq!(text(&run(&folder, &list).stdout), repeated());
}

#[test]
fn fold_shows_what_is_compared() {
    let output = tikrar(&["fold"]).write_stdin("قـــال “ نعم ” ،  ثمّ\n\n١٣\u{200F}\n").output().unwrap();
    assert_eq!(text(&output.stdout), "قال\"نعم\",ثمّ\n13\n");
    let output =
        tikrar(&["fold", "--level", "exact", "--unit", "paragraph"]).write_stdin("أ\r\nب\r\n").output().unwrap();
    assert_eq!(text(&output.stdout), "أ\u{2424}ب\n");
    let output = tikrar(&["fold", "--fold", "-quotes,+diacritics"]).write_stdin("قال “ نعم ” ثمّ").output().unwrap();
    assert_eq!(text(&output.stdout), "قال “ نعم ” ثم\n");
    let output = tikrar(&["fold"]).write_stdin(b"a \xFF b\n".as_slice()).output().unwrap();
    assert_eq!(output.stdout, b"a \xFF b\n");
}

#[test]
fn in_place_touches_only_what_changes() {
    let folder = folder(&[("twice.txt", repeated().as_bytes()), ("once.txt", once().as_bytes())]);
    let path = |name: &str| folder.path().join(name);
    let before = fs::metadata(path("once.txt")).unwrap();
    let output = run(&folder, &["clean", "-i", "."]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, b"");
    assert_eq!(fs::read_to_string(path("twice.txt")).unwrap(), once());
    assert_eq!(fs::metadata(path("once.txt")).unwrap().modified().unwrap(), before.modified().unwrap());
    assert_eq!(names(folder.path()), ["once.txt", "twice.txt"]);
}

#[test]
#[cfg(unix)]
fn in_place_keeps_mode_and_link_and_refuses_hard_links() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    let folder = folder(&[("target.txt", repeated().as_bytes()), ("hard.txt", repeated().as_bytes())]);
    let path = |name: &str| folder.path().join(name);
    fs::set_permissions(path("target.txt"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("target.txt", path("link.txt")).unwrap();
    fs::hard_link(path("hard.txt"), path("hard2.txt")).unwrap();
    let output = run(&folder, &["clean", "target.txt", "-o", "hard2.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("hard2.txt: has 2 hard links"), "{}", text(&output.stderr));
    let output = run(&folder, &["clean", "-i", "link.txt", "hard.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("hard.txt: has 2 hard links"));
    assert!(fs::symlink_metadata(path("link.txt")).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(path("target.txt")).unwrap(), once());
    assert_eq!(fs::metadata(path("target.txt")).unwrap().mode() & 0o777, 0o640);
    assert_eq!(fs::read_to_string(path("hard.txt")).unwrap(), repeated());
}

#[test]
fn a_backup_keeps_the_old_text() {
    let folder = folder(&[("a.txt", repeated().as_bytes())]);
    assert_eq!(run(&folder, &["clean", "-i.bak", "a.txt"]).status.code(), Some(0));
    assert_eq!(fs::read_to_string(folder.path().join("a.txt")).unwrap(), once());
    assert_eq!(fs::read_to_string(folder.path().join("a.txt.bak")).unwrap(), repeated());
    assert_eq!(run(&folder, &["clean", "-i", "-"]).status.code(), Some(2));
    assert_eq!(run(&folder, &["clean", "-i../x", "a.txt"]).status.code(), Some(2));
}

#[test]
#[cfg(unix)]
fn a_backup_replaces_nothing() {
    use std::os::unix::fs::symlink;

    let folder =
        folder(&[("a.txt", repeated().as_bytes()), ("a.txt.bak", b"mine\n"), ("b.txt", repeated().as_bytes())]);
    let path = |name: &str| folder.path().join(name);
    symlink("a.txt.bak", path("b.txt.bak")).unwrap();
    let output = run(&folder, &["clean", "-i.bak", "a.txt", "a.txt.bak", "b.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("a.txt: a.txt.bak is already there"), "{}", text(&output.stderr));
    assert_eq!(fs::read(path("a.txt.bak")).unwrap(), b"mine\n");
    assert_eq!(fs::read_to_string(path("a.txt")).unwrap(), repeated());
    assert_eq!(fs::read_to_string(path("b.txt")).unwrap(), repeated());
    assert!(text(&output.stderr).ends_with("tikrar: 2 of 3 could not be done: a.txt, b.txt\n"));
}

#[test]
#[cfg(unix)]
fn pipes_can_be_read_and_written_by_name() {
    let folder = folder(&[("a.txt", repeated().as_bytes())]);
    let pipe = folder.path().join("pipe");
    std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).unwrap()
    });
    assert_eq!(run(&folder, &["clean", "-q", "a.txt", "-o", "pipe"]).status.code(), Some(0));
    assert_eq!(reader.join().unwrap(), once());
    let writer = std::thread::spawn(move || fs::write(pipe, repeated()).unwrap());
    assert_eq!(text(&run(&folder, &["clean", "-q", "pipe"]).stdout), once());
    writer.join().unwrap();
}

#[test]
fn an_output_that_is_an_input_is_refused_before_anything_is_written() {
    let folder = folder(&[("a.txt", repeated().as_bytes()), ("b.txt", once().as_bytes())]);
    let path: PathBuf = folder.path().join("a.txt");
    let output = run(&folder, &["clean", "b.txt", "a.txt", "-o", "./a.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("./a.txt is also an input, a.txt"), "{}", text(&output.stderr));
    let onto = fs::File::options().append(true).open(&path).unwrap();
    let status = std::process::Command::new(assert_cmd::cargo::cargo_bin!("tikrar"))
        .args(["clean", "a.txt"])
        .current_dir(folder.path())
        .stdout(onto)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(2));
    assert_eq!(fs::read_to_string(path).unwrap(), repeated());
}

#[test]
fn an_output_appears_whole_or_not_at_all() {
    let folder = folder(&[("a.txt", repeated().as_bytes())]);
    let output = run(&folder, &["clean", "a.txt", "-o", "missing/out.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "tikrar: missing/out.txt: cannot be written: No such file or directory (os error 2)\n"
    );
    assert_eq!(run(&folder, &["clean", "-q", "a.txt", "-o", "out.txt"]).status.code(), Some(0));
    assert_eq!(fs::read_to_string(folder.path().join("out.txt")).unwrap(), once());
    assert_eq!(names(folder.path()), ["a.txt", "out.txt"]);
    // Where nothing could be read, nothing is replaced.
    for command in ["clean", "check", "diff", "fold"] {
        assert_eq!(run(&folder, &[command, "missing.txt", "-o", "out.txt"]).status.code(), Some(2));
        assert_eq!(fs::read_to_string(folder.path().join("out.txt")).unwrap(), once(), "{command}");
    }
}

#[test]
fn utf_16_is_known_by_its_mark() {
    let utf_16: Vec<u8> = format!("\u{FEFF}{}", repeated()).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let folder = folder(&[("a.txt", &utf_16), ("unmarked.txt", &utf_16[2..])]);
    assert_eq!(text(&run(&folder, &["clean", "a.txt"]).stdout), once());
    let output = run(&folder, &["clean", "unmarked.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("looks like UTF-16LE without a byte order mark"));
    assert_eq!(text(&run(&folder, &["clean", "--encoding", "utf-16le", "unmarked.txt"]).stdout), once());
    // In place it stays UTF-16.
    assert_eq!(run(&folder, &["clean", "-i", "a.txt"]).status.code(), Some(0));
    let kept: Vec<u8> = format!("\u{FEFF}{}", once()).encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), kept);
    assert_eq!(run(&folder, &["clean", "-i", "--to-utf8", "a.txt"]).status.code(), Some(0));
    assert_eq!(fs::read_to_string(folder.path().join("a.txt")).unwrap(), once());
}

#[test]
fn other_encodings_have_to_be_named() {
    let (windows, ..) = encoding_rs::WINDOWS_1256.encode(LONG);
    let bytes = [&windows[..], b"\r\n", &windows[..], b"\r\n"].concat();
    let folder = folder(&[("a.txt", &bytes), ("utf8.txt", repeated().as_bytes())]);
    let output = run(&folder, &["clean", "a.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(output.stdout, b"");
    insta::assert_snapshot!("not_utf8", text(&output.stderr));
    let list = ["clean", "-q", "--encoding", "utf-8,windows-1256", "a.txt", "utf8.txt"];
    assert_eq!(text(&run(&folder, &list).stdout), format!("{LONG}\r\n{}", once()));
    let output = run(&folder, &["clean", "--encoding", "windows-1256", "utf8.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("this is UTF-8 with Arabic letters"));
    // The order of a list does not garble UTF-8 either.
    let output = run(&folder, &["clean", "-q", "--encoding", "windows-1256,utf-8", "utf8.txt"]);
    assert_eq!(text(&output.stdout), once());
    assert_eq!(run(&folder, &["clean", "-i", "--encoding", "windows-1256", "a.txt"]).status.code(), Some(0));
    assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), bytes[..bytes.len() / 2]);
}

#[test]
fn text_is_not_garbled_by_a_list_of_encodings() {
    let utf_16: Vec<u8> = repeated().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut damaged = repeated().into_bytes();
    for at in (0..damaged.len()).step_by(20) {
        damaged[at] = 0xFF;
    }
    let mut one_bad = repeated().into_bytes();
    one_bad[2] = 0xFF;
    let folder = folder(&[("a.txt", &utf_16), ("b.txt", &damaged), ("c.txt", b"\xC7\0\xC7\n"), ("d.txt", &one_bad)]);
    let list = ["clean", "-i", "--to-utf8", "--encoding", "utf-8,windows-1256", "a.txt", "b.txt", "c.txt"];
    let output = run(&folder, &list);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!("not_garbled", text(&output.stderr));
    assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), utf_16);
    assert_eq!(fs::read(folder.path().join("b.txt")).unwrap(), damaged);
    // A bad byte does not make windows-1256 of it.
    let output = run(&folder, &["clean", "--encoding", "windows-1256", "d.txt"]);
    assert_eq!((output.status.code(), output.stdout), (Some(2), Vec::new()));
}

#[test]
fn another_arabic_encoding_is_pointed_at() {
    // Letters of ISO-8859-6 stand 0x560 below their code points.
    let iso: Vec<u8> = LONG.chars().map(|c| if c == ' ' { b' ' } else { (u32::from(c) - 0x560) as u8 }).collect();
    let folder = folder(&[("a.txt", &iso)]);
    let output = run(&folder, &["clean", "--encoding", "windows-1256", "a.txt"]);
    assert_eq!(text(&output.stderr), "tikrar: warning: a.txt: read as windows-1256, though it looks like ISO-8859-6\n");
    let output = run(&folder, &["clean", "--encoding", "iso-8859-6", "a.txt"]);
    assert_eq!((text(&output.stdout), output.stderr), (LONG.to_owned(), Vec::new()));
}

#[test]
fn a_damaged_utf_16_file_is_told() {
    let mut utf_16: Vec<u8> = format!("\u{FEFF}{}", repeated()).encode_utf16().flat_map(u16::to_le_bytes).collect();
    utf_16.pop();
    let folder = folder(&[("a.txt", &utf_16)]);
    let output = run(&folder, &["clean", "a.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("is not UTF-16LE, which its byte order mark says it is"));
}

#[test]
fn damaged_utf_8_passes_through_and_is_counted() {
    let line = LONG.repeat(2);
    let damaged = [line.as_bytes(), b" \xFF\n", line.as_bytes(), b" \xFE\n", line.as_bytes(), b" \xFF\n"].concat();
    let folder = folder(&[("a.txt", &damaged)]);
    let output = run(&folder, &["clean", "a.txt"]);
    assert_eq!(output.status.code(), Some(0));
    let third = damaged.len() / 3;
    assert_eq!(output.stdout, damaged[..2 * third]);
    assert!(
        text(&output.stderr).contains("a.txt: 3 bytes are not UTF-8, the first at byte"),
        "{}",
        text(&output.stderr)
    );
    let output = run(&folder, &["clean", "--strict", "a.txt"]);
    assert_eq!((output.status.code(), output.stdout), (Some(2), Vec::new()));
}

#[test]
fn what_is_no_text_is_told_apart() {
    let folder = folder(&[("a.txt", b"PK\x03\x04"), ("b.txt", b"%PDF-1.7\n")]);
    let output = run(&folder, &["clean", "a.txt", "b.txt"]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!("no_text", text(&output.stderr));
}

#[test]
#[cfg(unix)]
fn names_of_any_bytes_are_read_and_shown_safely() {
    use std::os::unix::ffi::OsStrExt;

    let folder = folder(&[("مقال عن الماء.txt", repeated().as_bytes())]);
    let odd = std::ffi::OsStr::from_bytes(b"bad-\xFF\x1B[31m.txt");
    fs::write(folder.path().join(odd), repeated()).unwrap();
    let output = run(&folder, &["check", "."]);
    assert_eq!(output.status.code(), Some(1));
    let report = text(&output.stdout);
    assert!(report.contains("./مقال عن الماء.txt:3: line 3 repeats line 1"), "{report}");
    assert!(report.contains("./bad-\\xFF\\u{1b}[31m.txt:3: line 3 repeats line 1"), "{report}");
    assert_eq!(tikrar(&["clean"]).arg(folder.path().join(odd)).output().unwrap().stdout, once().as_bytes());
}

#[test]
#[cfg(unix)]
fn a_closed_pipe_ends_quietly() {
    use std::io::{BufRead as _, BufReader, Read as _};
    use std::process::{Command, Stdio};

    let article: String = (0..20_000).map(|n| format!("{LONG} {n}\n")).collect();
    let folder = folder(&[("a.txt", article.repeat(2).as_bytes())]);
    // `check` may not have found anything yet when the pipe closes.
    for (command, statuses) in [("clean", [0, 0]), ("diff", [1, 1]), ("check", [1, 0]), ("fold", [0, 0])] {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("tikrar"))
            .args([command, "--level", "exact", "a.txt"])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        drop(stdout);
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let status = child.wait().unwrap().code();
        assert_eq!(stderr, "", "{command}");
        assert!(statuses.map(Some).contains(&status), "{command}: {status:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let folder = folder(&[("a.txt", repeated().as_bytes())]);
    let output = std::process::Command::new(assert_cmd::cargo::cargo_bin!("tikrar"))
        .args(["clean", "a.txt"])
        .current_dir(folder.path())
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("the output cannot be written: No space left on device"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
#[cfg(unix)]
fn a_signal_leaves_no_temporary_file() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    let folder = folder(&[]);
    for (signal, status) in [("-INT", 130), ("-TERM", 143)] {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("tikrar"))
            .args(["clean", "-", "-o", "out.txt"])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        // It waits for the rest of its input with the output begun.
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(b"x\n").unwrap();
        while names(folder.path()).is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(status));
        assert_eq!(names(folder.path()), [""; 0]);
    }
}

#[test]
fn a_line_of_any_length_is_read() {
    let long = format!("{LONG} ").repeat(4_000);
    let output = tikrar(&["clean", "-q"]).write_stdin(format!("{long}\n{long}\nأ\nب\n")).output().unwrap();
    assert_eq!(text(&output.stdout), format!("{long}\nأ\nب\n"));
}
