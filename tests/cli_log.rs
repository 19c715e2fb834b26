//! What `check` writes into the log of a workflow, which is read for commands.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

#[allow(dead_code, reason = "not all of it is used")]
mod command;

use command::{folder, run, text};

#[test]
fn nothing_in_the_log_of_a_workflow_is_a_command_of_a_text() {
    let line = "::error title=x::هذا ليس خطأ ##[error]y ##vso[task] ولا شيء غير سطر في خبر يتكرر مرتين فيه";
    let name = "::warning ##[error]x::z.txt";
    let folder = folder(&[(name, format!("{line}\nنعم\n{line}\n").as_bytes()), ("b.txt", line.as_bytes())]);
    for arguments in
        [&["check", name][..], &["check", "--scope", "corpus", name, "b.txt"], &["check", name, "::missing::"]]
    {
        let output = run(&folder, arguments);
        let said = text(&output.stdout) + &text(&output.stderr);
        let is_command =
            |line: &str| line.trim_start().starts_with("::") || line.contains("##[") || line.contains("##vso[");
        assert!(!said.lines().any(is_command), "{said}");
        assert!(said.contains("\\::warning ##\\[error]x::z.txt:3: line 3 repeats line 1"), "{said}");
        assert!(said.contains("    \\::error title=x::هذا"), "{said}");
    }
    // The one that is a command has the text in it, where it is none.
    let github = text(&run(&folder, &["check", "--report", "github", name]).stdout);
    assert!(github.starts_with("::warning file=%3A%3Awarning ##[error]x%3A%3Az.txt,line=3"), "{github}");
}
