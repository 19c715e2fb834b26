//! `tikrar restore`: what was removed is put back.
//!
//! A file is read once where it can still be left as it was when something turns out to be wrong at its end, and else twice.

mod files;

use std::collections::{BTreeSet, HashSet};
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};

use super::batch::{Batch, Same, writing};
use super::place::{Place, checks, planned};
use super::{Status, args, feed, is_broken_pipe, leave_nothing_unfinished, names, say};
use crate::config::Config;
use crate::format::Format;
use crate::format::text::{self, InsertError, Insertion};
use crate::removed::{Choice, Placed, Removals, RemovedError, insert_strung};
use crate::report::account::{Account, FileAccount};
use crate::report::shown_name;
use crate::report::text::count;
use crate::sink::{self, AtomicFile, ContentHash, Hashing, Output, Packer};
use crate::source::{Body, Codec, Input, Located, Opened, Raw, ReadOptions, Source};

pub(super) fn run(arguments: args::Restore, status: &mut Status) -> Result<()> {
    let (config, removed, choice, place) = arguments.resolve()?;
    let mut work = Work::new(&config, &removed, choice)?;
    let mut batch =
        Batch::with(&config, status, |walk| work.absent = files::add_absent(&config, &work.removals, walk))?;
    batch.refuse_nothing()?;
    match &place {
        None => on_one_output(&mut work, &mut batch, status)?,
        Some(place) => in_places(&mut work, &mut batch, place, status)?,
    }
    work.tell();
    batch.finish()
}

fn on_one_output(work: &mut Work<'_>, batch: &mut Batch<'_>, status: &mut Status) -> Result<()> {
    if batch.files.len() > 1 {
        bail!(
            "several files can't be restored to one output: -i writes each in its place, --output-dir DIR writes each into a \
             folder of its own"
        );
    }
    batch.refuse_without_destination()?;
    let mut output = batch.output()?;
    let files = batch.take_files(Same::Again);
    let of_files = work.outputs_of(&files, false)?;
    // What is written to a file appears only when it is known to be right.
    let can_be_undone = matches!(output, Output::File { .. });
    for (Located { input, .. }, of_file) in files.iter().zip(of_files) {
        let written = match of_file {
            Some(number) if can_be_undone => work.put_back(input, number, &mut output),
            Some(number) => work.put_back_in_two_passes(input, number, &mut output),
            None => work.copy(input, &mut output),
        };
        match written {
            Ok(_) => work.did(batch, input, of_file),
            Err(error) if is_broken_pipe(&error) => return Err(error),
            Err(error) => batch.fail(input, error, status),
        }
    }
    batch.close()?;
    batch.finish_output(output)
}

fn in_places(work: &mut Work<'_>, batch: &mut Batch<'_>, place: &Place, status: &mut Status) -> Result<()> {
    checks::refuse_stdin(&batch.files)?;
    let same = match place {
        Place::Own { suffix, .. } => {
            checks::check_backups(work.config, &batch.files, suffix)?;
            Same::Once
        }
        Place::Folder { folder, .. } => {
            checks::check_targets(work.config, &batch.files, folder, true)?;
            let mut targets = batch.files.iter().map(|file| folder.join(&file.target));
            if let Some(target) = targets.find(|target| target.symlink_metadata().is_ok()) {
                bail!("{} is already there: give a new folder, or move it away", shown_name(&target));
            }
            Same::Again
        }
    };
    leave_nothing_unfinished()?;
    let files = batch.take_files(same);
    let of_files = work.outputs_of(&files, true)?;
    for (Located { input, target }, of_file) in files.iter().zip(of_files) {
        let Input::File(path) = input else { continue };
        let written = match place {
            Place::Own { suffix, .. } => work.in_own_place(input, path, of_file, suffix),
            Place::Folder { folder, .. } => work.in_folder(input, path, of_file, &folder.join(target)),
        };
        match written {
            Ok(()) => work.did(batch, input, of_file),
            Err(error) => batch.fail(input, error, status),
        }
    }
    batch.close()
}

/// What there is to put back, and what was.
struct Work<'a> {
    config: &'a Config,
    /// What the file of removals is called.
    removed: String,
    removals: Removals,
    /// The files that are not there because all of them went.
    absent: HashSet<PathBuf>,
    /// How many copies are to be put back into the files that were given.
    given: u64,
    /// How many were, into how many files.
    copies: u64,
    files: u64,
}

impl<'a> Work<'a> {
    fn new(config: &'a Config, removed: &Path, choice: Choice) -> Result<Work<'a>> {
        let is_stdin = removed.as_os_str() == "-";
        let input = if is_stdin { Input::Stdin } else { Input::File(removed.to_owned()) };
        let name = if is_stdin { "--removed -".to_owned() } else { shown_name(removed) };
        let read = ReadOptions { spooling: config.read.spooling.clone(), ..ReadOptions::default() };
        let opened = Source::open(&input, &read).and_then(|source| source.into_file(&input, &read));
        let removals = Removals::read(opened.with_context(|| name.clone())?, choice).map_err(|error| match error {
            error @ RemovedError::Line { .. } => anyhow!("{name}, {error}"),
            error => anyhow::Error::from(error).context(name.clone()),
        })?;
        Ok(Work { config, removed: name, removals, absent: HashSet::new(), given: 0, copies: 0, files: 0 })
    }

    /// The numbers of the outputs that the files are, where they are one that the removals speak of.
    fn outputs_of(&mut self, files: &[Located], in_places: bool) -> Result<Vec<Option<usize>>> {
        let outputs = self.removals.outputs();
        let numbers = files::numbers(self.config, &self.removed, outputs, files, in_places)?;
        let given: BTreeSet<usize> = numbers.iter().flatten().copied().collect();
        self.given = given.into_iter().map(|number| outputs[number].chosen).sum();
        Ok(numbers)
    }

    /// Whether a file is not there because all of it went.
    fn is_absent(&self, input: &Input) -> bool {
        matches!(input, Input::File(path) if self.absent.contains(path))
    }

    /// Puts back what is missing from a file and writes it, in UTF-8. Gives the encoding that it was in, if another.
    fn put_back(&mut self, input: &Input, number: usize, out: &mut (dyn Write + Send)) -> Result<Option<&'static str>> {
        if self.is_absent(input) {
            return self.fill_text(&mut io::empty(), number, out).map(|()| None);
        }
        let source = Source::open(input, &self.config.read)?;
        self.put_back_into(input, source, number, out)
    }

    fn put_back_into(
        &mut self,
        input: &Input,
        source: Source,
        number: usize,
        out: &mut (dyn Write + Send),
    ) -> Result<Option<&'static str>> {
        let read = &self.config.read;
        if self.is_parquet(input, number)? {
            self.fill_rows(source.into_file(input, read)?, number, out)?;
            return Ok(None);
        }
        let opened = Opened::new(source, read)?;
        let encoding = opened.raw.as_ref().map(Raw::encoding);
        self.fill_text(&mut opened.into_reader(), number, out)?;
        Ok(encoding)
    }

    /// As [`Work::put_back`], but nothing is written unless all of it can be.
    fn put_back_in_two_passes(
        &mut self,
        input: &Input,
        number: usize,
        out: &mut (dyn Write + Send),
    ) -> Result<Option<&'static str>> {
        if self.is_absent(input) {
            self.put_back(input, number, &mut io::sink())?;
            return self.put_back(input, number, out);
        }
        let source = Source::open(input, &self.config.read)?;
        if self.is_parquet(input, number)? {
            let file = source.into_file(input, &self.config.read)?;
            self.fill_rows(file.try_clone()?, number, &mut io::sink())?;
            self.fill_rows(file, number, out)?;
        } else if source.file.as_ref().is_some_and(Metadata::is_file) {
            self.put_back_into(input, source, number, &mut io::sink())?;
            let again = Source::open(input, &planned::again(self.config))?;
            self.put_back_into(input, again, number, out)?;
        } else {
            let document = source.into_document(&self.config.read)?;
            self.fill_text(&mut BodyReader { body: &document.body, at: 0 }, number, &mut io::sink())?;
            self.fill_text(&mut BodyReader { body: &document.body, at: 0 }, number, out)?;
        }
        Ok(None)
    }

    fn fill_text(&mut self, reader: &mut dyn Read, number: usize, out: &mut (dyn Write + Send)) -> Result<()> {
        let mut reader = Heard { reader, heard: Hashing::new(io::sink()), len: 0 };
        let is_strung = self.removals.outputs()[number].is_strung;
        let mut pieces = self.removals.pieces(number);
        let insertions = pieces.by_ref().map(|placed| {
            let Placed { part, piece, .. } = placed.map_err(|error| unreadable(&self.removed, error))?;
            Ok((part, Insertion { at: piece.at, over: piece.over, bytes: piece.bytes }))
        });
        let result = if is_strung {
            let of_parts = insertions
                .filter_map(|placed| placed.map(|(part, insertion)| part.map(|part| (part, insertion))).transpose());
            insert_strung(&mut reader, of_parts, out)
        } else {
            text::insert(&mut reader, insertions.map(|placed| placed.map(|(_, insertion)| insertion)), out).map(drop)
        };
        let line = pieces.line();
        match result {
            Err(InsertError::Io(error)) => return Err(error.into()),
            // A file that is another one is told of as that, and not by what doesn't fit.
            Err(_) => io::copy(&mut reader, &mut io::sink()).map(drop)?,
            Ok(()) => {}
        }
        self.compare(number, reader.len, &reader.heard.hash())?;
        result.map_err(|error| self.of_line(line, error.into()))
    }

    #[cfg(feature = "parquet")]
    fn fill_rows(&mut self, file: File, number: usize, out: &mut (dyn Write + Send)) -> Result<()> {
        use crate::format::parquet::{self, RowInsertError, RowInsertion};
        use crate::format::{InRow, RecordOptions, RecordReader};

        let output = &self.removals.outputs()[number];
        let options = RecordOptions { text_field: output.field.clone(), ..RecordOptions::default() };
        if output.cleaned.is_some() {
            let mut heard = Hashing::new(io::sink());
            let (mut reader, mut len) = (RecordReader::of_parquet(file.try_clone()?, &options)?, 0);
            while let Some(chunk) = reader.next(Vec::new())? {
                len += chunk.bytes.len() as u64;
                heard.write_all(&chunk.bytes)?;
            }
            self.compare(number, len, &heard.hash())?;
        }
        if self.removals.outputs()[number].chosen == 0 {
            return copy_file(file, out);
        }
        let mut pieces = self.removals.pieces(number);
        let insertions = pieces.by_ref().map(|placed| {
            let Placed { row, piece, .. } = placed.map_err(|error| unreadable(&self.removed, error))?;
            let place = InRow { at: piece.at, element: piece.element, whole: piece.whole };
            // Rows are counted from 1; one that is not there is no row.
            Ok(RowInsertion { row: row.unwrap_or(0).wrapping_sub(1), place, bytes: piece.bytes })
        });
        let result = parquet::insert(file, &options, insertions, out);
        let line = pieces.line();
        result.map_err(|error| match error {
            RowInsertError::Table(error) => error.into(),
            RowInsertError::Io(error) => error.into(),
            error => self.of_line(line, crate::removed::Problem::Unfit(error.to_string())),
        })
    }

    #[cfg(not(feature = "parquet"))]
    fn fill_rows(&mut self, _: File, _: usize, _: &mut (dyn Write + Send)) -> Result<()> {
        Err(crate::format::RecordError::NoParquet.into())
    }

    /// Whether a file is to be read as Parquet.
    fn is_parquet(&self, input: &Input, number: usize) -> Result<bool> {
        let output = &self.removals.outputs()[number];
        let is_named_so = feed::format(self.config, input) == Some(Format::Parquet);
        if is_named_so && !output.is_of_rows && output.copies > 0 {
            bail!("is Parquet, and what {} tells of was removed from something else", self.removed);
        }
        Ok(is_named_so || output.is_of_rows)
    }

    /// Refuses a file that is not what was written.
    fn compare(&self, number: usize, len: u64, hash: &ContentHash) -> Result<()> {
        match &self.removals.outputs()[number].cleaned {
            Some((line, cleaned)) if (cleaned.bytes, &cleaned.hash) != (len, hash) => bail!(
                "is not what was written ({}, line {line}): it has been changed since, or something was put back already",
                self.removed
            ),
            _ => Ok(()),
        }
    }

    fn of_line(&self, line: u64, problem: crate::removed::Problem) -> anyhow::Error {
        anyhow!("{}, {}", self.removed, RemovedError::Line { line, problem })
    }

    /// Copies a file that gets nothing back.
    fn copy(&self, input: &Input, out: &mut (dyn Write + Send)) -> Result<Option<&'static str>> {
        let source = Source::open(input, &self.config.read)?;
        if feed::format(self.config, input) == Some(Format::Parquet) {
            return copy_file(source.into_file(input, &self.config.read)?, out).map(|()| None);
        }
        let mut reader = Opened::new(source, &self.config.read)?.into_reader();
        writing(io::copy(&mut reader, out)).map(|_| None)
    }

    fn in_own_place(&mut self, input: &Input, path: &Path, of_file: Option<usize>, suffix: &str) -> Result<()> {
        let Some(number) = of_file.filter(|&number| self.removals.outputs()[number].chosen > 0) else { return Ok(()) };
        if self.is_absent(input) {
            return self.anew(input, number, path);
        }
        let source = Source::open(input, &self.config.read)?;
        let Some(read) = source.file.clone().filter(Metadata::is_file) else {
            bail!("is no regular file and can't be written in its place");
        };
        let codec = source.codec;
        let backup = Some(suffix).filter(|suffix| !suffix.is_empty());
        let mut result = Ok(None);
        let replaced = sink::replace(
            path,
            &read,
            backup,
            |out| {
                let mut packer = Packer::new(codec, out)?;
                result = self.put_back_into(input, source, number, &mut packer);
                match &result {
                    Ok(_) => packer.finish().map(drop),
                    Err(_) => Err(io::ErrorKind::Other.into()),
                }
            },
            || Ok(()),
        );
        let encoding = result?;
        replaced?;
        if let (Some(encoding), false) = (encoding, self.config.quiet) {
            say(format_args!("{}: was {encoding}, and is UTF-8 now", names::name(self.config, input)));
        }
        Ok(())
    }

    /// Makes a file that is not there.
    fn anew(&mut self, input: &Input, number: usize, target: &Path) -> Result<()> {
        let cannot = || format!("{} can't be written", shown_name(target));
        let file = AtomicFile::anew(target, None).with_context(cannot)?.synced();
        let codec = Codec::of_path(target).map(|(codec, _)| codec);
        let mut packer = Packer::new(codec, io::BufWriter::with_capacity(64 << 10, file)).with_context(cannot)?;
        self.put_back(input, number, &mut packer)?;
        let out = packer.finish().with_context(cannot)?;
        out.into_inner().map_err(io::IntoInnerError::into_error).with_context(cannot)?.finish().with_context(cannot)
    }

    fn in_folder(&mut self, input: &Input, path: &Path, of_file: Option<usize>, target: &Path) -> Result<()> {
        if let (true, Some(number)) = (self.is_absent(input), of_file) {
            return self.anew(input, number, target);
        }
        let cannot = || format!("{} can't be written", shown_name(target));
        let source = Source::open(input, &self.config.read)?;
        let (read, codec) = (source.file.clone(), source.codec);
        let file = AtomicFile::anew(target, read.as_ref()).with_context(cannot)?.synced();
        let mut out = io::BufWriter::with_capacity(64 << 10, file);
        match of_file.filter(|&number| self.removals.outputs()[number].chosen > 0) {
            Some(number) => {
                let mut packer = Packer::new(codec, &mut out).with_context(cannot)?;
                self.put_back_into(input, source, number, &mut packer)?;
                packer.finish().map(drop).with_context(cannot)?;
            }
            None => copy_file(File::open(path)?, &mut out)?,
        }
        if let Some(read) = read.filter(Metadata::is_file) {
            sink::unchanged(path, &read)?;
        }
        let file = out.into_inner().map_err(io::IntoInnerError::into_error).with_context(cannot)?;
        file.finish().with_context(cannot)
    }

    fn did(&mut self, batch: &mut Batch<'_>, input: &Input, of_file: Option<usize>) {
        let chosen = of_file.map_or(0, |number| self.removals.outputs()[number].chosen);
        self.copies += chosen;
        self.files += u64::from(chosen > 0);
        let account = Account { documents: 1, ..Account::default() };
        batch.did(FileAccount::of_text(names::name(self.config, input), account));
    }

    /// Says what was put back, and what of that which is there was not.
    fn tell(&self) {
        if self.config.quiet {
            return;
        }
        let chosen: u64 = self.removals.outputs().iter().map(|output| output.chosen).sum();
        let others = chosen - self.given;
        if self.copies == 0 && self.given > 0 {
            // What went wrong is said.
            return;
        }
        let copies = |number| if number == 1 { "1 copy".to_owned() } else { format!("{number} copies") };
        let mut text = format!("put back {} in {}", copies(self.copies), count(self.files, "file"));
        if others > 0 {
            text.push_str(&format!("; {} of files that are not among these", copies(others)));
        }
        say(text);
    }
}

/// An error in what was removed, told from one in the file that it is put back into.
fn unreadable(removed: &str, error: io::Error) -> io::Error {
    io::Error::other(anyhow::Error::from(error).context(removed.to_owned()))
}

fn copy_file(mut file: File, out: &mut dyn Write) -> Result<()> {
    file.rewind()?;
    Ok(io::copy(&mut file, out).map(drop)?)
}

/// Hashes what is read.
struct Heard<'a> {
    reader: &'a mut dyn Read,
    heard: Hashing<io::Sink>,
    len: u64,
}

impl Read for Heard<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.heard.write_all(&buffer[..read])?;
        self.len += read as u64;
        Ok(read)
    }
}

/// Reads a body from its start, without taking it.
struct BodyReader<'a> {
    body: &'a Body,
    at: u64,
}

impl Read for BodyReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.body.bytes(self.at..self.at + buffer.len() as u64)?;
        buffer[..bytes.len()].copy_from_slice(&bytes);
        self.at += bytes.len() as u64;
        Ok(bytes.len())
    }
}
