//! The documents of a run, side by side: a bad one is reported and the others are still done.

use std::collections::HashSet;
use std::io::IsTerminal as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{Status, leave_nothing_unfinished, say};
use crate::config::Config;
use crate::corpus::ordered::ordered;
use crate::corpus::{Examiner, Options, Threads};
use crate::format::Format;
use crate::report::check::count;
use crate::report::shown_name;
use crate::sink::Output;
use crate::source::{Damage, Document, Doubt, Input, ReadError, walk};

/// The documents of a run.
pub(super) struct Batch<'a> {
    config: &'a Config,
    pub(super) inputs: Vec<Input>,
    /// Whether an argument was a folder.
    folders: bool,
    failed: Vec<String>,
    /// How many documents and paths there are in all, and how many documents were read.
    all: usize,
    done: usize,
}

/// A document that was read, or why it was not, and what is to be said of it.
struct Outcome<R> {
    warnings: Vec<String>,
    result: Result<R>,
}

impl<'a> Batch<'a> {
    /// Finds the documents of the run.
    pub(super) fn new(config: &'a Config, status: &mut Status) -> Result<Batch<'a>> {
        let from_stdin = config.paths.is_empty();
        if from_stdin && std::io::stdin().is_terminal() {
            bail!("no PATH given, and standard input is a terminal: name files or folders, or - to type the text");
        }
        let paths = if from_stdin { vec![PathBuf::from("-")] } else { config.paths.clone() };
        let found = walk(&paths, config.gitignore);
        let mut batch = Batch {
            config,
            all: found.inputs.len() + found.errors.len(),
            inputs: found.inputs,
            folders: found.folders,
            done: 0,
            failed: Vec::new(),
        };
        let nothing = batch.inputs.is_empty() && found.errors.is_empty();
        for error in found.errors {
            batch.fail(&shown_name(&error.path), error.into(), status);
        }
        if found.skipped.files() > 0 && !config.quiet {
            let files = count(found.skipped.files(), "file");
            say(format_args!("skipped {files} of other kinds: {}", found.skipped));
        }
        if nothing && !config.allow_empty {
            let named: Vec<String> = paths.iter().map(|path| shown_name(path)).collect();
            bail!(
                "no document in {}: there is no .txt or .text file (--allow-empty makes that no error)",
                named.join(", ")
            );
        }
        Ok(batch)
    }

    /// The files of a folder are not strung together on standard output.
    pub(super) fn refuse_folder_without_destination(&self) -> Result<()> {
        if self.folders && self.config.output.is_none() && !self.inputs.is_empty() {
            bail!(
                "the files of a folder need a destination: -i writes each in its place, -o FILE strings them together into \
                 one, or name the files themselves to string them together on standard output"
            );
        }
        Ok(())
    }

    /// Opens the output of the run.
    pub(super) fn output(&self) -> Result<Output> {
        if self.config.output.is_some() {
            leave_nothing_unfinished()?;
        }
        Ok(Output::open(self.config.output.as_deref(), &self.inputs)?)
    }

    /// What looks at the documents of the run under these options. A single document is looked at by all threads; of
    /// several, each has its own.
    pub(super) fn examiner<'b>(&self, options: &'b Options) -> Examiner<'b> {
        let threads = if self.all == 1 { self.config.threads } else { Threads::ONE };
        Examiner::new(options).with_threads(threads)
    }

    /// Reads the documents and does `work` on them, as many at a time as there are threads, each with a worker of its own;
    /// then hands what came of it to `finish`, in order. A document that can't be done is reported, and the others are
    /// still done.
    pub(super) fn each<W, R: Send>(
        &mut self,
        same: Same,
        status: &mut Status,
        worker: impl Fn() -> W + Sync,
        work: impl Fn(&mut W, &Input, Document) -> Result<R> + Sync,
        mut finish: impl FnMut(&Input, R, &mut Status) -> Result<()> + Send,
    ) -> Result<()> {
        let mut inputs = std::mem::take(&mut self.inputs);
        let config = self.config;
        if same == Same::Once && inputs.len() > 1 {
            // Before the first is done: a file that is written in its place is another one then.
            let mut seen = HashSet::new();
            inputs.retain(|input| !is_seen(input, &mut seen));
        }
        let mut next = inputs.iter();
        let work = |worker: &mut W, input| {
            let mut warnings = Vec::new();
            let result = read(config, input, &mut warnings).and_then(|document| work(worker, input, document));
            (input, Outcome { warnings, result })
        };
        let mut ended = Ok(());
        let finish = |(input, outcome): (&Input, Outcome<R>)| {
            for warning in outcome.warnings {
                say(warning);
            }
            match outcome.result {
                Ok(result) => {
                    self.did_one();
                    ended = finish(input, result, status);
                }
                Err(error) => self.fail(&name(config, input), error, status),
            }
            if ended.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        ordered(config.threads, worker, || next.next(), work, finish);
        ended
    }

    /// Counts a document that was read.
    pub(super) fn did_one(&mut self) {
        self.done += 1;
    }

    /// Reports a document that can't be done.
    pub(super) fn fail(&mut self, name: &str, error: anyhow::Error, status: &mut Status) {
        say(format_args!("tikrar: {name}: {error:#}"));
        *status = Status::Failed;
        self.failed.push(name.to_owned());
    }

    /// Lets the output appear. Where no document could be read there is none, and what stood in its place stays.
    pub(super) fn finish_output(&self, output: Output) -> Result<()> {
        if self.done == 0 && !self.failed.is_empty() { Ok(()) } else { writing(output.finish()) }
    }

    /// Says at the end which documents were not done.
    pub(super) fn finish(self) {
        if !self.failed.is_empty() && self.all > 1 {
            let of_all = format!("{} of {}", self.failed.len(), self.all);
            say(format_args!("tikrar: {of_all} could not be done: {}", self.failed.join(", ")));
        }
    }
}

/// What to do with a file that an earlier path has led to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Same {
    /// Take it again: every name is written.
    Again,
    /// Leave it out.
    Once,
}

/// Whether an earlier path has led to the same file.
fn is_seen(input: &Input, seen: &mut HashSet<(u64, u64)>) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let Input::File(path) = input else { return false };
        let file = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file);
        file.is_some_and(|file| !seen.insert((file.dev(), file.ino())))
    }
    #[cfg(not(unix))]
    {
        let _ = (input, seen);
        false
    }
}

pub(super) fn is_stdin(input: &Input) -> bool {
    *input == Input::Stdin
}

/// What a document is called in messages.
pub(super) fn name(config: &Config, input: &Input) -> String {
    match input {
        Input::File(path) => shown_name(path),
        Input::Stdin => config.stdin_filename.as_deref().map_or_else(|| "standard input".to_owned(), shown_name),
    }
}

/// What a document is called in a diff.
pub(super) fn path<'b>(config: &'b Config, input: &'b Input) -> &'b Path {
    match input {
        Input::File(path) => path,
        Input::Stdin => config.stdin_filename.as_deref().unwrap_or(Path::new("-")),
    }
}

/// Reads a document. What is doubtful about its text is to be said.
fn read(config: &Config, input: &Input, warnings: &mut Vec<String>) -> Result<Document> {
    check_name(config, input)?;
    let document = Document::read(input, &config.read)?;
    if is_stdin(input) {
        check_head(config, &document.body.bytes(0..1 << 16).map_err(ReadError::from)?)?;
    }
    if config.quiet {
        return Ok(document);
    }
    let name = name(config, input);
    if let Some(damage) = document.damage {
        warnings.push(of_damage(&name, damage));
    }
    if let Some(raw) = &document.raw
        && let Some(likelier) = raw.likelier()
    {
        warnings.push(of_likelier(&name, raw.encoding(), likelier));
    }
    let doubts = document.doubts().map_err(ReadError::from)?;
    warnings.extend(doubts.into_iter().map(|doubt| of_doubt(&name, doubt)));
    Ok(document)
}

/// Refuses a document whose name says that it is in a format that is not read.
pub(super) fn check_name(config: &Config, input: &Input) -> Result<()> {
    let named = match input {
        Input::File(path) => Some(path.as_path()),
        Input::Stdin => config.stdin_filename.as_deref(),
    };
    if let (Some(path), false) = (named, config.as_text) {
        Format::of_path(path)?;
    }
    Ok(())
}

/// Refuses standard input that looks like a format that is not read, and has no name that says otherwise.
pub(super) fn check_head(config: &Config, head: &[u8]) -> Result<()> {
    if config.stdin_filename.is_none() && !config.as_text {
        Format::of_head(head)?;
    }
    Ok(())
}

pub(super) fn of_damage(name: &str, damage: Damage) -> String {
    format!("tikrar: warning: {name}: {damage}; left as they are, and equal only to themselves")
}

pub(super) fn of_likelier(name: &str, encoding: &str, likelier: &str) -> String {
    format!("tikrar: warning: {name}: read as {encoding}, though it looks like {likelier}")
}

pub(super) fn of_doubt(name: &str, doubt: Doubt) -> String {
    format!("tikrar: warning: {name}: {doubt}")
}

/// An error in what was held back of a document.
pub(super) const READ_BACK: &str = "cannot be read back from its temporary file";

/// An error on the way out, which ends the run.
pub(super) fn writing<T>(result: std::io::Result<T>) -> Result<T> {
    result.context("the output cannot be written")
}
