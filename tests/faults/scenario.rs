//! Small runs, each with the files that it begins with.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tikrar::sink::Packer;
use tikrar::source::Codec;

use crate::tree::Tree;

/// A run that is disturbed.
#[derive(Clone, Default)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) files: Tree,
    /// Runs that were there before.
    pub(crate) earlier: Vec<Vec<&'static str>>,
    pub(crate) command: Vec<&'static str>,
    /// What is added to it when it is done again.
    pub(crate) again: Vec<&'static str>,
    /// The status of the run where nothing fails.
    pub(crate) status: i32,
    /// Statuses of the run that is done again, besides.
    pub(crate) again_statuses: Vec<i32>,
    /// An index that it goes on behind.
    pub(crate) index: Option<&'static str>,
    /// Files that tell of the run, and so are otherwise where something fails.
    pub(crate) accounts: Vec<&'static str>,
    /// Files as they are where another could not be read that they repeat.
    pub(crate) otherwise: Tree,
    /// The suffix of old texts.
    pub(crate) suffix: Option<&'static str>,
    /// Whether all that is written is written to its standard output.
    pub(crate) on_stdout: bool,
    /// Whether only calls on temporary files are disturbed.
    pub(crate) is_temporary: bool,
}

/// More than there is room for in a little memory.
const LINES: usize = 150_000;

pub(crate) const LONG: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";

/// A text of which a line goes.
pub(crate) fn repeated(number: usize) -> Vec<u8> {
    format!("{LONG} {number}\nنعم\n{LONG} {number}\n").into_bytes()
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut packer = Packer::new(Some(Codec::Gzip), Vec::new()).unwrap();
    packer.write_all(text).unwrap();
    packer.finish().unwrap()
}

fn record(number: usize) -> Vec<u8> {
    format!("{{\"id\":{number},\"text\":\"{LONG} {number}\\nنعم\\n{LONG} {number}\"}}\n").into_bytes()
}

/// A text of its own behind one that others have too.
fn article(number: usize) -> Vec<u8> {
    format!("{LONG}\n{LONG} {number}\n").into_bytes()
}

fn tree(files: &[(&str, Vec<u8>)]) -> Tree {
    files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect()
}

/// Files of several formats, of which something goes, and one of which nothing does.
fn of_formats() -> Tree {
    tree(&[
        ("news/a.txt", repeated(1)),
        ("news/b.jsonl", record(2)),
        ("news/c.csv", format!("id,text\n3,\"{LONG}\nنعم\n{LONG}\"\n").into_bytes()),
        ("news/d.txt.gz", packed(&repeated(4))),
        ("news/e.txt", format!("{LONG} 5\n").into_bytes()),
    ])
}

fn articles() -> Tree {
    tree(&[("news/a.txt", article(1)), ("news/b.txt", article(2)), ("news/c.jsonl", record(3))])
}

fn two_days() -> Tree {
    tree(&[
        ("1.jsonl", record(1)),
        ("2.jsonl", [record(1), record(2)].concat()),
        ("day/a.txt", article(1)),
        ("day/b.txt", article(2)),
    ])
}

fn scenario(name: &'static str, files: Tree, command: &[&'static str]) -> Scenario {
    Scenario { name, files, command: [&["clean", "-j1"], command].concat(), ..Scenario::default() }
}

const ADD_FIRST: &[&str] = &["clean", "-q", "--scope", "corpus", "--index", "news.index", "1.jsonl", "-o", "1.out"];

/// All of them.
pub(crate) fn all() -> Vec<Scenario> {
    let corpus_in_place: &[&str] = &["--scope", "corpus", "-i", "news"];
    let to_index: &[&str] = &["--scope", "corpus", "--index", "news.index"];
    let with_index = |name, command: &[&'static str], earlier: &[&'static str]| Scenario {
        index: Some("news.index"),
        earlier: if earlier.is_empty() { Vec::new() } else { vec![earlier.to_vec()] },
        ..scenario(name, two_days(), &[to_index, command].concat())
    };
    let removing: &[&str] = &["--removed", "gone.jsonl", "-i", "news"];
    let cleaned: Vec<Vec<&str>> = vec![[&["clean", "-q"], removing].concat()];
    let looking = |name, command: &[&'static str], accounts: &[&'static str]| Scenario {
        name,
        files: of_formats(),
        command: [&["check", "-j1"], command].concat(),
        status: 1,
        accounts: accounts.to_vec(),
        ..Scenario::default()
    };
    vec![
        scenario("in place", of_formats(), &["-i", "news"]),
        Scenario { suffix: Some(".bak"), ..scenario("in place, old texts kept", of_formats(), &["-i.bak", "news"]) },
        scenario("in place, a corpus", articles(), corpus_in_place),
        Scenario {
            suffix: Some(".bak"),
            ..scenario("in place, a corpus, old texts kept", articles(), &["--scope", "corpus", "-i.bak", "news"])
        },
        scenario(
            "in place, a corpus, files removed",
            tree(&[("news/a.txt", article(1)), ("news/b.txt", format!("{LONG}\n").into_bytes())]),
            &["--scope", "corpus", "--empty", "drop", "-i", "news"],
        ),
        Scenario {
            again: vec!["--resume"],
            ..scenario("into a folder", of_formats(), &["news", "--output-dir", "out/made"])
        },
        Scenario {
            again: vec!["--resume"],
            otherwise: tree(&[("out/news/b.txt", article(2))]),
            ..scenario("into a folder, a corpus", articles(), &["--scope", "corpus", "news", "--output-dir", "out"])
        },
        with_index("an index is made", &["1.jsonl", "-o", "1.out"], &[]),
        with_index("an index is added to", &["2.jsonl", "-o", "2.out"], ADD_FIRST),
        with_index("an index is added to in place", &["-i", "day"], ADD_FIRST),
        Scenario { accounts: vec!["gone.jsonl"], ..scenario("what goes is written down", of_formats(), removing) },
        Scenario {
            name: "what went comes back in place",
            earlier: cleaned.clone(),
            command: vec!["restore", "--removed", "gone.jsonl", "-i", "news"],
            // What is back already is refused.
            again_statuses: vec![2],
            ..scenario("", of_formats(), &[])
        },
        Scenario {
            name: "what went comes back in a file",
            earlier: cleaned,
            command: vec!["restore", "--removed", "gone.jsonl", "news/b.jsonl", "-o", "b.jsonl"],
            ..scenario("", of_formats(), &[])
        },
        scenario(
            "to a file",
            tree(&[("a.txt", repeated(1)), ("out.txt", b"old\n".to_vec())]),
            &["a.txt", "-o", "out.txt"],
        ),
        scenario("to a packed file", tree(&[("a.txt", repeated(1))]), &["a.txt", "-o", "out.txt.zst"]),
        Scenario { on_stdout: true, ..scenario("to standard output", tree(&[("a.txt", repeated(1))]), &["a.txt"]) },
        Scenario {
            on_stdout: true,
            ..scenario("to standard output, a corpus", tree(&[("a.txt", repeated(1))]), &["--scope", "corpus", "a.txt"])
        },
        looking(
            "reports",
            &["news", "--report", "json=found.jsonl", "--report", "html=found.html", "--report", "sarif=found.sarif"],
            &["found.jsonl", "found.html", "found.sarif"],
        ),
        Scenario {
            accounts: vec!["summary.json", "failed.list"],
            ..scenario(
                "accounts",
                tree(&[("news/a.txt", repeated(1)), ("news/b.txt", repeated(2))]),
                &["-i", "news", "--summary", "summary.json", "--failed", "failed.list"],
            )
        },
    ]
}

/// Those that take longer.
pub(crate) fn larger() -> Vec<Scenario> {
    let lines: Vec<String> = (0..LINES).map(|number| format!("{LONG} {number}\n")).collect();
    let spilled = Scenario {
        is_temporary: true,
        ..scenario(
            "in a little memory",
            tree(&[("a.txt", lines.concat().into_bytes())]),
            &["--scope", "corpus", "--memory", "19M", "a.txt", "-o", "out.txt"],
        )
    };
    let by_two = |scenario: Scenario| {
        let command = scenario.command.iter().map(|&part| if part == "-j1" { "-j2" } else { part }).collect();
        let name = match scenario.name {
            "in place, a corpus" => "by two threads in place, a corpus",
            "into a folder" => "by two threads into a folder",
            _ => return None,
        };
        Some(Scenario { name, command, ..scenario })
    };
    all().into_iter().filter_map(by_two).chain([spilled]).collect()
}

/// Writes files below a folder, which is then as it was.
pub(crate) fn lay(folder: &Path, files: &Tree) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder.join("tmp")).unwrap();
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Writes the files that a run begins with, those of earlier runs too.
pub(crate) fn begun(scenario: &Scenario, folder: &Path) -> Tree {
    lay(folder, &scenario.files);
    for earlier in &scenario.earlier {
        let output = undisturbed(folder, earlier);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    crate::tree::tree(folder)
}

/// Runs the program where nothing fails.
pub(crate) fn undisturbed(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tikrar"));
    command.args(arguments).current_dir(folder).env("TMPDIR", folder.join("tmp")).env_remove("GITHUB_STEP_SUMMARY");
    command.stdin(Stdio::null()).output().unwrap()
}
