//! `--repair`: the text that stays, mended.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;
mod packing;
mod patched;

use std::fs;

use command::{folder, run, text, tikrar};
use packing::{packed, unpacked};
use patched::patched;
use tempfile::TempDir;
use tikrar::source::Codec;

const SEED: &[u8] = include_bytes!("../fixtures/articles/seed-article.txt");
const MENDED: &str = include_str!("../fixtures/repair/seed-article.txt");

/// A line that is badly set, as it is to be, and the same with other marks.
const BAD: &str = "قال الوزير إن \" النتائج \" جيدة جدا ، وإن العمل مستمر في كل المدن .";
const GOOD: &str = "قال الوزير إن «النتائج» جيدة جدا، وإن العمل مستمر في كل المدن.";
const STRAIGHT: &str = "قال الوزير إن \"النتائج\" جيدة جدا، وإن العمل مستمر في كل المدن.";

fn read(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

#[test]
fn a_real_article_is_cleaned_and_mended() {
    let folder = folder(&[("a.txt", SEED)]);
    for scope in ["document", "corpus"] {
        let output = run(&folder, &["clean", "--scope", scope, "--repair", "a.txt"]);
        assert_eq!(text(&output.stdout), MENDED, "{scope}");
        let said = text(&output.stderr);
        assert!(said.ends_with("removed 5 of 13 lines, 1 block in 1 document\nrepaired 7 of 13 lines\n"), "{said}");
    }
    // Then there is nothing left to do.
    fs::write(folder.path().join("b.txt"), MENDED).unwrap();
    assert!(run(&folder, &["check", "b.txt"]).status.success());
    let output = run(&folder, &["diff", "--repair", "b.txt"]);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), ""));
    let quiet = run(&folder, &["clean", "--repair", "-q", "b.txt"]);
    assert_eq!((text(&quiet.stdout).as_str(), text(&quiet.stderr).as_str()), (MENDED, ""));
}

#[test]
fn the_diff_makes_of_the_text_what_clean_writes() {
    let folder = folder(&[("a.txt", SEED)]);
    for options in
        [&["--repair"][..], &["--repair=quotes,spaces", "--repair-quotes", "curly"], &["--repair", "--scope", "corpus"]]
    {
        let output = run(&folder, &[&["diff", "a.txt"], options].concat());
        assert_eq!(output.status.code(), Some(1));
        let cleaned = run(&folder, &[&["clean", "a.txt"], options].concat());
        assert_eq!(text(&patched(SEED, &output.stdout)), text(&cleaned.stdout));
    }
    let shown = text(&run(&folder, &["diff", "--repair", "a.txt"]).stdout);
    assert!(shown.contains("\n-المصدر : وكالات\n"), "{shown}");
    assert!(shown.contains("\n+المصدر: وكالات\n"), "{shown}");
}

#[test]
fn a_text_with_nothing_to_remove_is_shown_and_counts() {
    let folder = folder(&[("a.txt", format!("{BAD}\nنعم").as_bytes()), ("b.txt", "نعم\n".as_bytes())]);
    for scope in ["document", "corpus"] {
        let output = run(&folder, &["diff", "--repair", "--scope", scope, "a.txt", "b.txt"]);
        assert_eq!(output.status.code(), Some(1));
        let wanted = format!(
            "--- a.txt\n+++ a.txt\n@@ -1,2 +1,2 @@ repaired\n-{BAD}\n+{GOOD}\n نعم\n\\ No newline at end of file\n"
        );
        assert_eq!(text(&output.stdout), wanted, "{scope}");
        assert_eq!(run(&folder, &["diff", "--scope", scope, "a.txt", "b.txt"]).status.code(), Some(0));
    }
}

#[test]
fn kinds_and_styles_are_chosen_by_name() {
    let line = "قال ” نص “ ، محمـــد\u{200F} .\n";
    let folder = folder(&[("a.txt", line.as_bytes())]);
    for (options, wanted) in [
        (&["--repair"][..], "قال «نص»، محمد.\n"),
        (&["--repair=all"], "قال «نص»، محمد.\n"),
        (&["--repair=none"], line),
        (&["--repair=tatweel"], "قال ” نص “ ، محمد\u{200F} .\n"),
        (&["--repair=invisible"], "قال ” نص “ ، محمـــد .\n"),
        (&["--repair=quotes"], "قال « نص » ، محمـــد\u{200F} .\n"),
        (&["--repair=quotes,spaces,invisible"], "قال «نص»، محمـــد.\n"),
        (&["--repair", "--repair-quotes=straight"], "قال \"نص\"، محمد.\n"),
        (&["--repair", "--repair-quotes", "curly"], "قال ”نص“، محمد.\n"),
    ] {
        let output = run(&folder, &[&["clean", "a.txt"], options].concat());
        assert_eq!(text(&output.stdout), wanted, "{options:?}");
    }
}

#[test]
fn what_is_a_copy_is_decided_before_and_marks_that_do_not_pair_are_told_of() {
    let odd = "قال \"نص بلا نهاية";
    let lines = format!("{BAD}\n{odd}\n{GOOD}\n");
    let folder = folder(&[("a.txt", lines.as_bytes())]);
    let output = run(&folder, &["clean", "--repair", "a.txt", "--summary", "s.json"]);
    assert_eq!(text(&output.stdout), format!("{GOOD}\n{odd}\n"));
    let wanted = "a.txt: line 3 repeats line 1\nremoved 1 of 3 lines, 1 block in 1 document\n\
                  repaired 1 of 3 lines; the quotation marks of 1 line do not pair and stay as they are\n";
    assert_eq!(text(&output.stderr), wanted);
    let summary: serde_json::Value = serde_json::from_str(&read(&folder, "s.json")).unwrap();
    assert_eq!((&summary["total"]["repaired"], &summary["total"]["unpaired"]), (&1.into(), &1.into()));
    assert_eq!(summary["options"]["--repair"], "quotes,spaces,invisible,tatweel in guillemets");
    let written = summary["total"]["bytes_out"].as_u64().unwrap() as usize;
    assert_eq!(written, output.stdout.len());
    let output = run(&folder, &["clean", "--repair", "--dry-run", "a.txt"]);
    assert!(text(&output.stderr).contains("\nwould repair 1 of 3 lines;"), "{}", text(&output.stderr));
}

#[test]
fn records_are_written_in_their_own_escapes() {
    let jsonl = format!("{{\"n\":1.0,\"text\":{}}}\n", serde_json::to_string(BAD).unwrap());
    let files = [
        ("a.jsonl", jsonl.clone(), format!("{{\"n\":1.0,\"text\":\"{}\"}}\n", STRAIGHT.replace('"', "\\\""))),
        (
            "b.json",
            format!("[\n{{\"text\":[\"{}\"]}}]", BAD.replace('"', "\\u0022")),
            format!("[\n{{\"text\":[\"{}\"]}}]", STRAIGHT.replace('"', "\\u0022")),
        ),
        (
            "c.csv",
            format!("id,text\r\n7,\"{}\"\r\n", BAD.replace('"', "\"\"")),
            format!("id,text\r\n7,\"{}\"\r\n", STRAIGHT.replace('"', "\"\"")),
        ),
        // Without quotation marks around a field there can be none in it.
        (
            "d.csv",
            "id,text\n7,قال “نعم” .\n8,المصدر : وكالات\n".to_owned(),
            "id,text\n7,قال “نعم” .\n8,المصدر: وكالات\n".to_owned(),
        ),
        ("e.tsv", "text\tid\n\"محمـــد\"\t9\n".to_owned(), "text\tid\n\"محمد\"\t9\n".to_owned()),
    ];
    let straight = "--repair-quotes=straight";
    for scope in ["document", "corpus"] {
        for (name, file, wanted) in &files {
            let folder = folder(&[(name, file.as_bytes())]);
            let output = run(&folder, &["clean", "--scope", scope, "--repair", straight, name]);
            assert_eq!(text(&output.stdout), *wanted, "{name} {scope}");
            let status = run(&folder, &["clean", "--scope", scope, "-i", "--repair", straight, name]).status;
            assert!(status.success());
            assert_eq!(read(&folder, name), *wanted, "{name} {scope} in place");
            let into = ["clean", "--scope", scope, "--repair", straight, name, "--output-dir", "out"];
            assert!(run(&folder, &into).status.success());
            assert_eq!(read(&folder, &format!("out/{name}")), *wanted, "{name} {scope} in a folder");
        }
    }
    // Without what is not seen before it, a mark would begin a field in quotation marks.
    let rows = "id,text\n7,\u{200F}\"نص\" قال\n8,\u{200F}قال\n";
    let of_marks = folder(&[("f.csv", rows.as_bytes())]);
    let output = run(&of_marks, &["clean", "--repair=invisible", "f.csv"]);
    assert_eq!(text(&output.stdout), "id,text\n7,\u{200F}\"نص\" قال\n8,قال\n");
    // The second is left because of where it stands, and that is said.
    let folder = folder(&[("d.csv", files[3].1.as_bytes())]);
    let said = text(&run(&folder, &["clean", "--repair", straight, "d.csv"]).stderr);
    assert_eq!(
        said,
        "repaired 1 of 2 lines; 1 line more stays: mended, it would be another text, or could not be written there\n"
    );
}

#[cfg(feature = "parquet")]
#[test]
fn the_texts_of_a_table_are_mended() {
    let articles = include_bytes!("../fixtures/formats/articles.parquet");
    let folder = folder(&[("a.parquet", articles)]);
    let output = run(&folder, &["clean", "--repair", "-i", "a.parquet"]);
    assert!(text(&output.stderr).ends_with("repaired 27 of 53 lines\n"), "{}", text(&output.stderr));
    let output = run(&folder, &["clean", "--repair", "-i", "a.parquet"]);
    assert_eq!(text(&output.stderr), "repaired 0 of 39 lines\n");
    let texts = text(&run(&folder, &["fold", "--level", "exact", "a.parquet"]).stdout);
    assert!(texts.contains("نفى «جيش الاسلام و فيلق الرحمن» وجود"), "{texts}");
}

#[test]
fn in_place_a_file_with_nothing_to_mend_is_not_touched_and_others_keep_what_they_are() {
    let in_1256 = encoding_rs::WINDOWS_1256.encode(&format!("{BAD}\r\nنعم\r\n")).0.into_owned();
    let wanted_1256 = encoding_rs::WINDOWS_1256.encode(&format!("{GOOD}\r\nنعم\r\n")).0.into_owned();
    let in_utf_16 =
        |text: &str| -> Vec<u8> { format!("\u{FEFF}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let folder = folder(&[
        ("in/good.txt", GOOD.as_bytes()),
        ("in/bom.txt", format!("\u{FEFF}{BAD}").as_bytes()),
        ("in/cp1256.txt", &in_1256),
        ("in/utf16.txt", &in_utf_16(BAD)),
        ("in/packed.txt.gz", &packed(Codec::Gzip, BAD.as_bytes())),
    ]);
    let before = fs::metadata(folder.path().join("in/good.txt")).unwrap().modified().unwrap();
    for scope in ["document", "corpus"] {
        let output =
            run(&folder, &["clean", "--scope", scope, "--repair", "-i", "--encoding", "utf-8,windows-1256", "in"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let bytes = |name: &str| fs::read(folder.path().join("in").join(name)).unwrap();
        // Of the corpus the others are copies of the first, which stands first.
        if scope == "document" {
            assert_eq!(text(&bytes("bom.txt")), format!("\u{FEFF}{GOOD}"));
            assert_eq!(bytes("cp1256.txt"), wanted_1256);
            assert_eq!(bytes("utf16.txt"), in_utf_16(GOOD));
            assert_eq!(text(&unpacked(&folder.path().join("in/packed.txt.gz"))), GOOD);
            assert_eq!(text(&output.stderr), "repaired 4 of 6 lines\n");
        }
        let after = fs::metadata(folder.path().join("in/good.txt")).unwrap().modified().unwrap();
        if scope == "document" {
            assert_eq!(before, after);
        }
    }
}

#[test]
fn an_encoding_without_the_marks_is_refused_with_what_to_do() {
    let (bytes, ..) = encoding_rs::ISO_8859_6.encode("قال \"نعم\" ، وغادر\n");
    let folder = folder(&[("a.txt", &bytes)]);
    let output = run(&folder, &["clean", "--repair", "-i", "--encoding", "iso-8859-6", "a.txt"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("ISO-8859-6") && said.contains("«") && said.contains("--repair-quotes straight"), "{said}");
    assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), *bytes);
    let straight = ["clean", "--repair", "--repair-quotes=straight", "-i", "--encoding", "iso-8859-6", "a.txt"];
    assert!(run(&folder, &straight).status.success());
    let wanted = encoding_rs::ISO_8859_6.encode("قال \"نعم\"، وغادر\n").0;
    assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), *wanted);
}

#[test]
fn standard_input_is_mended_as_files_are() {
    let output = tikrar(&["clean", "--repair"]).write_stdin(SEED).output().unwrap();
    assert_eq!(text(&output.stdout), MENDED);
    let output = tikrar(&["clean", "--repair", "--unit", "paragraph", "-q"])
        .write_stdin(format!("{BAD}\n“نعم\nولا”\n"))
        .output()
        .unwrap();
    assert_eq!(text(&output.stdout), format!("{GOOD}\n«نعم\nولا»\n"));
}

#[test]
fn a_corpus_goes_on_behind_texts_that_were_mended() {
    let folder = folder(&[
        ("a.txt", BAD.as_bytes()),
        (
            "b.jsonl",
            format!(
                "{{\"text\":{}}}\n",
                serde_json::to_string("وغادر الوفد “المدينة” مساء اليوم إلى العاصمة القريبة من الحدود").unwrap()
            )
            .as_bytes(),
        ),
    ]);
    let index = ["clean", "--scope", "corpus", "--index", "seen.tikrar", "--repair"];
    assert!(run(&folder, &[&index[..], &["--output-dir", "one", "a.txt", "b.jsonl"]].concat()).status.success());
    // What was written is recognised as what was read.
    for name in ["a.txt", "b.jsonl"] {
        fs::copy(folder.path().join("one").join(name), folder.path().join(name)).unwrap();
    }
    let output = run(&folder, &[&index[..], &["--output-dir", "two", "a.txt", "b.jsonl"]].concat());
    assert!(output.status.success());
    assert_eq!(read(&folder, "two/a.txt"), GOOD);
    assert_eq!(read(&folder, "two/b.jsonl"), read(&folder, "one/b.jsonl"));
}

#[test]
fn what_can_not_be_together_is_a_usage_error() {
    let folder = folder(&[
        ("a.txt", BAD.as_bytes()),
        ("a.jsonl", b"{\"text\":\"a\"}\n"),
        ("with/tikrar.toml", b"repair = \"all\"\nrepair-quotes = \"straight\"\n"),
        ("with/a.txt", BAD.as_bytes()),
    ]);
    for (arguments, wanted) in [
        (&["clean", "--repair", "--removed", "r", "a.txt"][..], "cannot be used with '--removed <FILE>'"),
        (&["clean", "--repair", "--annotate", "a.jsonl"], "cannot be used with '--annotate[=<FIELD>]'"),
        (&["clean", "--repair", "--unit", "sentence", "a.txt"], "--repair mends lines and paragraphs"),
        (&["clean", "--repair", "--level", "exact", "a.txt"], "--repair changes how text is set"),
        (&["clean", "--repair", "--fold=-quotes", "a.txt"], "--repair changes how text is set"),
        (&["diff", "--repair", "--report", "json", "a.txt"], "--repair is shown by the report unified alone"),
        (
            &["clean", "--repair=commas", "a.txt"],
            "there is no repair 'commas'; there are quotes, spaces, invisible, tatweel, all and none",
        ),
        (&["clean", "--repair-quotes", "curly", "a.txt"], "--repair"),
        (&["check", "--repair", "a.txt"], "--repair"),
    ] {
        let output = run(&folder, arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said.contains(wanted), "{arguments:?}: {said}");
    }
    // One of a file of options is left out where it can't be together with what is given.
    let with = |arguments: &[&str]| tikrar(arguments).current_dir(folder.path().join("with")).output().unwrap();
    assert_eq!(text(&with(&["clean", "--removed", "r", "a.txt"]).stdout), BAD);
    let said = text(&with(&["clean", "--level", "exact", "a.txt"]).stderr);
    assert!(said.contains("tikrar.toml:1:1: repair changes how text is set"), "{said}");
    assert_eq!(text(&with(&["clean", "--repair=none", "--level", "exact", "a.txt"]).stdout), BAD);
    assert_eq!(text(&with(&["clean", "a.txt"]).stdout), STRAIGHT);
    assert_eq!(with(&["diff", "a.txt"]).status.code(), Some(1));
    assert!(with(&["diff", "--report", "json", "a.txt"]).status.success(), "it is shown by the diff alone");
    assert!(with(&["check", "a.txt"]).status.success());
    let shown = text(&with(&["config", "show"]).stdout);
    assert!(shown.contains("repair = [\"all\"]") && shown.contains("repair-quotes = \"straight\""), "{shown}");
}
