//! What has to hold after a run that was disturbed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use nix::errno::Errno;
use tikrar::index::store::{CACHE, Contents, Store, verify};
use xxhash_rust::xxh3::xxh3_128;

use crate::call::{Call, Kind};
use crate::scenario::{Scenario, undisturbed};
use crate::tracer::{Fault, Ran};
use crate::tree::{Tree, tree};

/// What a run is to come to.
pub(crate) struct Truth {
    pub(crate) before: Tree,
    pub(crate) after: Tree,
    pub(crate) output: Vec<u8>,
    pub(crate) index_before: Option<Known>,
    pub(crate) index_after: Option<Known>,
}

/// How many documents and windows an index knows. Lines are counted on for each run.
pub(crate) type Known = (u64, u64);

/// What a run keeps until it has come to its end.
const OF_STOPPED_RUNS: [&str; 2] = [".tikrar-journal.jsonl", ".tikrar-decisions.jsonl"];

pub(crate) fn is_temporary(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap();
    name.starts_with(".tikrar-") && name.ends_with(".tmp")
}

/// A file without what is another time each time.
fn timeless(name: &str, bytes: &[u8]) -> Vec<u8> {
    if name.ends_with(".json") || name.ends_with(".html") {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let times = regex::Regex::new(r#""(milliseconds|seconds)":\s*[0-9.e-]+"#).unwrap();
        return times.replace_all(&text, "\"$1\":0").into_owned().into_bytes();
    }
    bytes.to_vec()
}

/// What there is besides the index, of which what it knows counts, not its bytes.
pub(crate) fn texts(scenario: &Scenario, folder: &Path) -> Tree {
    let mut files = tree(folder);
    if let Some(index) = scenario.index {
        files.remove(index);
    }
    files.into_iter().map(|(name, bytes)| (name.clone(), timeless(&name, &bytes))).collect()
}

/// What the index knows, which has to be sound.
pub(crate) fn known(scenario: &Scenario, folder: &Path) -> Result<Option<Known>, String> {
    // The same bytes come up again and again, and it takes long to look through them.
    static SEEN: Mutex<BTreeMap<u128, Known>> = Mutex::new(BTreeMap::new());
    let Some(index) = scenario.index.map(|index| folder.join(index)).filter(|index| index.exists()) else {
        return Ok(None);
    };
    let bytes = xxh3_128(&fs::read(&index).unwrap());
    if let Some(seen) = SEEN.lock().unwrap().get(&bytes) {
        return Ok(Some(*seen));
    }
    let (_, faults) = verify(&index, CACHE).map_err(|error| format!("the index is not sound: {error}"))?;
    if !faults.is_empty() {
        return Err(format!("the index is not sound: {faults:?}"));
    }
    let Contents { documents, windows, .. } = Store::look(&index, CACHE).and_then(|store| store.contents()).unwrap();
    let known = (documents, windows);
    SEEN.lock().unwrap().insert(bytes, known);
    Ok(Some(known))
}

/// Looks at what a run has left, and then does the same again where nothing fails. Returns what does not hold, and whether the
/// run did not mind the fault.
pub(crate) fn look(
    scenario: &Scenario,
    truth: &Truth,
    folder: &Path,
    output: &[u8],
    ran: &Ran,
    fault: Fault,
) -> Result<bool, String> {
    let is_killed = matches!(fault, Fault::Kill | Fault::Torn);
    let files = texts(scenario, folder);
    // One that was made and holds nothing is none.
    let index = known(scenario, folder)?.filter(|known| *known != (0, 0));
    let is_whole =
        files == truth.after && index == truth.index_after && (!scenario.on_stdout || output == truth.output);
    let went_on = match ran.status {
        None if is_killed => false,
        Some(status) if status == scenario.status && !is_killed => true,
        Some(2) if !is_killed => false,
        status => return Err(format!("status {status:?}")),
    };
    if ran.said.contains("panicked") {
        return Err("it panicked".to_owned());
    }
    if went_on && !is_whole {
        return Err(format!("the status is that of a run that is done, but {}", difference(&files, &truth.after)));
    }
    if !went_on && !is_killed {
        let errno = match fault {
            Fault::Error(errno) => errno,
            _ => Errno::ENOSPC,
        };
        let call = ran.failed.as_ref().unwrap();
        // Where the disk stays full, what is told of need not be what failed first.
        if fault != Fault::Full || !ran.said.contains("No space left on device") {
            is_told(scenario, truth, call, errno, &ran.said)?;
        }
    }
    each_is_whole(scenario, truth, &files, is_killed)?;
    if !truth.output.starts_with(output) && scenario.on_stdout {
        return Err("standard output is something else".to_owned());
    }
    // A text that can't be read is told of, and the others are decided about without it; so is it, later, behind them.
    let is_left_out = ran.failed.as_ref().is_some_and(|call| {
        let is_text = |path: &PathBuf| path.starts_with("day") && path.extension().is_some_and(|kind| kind == "txt");
        matches!(call.kind, Kind::Open | Kind::Read | Kind::Stat) && call.paths.iter().all(is_text)
    });
    if !is_killed && index.is_some() && is_left_out {
        return Ok(went_on);
    }
    if index != truth.index_before && index != truth.index_after {
        return Err(format!("the index is neither of before nor of after: {index:?}"));
    }
    let is_changed = files.iter().any(|(name, bytes)| truth.before.contains_key(name) && truth.before[name] != *bytes);
    if is_changed && index != truth.index_after {
        return Err("files are written of which the index does not know".to_owned());
    }
    if index != truth.index_before && !scenario.command.contains(&"-i") && !is_whole {
        return Err("the index knows of what is not written".to_owned());
    }
    let command = [&scenario.command[..], &scenario.again].concat();
    let mut again = undisturbed(folder, &command);
    let (gone, moved) = (folder.join("gone.jsonl"), folder.join("gone-before.jsonl"));
    let is_refused = String::from_utf8_lossy(&again.stderr).contains("may be all that is left");
    if is_refused {
        // As it says.
        fs::rename(&gone, &moved).unwrap();
        again = undisturbed(folder, &command);
    }
    let status = again.status.code().unwrap_or(-1);
    if status != scenario.status && !scenario.again_statuses.contains(&status) {
        return Err(format!("done again: status {status}, {}", String::from_utf8_lossy(&again.stderr)));
    }
    let mut files = texts(scenario, folder);
    if is_killed {
        files.retain(|name, _| !is_temporary(name));
    }
    if is_refused {
        let all = [files.remove("gone-before.jsonl").unwrap(), files.remove("gone.jsonl").unwrap()].concat();
        if removed_in(&all) != removed_in(&truth.after["gone.jsonl"]) {
            return Err("what went is not all written down".to_owned());
        }
        files.insert("gone.jsonl".to_owned(), truth.after["gone.jsonl"].clone());
    }
    let mut wanted = truth.after.clone();
    // It tells of the run that was done again.
    if files.remove("summary.json").is_some() != wanted.remove("summary.json").is_some() {
        return Err("done again: there is no summary".to_owned());
    }
    if files != wanted {
        return Err(format!("done again: {}", difference(&files, &wanted)));
    }
    if known(scenario, folder)? != truth.index_after {
        return Err("done again: the index does not know what it is to know".to_owned());
    }
    Ok(went_on)
}

/// Looks at what two runs have left, and then does the same again.
pub(crate) fn beside(scenario: &Scenario, truth: &Truth, folder: &Path) -> Result<(), String> {
    each_is_whole(scenario, truth, &texts(scenario, folder), false)?;
    known(scenario, folder)?;
    let again = undisturbed(folder, &[&scenario.command[..], &scenario.again].concat());
    if !again.status.success() {
        return Err(format!("done again: {}", String::from_utf8_lossy(&again.stderr)));
    }
    let files = texts(scenario, folder);
    if files != truth.after {
        return Err(format!("done again: {}", difference(&files, &truth.after)));
    }
    match known(scenario, folder)? {
        known if known == truth.index_after => Ok(()),
        known => Err(format!("done again: the index knows {known:?}")),
    }
}

/// Whether it is said what failed, and why.
fn is_told(scenario: &Scenario, truth: &Truth, call: &Call, errno: Errno, said: &str) -> Result<(), String> {
    if !said.contains(&format!("(os error {})", errno as i32)) {
        return Err(format!("it is not said why it failed: {said}"));
    }
    let mut names: BTreeSet<String> = BTreeSet::new();
    for path in &call.paths {
        let text = path.to_string_lossy().into_owned();
        if text == "standard output" {
            // What is written there is called the output of the run.
            names.insert("output".to_owned());
        }
        if text.starts_with("tmp/") || text == "tmp" {
            names.extend(["temporary", "tmp"].map(str::to_owned));
        } else if is_temporary(&text) {
            // What it was to become.
            let beside = |name: &&String| Path::new(name).parent() == path.parent();
            let files = truth.before.keys().chain(truth.after.keys()).filter(beside);
            names.extend(files.map(|name| name.rsplit('/').next().unwrap().to_owned()));
            names.extend(OF_STOPPED_RUNS.map(str::to_owned));
            names.extend(scenario.index.map(str::to_owned));
        } else {
            names.insert(path.file_name().map_or_else(|| ".".to_owned(), |name| name.to_string_lossy().into_owned()));
        }
    }
    if names.iter().any(|name| said.contains(name)) {
        return Ok(());
    }
    Err(format!("it is not said what failed, one of {names:?}: {said}"))
}

/// Whether every file is the old one or the new one.
fn each_is_whole(scenario: &Scenario, truth: &Truth, files: &Tree, is_killed: bool) -> Result<(), String> {
    for (name, bytes) in files {
        let is_old = truth.before.get(name) == Some(bytes);
        let is_new = truth.after.get(name) == Some(bytes);
        let of_stopped_run = OF_STOPPED_RUNS.iter().any(|kept| name.ends_with(kept));
        let is_left = is_killed && is_temporary(name);
        let is_otherwise = scenario.otherwise.get(name) == Some(bytes);
        let is_account = scenario.accounts.contains(&&**name) && is_account(name, bytes);
        if !(is_old || is_new || of_stopped_run || is_left || is_otherwise || is_account) {
            return Err(format!("{name} is neither as before nor as after: {}", String::from_utf8_lossy(bytes)));
        }
        if let Some(suffix) = scenario.suffix
            && is_new
            && !is_old
            && let Some(old) = truth.before.get(name)
            && files.get(&format!("{name}{suffix}")) != Some(old)
        {
            return Err(format!("the old text of {name} is lost"));
        }
    }
    let lost = truth.before.keys().find(|name| !files.contains_key(*name) && truth.after.contains_key(*name));
    lost.map_or(Ok(()), |name| Err(format!("{name} is gone")))
}

/// Whether a file that tells of a run is whole.
fn is_account(name: &str, bytes: &[u8]) -> bool {
    let is_json = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).is_ok();
    match name.rsplit('.').next() {
        Some("jsonl") => {
            bytes.is_empty() || bytes.ends_with(b"\n") && bytes.trim_ascii().split(|&byte| byte == b'\n').all(is_json)
        }
        Some("html") => bytes.trim_ascii_end().ends_with(b"</html>"),
        Some("list") => bytes.is_empty() || bytes.ends_with(b"\n"),
        _ => is_json(bytes),
    }
}

/// What was removed of which file, as it is written down.
fn removed_in(lines: &[u8]) -> BTreeSet<(String, String)> {
    let lines = lines.trim_ascii().split(|&byte| byte == b'\n');
    let values = lines.map(|line| serde_json::from_slice::<serde_json::Value>(line).unwrap());
    let removals = values.filter(|value| value.get("key").is_some());
    removals.map(|value| (value["file"].to_string(), value["key"].to_string())).collect()
}

fn difference(files: &Tree, wanted: &Tree) -> String {
    let names: BTreeSet<&String> = files.keys().chain(wanted.keys()).collect();
    let differing: Vec<&String> = names.into_iter().filter(|name| files.get(*name) != wanted.get(*name)).collect();
    format!("these are something else: {differing:?}")
}
