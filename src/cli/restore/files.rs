//! Which file is which output of the run that has cleaned it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use anyhow::{Result, bail};

use crate::cli::notes::NAMED;
use crate::cli::{args, names};
use crate::config::Config;
use crate::removed::{OfOutput, Removals};
use crate::report::shown_name;
use crate::sink::{self, FileName};
use crate::source::{self, Input, Located, Walk};

/// Adds the files that are not there because all of them went, and of which something is to be put back: those that are named, and
/// those below folders that are. Gives their paths.
pub(super) fn add_absent(config: &Config, removals: &Removals, walk: &mut Walk) -> HashSet<PathBuf> {
    let went_whole = |output: &&OfOutput| {
        output.chosen > 0
            && !output.is_of_rows
            && output.cleaned.as_ref().is_some_and(|(_, cleaned)| cleaned.bytes == 0)
    };
    let path = |output: &OfOutput| path_of(output.output.as_ref()?).ok();
    let is_absent = |path: &PathBuf| path.symlink_metadata().is_err();
    let outputs: Vec<PathBuf> =
        removals.outputs().iter().filter(went_whole).filter_map(path).filter(is_absent).collect();
    let (mut absent, mut added) = (HashSet::new(), BTreeSet::new());
    if outputs.is_empty() {
        return absent;
    }
    for (named, target) in source::named(&config.paths, &config.listed) {
        let Some(named) = named else { continue };
        let mut found = false;
        for (number, output) in outputs.iter().enumerate() {
            let Some(below) = below(output, named) else { continue };
            let is_named = below.as_os_str().is_empty();
            let path = if is_named { named.to_owned() } else { named.join(&below) };
            let folder = (!is_named).then_some(named);
            found = true;
            if config.walk.takes(&path, folder) && added.insert(number) {
                let target = if is_named { target.clone() } else { target.join(below) };
                walk.files.push(Located { input: Input::File(path.clone()), target });
                absent.insert(path);
            }
        }
        if found {
            walk.folders |= absent.iter().any(|path| path != named && path.starts_with(named));
            walk.errors.retain(|error| error.path != named);
        }
    }
    absent
}

/// The path of an output below a folder, or nothing where it is this path itself; none where it lies somewhere else.
fn below(output: &Path, named: &Path) -> Option<PathBuf> {
    let as_named = lexical(output).strip_prefix(lexical(named)).map(Path::to_owned);
    as_named.or_else(|_| sink::resolved(output).strip_prefix(sink::resolved(named)).map(Path::to_owned)).ok()
}

/// The numbers of the outputs that the files are, where they are one that the removals speak of: by their names. Only what is
/// named, and goes to one output, may have another name, if there is one output; and so may what had none, as it went to
/// standard output.
pub(super) fn numbers(
    config: &Config,
    removed: &str,
    outputs: &[OfOutput],
    files: &[Located],
    in_places: bool,
) -> Result<Vec<Option<usize>>> {
    let is_named = |input: &Input| match input {
        Input::Stdin => true,
        Input::File(path) => config.paths.contains(path) || config.listed.contains(path),
    };
    if let ([output], [file]) = (outputs, files)
        && is_named(&file.input)
        && (!in_places || output.output.is_none())
    {
        return Ok(vec![Some(0)]);
    }
    let mut by_name = HashMap::new();
    let mut by_place = HashMap::new();
    for (number, output) in outputs.iter().enumerate() {
        let Some(path) = output.output.as_ref().map(path_of).transpose()? else { continue };
        by_place.insert(sink::resolved(&path), number);
        by_name.insert(lexical(&path), number);
    }
    let number = |file: &Located| {
        let path = match &file.input {
            Input::File(path) => path,
            Input::Stdin => config.stdin_filename.as_ref()?,
        };
        by_name.get(&lexical(path)).or_else(|| by_place.get(&sink::resolved(path))).copied()
    };
    let numbers: Vec<Option<usize>> = files.iter().map(number).collect();
    if numbers.iter().all(Option::is_none) && !outputs.is_empty() && !files.is_empty() {
        let names = outputs.iter().take(NAMED).map(|output| shown(output.output.as_ref()));
        let mut names: Vec<String> = names.collect::<Result<_>>()?;
        if outputs.len() > NAMED {
            names.push(format!("and {} more", outputs.len() - NAMED));
        }
        let none = match files {
            [file] => format!("{} is none of the files", names::name(config, &file.input)),
            _ => "these are none of the files".to_owned(),
        };
        bail!("{none} that {removed} tells of: {}", names.join(", "));
    }
    Ok(numbers)
}

fn path_of(name: &FileName) -> Result<PathBuf> {
    match name {
        FileName::Text(text) => Ok(PathBuf::from(text)),
        FileName::Bytes(bytes) => args::path_of(bytes),
    }
}

fn shown(output: Option<&FileName>) -> Result<String> {
    output.map_or_else(|| Ok("standard output".to_owned()), |name| Ok(shown_name(&path_of(name)?)))
}

/// A path without what does not lead anywhere.
fn lexical(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}
