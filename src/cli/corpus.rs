//! `tikrar clean --scope corpus`: the documents strung together, without what any of them repeats.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::num::NonZeroU64;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};

use super::batch::{self, Batch, Same};
use super::decide::Decided;
use super::earlier::{EarlierRuns, Findings};
use super::feed::{self, Open};
use super::names;
use super::notes::Notes;
use super::place::again;
use super::records::Records;
use super::size::Size;
use super::{Status, progress, say};
use crate::config::Config;
use crate::corpus::{Before, Documents, Finished, Names, Origin, Repeated, Stream, StreamError, Strict, Wanted};
use crate::cut::FileCuts;
use crate::format::RecordError;
use crate::index::Recognised;
use crate::report::account::FileAccount;
use crate::report::text::count;
use crate::report::{Lines, Repetition, shown_name};
use crate::sink::Output;
use crate::source::{Input, Located, Opened, ReadOptions, Source};

pub(super) fn clean(config: &Config, mut batch: Batch<'_>, status: &mut Status) -> Result<()> {
    batch.refuse_without_destination()?;
    let mut output = batch.output()?;
    let files = batch.take_files(Same::Again);
    let mut notes = Notes::default();
    let pass = Pass {
        config,
        files: &files,
        left_out: &BTreeSet::new(),
        read: &|file| config.of(&files[file].input).read.clone(),
        wants_cuts: false,
        recognised: Recognised::ByText,
    };
    let findings = match pass.run(&mut batch, status, &mut notes, &mut output, |batch, decided| {
        if decided.is_done {
            batch.did(decided.account);
        }
        Ok(())
    }) {
        Ok(findings) => findings,
        Err(error) => {
            let (file, error) = broken_file(error)?;
            batch.end_with(&files[file].input, error.into(), status);
            return batch.finish();
        }
    };
    batch.close()?;
    batch.finish_output(output)?;
    findings.map_or(Ok(()), Findings::commit)?;
    notes.finish(config);
    batch.finish()
}

/// One reading of a corpus.
pub(super) struct Pass<'a> {
    pub(super) config: &'a Config,
    pub(super) files: &'a [Located],
    /// The numbers of files that can't be read to their end.
    pub(super) left_out: &'a BTreeSet<usize>,
    /// How each file, by its number, is read.
    pub(super) read: &'a (dyn Fn(usize) -> ReadOptions + Sync),
    /// Whether what goes of a file is to be told.
    pub(super) wants_cuts: bool,
    /// By what a document of an earlier run is recognised.
    pub(super) recognised: Recognised,
}

impl Pass<'_> {
    /// Reads the corpus and writes what remains to `output`, strung together; hands on what was decided about each file. Returns
    /// what an index of earlier runs is to be told, if there is one.
    pub(super) fn run(
        &self,
        batch: &mut Batch<'_>,
        status: &mut Status,
        notes: &mut Notes,
        output: &mut Output,
        mut decided: impl FnMut(&mut Batch<'_>, Decided) -> Result<()> + Send,
    ) -> Result<Option<Findings>> {
        let Pass { config, files, .. } = *self;
        let name = |file: usize| names::name(config, &files[file].input);
        let mut earlier = EarlierRuns::open(config)?;
        let file_names = earlier.as_ref().map(EarlierRuns::names);
        let mut stream = Stream::new(&config.compare);
        stream.threads = config.threads;
        let is_strict = |file: usize| config.of(&files[file].input).read.strict;
        stream.strict = Some(Strict(&is_strict));
        stream.doubts = !config.quiet;
        stream.empty = config.empty;
        stream.drop_above = config.drop_above;
        stream.repair = config.repair;
        stream.tells = config.tells();
        let file_name = |file: usize| names::file_name(config, &files[file].input);
        stream.names = Some(Names(&file_name));
        stream.spooling.temp_dir.clone_from(&config.read.spooling.temp_dir);
        stream.memory = config.memory;
        if let Some(memory) = stream.memory {
            // As it is shown: a whole number.
            let least = stream.least_memory().next_multiple_of(1 << 20);
            let option = config.option("memory");
            anyhow::ensure!(memory >= least, "{option} {}: a run takes at least {}", Size(memory), Size(least));
        }
        let was = self.survey(&mut stream)?;
        let known_name =
            |file: usize| file_names.as_ref().map_or_else(String::new, |names| names.of(config, &files[file].input));
        stream.before = earlier.as_ref().map(|earlier| Before {
            earlier: earlier.earlier(),
            file_name: &known_name,
            recognised: self.recognised,
        });
        let mut changed = None;
        let mut next = files.iter().enumerate();
        let open = || {
            let (file, Located { input, .. }) = next.next()?;
            if let Some(was) = was.get(file)
                && let Err(error) = batch::refuse_changed(input, was.as_ref())
            {
                // A pipe in the place of a file would be waited for.
                changed = Some(error);
                return None;
            }
            let is_left_out = self.left_out.contains(&file);
            Some(if is_left_out { Err(anyhow!("is left out")) } else { open(config, input, &(self.read)(file)) })
        };
        let mut last = None;
        let mut records = Records::default();
        let (mut cuts, mut gone) = (FileCuts::default(), Vec::new());
        let mut failed = None;
        let mut unknown = Ok(());
        let mut decide = |batch: &mut Batch<'_>, of_file: Decided| {
            if failed.is_none() {
                failed = decided(batch, of_file).err();
            }
        };
        let mut finished = |event: Finished<anyhow::Error>| match event {
            Finished::Failed { file, .. } if self.left_out.contains(&file) => {}
            Finished::Failed { file, error } => batch.fail(&files[file].input, error, status),
            Finished::Unreadable { file, error } => batch.fail(&files[file].input, error.into(), status),
            Finished::Begun { file, doubts, likelier } if !config.quiet && self.left_out.is_empty() => {
                if let Some((encoding, likelier)) = likelier {
                    say(names::of_likelier(&name(file), encoding, likelier));
                }
                for doubt in doubts {
                    say(names::of_doubt(&name(file), doubt));
                }
            }
            Finished::Begun { .. } => {}
            Finished::Cut { cuts: more, gone: more_gone, .. } => {
                if self.wants_cuts {
                    cuts.extend(more);
                    gone.extend(more_gone);
                }
            }
            Finished::Ended { file, account, damage, too_damaged } => {
                if too_damaged && let Some(damage) = damage {
                    let error = anyhow!(
                        "{damage}: it is hardly UTF-8, and was passed through as it is; if it is in another encoding, give --encoding"
                    );
                    batch.fail(&files[file].input, error, status);
                } else if let (Some(damage), false) = (damage, config.quiet || !self.left_out.is_empty()) {
                    say(names::of_damage(&name(file), damage));
                }
                notes.count_repairs(&account);
                let goes = account.dropped > 0;
                let (cuts, gone) = (std::mem::take(&mut cuts), std::mem::take(&mut gone));
                let account = FileAccount::of_text(name(file), account);
                decide(batch, Decided { file, cuts, gone, goes, is_done: !too_damaged, account });
            }
            Finished::Records { text_field, seen, account, bytes, .. } => {
                records.take(config, bytes, text_field.as_deref(), seen);
                notes.count_repairs(&account);
                records.account.add(&account);
            }
            Finished::RecordsEnded { file } => {
                let mut records = std::mem::take(&mut records);
                let (cuts, gone) = (std::mem::take(&mut cuts), std::mem::take(&mut gone));
                let result = records.end(config, &files[file].input, Ok(()));
                if self.left_out.is_empty() {
                    records.warnings.drain(..).for_each(say);
                }
                match result {
                    Ok(account) => decide(batch, Decided { file, cuts, gone, goes: false, is_done: true, account }),
                    Err(error) => batch.fail(&files[file].input, error, status),
                }
            }
            Finished::Repeated(repeated) => {
                progress::add_copies(repeated.lines.1 - repeated.lines.0 + 1);
                notes.documents += u64::from(last.replace(repeated.document) != Some(repeated.document));
                notes.add_block(|| line(&repeated, name));
            }
            Finished::Dropped { document, id, repeating } => {
                notes.add_dropped(|| {
                    let (document, most) = (names::of_place(document, id.as_deref(), name), names::of_origin(&repeating.most, name));
                    let percent = repeating.percent();
                    format!("{document}: left out whole, {percent}% of its words repeat documents before it, most of them {most}")
                });
            }
            Finished::Known(document) => {
                if let (Some(earlier), Ok(())) = (&mut earlier, &unknown) {
                    unknown = earlier.know(document);
                }
            }
        };
        let (totals, windows) = stream.clean(open, output, &mut finished).map_err(|error| named(error, name))?;
        if let Some(error) = changed.or(failed) {
            return Err(error);
        }
        unknown.context("what was found can't be put aside (--temp-dir names another folder)")?;
        for (Located { input, .. }, was) in files.iter().zip(&was) {
            if !batch.has_failed(input) {
                batch::refuse_changed(input, was.as_ref())?;
            }
        }
        (notes.units, notes.removed, notes.with_documents) = (totals.units, totals.removed, totals.with_documents);
        notes.boilerplate.clone_from(&totals.boilerplate);
        if totals.index_disk > 0 && !config.quiet {
            let folder = stream.spooling.temp_dir.clone().unwrap_or_else(std::env::temp_dir);
            say(format_args!("tikrar: the index took {} of disk in {}", Size(totals.index_disk), shown_name(&folder)));
        }
        if totals.collisions > 0 {
            let texts = count(totals.collisions, "text");
            say(format_args!(
                "tikrar: warning: {texts} had the hash of another text; they were compared as what they are"
            ));
        }
        notes.most = totals
            .most
            .map(|most| (most.count, format!("line {} of {}", most.line, names::of_origin(&most.document, name))));
        batch.windows = Some(totals.windows);
        batch.boilerplate.clone_from(&totals.boilerplate);
        let lines = totals.lines;
        Ok(earlier.map(|earlier| earlier.found(windows, lines, self.recognised)).transpose()?.flatten())
    }

    /// Reads the corpus for the first time, if it has to be read twice. Returns what its files were like then.
    fn survey(&self, stream: &mut Stream<'_>) -> Result<Vec<Option<Metadata>>> {
        let Pass { config, files, .. } = *self;
        let wanted = Wanted { repeated: config.verify, in_documents: config.boilerplate.map(NonZeroU64::get) };
        if !wanted.is_any() {
            return Ok(Vec::new());
        }
        batch::refuse_read_once(files)?;
        let was = files.iter().map(|file| file.input.metadata()).collect();
        // Nothing is said of it now; it will be when it is read again.
        let quiet = Config { quiet: true, ..config.clone() };
        let mut next = files.iter().enumerate();
        let open = || {
            let (file, Located { input, .. }) = next.next()?;
            let is_left_out = self.left_out.contains(&file);
            Some(if is_left_out { Err(anyhow!("is left out")) } else { open(&quiet, input, &again(quiet.of(input))) })
        };
        let name = |file: usize| names::name(config, &files[file].input);
        stream.surveyed = Arc::new(stream.survey(open, wanted).map_err(|error| named(error, name))?);
        Ok(was)
    }
}

/// The file that a run could not read to its end, and why. An error that is about something else is given back.
pub(super) fn broken_file(error: anyhow::Error) -> Result<(usize, RecordError)> {
    if !matches!(error.downcast_ref(), Some(StreamError::Read { .. })) {
        return Err(error);
    }
    match error.downcast::<StreamError>()? {
        StreamError::Read { file, error } => Ok((file, error)),
        other => Err(other.into()),
    }
}

/// An error of a stream, with the file that it is about.
fn named(error: StreamError, name: impl Fn(usize) -> String) -> anyhow::Error {
    match error {
        StreamError::Write(_) | StreamError::Aside(_) | StreamError::Index(_) | StreamError::NoIndex(_) => {
            anyhow::Error::new(error)
        }
        StreamError::Read { file, .. }
        | StreamError::Annotation { file, .. }
        | StreamError::Damaged { file, .. }
        | StreamError::DamagedRecord { file, .. } => anyhow::Error::new(error).context(name(file)),
    }
}

pub(super) fn open(config: &Config, input: &Input, read: &ReadOptions) -> Result<Documents> {
    Ok(match feed::open(config, input, read)? {
        Open::Text(source) => {
            let source = source.map_or_else(|| Source::open(input, read), |source| Ok(*source))?;
            Documents::Text(Box::new(Opened::new(source, read)?))
        }
        Open::Records(reader) => Documents::Records(reader),
    })
}

/// As in `b.txt: lines 9-13 repeat lines 4-8 of a.txt`.
fn line(repeated: &Repeated, name: impl Fn(usize) -> String) -> String {
    let document = match &repeated.original {
        Origin::Here(original) if *original == repeated.document => None,
        original => Some(names::of_origin(original, &name)),
    };
    let copy = Lines { first: repeated.lines.0, last: repeated.lines.1 };
    let said = Repetition { copy, original: repeated.of, document, nearly: repeated.nearly };
    format!("{}: {said}", names::of_place(repeated.document, repeated.id.as_deref(), &name))
}
