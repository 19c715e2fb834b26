//! What was decided is carried out in the places of the files.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::{Decided, Decisive, OfBytes, READ_DECIDED, decide, removed};
use crate::cli::batch::Batch;
use crate::cli::earlier::Findings;
use crate::cli::notes::Notes;
use crate::cli::place::{Content, Place, Worker, Writing};
use crate::cli::{Status, say};
use crate::config::{Config, Scope};
use crate::corpus::ordered::ordered;
use crate::index::Recognised;
use crate::report::account::FileAccount;
use crate::report::shown_name;
use crate::sink::{Alone, ContentHash, DecisionsError, FileName, Kept};
use crate::source::{Input, Located};

/// What is decided about files that have places of their own.
pub(in crate::cli) struct ForPlaces {
    decisions: Box<dyn Iterator<Item = io::Result<OfBytes>> + Send>,
    was: Was,
    /// In their own places: the file that the decisions are kept in.
    kept: Option<Kept>,
    /// Of a run that was stopped: the files that it was over, with those that it has removed.
    files: Option<Vec<Located>>,
    notes: Notes,
    /// In their own places: until all is carried out no other run decides about what is there.
    _alone: Option<Alone>,
}

/// How it is told whether a file is what it was when it was decided about.
enum Was {
    /// By what it was like.
    Like(Vec<Option<Metadata>>),
    /// By its bytes: it was another run that decided.
    Bytes,
}

/// Decides about all files, or finds what a run that was stopped has decided. Nothing of them is written yet.
pub(in crate::cli) fn for_places(
    config: &Config,
    batch: &mut Batch<'_>,
    files: &[Located],
    place: &Place,
    status: &mut Status,
) -> Result<ForPlaces> {
    let inputs: Vec<&Path> = files.iter().map(|file| path(&file.input)).collect::<Result<_>>()?;
    let recognised = match place {
        Place::Own { .. } => Recognised::ByFile,
        Place::Folder { .. } => Recognised::ByText,
    };
    let in_place = recognised == Recognised::ByFile && !config.dry_run;
    let folder = folder(config)?;
    let settings = settings(config, place);
    let alone = if in_place { Some(alone(&folder)?) } else { None };
    if in_place && let Some((kept, decisions)) = Kept::of_stopped_run(&folder, &inputs, &settings)? {
        if let Some(removed) = config.removed.as_ref().filter(|path| path.as_os_str() != "-" && !path.exists()) {
            bail!("--removed {} was written by the run that was stopped, and is gone", shown_name(removed));
        }
        if !config.quiet {
            say("tikrar: a run over these files was stopped: what it decided is carried out");
        }
        let (decisions, notes) = (Box::new(decisions), Notes::default());
        let located = |path: PathBuf| Located { target: path.clone(), input: Input::File(path) };
        let files = kept.files().iter().filter_map(FileName::path).map(located).collect();
        return Ok(ForPlaces {
            decisions,
            was: Was::Bytes,
            kept: Some(kept),
            files: Some(files),
            notes,
            _alone: alone,
        });
    }
    let Decisive { decisions, was, findings, notes } =
        decide(config, batch, files, !config.dry_run, recognised, status)?;
    removed::write(config, (files, &was), &decisions, Some(place))?;
    // Before the first file is written: the documents are as they were read, so if it ends here the same run again decides
    // the same.
    findings.map_or(Ok(()), Findings::commit)?;
    let is_changed = notes.gone() > 0 || notes.repaired > 0 || config.records.annotate.is_some();
    let kept = if in_place && is_changed { Some(decisions.keep(&folder, &inputs, &settings)?) } else { None };
    Ok(ForPlaces {
        decisions: Box::new(decisions.read()?),
        was: Was::Like(was),
        kept,
        files: None,
        notes,
        _alone: alone,
    })
}

impl ForPlaces {
    /// Writes what is left of each file.
    pub(in crate::cli) fn carry_out(
        self,
        config: &Config,
        batch: &mut Batch<'_>,
        files: &[Located],
        worker: &Worker<'_>,
        status: &mut Status,
    ) -> Result<Notes> {
        let ForPlaces { mut decisions, was, kept, files: of_stopped_run, notes, _alone } = self;
        let files = of_stopped_run.as_deref().unwrap_or(files);
        let mut all = true;
        let mut ended = Ok(());
        ordered(
            config.threads,
            || (),
            || decisions.next(),
            |(), of_bytes| {
                let of_bytes = of_bytes?;
                let written = write(config, files, worker, &of_bytes, kept.as_ref(), &was);
                Ok((of_bytes.decided, written))
            },
            |done: io::Result<(Decided, Result<FileAccount>)>| match done {
                Ok((decided, written)) => {
                    match written {
                        Ok(account) if decided.is_done => batch.did(account),
                        Ok(_) => {}
                        Err(error) => {
                            batch.fail(&files[decided.file].input, error, status);
                            all = false;
                        }
                    }
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    ended = Err(error).context(READ_DECIDED);
                    ControlFlow::Break(())
                }
            },
        );
        ended?;
        kept.map_or(Ok(()), |kept| end(kept, all))?;
        Ok(notes)
    }
}

/// Where decisions about files in their own places are kept: the same for the same arguments, whatever files are left.
fn folder(config: &Config) -> Result<PathBuf> {
    let Some(first) = config.paths.first().or(config.listed.first()) else { return Ok(PathBuf::from(".")) };
    match std::fs::metadata(first) {
        Ok(metadata) if metadata.is_dir() => Ok(first.clone()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).with_context(|| shown_name(first)),
        _ => Ok(first.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()),
    }
}

/// Keeps other runs from deciding about files that are kept track of in the same folder.
fn alone(folder: &Path) -> Result<Alone> {
    let alone = Alone::in_folder(folder).with_context(|| shown_name(folder))?;
    Ok(alone.ok_or_else(|| DecisionsError::Running { folder: folder.to_owned() })?)
}

/// The files that a run over a corpus was to remove, and has removed before it was stopped.
pub(in crate::cli) fn removed_before(config: &Config, place: Option<&Place>) -> Vec<PathBuf> {
    let is_in_place = matches!(place, Some(Place::Own { .. })) && !config.dry_run;
    let decides_first = config.scope == Scope::Corpus || config.decides_first();
    if !is_in_place || !decides_first {
        return Vec::new();
    }
    // What is wrong with the folder comes up when it is looked for again.
    folder(config).map_or_else(|_| Vec::new(), |folder| Kept::removed(&folder))
}

/// What a run that goes on with another has to have in common with it.
fn settings(config: &Config, place: &Place) -> BTreeMap<String, String> {
    let or_none = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
    let mut settings = config.settings();
    if let Place::Own { suffix, to_utf8 } = place {
        settings.insert("-i".to_owned(), format!("'{suffix}'"));
        settings.insert("--to-utf8".to_owned(), to_utf8.to_string());
    }
    settings.insert("--removed".to_owned(), or_none(config.removed.as_deref().map(shown_name)));
    settings.insert("--max-removed".to_owned(), or_none(config.max_removed.map(|share| share.to_string())));
    settings
}

/// Decisions that are all carried out are kept no longer.
fn end(kept: Kept, all: bool) -> Result<()> {
    if all {
        return Ok(kept.finish()?);
    }
    let kept = shown_name(kept.path());
    say(format_args!(
        "tikrar: what was decided is kept in {kept}: run the same again to finish it, or move that file away to decide anew"
    ));
    Ok(())
}

/// Writes what is left of a file.
fn write(
    config: &Config,
    files: &[Located],
    worker: &Worker<'_>,
    OfBytes { read, decided }: &OfBytes,
    kept: Option<&Kept>,
    was: &Was,
) -> Result<FileAccount> {
    let Decided { file, cuts, goes, account, .. } = decided;
    let Located { input, target } = &files[*file];
    account.account.check()?;
    let nothing_goes = cuts.is_empty() && matches!(worker.place, Place::Own { to_utf8: false, .. });
    if config.dry_run || nothing_goes {
        return Ok(account.clone());
    }
    // A file that could not be read before may be one that this repeats.
    let of_all = matches!((config.scope, worker.place), (Scope::Corpus, Place::Folder { .. }));
    let decided = of_all.then(|| serde_json::to_vec(cuts)).transpose()?.map(|cuts| ContentHash::of_bytes(&cuts));
    if let Some(account) = worker.resumed(input, target, decided.as_ref())? {
        return Ok(account);
    }
    let was = match (was, kept, read) {
        (Was::Like(was), ..) => match &was[*file] {
            None => bail!("what it was when it was decided about is not known"),
            was => was.clone(),
        },
        (Was::Bytes, Some(kept), Some(read)) => unwritten(files, kept, *file, read)?,
        (Was::Bytes, ..) => bail!("what it was when it was decided about is not known"),
    };
    let Some(was) = was else { return Ok(account.clone()) };
    crate::sink::unchanged(path(input)?, &was)?;
    let Content::Again { codec, is_decoded, .. } = Content::again(config, input)? else {
        bail!("is to be read again");
    };
    let content = Content::Again { file: was, codec, is_decoded };
    let writing = Writing { content: &content, cuts, goes: *goes, account, read: read.clone(), decided };
    worker.write((input, target), writing, |hash| kept.map_or(Ok(()), |kept| kept.about_to_appear(*file, hash)))?;
    Ok(account.clone())
}

/// Of a run that was stopped: what a file is like now, if it is still the one that was read; none if it is written already.
fn unwritten(files: &[Located], kept: &Kept, file: usize, read: &ContentHash) -> Result<Option<Metadata>> {
    let path = path(&files[file].input)?;
    let now = match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && kept.written(file) == Some(&None) => return Ok(None),
        now => now?,
    };
    let hash = ContentHash::of_file(path)?;
    if hash == *read {
        return Ok(Some(now));
    }
    if kept.written(file).and_then(Option::as_ref) == Some(&hash) {
        return Ok(None);
    }
    bail!(
        "has been changed since the run that was stopped read it: put it back as it was, or move {} away to decide anew about \
         the files as they are",
        shown_name(kept.path())
    )
}

fn path(input: &Input) -> Result<&Path> {
    match input {
        Input::File(path) => Ok(path),
        Input::Stdin => bail!("standard input has no place"),
    }
}
