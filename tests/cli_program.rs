//! What is made of the definition of the command line: completions and manual pages.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::path::Path;
use std::process::{Command, Stdio};

use command::{folder, run, text, tikrar};

#[test]
fn shells_take_their_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = tikrar(&["completions", shell]).output().unwrap();
        assert!(output.status.success(), "{shell}");
        let script = text(&output.stdout);
        for command in ["clean", "explain", "index"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    if let Ok(bash) = Command::new("bash").arg("--version").output()
        && bash.status.success()
    {
        let script = tikrar(&["completions", "bash"]).output().unwrap().stdout;
        let folder = folder(&[("tikrar.bash", &script)]);
        let read = Command::new("bash").arg("-n").arg(folder.path().join("tikrar.bash")).output().unwrap();
        assert!(read.status.success() && read.stderr.is_empty(), "{}", text(&read.stderr));
    }
    assert_eq!(tikrar(&["completions", "klingon"]).output().unwrap().status.code(), Some(2));
}

#[test]
fn each_command_has_a_manual_page() {
    let groff = Path::new("/usr/bin/groff").exists();
    let commands: [&[&str]; 15] = [
        &[],
        &["clean"],
        &["diff"],
        &["check"],
        &["explain"],
        &["fold"],
        &["config"],
        &["config", "show"],
        &["restore"],
        &["index"],
        &["index", "info"],
        &["index", "merge"],
        &["index", "verify"],
        &["completions"],
        &["man"],
    ];
    for command in commands {
        let output = tikrar(&[&["man"], command].concat()).output().unwrap();
        assert!(output.status.success(), "{command:?}");
        let page = text(&output.stdout);
        let title = ["tikrar"].iter().chain(command).copied().collect::<Vec<_>>().join("-");
        assert!(page.contains(&format!(".TH {title} 1 ")), "{command:?}: {page}");
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES"] {
            assert_eq!(page.matches(&format!("\n.SH {section}\n")).count(), 1, "{command:?}: {section}");
        }
        if groff {
            let folder = folder(&[("page.1", page.as_bytes())]);
            let arguments = ["-man", "-Kutf8", "-Tutf8", "-ww", "-z", "page.1"];
            let read = Command::new("groff").args(arguments).current_dir(folder.path()).output().unwrap();
            assert!(read.status.success() && read.stderr.is_empty(), "{command:?}: {}", text(&read.stderr));
        }
    }
    let page = text(&tikrar(&["man"]).output().unwrap().stdout);
    assert!(page.contains("\n.SH EXIT STATUS\n") && page.contains("\n.SH VERSION\n"));
    let unknown = run(&folder(&[]), &["man", "index", "sort"]);
    assert_eq!(unknown.status.code(), Some(2));
    let wanted = "tikrar: tikrar index has no command 'sort': its commands are info, merge, verify\n";
    assert_eq!(text(&unknown.stderr), wanted);
}

#[test]
#[cfg(unix)]
fn a_closed_pipe_is_no_fault() {
    for arguments in [&["completions", "bash"][..], &["man", "clean"]] {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("tikrar"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {}", text(&output.stderr));
    }
}
