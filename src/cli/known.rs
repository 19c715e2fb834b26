//! The baseline of a run: findings that are known and passed, and the file of them, read, compared and made anew.

use std::collections::HashSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::batch::Batch;
use super::names::way;
use super::notes::NAMED;
use super::{leave_nothing_unfinished, say};
use crate::config::Config;
use crate::report::baseline::{Baseline, Change};
use crate::report::text::count;
use crate::report::{Finding, shown_name};
use crate::sink::{self, FileName, Output};
use crate::source::{Document, Input, ReadOptions, Walk};

/// Findings that are known.
pub(super) struct Known<'a> {
    config: &'a Config,
    path: &'a Path,
    /// The folder that the file lies in, and not that of a link to it.
    folder: PathBuf,
    /// What the file knows, and its bytes, if it is there.
    known: Baseline,
    text: Option<Vec<u8>>,
    /// What this run has found.
    found: Baseline,
    /// Where the file is made anew, if it is.
    out: Option<Output>,
    /// The files of the run.
    inputs: Vec<Input>,
}

/// Leaves the files of baselines out of the texts of a run. Folders leave them out by themselves.
pub(super) fn leave_out(config: &Config, found: &mut Walk) {
    let baselines: Vec<PathBuf> =
        config.baseline.iter().chain(&config.own_baseline).map(|path| sink::resolved(path)).collect();
    if baselines.is_empty() {
        return;
    }
    found.files.retain(|file| match &file.input {
        Input::File(path) if baselines.contains(&sink::resolved(path)) => {
            found.left_out.push(path.clone());
            false
        }
        _ => true,
    });
}

impl<'a> Known<'a> {
    /// The baseline that is asked for, if one is.
    pub(super) fn open(config: &'a Config, batch: &Batch<'_>) -> Result<Option<Known<'a>>> {
        let Some(path) = config.baseline.as_deref() else { return Ok(None) };
        let context = || format!("{} {}", config.option("baseline"), shown_name(path));
        let new = || Baseline::new(config.compare.key_version(), config.overrides.compared());
        let text = match std::fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            _ => {
                let document = Document::read(&Input::File(path.to_owned()), &ReadOptions::default());
                let body = document.with_context(context)?.body;
                Some(body.bytes(0..body.len()).with_context(context)?.into_owned())
            }
        };
        let known = match &text {
            Some(text) => Baseline::parse(text).with_context(context)?,
            None if config.update_baseline => new(),
            None => bail!("{}: there is no such file: --update-baseline makes it, of what is found now", context()),
        };
        let mut out = None;
        if config.update_baseline {
            leave_nothing_unfinished()?;
            out = Some(Output::open(Some(path), &batch.files).with_context(context)?);
        } else {
            known.refuse_other_keys(&new()).with_context(context)?;
        }
        let folder = sink::resolved(path).parent().map(Path::to_owned).unwrap_or_default();
        let inputs = batch.files.iter().map(|file| file.input.clone()).collect();
        Ok(Some(Known { config, path, folder, known, text, found: new(), out, inputs }))
    }

    /// Takes in what was found in a file.
    pub(super) fn add(&mut self, finding: &Finding, file: Option<&FileName>) {
        let file = file.map(|file| file.path().map_or_else(|| file.clone(), |path| self.name(&path)));
        self.found.add(finding, file);
    }

    /// How many findings like this one are passed.
    pub(super) fn passes(&self, finding: &Finding) -> u32 {
        if self.config.update_baseline { u32::MAX } else { self.known.count(finding.fingerprint.hash()) }
    }

    /// What a file is called in the baseline: by the way from there, so that it is the same from wherever tikrar is run.
    fn name(&self, path: &Path) -> FileName {
        FileName::from(&*way(&self.folder, &sink::resolved(path)))
    }

    /// Makes the file anew, if all was looked at, or says what of it is there no longer.
    pub(super) fn finish(mut self, batch: &Batch<'_>, is_whole: bool) -> Result<()> {
        match self.out.take() {
            Some(out) => self.update(out, is_whole && batch.is_all_done()),
            None => {
                self.tell_stale(batch);
                Ok(())
            }
        }
    }

    fn update(&self, mut out: Output, is_whole: bool) -> Result<()> {
        let name = shown_name(self.path);
        if !is_whole {
            say(format_args!("tikrar: {name} stays as it is, because not all was looked at"));
            return Ok(());
        }
        let mut text = Vec::new();
        self.found.write(&mut text)?;
        if self.text.as_ref() != Some(&text) {
            let written = out.write_all(&text).and_then(|()| out.finish());
            written.with_context(|| format!("--baseline {name}: cannot be written"))?;
        }
        if !self.config.quiet {
            let Change { added, dropped } = self.found.change_since(&self.known);
            let findings = count(self.found.findings(), "finding");
            say(format_args!("tikrar: {name} knows {findings}: {added} added, {dropped} dropped"));
        }
        Ok(())
    }

    /// Says what the baseline knows and was not found, of files that were looked at or are there no longer.
    fn tell_stale(&self, batch: &Batch<'_>) {
        if self.config.quiet || self.config.diff_base.is_some() || self.known.stale(&self.found).next().is_none() {
            return;
        }
        let looked_at = self.inputs.iter().filter(|input| !batch.has_failed(input));
        let looked_at: HashSet<Option<FileName>> = looked_at
            .map(|input| match input {
                Input::File(path) => Some(self.name(path)),
                Input::Stdin => self.config.stdin_filename.as_deref().map(|path| self.name(path)),
            })
            .collect();
        let is_gone = |file: &FileName| {
            let path = file.path().map(|path| self.folder.join(path));
            path.is_some_and(|path| path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound))
        };
        let stale = self.known.stale(&self.found);
        let stale: Vec<_> = stale
            .filter(|(entry, _)| looked_at.contains(&entry.file) || entry.file.as_ref().is_some_and(is_gone))
            .collect();
        if stale.is_empty() {
            return;
        }
        let mut lines = Vec::new();
        for (entry, found) in stale.iter().take(NAMED) {
            let file = entry.file.as_ref().and_then(FileName::path);
            let file = file.map_or_else(|| "standard input".to_owned(), |file| shown_name(&file));
            let excerpt = crate::report::excerpt(entry.excerpt.as_bytes());
            lines.push(format!("  {file}: {found} of {} found: {excerpt}", entry.count));
        }
        if stale.len() > NAMED {
            lines.push(format!("  and {} more", stale.len() - NAMED));
        }
        let name = shown_name(self.path);
        say(format_args!(
            "tikrar: {name} knows what is there no longer, or fewer times (--update-baseline drops it):\n{}",
            lines.join("\n")
        ));
    }
}
