//! `tikrar clean` with a place for each file: in its own, or in a folder that mirrors where it was found.
//!
//! A file is read twice at most: once to see what goes, and again to write what stays. Where nothing goes, nothing is
//! written in place, and a copy is made in a folder.

use std::collections::BTreeSet;
use std::fs::{File, Metadata};
use std::io::{self, Seek as _, Write};
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use xxhash_rust::xxh3::Xxh3;

use super::batch::{self, Batch, READ_BACK, Same, Subject};
use super::clean::{look, of_chunk};
use super::feed;
use super::names;
use super::notes::Notes;
use super::records::Records;
use super::{Status, leave_nothing_unfinished, say};
use crate::config::Config;
use crate::corpus::ordered::ordered;
use crate::corpus::records::{Looked, NotLooked, look_at};
use crate::corpus::{Examiner, Threads};
use crate::cut;
use crate::format::{Format, RecordError, text};
use crate::report::account::{Account, FileAccount};
use crate::report::shown_name;
use crate::sink::{self, AtomicFile, ContentHash, Entry, Hashing, Journal, Packer};
use crate::source::{Codec, Document, Input, Located, Opened, ReadOptions, Source, Tap};

/// Where files are written.
pub(super) enum Place {
    /// Each in its own place.
    Own {
        /// What is added to the name under which the old text stays; nothing where it does not.
        suffix: String,
        /// Whether files in another encoding become UTF-8.
        to_utf8: bool,
    },
    /// Below a folder.
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Whether a run that was stopped goes on.
        resume: bool,
    },
}

/// One file on the output of the run, where it can't be written as it is read.
pub(super) fn on_one_output(config: &Config, mut batch: Batch<'_>, status: &mut Status) -> Result<()> {
    let mut output = batch.output()?;
    let files = batch.take_files(Same::Again);
    let examiner = &mut batch.examiner(&config.compare);
    let mut notes = Notes::default();
    for Located { input, .. } in &files {
        let mut warnings = Vec::new();
        let planned = plan(config, config.threads, examiner, input, &config.read, &mut warnings);
        warnings.into_iter().for_each(say);
        let written = planned.and_then(|planned| {
            if !config.dry_run {
                copy(config, input, &planned.cuts, &[], &mut output)?;
            }
            Ok(planned)
        });
        match written {
            Ok(planned) => {
                notes.merge(planned.notes);
                batch.did(planned.account);
            }
            Err(error) => batch.fail(input, error, status),
        }
    }
    batch.close()?;
    batch.finish_output(output)?;
    notes.finish(config);
    batch.finish()
}

/// What is known of a file when it was looked at.
struct Planned {
    content: Content,
    /// What goes of its text.
    cuts: Vec<Range<u64>>,
    account: FileAccount,
    notes: Notes,
}

/// What a file holds.
enum Content {
    /// One document, which is at hand.
    Document(Box<Document>),
    /// Records, which are read again.
    Records { file: Metadata, codec: Option<Codec>, is_decoded: bool },
}

/// What came of a file.
struct Outcome {
    warnings: Vec<String>,
    result: Result<(FileAccount, Notes)>,
}

/// A file and, where there is a folder, its path from there.
type Job<'a> = (&'a Input, &'a Path);

pub(super) fn run(config: &Config, mut batch: Batch<'_>, place: &Place, status: &mut Status) -> Result<()> {
    if batch.files.iter().any(|file| file.input == Input::Stdin) {
        bail!("standard input has no place: name files or folders");
    }
    let (same, journal) = match place {
        Place::Own { suffix, .. } => {
            if suffix.contains('/') {
                bail!("-i{suffix}: a suffix is added to the file's name and can't lead to another folder");
            }
            check_backups(config, &batch, suffix)?;
            (Same::Once, None)
        }
        Place::Folder { folder, resume } => {
            if config.dry_run {
                check_targets(config, &batch, folder, *resume)?;
                (Same::Again, None)
            } else {
                (Same::Again, Some(begin(config, &batch, folder, *resume)?))
            }
        }
    };
    leave_nothing_unfinished()?;
    let files = batch.take_files(same);
    let threads = if files.len() == 1 { config.threads } else { Threads::ONE };
    let examiner = batch.examiner(&config.compare);
    let mut notes = Notes::default();
    let mut next = files.iter();
    let root = match place {
        Place::Folder { folder, .. } if !config.dry_run => std::fs::canonicalize(folder)?,
        _ => PathBuf::new(),
    };
    let worker = Worker { config, place, journal: journal.as_ref(), threads, root };
    ordered(
        config.threads,
        || examiner.clone(),
        || next.next().map(|file| (&file.input, &*file.target)),
        |examiner, job: Job<'_>| (job.0, worker.file(examiner, job)),
        |(input, Outcome { warnings, result })| {
            warnings.into_iter().for_each(say);
            match result {
                Ok((account, of_file)) => {
                    notes.merge(of_file);
                    batch.did(account);
                }
                Err(error) => batch.fail(input, error, status),
            }
            ControlFlow::Continue(())
        },
    );
    if let Some(journal) = journal
        && batch.is_all_done()
        && journal.tells_only_of(files.iter().map(|file| &*file.target))
    {
        journal.finish().context("the journal can't be removed")?;
    }
    batch.close()?;
    notes.finish(config);
    batch.finish()
}

/// Refuses to write the accounts of a run where it keeps old texts.
pub(super) fn check_backups(config: &Config, batch: &Batch<'_>, suffix: &str) -> Result<()> {
    for (option, path) in accounts(config) {
        let is_backup = |file: &Located| match &file.input {
            Input::File(input) => sink::resolved(&sink::backup(input, suffix)) == path,
            Input::Stdin => false,
        };
        if !suffix.is_empty() && batch.files.iter().any(is_backup) {
            bail!("{option} {} is where -i{suffix} keeps an old text: give another file", shown_name(&path));
        }
    }
    Ok(())
}

/// Where the accounts of a run are written, and by which options.
fn accounts(config: &Config) -> impl Iterator<Item = (&'static str, PathBuf)> {
    let written = [("--summary", &config.summary), ("--failed", &config.failed)];
    written.into_iter().filter_map(|(option, path)| Some((option, sink::resolved(path.as_ref()?))))
}

/// Looks at the targets of a run into a folder, before anything is written.
pub(super) fn check_targets(config: &Config, batch: &Batch<'_>, folder: &Path, resume: bool) -> Result<()> {
    let mut targets: Vec<&Located> = batch.files.iter().collect();
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
    let is_there = |file: &&&Located| folder.join(&file.target).symlink_metadata().is_ok();
    match targets.iter().find(is_there) {
        Some(file) if !resume => bail!(
            "{} is already there: give a new folder, or move it away; a run that did not come to its end goes on with --resume",
            shown(file)
        ),
        _ => Ok(()),
    }
}

/// Begins the journal of a run into a folder, or goes on with it.
fn begin(config: &Config, batch: &Batch<'_>, folder: &Path, resume: bool) -> Result<Journal<FileAccount>> {
    if !resume && folder.join(sink::JOURNAL).exists() {
        return Err(sink::JournalError::Unfinished { folder: folder.to_owned() }.into());
    }
    check_targets(config, batch, folder, resume)?;
    std::fs::create_dir_all(folder).with_context(|| format!("--output-dir {}", shown_name(folder)))?;
    if resume {
        let folders: BTreeSet<&Path> = batch.files.iter().filter_map(|file| file.target.parent()).collect();
        for below in folders.into_iter().map(|below| folder.join(below)).filter(|below| below.is_dir()) {
            sink::remove_left_behind(&below).with_context(|| shown_name(&below))?;
        }
    }
    Ok(Journal::open(folder, &config.settings())?)
}

struct Worker<'a> {
    config: &'a Config,
    place: &'a Place,
    journal: Option<&'a Journal<FileAccount>>,
    /// How many threads may be used for one file.
    threads: Threads,
    /// The folder that is filled, by a path that needs no looking up.
    root: PathBuf,
}

impl Worker<'_> {
    fn file(&self, examiner: &mut Examiner<'_>, (input, target): Job<'_>) -> Outcome {
        let mut warnings = Vec::new();
        let begun = Instant::now();
        let result = self.resumed(input, target).and_then(|done| match done {
            Some(account) => Ok((account, Notes::default())),
            None => {
                let (account, notes) = self.anew(examiner, input, target, &mut warnings)?;
                let milliseconds = Some(begun.elapsed().as_millis() as u64);
                Ok((FileAccount { milliseconds, ..account }, notes))
            }
        });
        Outcome { warnings, result }
    }

    /// What the journal says of a file, if that is done.
    fn resumed(&self, input: &Input, target: &Path) -> Result<Option<FileAccount>> {
        let (Some(journal), Place::Folder { folder, .. }, Input::File(path)) = (self.journal, self.place, input) else {
            return Ok(None);
        };
        let Some(entry) = journal.entry(target) else { return Ok(None) };
        let target = folder.join(target);
        match ContentHash::of_file(&target) {
            Ok(written) if written == entry.written => {
                let is_same = ContentHash::of_file(path)? == entry.read;
                Ok(is_same.then(|| entry.account.clone()))
            }
            Ok(_) => bail!("{} has been changed since it was written: move it away", shown_name(&target)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| shown_name(&target)),
        }
    }

    fn anew(
        &self,
        examiner: &mut Examiner<'_>,
        input: &Input,
        target: &Path,
        warnings: &mut Vec<String>,
    ) -> Result<(FileAccount, Notes)> {
        let hasher = self.journal.map(|_| Arc::new(Mutex::new(Xxh3::new())));
        let mut read = self.config.read.clone();
        if let Some(hasher) = &hasher {
            let hasher = Arc::clone(hasher);
            let before = read.tap.take();
            read.tap = Some(Tap::new(move |bytes| {
                hasher.lock().unwrap_or_else(PoisonError::into_inner).update(bytes);
                before.iter().for_each(|tap| tap.tell(bytes));
            }));
        }
        let Planned { content, cuts, account, notes } =
            plan(self.config, self.threads, examiner, input, &read, warnings)?;
        account.account.check()?;
        if self.config.dry_run {
            return Ok((account, notes));
        }
        match (self.place, self.journal, hasher) {
            (Place::Own { suffix, to_utf8 }, ..) => self.in_own_place(input, &content, &cuts, suffix, *to_utf8)?,
            (Place::Folder { folder, .. }, Some(journal), Some(hasher)) => {
                let read = ContentHash::of(&hasher.lock().unwrap_or_else(PoisonError::into_inner));
                self.in_folder(input, &content, &cuts, (folder, target), |written| {
                    journal.add(&Entry { file: target.into(), read, written, account: account.clone() })
                })?;
            }
            (Place::Folder { .. }, ..) => {}
        }
        Ok((account, notes))
    }

    fn in_own_place(
        &self,
        input: &Input,
        content: &Content,
        cuts: &[Range<u64>],
        suffix: &str,
        to_utf8: bool,
    ) -> Result<()> {
        let Input::File(path) = input else { return Ok(()) };
        let whole;
        let (read, codec, document) = match content {
            Content::Document(document) => {
                let Some(read) = document.file.as_ref().filter(|file| file.is_file()) else {
                    bail!("is no regular file and can't be written in its place");
                };
                (read, document.codec, Some(&**document))
            }
            Content::Records { file, codec, is_decoded } if *is_decoded && (to_utf8 || !cuts.is_empty()) => {
                whole = Document::read(input, &again(self.config))?;
                (file, *codec, Some(&whole))
            }
            Content::Records { file, codec, .. } => (file, *codec, None),
        };
        let raw = document.and_then(|document| document.raw.as_ref());
        if cuts.is_empty() && !(to_utf8 && raw.is_some()) {
            return Ok(());
        }
        let backup = Some(suffix).filter(|suffix| !suffix.is_empty());
        let packed = |write: &dyn Fn(&mut (dyn Write + Send)) -> Result<()>| {
            sink::replace(path, read, backup, |out| {
                let mut packer = Packer::new(codec, out)?;
                write(&mut packer).map_err(io::Error::other)?;
                packer.finish().map(drop)
            })
        };
        match (document, raw) {
            (Some(document), Some(raw)) if !to_utf8 => match raw.ranges(&document.body, cuts).context(READ_BACK)? {
                Some(cuts) => packed(&|out| Ok(text::write(&raw.body, &cuts, out)?))?,
                None => bail!("{} can't be kept as it is while text goes: give --to-utf8 with -i", raw.encoding()),
            },
            (Some(document), _) => packed(&|out| Ok(text::write(&document.body, cuts, out)?))?,
            (None, _) => packed(&|out| copy(self.config, input, cuts, &[], out))?,
        }
        Ok(())
    }

    fn in_folder(
        &self,
        input: &Input,
        content: &Content,
        cuts: &[Range<u64>],
        (folder, target): (&Path, &Path),
        about_to_appear: impl FnOnce(ContentHash) -> io::Result<()>,
    ) -> Result<()> {
        let Input::File(path) = input else { return Ok(()) };
        let writing = || format!("{} can't be written", shown_name(&folder.join(target)));
        let read = match content {
            Content::Document(document) => document.file.as_ref(),
            Content::Records { file, .. } => Some(file),
        };
        let file = AtomicFile::anew(&self.root.join(target), read).with_context(writing)?;
        let mut out = Hashing::new(io::BufWriter::with_capacity(64 << 10, file));
        let (codec, document) = match content {
            Content::Document(document) => (document.codec, Some(&**document)),
            Content::Records { codec, .. } => (*codec, None),
        };
        let is_decoded = match content {
            Content::Document(document) => document.raw.is_some(),
            Content::Records { is_decoded, .. } => *is_decoded,
        };
        let written = match (document, codec) {
            // What is packed already is not packed anew.
            (_, Some(_)) | (None, _) if cuts.is_empty() && !is_decoded => File::open(path)
                .and_then(|mut file| io::copy(&mut file, &mut out))
                .map(drop)
                .map_err(anyhow::Error::from),
            (document, codec) => Packer::new(codec, &mut out).map_err(anyhow::Error::from).and_then(|mut packer| {
                match document {
                    Some(document) => text::write(&document.body, cuts, &mut packer)?,
                    None => copy(self.config, input, cuts, &[], &mut packer)?,
                }
                Ok(packer.finish().map(drop)?)
            }),
        };
        written.with_context(writing)?;
        if let Some(read) = read.filter(|read| read.is_file()) {
            sink::unchanged(path, read)?;
        }
        let hash = out.hash();
        let told = self.journal.and_then(|journal| journal.entry(target));
        match ContentHash::of_file(&self.root.join(target)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| shown_name(&folder.join(target))),
            // A run before has made it.
            Ok(before) if before == hash => return Ok(()),
            Ok(before) if told.is_some_and(|entry| entry.written == before) => {}
            Ok(_) => {
                bail!("{} is already there with something else in it: move it away", shown_name(&folder.join(target)))
            }
        }
        let file = out.into_inner().into_inner().map_err(io::IntoInnerError::into_error).with_context(writing)?;
        about_to_appear(hash).context("the journal can't be written")?;
        file.finish().with_context(writing)
    }
}

/// Sees what goes of a file, of which so many threads may look at chunks of records.
fn plan(
    config: &Config,
    threads: Threads,
    examiner: &mut Examiner<'_>,
    input: &Input,
    read: &ReadOptions,
    warnings: &mut Vec<String>,
) -> Result<Planned> {
    let format = feed::format(config, input).unwrap_or(Format::Text);
    let source = Source::open(input, read)?;
    let mut notes = Notes::default();
    if format == Format::Text {
        let document = batch::read(config, input, Some(source), warnings)?;
        let (cuts, found) = look(examiner, &Subject { document: &document, value: None })?;
        notes.add(|| names::name(config, input), &found);
        let bytes_in = document.body.len();
        let account = Account {
            documents: 1,
            bytes_in,
            bytes_out: bytes_in - cut::len(&cuts),
            damaged_bytes: document.damage.map_or(0, |damage| damage.bytes),
            ..found.account()
        };
        let file = names::name(config, input);
        let account = FileAccount::of_text(file, account);
        return Ok(Planned { content: Content::Document(Box::new(document)), cuts, account, notes });
    }
    let Some(file) = source.file.clone().filter(Metadata::is_file) else {
        bail!("can be read only once, and this reads it twice: save it as a file, and give its path");
    };
    let codec = source.codec;
    let (mut reader, is_decoded) = feed::records(config, input, source, format)?;
    let (mut records, mut cuts, mut at) = (Records::default(), Vec::new(), 0);
    let mut ended: Result<(), RecordError> = Ok(());
    let next = || reader.next(Vec::new()).transpose();
    let look = |examiner: &mut Examiner<'_>, chunk: Result<_, _>| {
        let chunk = chunk?;
        let looked =
            look_at(&chunk, |document, value| look(examiner, &Subject { document, value: Some((&chunk, value)) }));
        Ok((chunk, looked))
    };
    let mut take = |looked: Result<_, _>| {
        match looked {
            Err(error) => ended = Err(error),
            Ok((_, Err(NotLooked { record, error }))) => records.fail(record, error),
            Ok((chunk, Ok(Looked { seen, records: results }))) => {
                warnings.extend(batch::doubts(config, input, &chunk));
                let field = chunk.layout().text_field.as_deref();
                let first = records.take(config, chunk.bytes.len() as u64, field, seen);
                let (of_chunk, account) = of_chunk(config, input, &chunk, first, results, &mut notes);
                records.account.add(&account);
                cuts.extend(of_chunk.into_iter().map(|cut| cut.start + at..cut.end + at));
                at += chunk.bytes.len() as u64;
            }
        }
        if records.has_failed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    if threads == Threads::ONE {
        let mut next = next;
        while let Some(chunk) = next() {
            if take(look(examiner, chunk)).is_break() {
                break;
            }
        }
    } else {
        ordered(threads, || examiner.clone(), next, look, take);
    }
    let account = records.end(config, input, ended.map_err(anyhow::Error::from));
    warnings.append(&mut records.warnings);
    let content = Content::Records { file, codec, is_decoded };
    Ok(Planned { content, cuts, account: account?, notes })
}

/// Reads a file of records again and writes it, in UTF-8, without these stretches and rows.
pub(super) fn copy(
    config: &Config,
    input: &Input,
    cuts: &[Range<u64>],
    dropped: &[u64],
    out: &mut (dyn Write + Send),
) -> Result<()> {
    let read = again(config);
    let source = Source::open(input, &read)?;
    if feed::format(config, input) == Some(Format::Parquet) {
        let mut file = source.into_file(input, &read)?;
        if cuts.is_empty() && dropped.is_empty() {
            // Bit for bit.
            file.rewind()?;
            return Ok(io::copy(&mut file, out).map(drop)?);
        }
        return write_parquet(file, config, cuts, dropped, out);
    }
    let mut reader = Opened::new(source, &read)?.into_reader();
    Ok(text::copy(&mut reader, cuts, out)?)
}

#[cfg(feature = "parquet")]
fn write_parquet(
    file: File,
    config: &Config,
    cuts: &[Range<u64>],
    dropped: &[u64],
    out: &mut (dyn Write + Send),
) -> Result<()> {
    Ok(crate::format::parquet::write(file, &config.records, cuts, dropped, out)?)
}

#[cfg(not(feature = "parquet"))]
fn write_parquet(_: File, _: &Config, _: &[Range<u64>], _: &[u64], _: &mut (dyn Write + Send)) -> Result<()> {
    Err(crate::format::RecordError::NoParquet.into())
}

/// What is read again is not told of.
pub(super) fn again(config: &Config) -> ReadOptions {
    ReadOptions { tap: None, ..config.read.clone() }
}
