//! `keys` and `drop` through the command.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::io::Read as _;
use std::process::{Command, Stdio};

use command::{folder, run, text, tikrar};

const LONG: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";
const VERSION: &str = "rules 1, typography, unit line, min-words 10";

fn document(id: &str, text: &str) -> String {
    format!("{{\"id\":{id},\"text\":\"{text}\"}}\n")
}

/// A document of a long line and a short one, with the units that go.
fn listed(list: &str) -> String {
    format!("{{\"id\":\"a\", \"text\":\"{LONG}\\nنعم\", \"drop\": {list} }}\n")
}

fn list(units: &str) -> String {
    format!("{{\"version\":\"{VERSION}\",\"units\":{units}}}")
}

/// What a command says to this input, its status, and what it writes.
fn filtered(arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let output = tikrar(arguments).write_stdin(input).output().unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn each_window_is_a_row_and_the_end_is_told() {
    let input = document("\"ب\\t1\"", &format!("{LONG}\\nنعم\\n{LONG}")) + &document("7", "نعم") + "{\"id\":8}\n";
    let (status, out, said) = filtered(&["keys"], &input);
    assert_eq!((status, &*said), (Some(0), ""));
    insta::assert_snapshot!("rows", out);
    let (_, out, _) = filtered(&["keys"], "");
    assert_eq!(out, format!("{{\"end\":true,\"docs\":0,\"texts\":0,\"rows\":0,\"version\":\"{VERSION}\"}}\n"));
}

#[test]
fn listed_units_go_with_their_list() {
    let written = |text: &str| format!("{{\"id\":\"a\", \"text\":\"{text}\" }}\n");
    for (units, left) in [
        ("[]", format!("{LONG}\\nنعم")),
        ("[0]", "نعم".to_owned()),
        ("[1]", LONG.to_owned()),
        ("[[0,1]]", String::new()),
        ("[1,[0,1],0,1]", String::new()),
    ] {
        let (status, out, said) = filtered(&["drop"], &listed(&list(units)));
        assert_eq!((status, &*out, &*said), (Some(0), &*written(&left), ""), "{units}");
    }
    let (_, out, _) = filtered(&["drop", "--end"], listed(&list("[1]")).trim_end());
    let end = format!("{{\"end\":true,\"docs\":1,\"units\":1,\"version\":\"{VERSION}\"}}\n");
    assert_eq!(out, written(LONG) + &end);
    let (_, out, _) = filtered(&["drop", "--keep", "^نعم", "--end"], &listed(&list("[[0,1]]")));
    assert_eq!(out, written("نعم") + &end);
    let folder = folder(&[("kept", "  نعم\n".as_bytes())]);
    let kept = folder.path().join("kept");
    let (_, out, _) = filtered(&["drop", "--keep-file", kept.to_str().unwrap()], &listed(&list("[1]")));
    assert_eq!(out, written(&format!("{LONG}\\nنعم")));
}

#[test]
fn what_can_not_be_taken_is_refused_and_there_is_no_end() {
    let mut told = String::new();
    let good = document("1", LONG);
    for bad in [
        document("null", LONG),
        "{\"text\":\"نعم\"}\n".to_owned(),
        "{\"id\":2,\"text\":\"نعم\n".to_owned(),
        "[1]\n".to_owned(),
        listed(&list("[]")),
        "{\"id\":2,\"dr\\u006fp\":1}\n".to_owned(),
        "{\"id\":\"\\ud800\"}\n".to_owned(),
    ] {
        let (status, out, said) = filtered(&["keys"], &(good.clone() + &bad));
        assert_eq!(status, Some(2), "{bad}");
        assert!(!out.contains("\"end\""), "{bad}");
        told += &format!("keys < {bad}{said}\n");
    }
    let good = listed(&list("[]"));
    for bad in [
        document("2", LONG),
        listed("7"),
        listed("{\"version\":\"rules 1, loose, unit line, min-words 10\",\"units\":[]}"),
        listed(&list("[2]")),
        listed(&list("[[1,0]]")),
        listed(&list("[-1]")),
        listed(&list("[[0,18446744073709551615]]")),
        listed(&list("[0],\"more\":1")),
        listed(&format!("{0}, \"drop\": {0}", list("[]"))),
        listed(&list("[0]")).replace("\"text\"", "\"content\""),
        "نعم\n".to_owned(),
    ] {
        let (status, out, said) = filtered(&["drop", "--end"], &(good.clone() + &bad));
        assert_eq!(status, Some(2), "{bad}");
        assert!(!out.contains("\"end\""), "{bad}");
        told += &format!("drop < {bad}{said}\n");
    }
    insta::assert_snapshot!("refused", told);
}

/// Where another sign stood for a byte two ids could become one.
#[test]
fn what_an_engine_would_change_is_refused() {
    let run = |record: &[u8]| {
        let input = [document("\"a?\"", LONG).as_bytes(), record].concat();
        let output = tikrar(&["keys"]).write_stdin(input).output().unwrap();
        (output.status.code(), text(&output.stderr))
    };
    let (status, said) = run(b"{\"id\":\"a\xFF\"}\n");
    assert_eq!(status, Some(2));
    assert!(said.contains("standard input, record 2: it is not UTF-8, at its byte 8"), "{said}");
    let many = [b"{\"id\":\"a\",\"text\":\"".as_slice(), &[0xE6; 3000], b"\"}\n"].concat();
    assert!(run(&many).1.contains("not UTF-8"), "{}", run(&many).1);
    let (status, said) = run(format!("{{\"id\":\"{}\"}}\n", "x".repeat(4097)).as_bytes());
    assert_eq!(status, Some(2));
    assert!(said.contains("its id has 4097 bytes"), "{said}");
}

/// What stood around the field stays.
#[test]
fn the_list_goes_with_one_comma_and_nothing_else() {
    let field = format!("\"drop\":{}", list("[]"));
    for (with, without) in [
        (format!("{{{field}, \"id\" : 1 }}\n"), "{ \"id\" : 1 }\n"),
        (format!("{{\"id\" : 1 ,{field} , \"n\":1.50e+3}}\n"), "{\"id\" : 1  , \"n\":1.50e+3}\n"),
        (format!(" {{ \"id\":1,{field} }} \r\n"), " { \"id\":1 } \r\n"),
    ] {
        assert_eq!(filtered(&["drop"], &with), (Some(0), without.to_owned(), String::new()));
    }
}

#[test]
fn text_that_was_lost_on_its_way_is_refused() {
    let lost: String = (0..30).map(|id| document(&id.to_string(), "???? ?????? ??? ???????")).collect();
    let (status, _, said) = filtered(&["keys"], &lost);
    assert_eq!(status, Some(2));
    assert!(said.contains("30 of 30 texts are `?` or U+FFFD for the most part"), "{said}");
    // A few of many are as they were scraped.
    let others: String = (100..140).map(|id| document(&id.to_string(), LONG)).collect();
    assert_eq!(filtered(&["keys"], &(lost + &others)).0, Some(0));
}

/// The records of all files are strung together, and the one that is wrong is named by its place in its own.
#[test]
fn files_are_taken_as_one_input() {
    let many: String = (0..9000).map(|id| document(&id.to_string(), LONG)).collect();
    let packed = {
        let mut packer = tikrar::sink::Packer::new(Some(tikrar::source::Codec::Gzip), Vec::new()).unwrap();
        std::io::Write::write_all(&mut packer, many.as_bytes()).unwrap();
        packer.finish().unwrap()
    };
    let bad = many.trim_end().to_owned() + "\n{}\n";
    let two = folder(&[("a.jsonl.gz", &packed), ("b.jsonl", document("\"b\"", LONG).trim_end().as_bytes())]);
    for threads in ["1", "4"] {
        let output = run(&two, &["keys", "-j", threads, "a.jsonl.gz", "b.jsonl", "-o", "rows"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let rows = std::fs::read_to_string(two.path().join("rows")).unwrap();
        assert_eq!(rows.lines().count(), 9002);
        assert!(rows.ends_with(&format!(
            "{{\"end\":true,\"docs\":9001,\"texts\":9001,\"rows\":9001,\"version\":\"{VERSION}\"}}\n"
        )));
        std::fs::remove_file(two.path().join("rows")).unwrap();
    }
    let bad = folder(&[("a.jsonl.gz", &packed), ("b.jsonl", bad.as_bytes())]);
    let output = run(&bad, &["keys", "a.jsonl.gz", "b.jsonl", "-o", "rows"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("b.jsonl, record 9001: it has no id"), "{}", text(&output.stderr));
    assert!(!bad.path().join("rows").exists());
    let output = run(&bad, &["keys", "a.jsonl.gz", "gone.jsonl"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()));
}

#[test]
fn a_closed_pipe_is_a_failure() {
    let many: String = (0..20_000).map(|id| document(&id.to_string(), LONG)).collect();
    let folder = folder(&[("a.jsonl", many.as_bytes())]);
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("tikrar"))
        .args(["keys", "a.jsonl"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdout.take().unwrap().read_exact(&mut [0; 100]).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(2), String::new()));
}

/// Another machine may have another file there.
#[test]
fn options_come_from_a_file_only_where_it_is_named() {
    let folder = folder(&[
        ("tikrar.toml", b"min-words = 3\ntext-field = \"body\"\n"),
        ("a.jsonl", "{\"id\":1,\"body\":\"واحد اثنان ثلاثة\"}\n".as_bytes()),
    ]);
    let rows = |arguments: &[&str]| {
        let output = run(&folder, arguments);
        text(&output.stdout).lines().last().unwrap().to_owned()
    };
    assert!(rows(&["keys", "a.jsonl"]).contains("\"texts\":0,\"rows\":0"));
    let said = text(&run(&folder, &["keys", "a.jsonl"]).stderr);
    assert_eq!(said, "tikrar: warning: of 1 document none has a text in text (--text-field)\n");
    assert!(rows(&["keys", "a.jsonl", "--config", "tikrar.toml"]).contains("\"texts\":1,\"rows\":1"));
}
