//! The documents of a run, one after the other: a bad one is reported and the others are still done.

use std::collections::HashSet;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{Status, leave_nothing_unfinished, say};
use crate::config::Config;
use crate::corpus::{Examined, Examiner};
use crate::format::Format;
use crate::report::check::count;
use crate::report::shown_name;
use crate::sink::Output;
use crate::source::{Document, Input, ReadError, walk};

/// The documents of a run.
pub(super) struct Batch<'a> {
    config: &'a Config,
    examiner: Examiner<'a>,
    pub(super) inputs: Vec<Input>,
    /// Whether an argument was a folder.
    pub(super) folders: bool,
    failed: Vec<String>,
    /// How many documents and paths there are in all, and how many documents were read.
    all: usize,
    done: usize,
    /// The files read so far, by device and inode.
    read: HashSet<(u64, u64)>,
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
            examiner: Examiner::new(&config.compare),
            all: found.inputs.len() + found.errors.len(),
            inputs: found.inputs,
            folders: found.folders,
            done: 0,
            failed: Vec::new(),
            read: HashSet::new(),
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

    /// Opens the output of the run.
    pub(super) fn output(&self) -> Result<Output> {
        if self.config.output.is_some() {
            leave_nothing_unfinished()?;
        }
        Ok(Output::open(self.config.output.as_deref(), &self.inputs)?)
    }

    /// What a document is called in messages.
    pub(super) fn name(&self, input: &Input) -> String {
        match input {
            Input::File(path) => shown_name(path),
            Input::Stdin => {
                self.config.stdin_filename.as_deref().map_or_else(|| "standard input".to_owned(), shown_name)
            }
        }
    }

    /// What a document is called in a diff.
    pub(super) fn path<'b>(&'b self, input: &'b Input) -> &'b Path {
        match input {
            Input::File(path) => path,
            Input::Stdin => self.config.stdin_filename.as_deref().unwrap_or(Path::new("-")),
        }
    }

    /// Reads and examines a document. One that can't be is reported, and there is none.
    pub(super) fn examine(&mut self, input: &Input, status: &mut Status) -> Option<(Document, Examined)> {
        let document = self.read(input, status)?;
        match self.examiner.examine(&document) {
            Ok(examined) => Some((document, examined)),
            Err(error) => {
                self.fail(&self.name(input), error.into(), status);
                None
            }
        }
    }

    /// Reads a document. One that can't be is reported, and there is none.
    pub(super) fn read(&mut self, input: &Input, status: &mut Status) -> Option<Document> {
        let name = self.name(input);
        match self.read_text(input).and_then(|document| self.warn(&name, &document).map(|()| document)) {
            Ok(document) => {
                self.done += 1;
                Some(document)
            }
            Err(error) => {
                self.fail(&name, error, status);
                None
            }
        }
    }

    /// Says what is doubtful about a document's text.
    fn warn(&self, name: &str, document: &Document) -> Result<()> {
        if self.config.quiet {
            return Ok(());
        }
        if let Some(damage) = document.damage {
            say(format_args!("tikrar: warning: {name}: {damage}; left as they are, and equal only to themselves"));
        }
        if let Some(raw) = &document.raw
            && let Some(likelier) = raw.likelier()
        {
            say(format_args!("tikrar: warning: {name}: read as {}, though it looks like {likelier}", raw.encoding()));
        }
        for doubt in document.doubts().map_err(ReadError::from)? {
            say(format_args!("tikrar: warning: {name}: {doubt}"));
        }
        Ok(())
    }

    fn read_text(&self, input: &Input) -> Result<Document> {
        let named = match input {
            Input::File(path) => Some(path.as_path()),
            Input::Stdin => self.config.stdin_filename.as_deref(),
        };
        if let (Some(path), false) = (named, self.config.as_text) {
            Format::of_path(path)?;
        }
        let document = Document::read(input, &self.config.read)?;
        if named.is_none() && !self.config.as_text {
            let head = document.body.bytes(0..1 << 16).map_err(ReadError::from)?;
            Format::of_head(&head)?;
        }
        Ok(document)
    }

    /// Whether the same file was read before, by another name.
    pub(super) fn is_read_again(&mut self, document: &Document) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let place = document.file.as_ref().filter(|file| file.is_file()).map(|file| (file.dev(), file.ino()));
            place.is_some_and(|place| !self.read.insert(place))
        }
        #[cfg(not(unix))]
        {
            let _ = document;
            false
        }
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

/// An error in what was held back of a document, which ends the run.
pub(super) fn reading_back<T>(result: std::io::Result<T>, name: &str) -> Result<T> {
    result.with_context(|| format!("{name}: cannot be read back from its temporary file"))
}

/// An error on the way out, which ends the run.
pub(super) fn writing<T>(result: std::io::Result<T>) -> Result<T> {
    result.context("the output cannot be written")
}
