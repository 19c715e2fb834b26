//! `tikrar clean`: the text without its copies.

use anyhow::{Context as _, Result, bail};

use super::batch::{self, Batch, READ_BACK, Same, writing};
use super::notes::Notes;
use super::{Status, args, corpus, leave_nothing_unfinished};
use crate::config::{Config, Scope};
use crate::corpus::Examined;
use crate::format::text;
use crate::sink::{self, Strung};
use crate::source::{Document, Input};

pub(super) fn run(arguments: args::Clean, status: &mut Status) -> Result<()> {
    let place = arguments.in_place.map(|suffix| Place { suffix, to_utf8: arguments.to_utf8 });
    let scope = arguments.scope.into();
    let config = arguments.look.resolve()?;
    if scope == Scope::Corpus && place.is_some() {
        bail!(
            "-i writes each file as it is done, and --scope corpus strings them together: give -o FILE, or leave -i out"
        );
    }
    let batch = Batch::new(&config, status)?;
    match (scope, place) {
        (Scope::Corpus, _) => corpus::clean(&config, batch, status),
        (Scope::Document, Some(place)) => in_place(&config, batch, &place, status),
        (Scope::Document, None) => on_one_output(&config, batch, status),
    }
}

fn on_one_output(config: &Config, mut batch: Batch<'_>, status: &mut Status) -> Result<()> {
    batch.refuse_folder_without_destination()?;
    let mut output = batch.output()?;
    let mut notes = Notes::default();
    let mut strung = Strung::new(&mut output);
    let examiner = batch.examiner(&config.compare);
    batch.each(
        Same::Again,
        status,
        || examiner.clone(),
        |examiner, _, document| {
            let examined = examiner.examine(&document)?;
            let cuts = examined.cuts(&document.body).context(READ_BACK)?;
            Ok((document, examined, cuts))
        },
        |input, (document, examined, cuts), _| {
            writing(strung.begin())?;
            writing(text::write(&document.body, &cuts, &mut strung))?;
            notes.add(&batch::name(config, input), &examined);
            Ok(())
        },
    )?;
    writing(strung.end())?;
    batch.finish_output(output)?;
    notes.finish(config);
    batch.finish();
    Ok(())
}

/// How files are written in their place.
struct Place {
    /// What is added to the name under which the old text stays; nothing where it does not.
    suffix: String,
    to_utf8: bool,
}

fn in_place(config: &Config, mut batch: Batch<'_>, place: &Place, status: &mut Status) -> Result<()> {
    if batch.inputs.contains(&Input::Stdin) {
        bail!("-i writes files in their place, and standard input has none: name files or folders");
    }
    if place.suffix.contains('/') {
        bail!("-i{}: a suffix is added to the file's name and can't lead to another folder", place.suffix);
    }
    leave_nothing_unfinished()?;
    let mut notes = Notes::default();
    let examiner = batch.examiner(&config.compare);
    batch.each(
        Same::Once,
        status,
        || examiner.clone(),
        |examiner, input, document| {
            let examined = examiner.examine(&document)?;
            rewrite(input, &document, &examined, place)?;
            Ok(examined)
        },
        |input, examined, _| {
            notes.add(&batch::name(config, input), &examined);
            Ok(())
        },
    )?;
    notes.finish(config);
    batch.finish();
    Ok(())
}

fn rewrite(input: &Input, document: &Document, examined: &Examined, place: &Place) -> Result<()> {
    let (Input::File(path), Some(read)) = (input, &document.file) else { return Ok(()) };
    if !read.is_file() {
        bail!("is no regular file and can't be written in its place");
    }
    let cuts = examined.cuts(&document.body)?;
    let converts = place.to_utf8 && document.raw.is_some();
    if cuts.is_empty() && !converts {
        return Ok(());
    }
    let (body, cuts) = match &document.raw {
        Some(raw) if !place.to_utf8 => match raw.ranges(&document.body, &cuts)? {
            Some(cuts) => (&raw.body, cuts),
            None => bail!("{} can't be kept as it is while text goes: give --to-utf8 with -i", raw.encoding()),
        },
        _ => (&document.body, cuts),
    };
    let backup = Some(&*place.suffix).filter(|suffix| !suffix.is_empty());
    sink::replace(path, read, backup, |out| text::write(body, &cuts, out))?;
    Ok(())
}
