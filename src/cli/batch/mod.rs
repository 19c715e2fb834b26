//! The documents of a run, side by side: a bad one is reported and the others are still done.

mod refuse;

use std::collections::HashSet;
use std::io::{self, IsTerminal as _, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};

pub(super) use refuse::{refuse_changed, refuse_read_once};

use super::examiners::Examiners;
use super::feed::{self, Feed, Job};
use super::names::{Named, name, of_damage, of_doubt, of_likelier};
use super::notes::NAMED;
use super::progress::Watch;
use super::records::Records;
use super::{Status, config, known, leave_nothing_unfinished, say};
use crate::config::Config;
use crate::corpus::ordered::ordered;
use crate::corpus::records::{Looked, NotLooked, OfRecord, look_at};
use crate::corpus::{Boilerplate, Threads};
use crate::format::{Chunk, Format, Value};
use crate::report::account::{Account, FileAccount};
use crate::report::shown_name;
use crate::report::summary::{Estimate, Summary};
use crate::report::text::count;
use crate::sink::Output;
use crate::source::{self, Document, Input, Located, ReadError, Skipped, Source, walk};

/// The files of a run.
pub(super) struct Batch<'a> {
    config: &'a Config,
    pub(super) files: Vec<Located>,
    /// Whether an argument was a folder.
    folders: bool,
    /// Whether all of it goes to one output, so that a file of which a part is written can't be left out any more.
    pub(super) is_strung: bool,
    failed: Vec<Failure>,
    failed_inputs: HashSet<Input>,
    skipped: Skipped,
    /// Files that are no texts of the run, because it writes there, or knows from them what it found before.
    left_out: Vec<PathBuf>,
    /// Where the list of those that failed and the summary go.
    failed_list: Option<Output>,
    summary: Option<Output>,
    accounts: Vec<FileAccount>,
    begun: Instant,
    /// When the last file was done.
    last: Instant,
    watch: Option<Watch>,
    /// How many files and paths there are in all, and how many files were done.
    all: usize,
    done: usize,
    pub(super) total: Account,
    /// Of a corpus run, how many windows its index has, and which units went everywhere.
    pub(super) windows: Option<u64>,
    pub(super) boilerplate: Vec<Boilerplate>,
}

/// A document that is to be looked at.
pub(super) struct Subject<'a> {
    /// The file that it is, or is in.
    pub(super) input: &'a Input,
    pub(super) document: &'a Document,
    /// Of a record: where it lies in which chunk.
    pub(super) value: Option<(&'a Chunk, &'a Value)>,
}

/// A run ended before its end. It is reported why.
#[derive(Debug, thiserror::Error)]
#[error("the run has ended before its end")]
pub(super) struct RunEnded;

/// What came of a part of a file.
pub(super) enum Part<R> {
    /// Of a file that is one document.
    Document(Document, R),
    /// Of some records.
    Chunk {
        /// The records.
        chunk: Chunk,
        /// The number of the first of them in the file, from 1.
        first: u64,
        /// What came of them, without those that have no text.
        results: Vec<OfRecord<R>>,
    },
}

/// A job that is done.
enum Done<'i, R> {
    Text { input: &'i Input, warnings: Vec<String>, looked: Result<(Document, R, Account)> },
    Chunk { input: &'i Input, warnings: Vec<String>, chunk: Chunk, looked: Result<Looked<R>, NotLooked<anyhow::Error>> },
    End(&'i Input, Result<()>),
}

impl<'a> Batch<'a> {
    /// Finds the documents of the run.
    pub(super) fn new(config: &'a Config, status: &mut Status) -> Result<Batch<'a>> {
        let batch = Batch::with(config, status, |_| {})?;
        batch.refuse_nothing()?;
        Ok(batch)
    }

    /// As [`Batch::new`], where these need not be there.
    pub(super) fn without(config: &'a Config, removed: &[PathBuf], status: &mut Status) -> Result<Batch<'a>> {
        let batch = Batch::with(config, status, |found| found.errors.retain(|error| !removed.contains(&error.path)))?;
        batch.refuse_nothing()?;
        Ok(batch)
    }

    /// As [`Batch::new`]; what is found of the arguments may be changed, and may be nothing.
    pub(super) fn with(
        config: &'a Config,
        status: &mut Status,
        change: impl FnOnce(&mut source::Walk),
    ) -> Result<Batch<'a>> {
        let from_stdin = config.paths.is_empty() && config.listed.is_empty() && !config.is_listed;
        if from_stdin && std::io::stdin().is_terminal() {
            bail!("no PATH given, and standard input is a terminal: name files or folders, or - to type the text");
        }
        let begun = Instant::now();
        let paths = if from_stdin { vec![PathBuf::from("-")] } else { config.paths.clone() };
        let mut found = walk(&paths, &config.listed, &config.walk);
        known::leave_out(config, &mut found);
        change(&mut found);
        let mut batch = Batch {
            config,
            all: found.files.len() + found.errors.len(),
            files: found.files,
            folders: found.folders,
            done: 0,
            is_strung: false,
            failed: Vec::new(),
            failed_inputs: HashSet::new(),
            skipped: found.skipped,
            left_out: found.left_out,
            failed_list: None,
            summary: None,
            accounts: Vec::new(),
            begun,
            last: begun,
            watch: None,
            total: Account::default(),
            windows: None,
            boilerplate: Vec::new(),
        };
        config::tell(config, batch.files.iter().map(|file| &file.input));
        batch.refuse_to_overwrite()?;
        batch.refuse_to_overwrite_texts()?;
        // Now, so that nothing is done if they can't be written.
        let open = |option: &str, path: &Option<PathBuf>| {
            let open = |path: &PathBuf| {
                Output::open(Some(path), &batch.files).with_context(|| format!("{option} {}", shown_name(path)))
            };
            path.as_ref().map(open).transpose()
        };
        let opened = (open("--failed", &config.failed)?, open("--summary", &config.summary)?);
        (batch.failed_list, batch.summary) = opened;
        if batch.failed_list.is_some() || batch.summary.is_some() {
            leave_nothing_unfinished()?;
        }
        for error in found.errors {
            batch.fail(&Input::File(error.path.clone()), error.into(), status);
        }
        if batch.skipped.files() > 0 && !config.quiet {
            let files = count(batch.skipped.files(), "file");
            say(format_args!("skipped {files}: {}", batch.skipped));
        }
        Ok(batch)
    }

    /// Whether it was reported that a file can't be done.
    pub(super) fn has_failed(&self, input: &Input) -> bool {
        self.failed_inputs.contains(input)
    }

    /// Whether there is one file, and it is in this format.
    pub(super) fn is_one_of(&self, format: Format) -> bool {
        matches!(&*self.files, [file] if feed::format(self.config, &file.input) == Some(format))
    }

    /// Opens the output of the run.
    pub(super) fn output(&self) -> Result<Output> {
        if self.config.dry_run {
            return Ok(Output::Nowhere);
        }
        self.found_output()
    }

    /// Opens the output for what is found, which is written though the files are not.
    pub(super) fn found_output(&self) -> Result<Output> {
        if self.config.output.is_some() {
            leave_nothing_unfinished()?;
        }
        Ok(Output::open(self.config.output.as_deref(), &self.files)?)
    }

    /// What looks at the documents of the run. A single document is looked at by all threads; of several, each has its own.
    pub(super) fn examiners(&self) -> Examiners<'a> {
        let threads = if self.all == 1 { self.config.threads } else { Threads::ONE };
        Examiners::new(self.config, threads)
    }

    /// Reads the documents and does `work` on them, as many at a time as there are threads, each with a worker of its own;
    /// then hands what came of it to `finish`, in order, which says what to add to the accounts. A file that can't be done
    /// is reported, and the others are still done.
    pub(super) fn each<W, R: Send>(
        &mut self,
        same: Same,
        status: &mut Status,
        worker: impl Fn() -> W + Sync,
        work: impl Fn(&mut W, Subject<'_>) -> Result<R> + Sync,
        mut finish: impl FnMut(&Input, Part<R>, &mut Status) -> Result<Account> + Send,
    ) -> Result<()> {
        let files = self.take_files(same);
        let config = self.config;
        let mut feed = Feed::new(config, &files);
        let work = |worker: &mut W, job| match job {
            Job::Text(input, source) => {
                let mut warnings = Vec::new();
                let source = source.map(|source| *source);
                let looked = read(config, input, source, &mut warnings).and_then(|document| {
                    let (bytes_in, damaged_bytes) =
                        (document.body.len(), document.damage.map_or(0, |damage| damage.bytes));
                    let result = work(worker, Subject { input, document: &document, value: None })?;
                    let account = Account { documents: 1, bytes_in, damaged_bytes, ..Account::default() };
                    Ok((document, result, account))
                });
                Done::Text { input, warnings, looked }
            }
            Job::Chunk(input, chunk) => {
                let looked = look_at(&chunk, |document, value| {
                    work(worker, Subject { input, document, value: Some((&chunk, value)) })
                });
                Done::Chunk { input, warnings: doubts(config, input, &chunk), chunk, looked }
            }
            Job::End(input) => Done::End(input, Ok(())),
            Job::Failed(input, error) => Done::End(input, Err(error)),
        };
        let mut records = Records::default();
        let mut ended = Ok(());
        let finish = |done: Done<'_, R>| {
            match done {
                Done::Text { input, warnings, looked } => {
                    warnings.into_iter().for_each(say);
                    match looked {
                        Ok((document, result, read)) => match finish(input, Part::Document(document, result), status) {
                            Ok(mut account) => {
                                account.add(&read);
                                self.did(FileAccount::of_text(name(config, input), account));
                            }
                            Err(error) => ended = Err(error),
                        },
                        Err(error) => self.fail(input, error, status),
                    }
                }
                Done::Chunk { .. } if records.has_failed() => {}
                Done::Chunk { input, warnings, chunk, looked: Ok(Looked { seen, records: results }) } => {
                    warnings.into_iter().for_each(say);
                    let field = chunk.layout().text_field.as_deref();
                    let first = records.take(config.of(input), chunk.bytes.len() as u64, field, seen);
                    if !records.has_failed() {
                        match finish(input, Part::Chunk { chunk, first, results }, status) {
                            Ok(account) => records.account.add(&account),
                            Err(error) => ended = Err(error),
                        }
                    }
                }
                Done::Chunk { looked: Err(NotLooked { record, error }), .. } => records.fail(record, error),
                Done::End(input, result) => {
                    let mut records = std::mem::take(&mut records);
                    let is_broken = records.begun() && (result.is_err() || records.has_failed());
                    let result = records.end(config, input, result);
                    records.warnings.drain(..).for_each(say);
                    match result {
                        Ok(account) => self.did(account),
                        Err(error) if is_broken && self.is_strung => {
                            self.end_with(input, error, status);
                            ended = Err(RunEnded.into());
                        }
                        Err(error) => self.fail(input, error, status),
                    }
                }
            }
            if ended.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        ordered(config.threads, worker, || feed.next(), work, finish);
        ended
    }

    /// As [`Batch::each`], with one result after the other, and what its document is called.
    pub(super) fn each_document<W, R: Send>(
        &mut self,
        same: Same,
        status: &mut Status,
        worker: impl Fn() -> W + Sync,
        work: impl Fn(&mut W, Subject<'_>) -> Result<R> + Sync,
        mut finish: impl FnMut(Named<'_>, Document, R, &mut Status) -> Result<Account> + Send,
    ) -> Result<()> {
        self.each(same, status, worker, work, |input, part, status| match part {
            Part::Document(document, result) => finish(Named { input, record: None }, document, result, status),
            Part::Chunk { chunk, first, results } => {
                let mut account = Account::default();
                for OfRecord { record, document, result, .. } in results {
                    let named = Named::record(input, first, &chunk, record);
                    account.add(&finish(named, document, result, status)?);
                }
                Ok(account)
            }
        })
    }

    /// The files of the run, taken out. A file that several paths lead to can be left out at all but the first.
    pub(super) fn take_files(&mut self, same: Same) -> Vec<Located> {
        let mut files = std::mem::take(&mut self.files);
        self.last = Instant::now();
        if let Some(sample) = &self.config.records.sample {
            // A text is a part of the corpus; of a file of records a chunk is.
            files.retain(|file| {
                let is_text = feed::format(self.config, &file.input) == Some(Format::Text);
                !is_text || sample.takes(size(&file.input))
            });
        }
        self.watch = Watch::begin(self.config.progress, &files);
        if same == Same::Once && files.len() > 1 {
            // Before the first is done: a file that is written in its place is another one then.
            let mut seen = HashSet::new();
            files.retain(|file| !is_seen(&file.input, &mut seen));
        }
        files
    }

    /// Takes a file that was done into the accounts.
    pub(super) fn did(&mut self, mut file: FileAccount) {
        self.done += 1;
        self.total.add(&file.account);
        if self.config.summary.is_some() {
            let since_last = self.last.elapsed().as_millis() as u64;
            file.milliseconds.get_or_insert(since_last);
            self.accounts.push(file);
        }
        self.last = Instant::now();
    }

    /// Reports a file that can't be done, once.
    pub(super) fn fail(&mut self, input: &Input, error: anyhow::Error, status: &mut Status) {
        if !self.failed_inputs.insert(input.clone()) {
            return;
        }
        let (name, error) = (name(self.config, input), format!("{error:#}"));
        say(format_args!("tikrar: {name}: {error}"));
        *status = Status::Failed;
        self.failed.push(Failure { input: input.clone(), name, error });
    }

    /// Reports a file that can't be read further, when all goes to one output and a part of it was written already.
    pub(super) fn end_with(&mut self, input: &Input, error: anyhow::Error, status: &mut Status) {
        let is_file = self.config.output.as_deref().is_some_and(|path| path.as_os_str() != "-");
        let rest = if is_file { "nothing is written" } else { "what has been written is not all" };
        let context = format!("the run ends here, and {rest} (mend the file, or leave it out)");
        self.fail(input, error.context(context), status);
    }

    /// Whether every file of the run was done.
    pub(super) fn is_all_done(&self) -> bool {
        self.failed.is_empty()
    }

    /// All files are read: nothing more is shown of how far it is, and the sums have to check.
    pub(super) fn close(&mut self) -> Result<()> {
        drop(self.watch.take());
        Ok(self.total.check()?)
    }

    /// How many files were done so far, and how many could not be.
    pub(super) fn done_and_failed(&self) -> (u64, u64) {
        (self.done as u64, self.failed.len() as u64)
    }

    /// Whether no document could be read.
    pub(super) fn none_is_done(&self) -> bool {
        self.done == 0 && !self.failed.is_empty()
    }

    /// Lets the output appear. Where no document could be read there is none, and what stood in its place stays.
    pub(super) fn finish_output(&self, output: Output) -> Result<()> {
        if self.none_is_done() {
            return Ok(());
        }
        let name = self.config.output.as_deref().map_or_else(String::new, |path| format!("{}: ", shown_name(path)));
        output.finish().with_context(|| format!("{name}the output cannot be written"))
    }

    /// Says at the end which files were not done, and what was.
    pub(super) fn finish(mut self) -> Result<()> {
        drop(self.watch.take());
        if !self.failed.is_empty() && self.all > 1 {
            let of_all = format!("{} of {}", self.failed.len(), self.all);
            let names: Vec<&str> = self.failed.iter().take(NAMED).map(|failure| &*failure.name).collect();
            let more = match self.failed.len() - names.len() {
                0 => String::new(),
                more => format!(", and {more} more (--failed FILE lists them)"),
            };
            say(format_args!("tikrar: {of_all} could not be done: {}{more}", names.join(", ")));
        }
        let Batch {
            config,
            failed,
            skipped,
            failed_list,
            summary: summary_out,
            accounts,
            begun,
            all,
            done,
            total,
            windows,
            boilerplate,
            ..
        } = self;
        if let (Some(path), Some(out)) = (&config.failed, failed_list) {
            write_whole(out, |out| {
                let end = if config.nul_separated { b"\0" } else { b"\n" };
                for failure in &failed {
                    let name = match &failure.input {
                        Input::Stdin => b"-",
                        Input::File(path) => path.as_os_str().as_encoded_bytes(),
                    };
                    out.write_all(name)?;
                    out.write_all(end)?;
                }
                Ok(())
            })
            .with_context(|| format!("--failed {}", shown_name(path)))?;
        }
        let estimate = config.records.sample.as_ref().map(|sample| Estimate::of(sample.factor(), &total, windows));
        if let (Some(estimate), false) = (&estimate, config.quiet) {
            say(estimate);
        }
        let summary = Summary {
            estimate,
            tikrar: env!("CARGO_PKG_VERSION"),
            keys: config.compare.key_version().to_string(),
            options: config.settings(),
            dry_run: config.dry_run,
            files: all as u64,
            done: done as u64,
            total,
            seconds: begun.elapsed().as_secs_f64(),
            skipped: skipped.kinds(),
            boilerplate: &boilerplate,
            failed: failed.iter().map(|failure| (&*failure.name, &*failure.error)).collect(),
            accounts: &accounts,
        };
        // Reports have totals of their own.
        let is_for_table = all > 1 && summary.total.units > 0 && config.reports.is_empty();
        if is_for_table && !config.quiet && io::stderr().is_terminal() {
            say(summary.table());
        }
        if let (Some(path), Some(out)) = (&config.summary, summary_out) {
            write_whole(out, |out| summary.write(out)).with_context(|| format!("--summary {}", shown_name(path)))?;
        }
        Ok(())
    }
}

/// A file that could not be done.
struct Failure {
    input: Input,
    name: String,
    error: String,
}

/// Writes a file that appears whole.
fn write_whole(mut output: Output, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    write(&mut output)?;
    Ok(output.finish()?)
}

/// What to do with a file that an earlier path has led to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Same {
    /// Take it again: every name is written.
    Again,
    /// Leave it out.
    Once,
}

/// The size of a file, as far as it has one.
fn size(input: &Input) -> u64 {
    input.metadata().map_or(0, |file| file.len())
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

/// Reads a document. What is doubtful about its text is to be said.
pub(super) fn read(
    config: &Config,
    input: &Input,
    source: Option<Source>,
    warnings: &mut Vec<String>,
) -> Result<Document> {
    let config = config.of(input);
    let source = source.map_or_else(|| Source::open(input, &config.read), Ok)?;
    let document = source.into_document(&config.read)?;
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

/// What is doubtful about the texts of records, by the chunk that a file begins with.
pub(super) fn doubts(config: &Config, input: &Input, chunk: &Chunk) -> Vec<String> {
    if config.quiet || !chunk.begins() {
        return Vec::new();
    }
    let name = name(config, input);
    source::doubts(&chunk.bytes).into_iter().map(|doubt| of_doubt(&name, doubt)).collect()
}

/// An error in what was held back of a document.
pub(super) const READ_BACK: &str = "cannot be read back from its temporary file";

/// An error on the way out, which ends the run.
pub(super) fn writing<T>(result: std::io::Result<T>) -> Result<T> {
    result.context("the output cannot be written")
}
