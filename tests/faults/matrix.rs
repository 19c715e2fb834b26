//! Each run, with each of its calls failing in each way.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use nix::errno::Errno;
use tempfile::TempDir;

use crate::call::{Call, Kind, Watched};
use crate::held::{Truth, is_temporary, known, look, texts};
use crate::scenario::{Scenario, all, begun, larger, lay};
use crate::tracer::{Fault, run};

/// The ways in which a call fails; those that are taken always come first.
fn faults(kind: Kind) -> (Vec<Fault>, Vec<Fault>) {
    let error = Fault::Error;
    match kind {
        Kind::Open => (vec![error(Errno::EACCES)], vec![error(Errno::EMFILE), error(Errno::EIO), error(Errno::EINTR)]),
        Kind::Read => (vec![error(Errno::EIO)], vec![error(Errno::EINTR)]),
        Kind::Write => {
            (vec![error(Errno::ENOSPC), Fault::Short], vec![error(Errno::EIO), error(Errno::EINTR), Fault::Full])
        }
        Kind::Copy => (
            vec![error(Errno::EIO)],
            vec![error(Errno::ENOSPC), error(Errno::EINTR), error(Errno::EXDEV), Fault::Short, Fault::Full],
        ),
        Kind::Sync => (vec![error(Errno::EIO)], vec![error(Errno::ENOSPC), error(Errno::EINTR)]),
        Kind::Rename | Kind::Link => (vec![error(Errno::EACCES)], vec![error(Errno::EIO), error(Errno::ENOSPC)]),
        Kind::Unlink => (vec![error(Errno::EACCES)], vec![error(Errno::EIO)]),
        Kind::Truncate => (vec![error(Errno::ENOSPC)], vec![error(Errno::EIO), error(Errno::EINTR)]),
        Kind::Seek | Kind::Stat => (vec![error(Errno::EIO)], vec![error(Errno::EACCES)]),
        Kind::MakeFolder => (vec![error(Errno::ENOSPC)], vec![error(Errno::EACCES)]),
        Kind::List => (vec![error(Errno::EIO)], vec![]),
        Kind::Mode => (vec![error(Errno::EPERM)], vec![error(Errno::EIO)]),
        Kind::Lock => (vec![error(Errno::EIO)], vec![error(Errno::ENOLCK), error(Errno::EOPNOTSUPP)]),
    }
}

/// Why a run is right to go on though a call failed, with so many calls on the same file behind it.
fn tolerated(scenario: &Scenario, folder: &Path, call: &Call, fault: Fault, behind: usize) -> Option<&'static str> {
    let is_index = call.paths.iter().any(|path| path.ends_with("news.index"));
    let is_folder = call.paths.iter().all(|path| folder.join(path).is_dir());
    let is_made = scenario.index.is_some() && call.paths.iter().all(|path| is_temporary(&path.to_string_lossy()));
    let is_one_of = |names: &[&str]| call.paths.iter().all(|path| names.iter().any(|name| path == Path::new(name)));
    let is_output = is_one_of(&[
        "out.txt",
        "gone.jsonl",
        "found.jsonl",
        "found.html",
        "found.sarif",
        "summary.json",
        "failed.list",
    ]);
    let is_named = is_one_of(&["a.txt", "gone.jsonl", "news.index"]);
    let is_decisions = call.paths.iter().all(|path| path.ends_with(".tikrar-decisions.jsonl"));
    match (call.kind, fault) {
        (Kind::Open, Fault::Error(Errno::EACCES)) if is_folder => {
            Some("a folder that may be written and not read can't be synced or locked")
        }
        (Kind::Lock, Fault::Error(Errno::ENOLCK | Errno::EOPNOTSUPP)) => Some("some file systems have no locks"),
        (Kind::Open, _) if is_folder && call.paths.iter().all(|path| path.starts_with("out")) => {
            Some("the folder that is filled is told from those that are read by opening it; it is none of them here")
        }
        (Kind::Stat, _) if is_folder => Some("what is wrong with a folder comes up when it is read"),
        (Kind::Stat, _) => {
            Some("whether two names are of one file is told by what is known; it is looked at again when it is opened")
        }
        (Kind::Open, _) if is_output => Some(
            "an output is opened to tell it from the inputs; it is written beside its place, and nothing that is read is",
        ),
        (Kind::Open, _) if is_named => {
            Some("whether an output is an input is told by opening both; what can't be opened can't be read")
        }

        (Kind::Sync | Kind::Read | Kind::Write | Kind::Truncate | Kind::Lock, _) if is_index && behind < 7 => {
            Some("what the index has is on the disk; it is only opened more slowly when it was not closed")
        }
        (Kind::Sync | Kind::Write | Kind::Truncate | Kind::Lock, _) if is_made => Some(
            "an index that was not closed when it was made is closed when it is opened; it is synced before it appears",
        ),
        (Kind::Open, _) if is_decisions => {
            Some("which files an earlier run has removed is looked up before decisions are read")
        }
        (_, Fault::Error(Errno::EINTR)) => Some("what is interrupted is done again"),
        (Kind::Copy, Fault::Error(Errno::EXDEV)) => Some("what can't be copied by the system is read and written"),
        _ => None,
    }
}

/// Disturbs a run in all ways, and says what does not hold.
fn disturb(scenario: &Scenario, base: &Path, (is_all, step): (bool, usize)) -> (BTreeMap<String, usize>, Vec<String>) {
    let base = base.join(scenario.name.replace([' ', ','], "-"));
    let folder = base.join("files");
    let said = base.join("said");
    let watched = Watched { folder: folder.clone(), output: base.join("output") };
    let begun = begun(scenario, &folder);
    let before = texts(scenario, &folder);
    let index_before = known(scenario, &folder).unwrap();
    let ran = run(&watched, &scenario.command, &said, None);
    assert_eq!(ran.status, Some(scenario.status), "{}: {}", scenario.name, ran.said);
    let truth = Truth {
        before,
        after: texts(scenario, &folder),
        output: fs::read(&watched.output).unwrap(),
        index_before,
        index_after: known(scenario, &folder).unwrap(),
    };
    let mut counted = BTreeMap::new();
    let mut wrong = Vec::new();
    let of = |call: &Call, variant: usize| {
        let (always, sometimes) = faults(call.kind);
        let mut ways = vec![Fault::Kill];
        ways.extend(always);
        if is_all {
            ways.extend(sometimes);
            if call.len.is_some() {
                ways.push(Fault::Torn);
            }
        } else if call.len.is_some() && call.kind == Kind::Write {
            ways.push(Fault::Torn);
        }
        ways.get(variant).copied()
    };
    let is_taken = |call: &Call| !scenario.is_temporary || call.paths.iter().any(|path| path.starts_with("tmp"));
    let taken: Vec<usize> = (0..ran.calls.len()).filter(|&at| is_taken(&ran.calls[at])).collect();
    assert!(!taken.is_empty(), "{}: no call is made", scenario.name);
    for variant in 0.. {
        let ways: Vec<Option<Fault>> = taken.iter().map(|&at| of(&ran.calls[at], variant)).collect();
        if ways.iter().all(Option::is_none) {
            break;
        }
        for (number, (&at, fault)) in taken.iter().zip(ways).enumerate() {
            let Some(fault) = fault.filter(|_| number % step == variant % step) else { continue };
            lay(&folder, &begun);
            let disturbed = run(&watched, &scenario.command, &said, Some((at, fault)));
            let Some(call) = &disturbed.failed else { continue };
            let kind = if fault == Fault::Kill || fault == Fault::Torn {
                "killed".to_owned()
            } else {
                format!("{:?}", call.kind)
            };
            *counted.entry(kind).or_insert(0) += 1;
            let output = fs::read(&watched.output).unwrap();
            let is_alike = |later: &&Call| later.paths == call.paths;
            let behind = disturbed.calls[at + 1..].iter().filter(is_alike).count();
            let held = look(scenario, &truth, &folder, &output, &disturbed, fault);
            let what = match held {
                Ok(true) if tolerated(scenario, &folder, call, fault, behind).is_none() => "nobody minds".to_owned(),
                Ok(_) => continue,
                Err(what) => what,
            };
            let Call { kind, paths, number, .. } = call;
            wrong.push(format!("{}: call {at}, {kind:?} ({number}) of {paths:?}, {fault:?}: {what}", scenario.name));
        }
    }
    (counted, wrong)
}

/// Which of the calls of a run are taken: the first of each so many, and with the next way to fail the second.
fn step(scenario: &Scenario, is_all: bool) -> usize {
    match scenario.name {
        "in a little memory" => 19,
        _ if is_all => 1,
        "in place, a corpus" => 1,
        "into a folder" => 2,
        _ if scenario.index.is_some() => 11,
        _ => 6,
    }
}

/// Whether every call is taken, in every way.
pub(crate) fn is_all() -> bool {
    std::env::var_os("TIKRAR_FAULTS").is_some_and(|wanted| wanted == "all")
}

/// Whether nothing is to be traced.
pub(crate) fn is_left_out() -> bool {
    let is_left_out = std::env::var_os("TIKRAR_FAULTS").is_some_and(|wanted| wanted == "none");
    if is_left_out {
        println!("SKIPPED: no call is made to fail, since TIKRAR_FAULTS=none");
    }
    is_left_out
}

/// A folder for the folders of runs.
pub(crate) fn base() -> TempDir {
    // In memory, where there is room: it is the runs that take the time then, and not the disk.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    tempfile::tempdir_in(fs::canonicalize(folder).unwrap()).unwrap()
}

/// Does the work on each, two at a time, and fails if something does not hold.
pub(crate) fn each<T: Send>(all: impl Iterator<Item = T> + Send, work: impl Fn(T) -> Vec<String> + Sync) {
    let (next, wrong) = (Mutex::new(all), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(one) = next.lock().unwrap().next() else { return };
                    let found = work(one);
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    let wrong: Vec<String> = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} do not hold:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn calls_that_fail_lose_nothing() {
    if is_left_out() {
        return;
    }
    let is_all = is_all();
    let only = std::env::var("TIKRAR_FAULTS_OF").unwrap_or_default();
    let base = base();
    let scenarios = all().into_iter().chain(if is_all { larger() } else { Vec::new() });
    let scenarios: Vec<Scenario> = scenarios.filter(|scenario| scenario.name.contains(&only)).collect();
    each(scenarios.iter(), |scenario| {
        let begun = Instant::now();
        let (counted, wrong) = disturb(scenario, base.path(), (is_all, step(scenario, is_all)));
        println!("{}: {counted:?}, {} do not hold, {:.1?}", scenario.name, wrong.len(), begun.elapsed());
        wrong.iter().for_each(|wrong| println!("- {wrong}"));
        wrong
    });
}
