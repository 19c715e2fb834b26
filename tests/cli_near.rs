//! `--near` through the command: what is taken for a copy that is not the same, and what is said of it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::fs;
use std::path::Path;

use command::{folder, run, text, tikrar};

const LEAD: &str = "قال وزير الصحة اليوم إن عدد الإصابات ارتفع إلى 15 حالة خلال الأسبوع الماضي";
const EDITED: &str = "أعلن وزير الصحة اليوم أن عدد الإصابات ارتفع الى 15 حالة في الأسبوع المنصرم";
const OTHER: &str = "قال وزير الصحة اليوم إن عدد الإصابات ارتفع إلى 16 حالة خلال الأسبوع الماضي";
const NEXT: &str = "وأضاف أن الفرق الطبية ستواصل زياراتها إلى القرى البعيدة حتى نهاية العام";

fn article() -> String {
    format!("{LEAD}\n{NEXT}\nنعم\n{EDITED}\n{NEXT}\n{OTHER}\n")
}

fn cleaned(arguments: &[&str], input: &str) -> String {
    let output = tikrar(&["clean", "-q"]).args(arguments).write_stdin(input).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn what_is_nearly_the_same_goes_where_near_is_given_and_no_fact_differs() {
    let article = article();
    let without_next = format!("{LEAD}\n{NEXT}\nنعم\n{EDITED}\n{OTHER}\n");
    for scope in [&[] as &[&str], &["--scope", "corpus"]] {
        let with = |arguments: &[&str]| cleaned(&[scope, arguments].concat(), &article);
        assert_eq!(with(&[]), without_next);
        assert_eq!(with(&["--near", "0.7"]), format!("{LEAD}\n{NEXT}\nنعم\n{OTHER}\n"));
        assert_eq!(with(&["--near", "70%"]), format!("{LEAD}\n{NEXT}\nنعم\n{OTHER}\n"));
        assert_eq!(with(&["--near", "0.9"]), without_next, "11 of 14 words are fewer than 0.9");
        assert_eq!(with(&["--near", "0.7", "--unguarded"]), format!("{LEAD}\n{NEXT}\nنعم\n"));
    }
}

#[test]
fn a_copy_may_say_less_and_never_more() {
    let more = format!("دبي، الإمارات العربية المتحدة (CNN) -- {LEAD}.");
    let says_more = |more: &str, less: &str| {
        for scope in ["document", "corpus"] {
            let near = ["--near", "0.7", "--scope", scope];
            assert_eq!(cleaned(&near, &format!("{more}\n{less}\n")), format!("{more}\n"), "{scope}");
            let both = format!("{less}\n{more}\n");
            assert_eq!(cleaned(&near, &both), both, "{scope}");
        }
    };
    says_more(&more, LEAD);
    says_more(&format!("{LEAD} - بقلم: ليلى حداد"), EDITED);

    let folder = folder(&[("a.txt", format!("{LEAD}\n{more}\n").as_bytes())]);
    let said = text(&run(&folder, &["explain", "--near", "0.7", "a.txt:1", "a.txt:2"]).stdout);
    assert!(said.contains("a.txt:1 is nearly the same as a.txt:2, which says more: alignment"), "{said}");
}

#[test]
fn what_was_found_has_a_name_of_its_own_and_the_words_that_differ_are_told() {
    let folder = folder(&[("a.txt", article().as_bytes())]);
    let out = |arguments: &[&str]| text(&run(&folder, arguments).stdout);
    insta::assert_snapshot!("check", out(&["check", "--near", "0.7", "a.txt"]));
    insta::assert_snapshot!("diff", out(&["diff", "--near", "0.7", "a.txt"]));
    insta::assert_snapshot!("json", out(&["check", "--near", "0.7", "--report", "json", "a.txt"]));
    insta::assert_snapshot!(
        "json_of_a_corpus",
        out(&["check", "--near", "0.7", "--scope", "corpus", "--report", "json", "a.txt"])
    );
    for report in ["github", "gitlab", "sarif", "html"] {
        let said = out(&["check", "--near", "0.7", "--report", report, "a.txt"]);
        assert!(said.contains("nearly repeat"), "{report}: {said}");
    }
    let said = text(&run(&folder, &["clean", "--near", "0.7", "a.txt"]).stderr);
    insta::assert_snapshot!(said, @r"
    a.txt: lines 4-5 nearly repeat lines 1-2
    removed 2 of 6 lines, 1 block in 1 document
    ");
}

#[test]
fn what_was_removed_says_how_near_it_was_and_comes_back() {
    let folder = folder(&[("a.txt", article().as_bytes())]);
    for scope in ["document", "corpus"] {
        let clean = [
            "clean",
            "--near",
            "0.7",
            "--scope",
            scope,
            "--removed",
            "gone.jsonl",
            "--summary",
            "s.json",
            "a.txt",
            "-o",
            "b.txt",
        ];
        assert_eq!(run(&folder, &clean).status.code(), Some(0));
        let gone = fs::read_to_string(folder.path().join("gone.jsonl")).unwrap();
        let first = gone.lines().next().unwrap();
        let near = r#""near":{"words":28,"in_order":11,"shared":11,"differences":"#;
        assert!(first.contains(near) && !gone.lines().nth(1).unwrap().contains("near"), "{gone}");
        let summary = fs::read_to_string(folder.path().join("s.json")).unwrap();
        assert!(summary.contains("\"near\": 1"), "{summary}");
        let restored = run(&folder, &["restore", "--removed", "gone.jsonl", "b.txt"]);
        assert_eq!(text(&restored.stdout), article(), "{}", text(&restored.stderr));
        for file in ["gone.jsonl", "b.txt", "s.json"] {
            fs::remove_file(folder.path().join(file)).unwrap();
        }
    }
}

#[test]
fn records_are_annotated_with_how_near_their_copies_are() {
    let record = format!("{{\"text\":\"{LEAD}\\n{EDITED}\"}}\n");
    for scope in ["document", "corpus"] {
        let told = cleaned(&["--format", "jsonl", "--annotate", "--near", "0.7", "--scope", scope], &record);
        assert!(told.contains("\"near\":0.7"), "{scope}: {told}");
        let exact = cleaned(&["--format", "jsonl", "--annotate", "--scope", scope], &record);
        assert!(exact.contains("\"repeats\":[]"), "{scope}: {exact}");
    }
}

#[test]
fn real_lists_of_figures_lose_nothing() {
    let articles = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/articles");
    for name in [
        "24-KEEP-weather-lines-differ-in-number",
        "25-KEEP-world-cup-facts-differ-in-year",
        "26-KEEP-opening-hours-lake-1-2",
        "30-KEEP-fifa-votes-list",
    ] {
        let article = fs::read_to_string(articles.join(name).with_extension("txt")).unwrap();
        for scope in ["document", "corpus"] {
            assert_eq!(cleaned(&["--near", "0.7", "--scope", scope], &article), article, "{name}");
        }
    }
    // Two phones have lines that are the same byte for byte, and others that differ in a figure or a name.
    let phones = fs::read_to_string(articles.join("21-KEEP-phone-specs-two-models.txt")).unwrap();
    assert_eq!(cleaned(&["--near", "0.7"], &phones), cleaned(&[], &phones));
}

#[test]
fn real_leads_that_were_typed_again_go() {
    let articles = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/articles");
    for name in ["09-lead-quotes-removed", "10-lead-commas+shadda", "11-lead-one-hamza"] {
        let article = fs::read_to_string(articles.join(format!("{name}.txt"))).unwrap();
        let mut lines: Vec<&str> = article.split_inclusive('\n').collect();
        lines.remove(1);
        assert_eq!(cleaned(&["--near", "0.95"], &article), lines.concat(), "{name}");
    }
}

#[test]
fn words_that_are_only_spelled_otherwise_are_said_to_be() {
    let article = format!("{LEAD}\n{}\n", LEAD.replace("إلى", "الى"));
    let output = tikrar(&["check", "--near", "0.9", "-q"]).write_stdin(article).output().unwrap();
    let said = text(&output.stdout);
    assert!(said.contains("alignment 1.000, Jaccard 1.000: the same words, spelled otherwise)"), "{said}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let said = |arguments: &[&str]| {
        let output = tikrar(arguments).write_stdin("").output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr)
    };
    assert!(said(&["clean", "--near", "0.5"]).contains("it is at least 0.7"));
    assert!(said(&["clean", "--near", "1.5"]).contains("from 0 to 1"));
    assert!(said(&["clean", "--near", "x"]).contains("0.8, or a percentage"));
    assert!(said(&["clean", "--unguarded"]).contains("give --near with it"));
    assert!(said(&["clean", "--scope", "corpus", "--near", "0.9", "--index", "i"]).contains("an index has no texts"));
    assert!(said(&["keys", "--near", "0.9"]).contains("unexpected argument '--near'"));
}

#[test]
fn a_near_copy_is_explained() {
    let folder = folder(&[("a.txt", article().as_bytes()), ("tikrar.toml", b"near = 0.7")]);
    let explained = |arguments: &[&str]| {
        let output = run(&folder, &[&["explain", "-q"], arguments].concat());
        text(&output.stdout) + &text(&output.stderr)
    };
    insta::assert_snapshot!(
        "explained",
        [
            explained(&["a.txt:4"]),
            explained(&["a.txt:1"]),
            explained(&["a.txt:4", "a.txt:1"]),
            explained(&["a.txt:6", "a.txt:1"]),
            explained(&["--scope", "corpus", "a.txt:4"]),
            explained(&["--near", "0.9", "a.txt:4"])
        ]
        .concat()
    );
}

#[test]
fn a_baseline_is_of_the_keys_that_near_makes() {
    let folder = folder(&[("a.txt", article().as_bytes())]);
    let check = |arguments: &[&str]| run(&folder, &[&["check", "--baseline", "known", "a.txt"], arguments].concat());
    assert_eq!(check(&["--near", "0.7", "--update-baseline"]).status.code(), Some(0));
    assert_eq!(check(&["--near", "0.7"]).status.code(), Some(0));
    let other = check(&[]);
    assert_eq!(other.status.code(), Some(2));
    assert!(text(&other.stderr).contains("near 0.7"), "{}", text(&other.stderr));
}
