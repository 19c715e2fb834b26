//! Two runs at once: the second is run, from its start to its end, before each of the calls of the first.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::call::Watched;
use crate::held::{Truth, beside, known, texts};
use crate::matrix::{base, each, is_all, is_left_out};
use crate::scenario::{Scenario, all, begun, lay, undisturbed};
use crate::tracer::{run, run_beside};

/// What is said to the second run where it would disturb the first, or to the first where it was disturbed.
const REFUSED: [&str; 5] = [
    "another run is writing in",
    "is in use by another run",
    "changed while it was read",
    "is already there",
    "did not come to its end",
];

/// Runs each command beside itself, or as it goes on with a run that was stopped.
fn together(scenario: &Scenario, base: &Path, second: &[&str]) -> Vec<String> {
    let base = base.join(scenario.name.replace([' ', ','], "-"));
    let (folder, said) = (base.join("files"), base.join("said"));
    let watched = Watched { folder: folder.clone(), output: base.join("output") };
    let begun = begun(scenario, &folder);
    let before = texts(scenario, &folder);
    let ran = run(&watched, &scenario.command, &said, None);
    let after = texts(scenario, &folder);
    let index_after = known(scenario, &folder).unwrap();
    let truth = Truth { before, after, output: Vec::new(), index_before: None, index_after };
    let mut wrong = Vec::new();
    for at in (0..ran.calls.len()).step_by(if is_all() { 1 } else { 8 }) {
        lay(&folder, &begun);
        let mut other: Option<Output> = None;
        let first =
            run_beside(&watched, &scenario.command, &said, at, &mut || other = Some(undisturbed(&folder, second)));
        let other = other.unwrap();
        let other_said = String::from_utf8_lossy(&other.stderr).into_owned();
        let is_told = |status: Option<i32>, said: &str| match status {
            Some(0) => true,
            Some(2) => REFUSED.iter().any(|refused| said.contains(refused)),
            _ => false,
        };
        let held = if !is_told(first.status, &first.said) {
            Err(format!("the first came to {:?}: {}", first.status, first.said))
        } else if !is_told(other.status.code(), &other_said) {
            Err(format!("the second came to {:?}: {other_said}", other.status.code()))
        } else if first.status != Some(0) && other.status.code() != Some(0) {
            Err(format!("both failed: {}{other_said}", first.said))
        } else {
            beside(scenario, &truth, &folder)
        };
        if let Err(what) = held {
            let call = &ran.calls[at];
            wrong.push(format!("{}: before call {at}, {:?} of {:?}: {what}", scenario.name, call.kind, call.paths));
        }
    }
    println!("{}, beside {second:?}: {} calls, {} do not hold", scenario.name, ran.calls.len(), wrong.len());
    wrong.iter().for_each(|wrong| println!("- {wrong}"));
    let _ = fs::remove_dir_all(&base);
    wrong
}

#[test]
fn two_runs_at_once_disturb_nothing() {
    if is_left_out() {
        return;
    }
    let names = [
        "in place",
        "in place, old texts kept",
        "in place, a corpus",
        "into a folder",
        "an index is added to",
        "an index is added to in place",
    ];
    let scenarios: Vec<Scenario> = all().into_iter().filter(|scenario| names.contains(&scenario.name)).collect();
    let base = base();
    let mut runs = Vec::new();
    for scenario in &scenarios {
        runs.push((scenario, scenario.command.clone()));
        if !scenario.again.is_empty() {
            runs.push((scenario, [&scenario.command[..], &scenario.again].concat()));
        }
    }
    each(runs.iter().enumerate(), |(number, (scenario, second))| {
        together(scenario, &base.path().join(number.to_string()), second)
    });
}
