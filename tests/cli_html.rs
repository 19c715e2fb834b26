//! The report `html`: how much is on the page, and what of other documents. `.ci/html` opens pages in a browser.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod command;

use std::collections::HashSet;
use std::fs;

use command::{folder, run, text};

const LONG: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";
const QUOTED: &str = "قال الوزير إن النتائج \"جيدة جدا\" وإن العمل مستمر في كل المدن";
const OTHER: &str = "وأضاف أن الفرق الطبية ستواصل زياراتها إلى القرى البعيدة حتى نهاية العام";

#[test]
fn a_page_is_bounded_and_says_what_is_left_out() {
    let paragraph = |record: usize, at: usize| format!("{LONG} رقم {record} ثم {at}");
    let article = |record: usize| -> String {
        (0..200)
            .map(|at| paragraph(record, at))
            .chain((0..200).map(|at| paragraph(record, at)))
            .collect::<Vec<_>>()
            .join("\\n")
    };
    let records: String = (0..150).map(|record| format!("{{\"text\":\"{}\"}}\n", article(record))).collect();
    let folder = folder(&[("a.jsonl", records.as_bytes())]);
    let output = run(&folder, &["check", "--report", "html=a.html", "--report", "json=a.json", "a.jsonl"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let page = fs::read_to_string(folder.path().join("a.html")).unwrap();
    assert!(page.len() < 20 << 20, "{}", page.len());
    let shown = page.matches("<details class=\"document\"").count();
    assert!((1..150).contains(&shown), "{shown}");
    assert!(page.contains(&format!("{shown} of the 150 documents with copies are shown")));
    // Of each link that is there, the place is too.
    let places: HashSet<&str> = page.split(" id=\"").skip(1).map(|rest| rest.split_once('"').unwrap().0).collect();
    let links = || page.split("href=\"#").skip(1).map(|rest| rest.split_once('"').unwrap().0);
    assert!(links().count() > 0 && links().all(|link| places.contains(link)));
}

#[test]
fn in_a_corpus_a_page_has_originals_of_other_documents_and_what_makes_them_equal() {
    let folder = folder(&[
        ("a.txt", format!("عنوان\n\n{QUOTED}\n{OTHER}\n").as_bytes()),
        ("b.txt", format!("أول\n\n{}\n{OTHER}\n\nالنهاية\n", QUOTED.replace(['\"'], "”")).as_bytes()),
        ("c.jsonl", format!("{{\"text\":\"جديد\\n{OTHER}\\nآخر\"}}\n").as_bytes()),
    ]);
    let arguments = ["check", "--scope", "corpus", "--report", "html=page.html", "a.txt", "b.txt", "c.jsonl"];
    let output = run(&folder, &[&arguments[..], &["--report", "text"]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("b.txt:3: lines 3-4 repeat lines 3-4 of a.txt (by quotes)\n"),
        "{}",
        text(&output.stdout)
    );
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    for marked in ["<mark>”</mark>جيدة جدا<mark>”</mark>", "<mark>&quot;</mark>جيدة جدا<mark>&quot;</mark>"]
    {
        assert!(page.contains(marked), "{page}");
    }
}
