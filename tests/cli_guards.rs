//! What keeps a run from doing what nobody wants: the share that may go, and the unit that goes too often.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::fs;

use command::{folder, run, text, tikrar};

const LONG: &str = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";

#[test]
fn nothing_is_written_if_more_would_go_than_may() {
    let twice = format!("{LONG}\nنعم\n{LONG}\nلا\n");
    let folder = folder(&[("a.txt", twice.as_bytes()), ("b.txt", twice.as_bytes())]);
    let unchanged = || {
        assert_eq!(fs::read_to_string(folder.path().join("a.txt")).unwrap(), twice);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    };
    for (scope, of_all) in [("document", "2 of 8 units would go, 25.0%"), ("corpus", "5 of 8 units would go, 62.5%")] {
        for place in [&["-i"][..], &["--output-dir", "out"], &["-o", "out"], &[]] {
            let arguments = ["clean", "--scope", scope, "--max-removed", "0.2", "a.txt", "b.txt"];
            let out = run(&folder, &[&arguments[..], place].concat());
            assert_eq!(out.status.code(), Some(2), "{scope} {place:?}");
            let said = text(&out.stderr);
            let wanted = format!("tikrar: {of_all} where --max-removed allows 20.0%, so nothing is written");
            assert!(said.contains(&wanted), "{scope} {place:?}: {said}");
            assert!(said.contains(" of them are what stands on line 1 of a.txt\n"), "{scope} {place:?}: {said}");
            assert!(out.stdout.is_empty());
            unchanged();
        }
    }
    // What may go goes.
    let out = run(&folder, &["clean", "-q", "--max-removed", "25%", "a.txt", "b.txt"]);
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(text(&out.stdout), format!("{LONG}\nنعم\nلا\n").repeat(2));
    let out = run(&folder, &["clean", "-q", "--max-removed", "0.25", "-i", "a.txt"]);
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(fs::read_to_string(folder.path().join("a.txt")).unwrap(), format!("{LONG}\nنعم\nلا\n"));
}

#[test]
fn standard_input_waits_until_it_is_known_what_goes() {
    for scope in ["document", "corpus"] {
        let arguments = ["clean", "-q", "--scope", scope, "--max-removed", "0.4"];
        let out = tikrar(&arguments).write_stdin(format!("{LONG}\nنعم\n{LONG}\n")).output().unwrap();
        assert_eq!((out.status.code(), text(&out.stdout)), (Some(0), format!("{LONG}\nنعم\n")));
        let out = tikrar(&arguments).write_stdin(format!("{LONG}\n{LONG}\n")).output().unwrap();
        assert_eq!((out.status.code(), text(&out.stdout)), (Some(2), String::new()));
    }
}

#[test]
fn a_share_is_a_number_or_a_percentage() {
    for wrong in ["1.5", "-1", "101%", "half", "%"] {
        let out = tikrar(&["clean", &format!("--max-removed={wrong}")]).write_stdin("").output().unwrap();
        assert_eq!(out.status.code(), Some(2));
        assert!(text(&out.stderr).contains("invalid value"), "{wrong}: {}", text(&out.stderr));
    }
}

#[test]
fn a_unit_that_most_copies_are_of_is_named() {
    let lines: String = (0..300).map(|n| if n % 2 == 0 { format!("{LONG}\n") } else { format!("{n}\n") }).collect();
    let folder = folder(&[("a.txt", lines.as_bytes())]);
    let out = run(&folder, &["clean", "--scope", "corpus", "-o", "out", "a.txt"]);
    let said = text(&out.stderr);
    assert!(
        said.ends_with("tikrar: warning: at least 149 of the 149 copies are of one line: line 1 of a.txt\n"),
        "{said}"
    );
}
