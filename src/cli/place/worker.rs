//! Writes files in their places.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use xxhash_rust::xxh3::Xxh3;

use super::Place;
use super::planned::{Content, Planned, again, copy, plan};
use super::raw::InRaw;
use crate::cli::batch::READ_BACK;
use crate::cli::examiners::Examiners;
use crate::cli::notes::Notes;
use crate::config::Config;
use crate::corpus::Threads;
use crate::cut::FileCuts;
use crate::format::text;
use crate::report::account::FileAccount;
use crate::report::shown_name;
use crate::sink::{self, AtomicFile, ContentHash, Entry, Hashing, Journal, Packer};
use crate::source::{Document, Input, Raw, ReadOptions, Tap};

const NO_PLACE: &str = "is no regular file and can't be written in its place";

/// Why a file does not keep its encoding.
fn not_in_raw(raw: &Raw, cuts: &FileCuts) -> String {
    let encoding = raw.encoding();
    match cuts.insertions.iter().find(|(_, text)| raw.encode(text).is_none()) {
        Some((_, text)) => format!(
            "{encoding} has no {text}, which --repair writes: give --to-utf8 with -i, or --repair-quotes straight"
        ),
        None => format!("{encoding} can't be kept as it is while text changes: give --to-utf8 with -i"),
    }
}

/// A file and, where there is a folder, its path from there.
pub(in crate::cli) type Job<'a> = (&'a Input, &'a Path);

/// What came of a file.
pub(in crate::cli) struct Outcome {
    pub(in crate::cli) warnings: Vec<String>,
    pub(in crate::cli) result: Result<(FileAccount, Notes)>,
}

/// What is to be written of a file.
pub(in crate::cli) struct Writing<'a> {
    pub(in crate::cli) content: &'a Content,
    pub(in crate::cli) cuts: &'a FileCuts,
    /// Whether the file itself goes.
    pub(in crate::cli) goes: bool,
    pub(in crate::cli) account: &'a FileAccount,
    /// The bytes that were read.
    pub(in crate::cli) read: Option<ContentHash>,
    /// What was decided, where that depends on other files too.
    pub(in crate::cli) decided: Option<ContentHash>,
}

/// Hashes the bytes of a file as they are read.
#[derive(Clone, Default)]
pub(in crate::cli) struct ReadHash(Arc<Mutex<Xxh3>>);

impl ReadHash {
    /// Told of all that is read under the options that are returned.
    pub(in crate::cli) fn tapped(&self, read: &ReadOptions) -> ReadOptions {
        let hasher = Arc::clone(&self.0);
        let before = read.tap.clone();
        let tap = Tap::new(move |bytes| {
            hasher.lock().unwrap_or_else(PoisonError::into_inner).update(bytes);
            before.iter().for_each(|tap| tap.tell(bytes));
        });
        ReadOptions { tap: Some(tap), ..read.clone() }
    }

    pub(in crate::cli) fn hash(&self) -> ContentHash {
        ContentHash::of(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes files, each in its place.
pub(in crate::cli) struct Worker<'a> {
    pub(in crate::cli) config: &'a Config,
    pub(in crate::cli) place: &'a Place,
    pub(in crate::cli) journal: Option<&'a Journal<FileAccount>>,
    /// How many threads may be used for one file.
    pub(in crate::cli) threads: Threads,
    /// The folder that is filled, by a path that needs no looking up.
    pub(in crate::cli) root: PathBuf,
}

impl Worker<'_> {
    pub(in crate::cli) fn file(&self, examiners: &mut Examiners<'_>, (input, target): Job<'_>) -> Outcome {
        let mut warnings = Vec::new();
        let begun = Instant::now();
        let result = self.resumed(input, target, None).and_then(|done| match done {
            Some(account) => Ok((account, Notes::default())),
            None => {
                let (account, notes) = self.anew(examiners, input, target, &mut warnings)?;
                let milliseconds = Some(begun.elapsed().as_millis() as u64);
                Ok((FileAccount { milliseconds, ..account }, notes))
            }
        });
        Outcome { warnings, result }
    }

    /// What the journal says of a file, if that is done as it is decided about it now.
    pub(in crate::cli) fn resumed(
        &self,
        input: &Input,
        target: &Path,
        decided: Option<&ContentHash>,
    ) -> Result<Option<FileAccount>> {
        let (Some(journal), Place::Folder { folder, .. }, Input::File(path)) = (self.journal, self.place, input) else {
            return Ok(None);
        };
        let Some(entry) = journal.entry(target) else { return Ok(None) };
        let target = folder.join(target);
        match ContentHash::of_file(&target) {
            Ok(written) if written == entry.written => {
                let is_same = entry.decided.as_ref() == decided && ContentHash::of_file(path)? == entry.read;
                Ok(is_same.then(|| entry.account.clone()))
            }
            Ok(_) => bail!("{} has been changed since it was written: move it away", shown_name(&target)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| shown_name(&target)),
        }
    }

    fn anew(
        &self,
        examiners: &mut Examiners<'_>,
        input: &Input,
        target: &Path,
        warnings: &mut Vec<String>,
    ) -> Result<(FileAccount, Notes)> {
        if let (Place::Own { .. }, Some(false)) = (self.place, input.metadata().map(|file| file.is_file())) {
            // Without opening it: a pipe would be waited for.
            bail!(NO_PLACE);
        }
        let read = &self.config.of(input).read;
        let hash = self.journal.map(|_| ReadHash::default());
        let tapped = hash.as_ref().map(|hash| hash.tapped(read));
        let read = tapped.as_ref().unwrap_or(read);
        let Planned { content, cuts, account, notes, .. } =
            plan(self.config, self.threads, examiners, input, read, warnings)?;
        account.account.check()?;
        let read = hash.map(|hash| hash.hash());
        let writing = Writing { content: &content, cuts: &cuts, goes: false, account: &account, read, decided: None };
        self.write((input, target), writing, |_| Ok(()))?;
        Ok((account, notes))
    }

    /// Writes what is left of a file. `about_to_appear` is told what it is about to be, in its own place; none where it is
    /// about to go.
    pub(in crate::cli) fn write(
        &self,
        (input, target): Job<'_>,
        writing: Writing<'_>,
        about_to_appear: impl FnOnce(Option<ContentHash>) -> io::Result<()>,
    ) -> Result<()> {
        if self.config.dry_run {
            return Ok(());
        }
        match (self.place, self.journal) {
            (Place::Own { suffix, to_utf8 }, _) => {
                self.in_own_place(input, &writing, suffix, *to_utf8, about_to_appear)?;
            }
            (Place::Folder { .. }, _) if writing.goes => {}
            (Place::Folder { folder, .. }, Some(journal)) => {
                self.in_folder(input, &writing, (folder, target), |read, written| {
                    let (account, decided) = (writing.account.clone(), writing.decided.clone());
                    Ok(journal.add(&Entry { file: target.into(), read, written, decided, account })?)
                })?;
            }
            (Place::Folder { .. }, None) => {}
        }
        Ok(())
    }

    fn in_own_place(
        &self,
        input: &Input,
        writing: &Writing<'_>,
        suffix: &str,
        to_utf8: bool,
        about_to_appear: impl FnOnce(Option<ContentHash>) -> io::Result<()>,
    ) -> Result<()> {
        let Input::File(path) = input else { return Ok(()) };
        let Writing { content, cuts, goes, .. } = writing;
        let whole;
        let (read, codec, document) = match content {
            Content::Document(document) => {
                let Some(read) = document.file.as_ref().filter(|file| file.is_file()) else {
                    bail!(NO_PLACE);
                };
                (read, document.codec, Some(&**document))
            }
            Content::Again { file, codec, is_decoded } if *is_decoded && (to_utf8 || !cuts.is_empty()) => {
                whole = Document::read(input, &again(self.config.of(input)))?;
                (file, *codec, Some(&whole))
            }
            Content::Again { file, codec, .. } => (file, *codec, None),
        };
        let backup = Some(suffix).filter(|suffix| !suffix.is_empty());
        if *goes {
            return Ok(sink::remove(path, read, backup, || about_to_appear(None))?);
        }
        let raw = document.and_then(|document| document.raw.as_ref());
        if cuts.is_empty() && !(to_utf8 && raw.is_some()) {
            return Ok(());
        }
        let hash = Mutex::new(None);
        let packed = |write: &dyn Fn(&mut (dyn Write + Send)) -> Result<()>| {
            sink::replace(
                path,
                read,
                backup,
                |out| {
                    let mut out = Hashing::new(out);
                    let mut packer = Packer::new(codec, &mut out)?;
                    write(&mut packer).map_err(io::Error::other)?;
                    packer.finish()?;
                    *hash.lock().unwrap_or_else(PoisonError::into_inner) = Some(out.hash());
                    Ok(())
                },
                || about_to_appear(hash.lock().unwrap_or_else(PoisonError::into_inner).take()),
            )
        };
        match (document, raw) {
            (Some(document), Some(raw)) if !to_utf8 => {
                match InRaw::of(raw, &document.body, cuts).context(READ_BACK)? {
                    Some(in_raw) => packed(&|out| Ok(in_raw.write(out)?))?,
                    None => {
                        bail!("{}", not_in_raw(raw, cuts))
                    }
                }
            }
            (Some(document), _) => packed(&|out| Ok(text::write_changed(&document.body, cuts, out)?))?,
            _ => packed(&|out| copy(self.config, input, cuts, out))?,
        }
        Ok(())
    }

    fn in_folder(
        &self,
        input: &Input,
        writing: &Writing<'_>,
        (folder, target): (&Path, &Path),
        about_to_appear: impl FnOnce(ContentHash, ContentHash) -> Result<()>,
    ) -> Result<()> {
        let (Input::File(path), Some(read_hash)) = (input, writing.read.clone()) else { return Ok(()) };
        let Writing { content, cuts, .. } = writing;
        let failing = || format!("{} can't be written", shown_name(&folder.join(target)));
        let read = match content {
            Content::Document(document) => document.file.as_ref(),
            Content::Again { file, .. } => Some(file),
        };
        if let (Content::Again { .. }, Some(read)) = (content, read) {
            sink::unchanged(path, read)?;
        }
        let file = AtomicFile::anew(&self.root.join(target), read).with_context(failing)?;
        let mut out = Hashing::new(io::BufWriter::with_capacity(64 << 10, file));
        let (codec, document) = match content {
            Content::Document(document) => (document.codec, Some(&**document)),
            Content::Again { codec, .. } => (*codec, None),
        };
        let is_decoded = match content {
            Content::Document(document) => document.raw.is_some(),
            Content::Again { is_decoded, .. } => *is_decoded,
        };
        let written = match (document, codec) {
            // What is packed already is not packed anew.
            (_, Some(_)) | (None, _) if cuts.is_empty() && !is_decoded => File::open(path)
                .and_then(|mut file| io::copy(&mut file, &mut out))
                .map(drop)
                .map_err(anyhow::Error::from),
            (document, codec) => Packer::new(codec, &mut out).map_err(anyhow::Error::from).and_then(|mut packer| {
                match document {
                    Some(document) => text::write_changed(&document.body, cuts, &mut packer)?,
                    None => copy(self.config, input, cuts, &mut packer)?,
                }
                Ok(packer.finish().map(drop)?)
            }),
        };
        if let Some(read) = read.filter(|read| read.is_file()) {
            sink::unchanged(path, read)?;
        }
        written.with_context(failing)?;
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
        let file = out.into_inner().into_inner().map_err(io::IntoInnerError::into_error).with_context(failing)?;
        about_to_appear(read_hash, hash)?;
        file.finish().with_context(failing)
    }
}
