//! The reports of `check` and `diff`: the same findings, written for people and for programs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use command::{folder, run, text, tikrar};
use tempfile::TempDir;

const LONG: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";

fn twice() -> String {
    format!("{LONG}\nنعم\n{LONG}\n")
}

#[test]
fn colours_are_as_asked_for() {
    let with = |color: &str, no_color: &str| {
        let mut command = tikrar(&["check", "--color", color, "-q"]);
        text(&command.env("NO_COLOR", no_color).write_stdin(twice()).output().unwrap().stdout)
    };
    insta::assert_snapshot!(with("always", "1").replace('\u{1B}', "ESC"), @r"
    ESC[1mstandard input:3:ESC[0m line 3 repeats line 1 (byte for byte)
        ESC[36mقال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدنESC[0m
    ");
    assert!(!with("never", "").contains('\u{1B}'));
    assert!(!with("auto", "").contains('\u{1B}'));
}

const ONE: &str = "قال الوزير إن النتائج \"جيدة جدا\" وإن العمل مستمر في كل المدن";
const ONE_AGAIN: &str = "قال الوزير إن النتائج «جيدة جدا» وإن العمل مستمر في كل المدن";
const TWO: &str = "وأضاف أن الفرق الطبية ستواصل زياراتها إلى القرى البعيدة حتى نهاية العام";
const THREE: &str = "وختم الوزير كلمته بالشكر لكل من شارك في هذا العمل الكبير من أهل البلاد";

/// A file name that tries to be more than one.
const HOSTILE: &str = "./::error file=x,%0A\"'<script>|`[a](b){0}\n\u{202E}خبر.txt";

/// The inputs that every report is shown of: a real article, one of its variants, three papers as a corpus (one of them
/// records), a file without copies, and text that tries to be something else.
fn inputs() -> TempDir {
    let fixture = |name: &str| fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)).unwrap();
    let hostile = "::error::%0A%25 <script>alert(1)</script> | `س` [رابط](javascript:x) {0} &amp; \u{202E}عكس\u{202C} \u{1B}[31m في هذا \
                   السطر كلمات كثيرة";
    let hostile = [hostile.as_bytes(), b" \xFF\n", LONG.as_bytes(), b"\n", hostile.as_bytes(), b" \xFF\n"].concat();
    folder(&[
        ("seed-article.txt", &fixture("articles/seed-article.txt")),
        ("variant.txt", &fixture("variants/quotes.txt")),
        ("a.txt", format!("عنوان\n\n{ONE}\n{TWO}\n").as_bytes()),
        ("b.txt", format!("{THREE}\n\n{ONE_AGAIN}\n{TWO}\n\nالنهاية\n").as_bytes()),
        ("c.jsonl", format!("{{\"id\":\"x\",\"text\":\"{THREE}\"}}\n{{\"text\":\"جديد\\n{TWO}\\nآخر\"}}\n").as_bytes()),
        ("clean.txt", format!("{LONG}\nنعم\n").as_bytes()),
        (HOSTILE, &hostile),
    ])
}

const RUNS: [(&[&str], i32); 5] = [
    (&["seed-article.txt"], 1),
    (&["variant.txt"], 1),
    (&["--scope", "corpus", "a.txt", "b.txt", "c.jsonl"], 1),
    (&["clean.txt"], 0),
    (&[HOSTILE], 1),
];

/// What `check` writes of each of the inputs.
fn reported(folder: &TempDir, report: &str) -> Vec<String> {
    let of_run = |&(arguments, status): &(&[&str], i32)| {
        let output = run(folder, &[&["check", "--report", report][..], arguments].concat());
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", text(&output.stderr));
        let diff = run(folder, &[&["diff", "--report", report, "-j", "3"][..], arguments].concat());
        assert_eq!((diff.status.code(), &diff.stdout), (Some(status), &output.stdout), "{arguments:?}");
        match report {
            // A diff has the bytes of the text, whatever they are.
            "unified" => String::from_utf8_lossy(&output.stdout).into_owned(),
            _ => text(&output.stdout),
        }
    };
    RUNS.iter().map(of_run).collect()
}

/// The same for people who look at snapshots.
fn shown(reported: &[String]) -> String {
    let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    let shown = reported
        .iter()
        .zip(RUNS)
        .map(|(report, (arguments, _))| format!("$ check {}\n{report}", arguments.join(" ").escape_default()));
    shown.collect::<Vec<_>>().join("\n").replace(&version, "VERSION")
}

/// Nothing is left that a terminal may act on.
fn assert_safe(reported: &[String]) {
    for report in reported {
        let unsafe_at = report.find(|c: char| (c.is_control() && c != '\n') || ('\u{202A}'..='\u{202E}').contains(&c));
        assert_eq!(unsafe_at, None, "{report}");
    }
}

/// Checks that a value is as a schema says.
fn schema(path: &str) -> impl Fn(&serde_json::Value) + use<> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.enable_format_assertions();
    let schema = compiler.compile(file.to_str().unwrap(), &mut schemas).unwrap();
    move |value| schemas.validate(value, schema).unwrap_or_else(|error| panic!("{error:#}\n{value:#}"))
}

#[test]
fn text_says_of_each_input_what_repeats() {
    let reported = reported(&inputs(), "text");
    assert_safe(&reported);
    insta::assert_snapshot!("text", shown(&reported));
}

#[test]
fn a_diff_shows_of_each_input_what_would_go() {
    let spelled = |c: char| match c {
        '\u{1B}' | '\u{202A}'..='\u{202E}' | '\u{FFFD}' => c.escape_unicode().to_string(),
        _ => c.to_string(),
    };
    let shown: String = shown(&reported(&inputs(), "unified")).chars().map(spelled).collect();
    insta::assert_snapshot!("unified", shown);
}

#[test]
fn json_is_as_its_schema_says() {
    let reported = reported(&inputs(), "json");
    assert_safe(&reported);
    let check = schema("docs/report.schema.json");
    for report in &reported {
        let lines: Vec<serde_json::Value> = report.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        lines.iter().for_each(&check);
        let (summary, findings) = lines.split_last().unwrap();
        assert_eq!(summary["type"], "summary");
        assert!(findings.iter().all(|finding| finding["type"] == "finding"));
        assert_eq!(summary["blocks"], findings.len());
    }
    let hostile: serde_json::Value = serde_json::from_str(reported[4].lines().next().unwrap()).unwrap();
    assert_eq!(hostile["file"], HOSTILE);
    insta::assert_snapshot!("json", shown(&reported));
}

#[test]
fn json_tells_of_boilerplate_of_whole_documents_and_of_earlier_runs() {
    let folder = inputs();
    let check = schema("docs/report.schema.json");
    let json = |arguments: &[&str]| {
        let output = run(&folder, &[&["check", "--report", "json", "--scope", "corpus"], arguments].concat());
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).inspect(&check).collect::<Vec<_>>()
    };
    let everywhere = ["--boilerplate", "3", "--drop-document-above", "60%", "a.txt", "b.txt", "c.jsonl"];
    let rules: Vec<serde_json::Value> = json(&everywhere).into_iter().map(|line| line["rule"].clone()).collect();
    assert_eq!(rules[..3], ["boilerplate", "repeating-document", "repeating-document"]);
    let clean = run(&folder, &["clean", "--scope", "corpus", "--index", "i", "-o", "out", "a.txt"]);
    assert!(clean.status.success(), "{}", text(&clean.stderr));
    let found = json(&["--index", "i", "b.txt"]);
    assert_eq!(found[0]["original"], serde_json::json!({"in": "earlier", "name": "a.txt", "lines": [3, 4]}));
}

#[test]
fn json_tells_how_much_is_known() {
    let folder = inputs();
    let check = schema("docs/report.schema.json");
    let baseline = ["check", "--report", "json", "--baseline", "known.jsonl", "seed-article.txt"];
    for update in [&["--update-baseline"][..], &[]] {
        let output = run(&folder, &[&baseline, update].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let summary = serde_json::from_slice(&output.stdout).unwrap();
        check(&summary);
        assert_eq!((&summary["known"], &summary["blocks"]), (&1.into(), &0.into()));
    }
}

#[test]
fn github_is_told_by_one_command_a_finding() {
    let folder = inputs();
    let reported = reported(&folder, "github");
    for report in &reported {
        assert!(report.lines().all(|line| line.starts_with("::warning ")), "{report}");
        for line in report.lines() {
            let (properties, data) = line.strip_prefix("::warning ").unwrap().split_once("::").unwrap();
            assert!(!properties.contains(':') && !data.is_empty(), "{line}");
            let keys: Vec<&str> = properties.split(',').map(|pair| pair.split_once('=').unwrap().0).collect();
            assert!(matches!(keys[..], ["file", "line", "endLine", "title"] | ["file", "title"]), "{line}");
        }
    }
    insta::assert_snapshot!("github", shown(&reported).replace('\u{202E}', "\\u{202E}"));
}

#[test]
fn the_summary_of_a_step_is_added_to_its_file() {
    let folder = inputs();
    let summary = folder.path().join("summary.md");
    fs::write(&summary, "before\n").unwrap();
    let check = |arguments: &[&str]| {
        let mut command = tikrar(&[&["check", "--report", "github"], arguments].concat());
        command.current_dir(folder.path()).env("GITHUB_STEP_SUMMARY", &summary).output().unwrap()
    };
    for (arguments, status) in RUNS {
        assert_eq!(check(arguments).status.code(), Some(status));
    }
    let written = text(&fs::read(&summary).unwrap());
    let rows = written.lines().filter(|line| line.starts_with('|') && !line.starts_with("| ---"));
    assert!(rows.clone().all(|row| row.matches('|').count() == 4), "{written}");
    assert_eq!(rows.filter(|row| *row != "| where | what | text |").count(), 6);
    assert!(!written.contains('<') && !written.contains('`'), "{written}");
    insta::assert_snapshot!("github_step_summary", written);
    // Other reports do not touch it, and neither does a run that is refused.
    let text_only =
        tikrar(&["check", "a.txt"]).current_dir(folder.path()).env("GITHUB_STEP_SUMMARY", &summary).output();
    assert!(text_only.unwrap().status.success());
    for arguments in [&["summary.md"][..], &["--summary", "summary.md", "a.txt"]] {
        let output = check(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains("GITHUB_STEP_SUMMARY"), "{}", text(&output.stderr));
    }
    assert_eq!(text(&fs::read(&summary).unwrap()), written);
}

#[test]
fn the_summary_of_a_step_stays_short() {
    let article: String = (0..300).map(|number| format!("{LONG} {number}\n").repeat(2)).collect();
    let folder = folder(&[("a.txt", article.as_bytes())]);
    let mut command = tikrar(&["check", "--report", "github", "a.txt"]);
    let output =
        command.current_dir(folder.path()).env("GITHUB_STEP_SUMMARY", folder.path().join("s.md")).output().unwrap();
    assert_eq!(text(&output.stdout).lines().count(), 300);
    let summary = text(&fs::read(folder.path().join("s.md")).unwrap());
    assert_eq!(summary.lines().filter(|line| line.starts_with("| a.txt:")).count(), 200);
    assert!(summary.ends_with("\nand 100 findings more\n\n"), "{summary}");
}

#[test]
fn gitlab_is_told_by_one_issue_a_finding() {
    let reported = reported(&inputs(), "gitlab");
    assert_safe(&reported);
    let check = schema("fixtures/reports/gitlab.schema.json");
    for (report, issues) in reported.iter().zip([1, 1, 3, 0, 1]) {
        let report = serde_json::from_str(report).unwrap();
        check(&report);
        assert_eq!(report.as_array().unwrap().len(), issues);
    }
    let hostile: serde_json::Value = serde_json::from_str(&reported[4]).unwrap();
    assert_eq!(hostile[0]["location"]["path"], HOSTILE.strip_prefix("./").unwrap());
    insta::assert_snapshot!("gitlab", shown(&reported));
}

/// What a schema does not say of a log: that what refers to something finds it.
fn assert_refers(log: &serde_json::Value) {
    let run = &log["runs"][0];
    let mut fingerprints = HashSet::new();
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        assert!(fingerprints.insert(result["partialFingerprints"]["tikrarUnits/v1"].as_str().unwrap()));
        let has_link = result["message"]["text"].as_str().unwrap().contains("](1)");
        assert_eq!(has_link, result["relatedLocations"][0]["id"] == 1, "{result:#}");
        let related = result["relatedLocations"].as_array().into_iter().flatten();
        for location in result["locations"].as_array().unwrap().iter().chain(related) {
            let artifact = &location["physicalLocation"]["artifactLocation"];
            let base = artifact["uriBaseId"].as_str().unwrap_or_default();
            let is_known = base.is_empty() || run["originalUriBaseIds"][base].is_object();
            assert!(is_known && (artifact.is_object() || location["logicalLocations"].is_array()), "{location:#}");
        }
    }
}

#[test]
fn sarif_is_valid() {
    let reported = reported(&inputs(), "sarif");
    assert_safe(&reported);
    let check = schema("fixtures/reports/sarif-schema-2.1.0.json");
    for (report, results) in reported.iter().zip([1, 1, 3, 0, 1]) {
        let log = serde_json::from_str(report).unwrap();
        check(&log);
        assert_refers(&log);
        assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), results);
    }
    insta::assert_snapshot!("sarif", shown(&reported));
}

#[test]
fn sarif_is_valid_of_whole_documents_earlier_runs_standard_input_and_paths_from_elsewhere() {
    let folder = inputs();
    let check = schema("fixtures/reports/sarif-schema-2.1.0.json");
    let valid = |output: &Output, status: i32| -> serde_json::Value {
        assert_eq!(output.status.code(), Some(status), "{}", text(&output.stderr));
        let log = serde_json::from_slice(&output.stdout).unwrap();
        check(&log);
        assert_refers(&log);
        log
    };
    let sarif = |arguments: &[&str]| run(&folder, &[&["check", "--report", "sarif"], arguments].concat());
    let corpus =
        ["--scope", "corpus", "--boilerplate", "3", "--drop-document-above", "60%", "a.txt", "b.txt", "c.jsonl"];
    let rules = valid(&sarif(&corpus), 1)["runs"][0]["results"].as_array().unwrap().len();
    assert_eq!(rules, 3);
    let clean = run(&folder, &["clean", "--scope", "corpus", "--index", "i", "-o", "out", "a.txt"]);
    assert!(clean.status.success(), "{}", text(&clean.stderr));
    valid(&sarif(&["--scope", "corpus", "--index", "i", "b.txt"]), 1);
    valid(&tikrar(&["check", "--report", "sarif"]).write_stdin(twice()).output().unwrap(), 1);
    fs::create_dir(folder.path().join("sub")).unwrap();
    fs::write(folder.path().join("twice.txt"), twice()).unwrap();
    let location = |log: &serde_json::Value| {
        log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"].clone()
    };
    let mut above = tikrar(&["check", "--report", "sarif", "../twice.txt"]);
    let above = valid(&above.current_dir(folder.path().join("sub")).output().unwrap(), 1);
    assert_eq!(location(&above), serde_json::json!({"uri": "../twice.txt"}));
    let path = folder.path().join("twice.txt");
    let from_root = valid(&sarif(&[path.to_str().unwrap()]), 1);
    assert!(location(&from_root)["uri"].as_str().unwrap().starts_with("file:///"));
    let failed = valid(&sarif(&["a.txt", "missing.txt"]), 2);
    assert_eq!(failed["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn a_page_shows_each_input_and_nothing_of_it_is_markup() {
    let reported = reported(&inputs(), "html");
    assert_safe(&reported);
    let without = |page: &str, tag: &str| {
        let (before, rest) = page.split_once(&format!("<{tag}>")).unwrap();
        let (within, after) = rest.split_once(&format!("</{tag}>")).unwrap();
        assert!(!after.contains(&format!("<{tag}")) && !within.is_empty(), "{page}");
        format!("{before}<{tag}></{tag}>{after}")
    };
    let mut pages = Vec::new();
    for page in &reported {
        let page = without(&without(page, "style"), "script");
        let (before, after) = page.split_once("script-src 'sha256-").unwrap();
        let (_, after) = after.split_once('\'').unwrap();
        let page = format!("{before}script-src 'sha256-…'{after}");
        // Every element that is opened is closed, in order.
        let mut open = Vec::new();
        for tag in page.split('<').skip(2).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag) {
            let name = tag.split(' ').next().unwrap();
            match name.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name), "{page}"),
                None if matches!(name, "meta" | "input") => {}
                None => open.push(name),
            }
        }
        assert!(open.is_empty(), "{open:?}: {page}");
        pages.push(page.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    }
    assert!(pages[4].contains("&lt;script&gt;alert(1)&lt;/script&gt;") && pages[4].contains(r#"data-sign="RLO""#));
    insta::assert_snapshot!("html", shown(&pages).replace("<div class=\"row", "\n<div class=\"row"));
}

#[test]
fn a_fingerprint_is_of_the_text_and_not_of_its_place() {
    let moved = format!("جديد\n\n{LONG}\nنعم\nلا\n{LONG}\n{LONG}\n");
    let folder = folder(&[("a.txt", twice().as_bytes()), ("b.txt", moved.as_bytes())]);
    let output = run(&folder, &["check", "--report", "json", "a.txt", "b.txt"]);
    let of_line = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["fingerprint"].clone();
    let fingerprints: Vec<serde_json::Value> = text(&output.stdout).lines().map(of_line).collect();
    let [first, second, third, _] = &fingerprints[..] else { panic!("{fingerprints:?}") };
    let hash = first.as_str().unwrap().strip_suffix(":1").unwrap();
    assert_eq!((second, third), (&format!("{hash}:2").into(), &format!("{hash}:3").into()));
}

#[test]
#[cfg(unix)]
fn names_that_are_not_utf8_are_told_of_in_every_report() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let folder = folder(&[]);
    let name = OsStr::from_bytes(b"\xE3\xC7\xC1.txt");
    fs::write(folder.path().join(name), twice()).unwrap();
    for (report, expected) in [
        ("text", "\\xE3\\xC7\\xC1.txt:3: line 3 repeats line 1"),
        ("github", "::warning file=\\xE3\\xC7\\xC1.txt,line=3,endLine=3,title="),
        ("gitlab", "\"location\":{\"path\":\"\\\\xE3\\\\xC7\\\\xC1.txt\""),
        ("sarif", "\"uri\":\"%E3%C7%C1.txt\""),
        ("json", "\"file\":[227,199,193,46,116,120,116],\"name\":\"\\\\xE3\\\\xC7\\\\xC1.txt\""),
    ] {
        let output = tikrar(&["check", "--report", report]).arg(name).current_dir(folder.path()).output().unwrap();
        let stdout = text(&output.stdout);
        assert!(stdout.contains(expected), "{report}: {stdout}");
    }
}

#[test]
fn looking_at_nothing_is_an_error() {
    let folder = folder(&[("none.jsonl", b""), ("head.csv", b"id,text\n")]);
    for scope in ["document", "corpus"] {
        let look =
            |more: &[&str]| run(&folder, &[&["check", "--scope", scope, "none.jsonl", "head.csv"], more].concat());
        let output = look(&[]);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), "looked at nothing\n".to_owned()));
        assert!(text(&output.stderr).contains("nothing was looked at (--allow-empty"), "{}", text(&output.stderr));
        assert_eq!(look(&["--allow-empty"]).status.code(), Some(0));
    }
}
