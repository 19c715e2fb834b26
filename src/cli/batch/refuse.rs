//! What is refused of the files of a run as a whole.

use std::fs::Metadata;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use super::Batch;
use crate::cli::args::STEP_SUMMARY;
use crate::cli::feed::{self, Open};
use crate::cli::names::name;
use crate::config::Config;
use crate::format::Format;
use crate::report::shown_name;
use crate::sink;
use crate::source::{Input, Located, ReadOptions, Source};

impl Batch<'_> {
    /// Refuses what would overwrite what the run reads or writes elsewhere. The inputs are looked at where outputs are
    /// opened.
    pub(super) fn refuse_to_overwrite(&self) -> Result<()> {
        let Config { output, failed, summary, removed, index, read_before, reports, step_summary, .. } = self.config;
        let Config { baseline, update_baseline, .. } = self.config;
        let is_file = |path: &&PathBuf| path.as_os_str() != "-";
        let written =
            [("-o", output), ("--failed", failed), ("--summary", summary), ("--removed", removed), ("--index", index)];
        let written = written.iter().filter_map(|(option, path)| Some((*option, path.as_ref().filter(is_file)?)));
        let baseline = baseline.iter().filter(|_| *update_baseline).map(|path| ("--baseline", path));
        let reports = reports.iter().filter_map(|report| Some(("--report", report.file.as_ref()?)));
        let step_summary = step_summary.iter().map(|path| (STEP_SUMMARY, path));
        let written: Vec<(&str, &PathBuf)> = written.chain(baseline).chain(reports).chain(step_summary).collect();
        let read = read_before.iter().map(|(option, path)| (*option, path)).filter(|(_, path)| is_file(path));
        let others: Vec<(&str, &PathBuf)> = written.iter().copied().chain(read).collect();
        for (at, (option, path)) in written.iter().enumerate() {
            let same = others[at + 1..].iter().find(|(_, other)| sink::resolved(path) == sink::resolved(other));
            match same {
                Some(("--files-from", _)) if *option == "--failed" => {}
                Some((other, _)) => bail!("{option} and {other} are both {}: give another file", shown_name(path)),
                None => {}
            }
        }
        Ok(())
    }

    /// Refuses what would overwrite a text that the run would read, if it did not leave out what it writes. A report of an
    /// earlier run has no text, but for one that is a text itself.
    pub(super) fn refuse_to_overwrite_texts(&self) -> Result<()> {
        let Config { failed, summary, removed, reports, .. } = self.config;
        let others = [("--failed", failed), ("--summary", summary), ("--removed", removed)];
        let others = others.into_iter().filter_map(|(option, path)| Some((option.to_owned(), path.as_ref()?)));
        let reports = reports
            .iter()
            .filter_map(|report| Some((format!("--report {}", report.kind.name()), report.file.as_ref()?)));
        for (option, path) in others.chain(reports) {
            let place = sink::resolved(path);
            let left_out = self.left_out.iter().find(|left_out| sink::resolved(left_out) == place);
            if left_out.is_some_and(|file| has_text(self.config, &Input::File(file.clone()))) {
                bail!(
                    "{option}: {} is there already, with text that this run would look at: give another file, or leave it out by \
                     --exclude",
                    shown_name(path)
                );
            }
        }
        Ok(())
    }

    /// Refuses to do nothing.
    pub(in crate::cli) fn refuse_nothing(&self) -> Result<()> {
        let config = self.config;
        if self.all > 0 || config.allow_empty {
            return Ok(());
        }
        let named: Vec<String> = config.paths.iter().map(|path| shown_name(path)).collect();
        let named = if named.is_empty() { "the list of --files-from".to_owned() } else { named.join(", ") };
        let are_links = |kinds: &[&str]| self.skipped.kinds().keys().all(|kind| kinds.contains(&&**kind));
        let why = match self.skipped.files() {
            0 if !self.left_out.is_empty() => "there is nothing but what this run writes, or its baseline",
            0 => "there is nothing",
            _ if are_links(&["symlink"]) => {
                "there are symbolic links only, which are not followed in folders: name what they lead to"
            }
            _ if are_links(&["symlink", "device or pipe"]) => {
                "there are links, devices and pipes only, which are left out of folders: name them one by one"
            }
            _ if config.walk.include.is_some() || config.walk.exclude.is_some() => {
                "what there is is of other kinds, or left out by --include or --exclude"
            }
            _ => "what there is is of other kinds, which --include takes",
        };
        bail!("no document in {named}: {why} (--allow-empty makes that no error)")
    }

    /// What can't be strung together on one output is refused, and what would be another format there.
    pub(in crate::cli) fn refuse_without_destination(&self) -> Result<()> {
        let choices = "-i writes each in its place, --output-dir DIR writes each into a folder of its own";
        let output = self.config.output.as_deref();
        if self.config.dry_run {
            return Ok(());
        }
        if self.is_one_of(Format::Parquet) && output.is_none() && io::stdout().is_terminal() {
            bail!("Parquet is nothing to look at: give -o FILE, or send standard output somewhere else");
        }
        if self.folders && output.is_none() && !self.files.is_empty() {
            bail!(
                "the files of a folder need a destination: {choices}, -o FILE strings texts or JSON Lines together into one"
            );
        }
        let format = |input: &Input| feed::format(self.config, input);
        let mut named = self.files.iter().filter_map(|file| Some((&file.input, format(&file.input)?)));
        let Some((first, of_first)) = named.next() else { return Ok(()) };
        let of_output = output.and_then(Format::of_path);
        if let (Some(of_output), Some(output)) = (of_output, output)
            && of_output != of_first
        {
            bail!(
                "{} is {} and {} would be {}: formats are not converted",
                name(self.config, first),
                of_first.name(),
                shown_name(output),
                of_output.name()
            );
        }
        let together =
            if self.files.len() == 1 { None } else { Some(of_first).filter(|format| !format.can_be_strung()) };
        if let Some(format) = together {
            bail!("several {} files can't be strung together: {choices}", format.name());
        }
        match named.find(|(_, format)| *format != of_first) {
            Some((other, format)) => bail!(
                "{} is {} and {} is {}, which can't be strung together: {choices}",
                name(self.config, first),
                of_first.name(),
                name(self.config, other),
                format.name()
            ),
            None => Ok(()),
        }
    }
}

/// Whether a file has text in it: one that is a text, if it is not empty; one of records, if one of the first has text.
fn has_text(config: &Config, input: &Input) -> bool {
    let config = Config { quiet: true, ..config.of(input).clone() };
    let read = ReadOptions { tap: None, ..config.read.clone() };
    match feed::open(&config, input, &read) {
        // What can't be read is not known to be nothing.
        Ok(Open::Text(_)) => {
            let source = Source::open(input, &read);
            source.map_or(true, |mut source| source.head().map_or(true, |head| !head.is_empty()))
        }
        // What is no file of records, as an object of JSON by itself, has no text that the run could look at.
        Ok(Open::Records(mut reader)) => match reader.next(Vec::new()) {
            Ok(Some(chunk)) => {
                (0..chunk.len()).any(|record| chunk.text(record).is_ok_and(|value| !value.text.is_empty()))
            }
            Ok(None) | Err(_) => false,
        },
        Err(_) => false,
    }
}

/// Refuses what can be read only once, where all is read twice. Standard input is kept.
pub(in crate::cli) fn refuse_read_once(files: &[Located]) -> Result<()> {
    for Located { input, .. } in files {
        if let Input::File(path) = input
            && std::fs::metadata(path).is_ok_and(|file| !file.is_file() && !file.is_dir())
        {
            bail!(
                "{} can be read only once, and this reads it twice: save it as a file, or send it to standard input",
                shown_name(path)
            );
        }
    }
    Ok(())
}

/// Refuses a file that is no longer what it was when it was read first.
pub(in crate::cli) fn refuse_changed(input: &Input, was: Option<&Metadata>) -> Result<()> {
    match (input, was) {
        (Input::File(path), Some(was)) => sink::unchanged(path, was).with_context(|| shown_name(path)),
        (Input::File(path), None) => {
            bail!("{}: could not be looked at before it was read: run tikrar again", shown_name(path))
        }
        (Input::Stdin, _) => Ok(()),
    }
}
