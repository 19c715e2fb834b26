//! Corpus scope where each file has a place of its own: all is decided first, and written after.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::fs;
use std::path::Path;

use command::{folder, run, text};
use tempfile::TempDir;

const ONE: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";
const TWO: &str = "وأضاف أن الفرق الطبية ستواصل زياراتها إلى القرى البعيدة حتى نهاية العام";
const THREE: &str = "وختم الوزير كلمته بالشكر لكل من شارك في هذا العمل الكبير من أهل البلاد";

fn read(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

fn jsonl(texts: &[&[&str]]) -> String {
    texts.iter().map(|lines| format!("{{\"text\": \"{}\"}}\n", lines.join("\\n"))).collect()
}

fn csv(texts: &[&[&str]]) -> String {
    texts.iter().fold("id,text\n".to_owned(), |csv, lines| format!("{csv}7,\"{}\"\n", lines.join("\n")))
}

/// Files of every kind, and what is left of them when no paragraph stands twice in all of them.
fn files() -> Vec<(&'static str, String, String)> {
    vec![
        ("in/a.txt", format!("{ONE}\nنعم\n"), format!("{ONE}\nنعم\n")),
        ("in/b.csv", csv(&[&[ONE, TWO], &[TWO]]), "id,text\n7,\"".to_owned() + TWO + "\"\n7,\"\"\n"),
        ("in/c.jsonl", jsonl(&[&[TWO, "لا"], &[THREE, ONE]]), jsonl(&[&["لا"], &[THREE]])),
        ("in/d.json", format!("[{{\"text\": \"{THREE}\"}}]"), "[{\"text\": \"\"}]".to_owned()),
        ("in/e.txt", format!("{THREE}\n\n{TWO}\n"), String::new()),
        ("in/f.csv", format!("text\n{ONE}\nnew\n"), "text\n\"\"\nnew\n".to_owned()),
    ]
}

fn corpus() -> TempDir {
    let files = files();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, before, _)| (*name, before.as_bytes())).collect();
    folder(&files)
}

#[test]
fn files_of_every_kind_are_one_corpus_in_their_places() {
    let folder = corpus();
    let out = run(&folder, &["clean", "--scope", "corpus", "-i", "in", "-j", "2"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    for (name, _, after) in files() {
        assert_eq!(read(&folder, name), after, "{name}");
    }
    let said = text(&out.stderr);
    assert!(said.starts_with("in/b.csv, record 1 (7): line 1 repeats line 1 of in/a.txt\n"), "{said}");
    assert!(said.ends_with("removed 8 of 14 lines, 8 blocks in 7 documents\n"), "{said}");
    let left: Vec<_> =
        fs::read_dir(folder.path().join("in")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), files().len(), "{left:?}");
}

#[test]
fn files_of_every_kind_are_one_corpus_below_a_folder() {
    let folder = corpus();
    let out = run(&folder, &["clean", "-q", "--scope", "corpus", "in", "--output-dir", "out", "--summary", "s.json"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    for (name, before, after) in files() {
        assert_eq!(read(&folder, name), before, "{name}");
        assert_eq!(read(&folder, &format!("out/{name}")), after, "{name}");
    }
    let summary: serde_json::Value = serde_json::from_str(&read(&folder, "s.json")).unwrap();
    let written: usize = files().iter().map(|(_, _, after)| after.len()).sum();
    assert_eq!(summary["total"]["bytes_out"], written, "{summary:#}");
    assert_eq!(summary["total"]["copies"], 8);
    // All that is missing is made anew, and nothing else.
    fs::remove_file(folder.path().join("out/in/b.csv")).unwrap();
    let out = run(&folder, &["clean", "-q", "--scope", "corpus", "in", "--output-dir", "out", "--resume"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    assert_eq!(read(&folder, "out/in/b.csv"), files()[1].2);
}

#[test]
fn files_that_lose_all_their_text_can_go() {
    let folder = corpus();
    let out = run(&folder, &["clean", "-q", "--scope", "corpus", "--empty", "drop", "in", "--output-dir", "out"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    assert!(!folder.path().join("out/in/e.txt").exists());
    assert_eq!(read(&folder, "out/in/d.json"), "[]");
    assert_eq!(read(&folder, "out/in/f.csv"), "text\nnew\n");
    let out = run(&folder, &["clean", "-q", "--scope", "corpus", "--empty", "drop", "-i.bak", "in"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    assert!(!folder.path().join("in/e.txt").exists());
    assert_eq!(read(&folder, "in/e.txt.bak"), files()[4].1);
}

#[test]
fn several_tables_are_one_corpus() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats/articles.parquet");
    let folder = folder(&[("a.csv", csv(&[&[ONE]]).as_bytes())]);
    for name in ["b.parquet", "c.parquet"] {
        fs::copy(&fixture, folder.path().join(name)).unwrap();
    }
    let arguments = ["clean", "--scope", "corpus", "a.csv", "b.parquet", "c.parquet", "--output-dir", "out"];
    let out = run(&folder, &[&arguments[..], &["--summary", "s.json"]].concat());
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let summary: serde_json::Value = serde_json::from_str(&read(&folder, "s.json")).unwrap();
    let accounts = &summary["accounts"];
    let (first, again) = (&accounts[1], &accounts[2]);
    // Lines under ten words that stand alone stay.
    assert!(again["copies"].as_u64() > first["copies"].as_u64(), "{summary:#}");
    let out = run(&folder, &["clean", "-q", "--scope", "corpus", "out/b.parquet", "-o", "again.parquet"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
}

#[test]
fn a_file_in_another_encoding_keeps_it_in_its_place() {
    let windows = |text: &str| encoding_rs::WINDOWS_1256.encode(text).0.into_owned();
    let (before, after) = (format!("لا\n{ONE}\nنعم\n"), "لا\nنعم\n");
    let folder = folder(&[("a.txt", ONE.as_bytes()), ("b.txt", &windows(&before))]);
    let arguments = ["clean", "-q", "--scope", "corpus", "-i", "--encoding", "utf-8,windows-1256", "a.txt", "b.txt"];
    let out = run(&folder, &arguments);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    assert_eq!(fs::read(folder.path().join("b.txt")).unwrap(), windows(after));
}

/// A second pass over what the first one left would remove more here, so a run that is begun anew in the middle would
/// come to something else.
fn chained() -> TempDir {
    let (short, other) = ("ثلاث كلمات هنا", "أربع كلمات أخرى هنا");
    let files = [
        ("a.txt", format!("{short}\n{other}\n{ONE}\n")),
        ("b.txt", format!("{ONE}\n")),
        ("c.txt", format!("{ONE}\n{TWO}\n")),
    ];
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    folder(&files)
}

#[cfg(unix)]
#[test]
fn what_a_stopped_run_decided_is_carried_out_by_the_next() {
    let folder = chained();
    let path = |name: &str| folder.path().join(name);
    // A file that can't be replaced stops nothing, and the rest is kept for later.
    fs::hard_link(path("c.txt"), path("link")).unwrap();
    let arguments = ["clean", "--scope", "corpus", "-i", "a.txt", "b.txt", "c.txt"];
    let out = run(&folder, &arguments);
    assert_eq!(out.status.code(), Some(2));
    let said = text(&out.stderr);
    assert!(
        said.contains("what was decided is kept in ./.tikrar-decisions.jsonl: run the same again to finish it, or move that file away to decide anew"),
        "{said}"
    );
    assert_eq!((read(&folder, "b.txt").as_str(), read(&folder, "c.txt")), ("", format!("{ONE}\n{TWO}\n")));
    // Another run is not let in between.
    let out = run(&folder, &["clean", "--scope", "corpus", "-i", "a.txt", "c.txt"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(
        text(&out.stderr).contains("a run over 3 files that was stopped had others than these"),
        "{}",
        text(&out.stderr)
    );
    let out = run(&folder, &["clean", "--scope", "corpus", "--min-words", "5", "-i", "a.txt", "b.txt", "c.txt"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("min-words 10, and now it is"), "{}", text(&out.stderr));
    // What was changed meanwhile is not touched.
    fs::remove_file(path("link")).unwrap();
    fs::write(path("c.txt"), "جديد\n").unwrap();
    let out = run(&folder, &arguments);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("c.txt: has been changed since the run"), "{}", text(&out.stderr));
    assert_eq!(read(&folder, "c.txt"), "جديد\n");
    fs::write(path("c.txt"), format!("{ONE}\n{TWO}\n")).unwrap();
    let out = run(&folder, &arguments);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    assert!(text(&out.stderr).contains("what it decided is carried out"));
    assert_eq!(read(&folder, "c.txt"), format!("{TWO}\n"));
    assert!(!path(".tikrar-decisions.jsonl").exists());
}

#[cfg(unix)]
#[test]
fn a_stopped_run_that_has_removed_files_is_finished_by_the_same_command() {
    for named in [&["a.txt", "b.txt", "c.txt"][..], &["."]] {
        let folder = chained();
        let path = |name: &str| folder.path().join(name);
        fs::hard_link(path("c.txt"), path("link")).unwrap();
        let arguments =
            [&["clean", "--scope", "corpus", "--empty", "drop", "-i", "--removed", "gone.jsonl"], named].concat();
        assert_eq!(run(&folder, &arguments).status.code(), Some(2));
        assert!(path(".tikrar-decisions.jsonl").exists() && !path("b.txt").exists());
        fs::remove_file(path("link")).unwrap();
        // What would not be done as it was asked for is refused.
        let without = [&["clean", "--scope", "corpus", "--empty", "drop", "-i"], named].concat();
        let out = run(&folder, &without);
        assert_eq!(out.status.code(), Some(2));
        assert!(text(&out.stderr).contains("had --removed gone.jsonl, and now it is none"), "{}", text(&out.stderr));
        let more = [&["clean", "--scope", "corpus", "--max-removed", "1%"], &arguments[3..]].concat();
        let out = run(&folder, &more);
        assert!(text(&out.stderr).contains("had --max-removed none, and now it is 0.01"), "{}", text(&out.stderr));
        let mut suffixed = arguments.clone();
        suffixed[5] = "-i.bak";
        let out = run(&folder, &suffixed);
        assert!(text(&out.stderr).contains("had -i '', and now it is '.bak'"), "{}", text(&out.stderr));
        let out = run(&folder, &arguments);
        assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
        assert_eq!(read(&folder, "c.txt"), format!("{TWO}\n"));
        assert!(!path(".tikrar-decisions.jsonl").exists() && !path("b.txt").exists());
    }
}

#[test]
fn a_dry_run_decides_and_writes_nothing() {
    let folder = corpus();
    let out = run(&folder, &["clean", "--scope", "corpus", "--dry-run", "-i", "in"]);
    assert_eq!(out.status.code(), Some(0));
    assert!(
        text(&out.stderr).ends_with("would remove 8 of 14 lines, 8 blocks in 7 documents\n"),
        "{}",
        text(&out.stderr)
    );
    for (name, before, _) in files() {
        assert_eq!(read(&folder, name), before, "{name}");
    }
}

#[test]
fn a_file_that_is_cut_off_somewhere_is_reported_and_the_others_are_done() {
    let records: String = (0..20_000).map(|number| format!("{{\"text\":\"{ONE} {number}\"}},\n")).collect();
    let (cut_off, broken) = (format!("[{records}"), format!("{}]", records.replace(",\n", "\n")));
    let twice = format!("{ONE}\n{ONE}\n");
    let files = || {
        folder(&[
            ("in/a.json", cut_off.as_bytes()),
            ("in/b.txt", twice.as_bytes()),
            ("in/c.json", broken.as_bytes()),
            ("in/d.txt", format!("{ONE}\n{TWO}\n").as_bytes()),
        ])
    };
    let lists = ["--failed", "failed", "--summary", "sums.json"];
    for place in [&["-i", "in"][..], &["in", "--output-dir", "out"]] {
        let folder = files();
        let out = run(&folder, &[&["clean", "--scope", "corpus"][..], place, &lists].concat());
        assert_eq!(out.status.code(), Some(2));
        let said = text(&out.stderr);
        assert!(said.contains("tikrar: 2 of 4 could not be done: in/a.json, in/c.json"), "{said}");
        assert_eq!(said.matches("tikrar: in/a.json: is not JSON: ").count(), 1, "{said}");
        assert_eq!(read(&folder, "failed"), "in/a.json\nin/c.json\n");
        let root = if place[0] == "-i" { "in" } else { "out/in" };
        let left = (format!("{ONE}\n"), format!("{TWO}\n"));
        assert_eq!((read(&folder, &format!("{root}/b.txt")), read(&folder, &format!("{root}/d.txt"))), left);
        assert_eq!(read(&folder, "in/a.json"), cut_off);
        let sums: serde_json::Value = serde_json::from_str(&read(&folder, "sums.json")).unwrap();
        assert_eq!((&sums["done"], &sums["total"]["documents"]), (&2.into(), &2.into()));
    }
    // On one output it is too late, but it is told of.
    let folder = files();
    let out = run(&folder, &[&["clean", "--scope", "corpus", "in/a.json", "-o", "all.json"][..], &lists].concat());
    assert_eq!(out.status.code(), Some(2));
    let said = text(&out.stderr);
    assert!(said.contains("the run ends here, and nothing is written (mend the file, or leave it out)"), "{said}");
    assert_eq!(read(&folder, "failed"), "in/a.json\n");
    assert!(!folder.path().join("all.json").exists());
}
