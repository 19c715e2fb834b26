//! What is refused before the first file is written.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::cli::names;
use crate::config::Config;
use crate::report::shown_name;
use crate::sink;
use crate::source::{Input, Located};

/// Standard input has no place.
pub(in crate::cli) fn refuse_stdin(files: &[Located]) -> Result<()> {
    if files.iter().any(|file| file.input == Input::Stdin) {
        bail!("standard input has no place: name files or folders");
    }
    Ok(())
}

/// Refuses a suffix that is none, and to write the accounts of a run where it keeps old texts.
pub(in crate::cli) fn check_backups(config: &Config, files: &[Located], suffix: &str) -> Result<()> {
    if suffix.contains('/') {
        bail!("-i{suffix}: a suffix is added to the file's name and can't lead to another folder");
    }
    for (option, path) in accounts(config) {
        let is_backup = |file: &Located| match &file.input {
            Input::File(input) => sink::resolved(&sink::backup(input, suffix)) == path,
            Input::Stdin => false,
        };
        if !suffix.is_empty() && files.iter().any(is_backup) {
            bail!("{option} {} is where -i{suffix} keeps an old text: give another file", shown_name(&path));
        }
    }
    Ok(())
}

/// Where the accounts of a run are written, and by which options.
fn accounts(config: &Config) -> impl Iterator<Item = (&'static str, PathBuf)> {
    let Config { summary, failed, removed, index, .. } = config;
    let written = [("--summary", summary), ("--failed", failed), ("--removed", removed), ("--index", index)];
    written.into_iter().filter_map(|(option, path)| Some((option, sink::resolved(path.as_ref()?))))
}

/// Looks at the targets of a run into a folder, before anything is written.
pub(in crate::cli) fn check_targets(config: &Config, files: &[Located], folder: &Path, resume: bool) -> Result<()> {
    if !resume {
        sink::refuse_unfinished(folder)?;
    }
    let mut targets: Vec<&Located> = files.iter().collect();
    targets.sort_by(|a, b| a.target.cmp(&b.target));
    let shown = |file: &Located| shown_name(&folder.join(&file.target));
    for (one, other) in targets.iter().zip(targets.iter().skip(1)) {
        let names = (names::name(config, &one.input), names::name(config, &other.input));
        if one.target == other.target {
            let (first, second) = names;
            bail!(
                "{first} and {second} would both be {}: name one, or give them output folders of their own",
                shown(one)
            );
        }
        if other.target.starts_with(&one.target) {
            let (first, second) = names;
            bail!(
                "{first} would be {}, and {second} would be below that: give them output folders of their own",
                shown(one)
            );
        }
    }
    for (option, path) in accounts(config) {
        let is_journal = sink::resolved(&folder.join(sink::JOURNAL)) == path;
        if is_journal || targets.iter().any(|file| sink::resolved(&folder.join(&file.target)) == path) {
            bail!("{option} {} is where a file of the run is written: give another file", shown_name(&path));
        }
    }
    // What a run that was stopped has made is told by what is in it.
    for file in targets.iter().filter(|_| !resume) {
        if sink::is_there(&folder.join(&file.target)).with_context(|| shown(file))? {
            bail!(
                "{} is already there: give a new folder, or move it away; a run that did not come to its end goes on with --resume",
                shown(file)
            );
        }
    }
    Ok(())
}
