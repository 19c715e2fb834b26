//! `tikrar clean`: the text without its copies.

use anyhow::{Result, bail};

use super::batch::{Batch, reading_back, writing};
use super::{Status, args, leave_nothing_unfinished, say};
use crate::config::Config;
use crate::corpus::Examined;
use crate::format::text;
use crate::report::Repetition;
use crate::report::check::count;
use crate::sink::{self, Strung};
use crate::source::{Document, Input};

pub(super) fn run(arguments: args::Clean, status: &mut Status) -> Result<()> {
    let place = arguments.in_place.map(|suffix| Place { suffix, to_utf8: arguments.to_utf8 });
    let config = arguments.look.resolve()?;
    let batch = Batch::new(&config, status)?;
    match place {
        Some(place) => in_place(&config, batch, &place, status),
        None => on_one_output(&config, batch, status),
    }
}

fn on_one_output(config: &Config, mut batch: Batch<'_>, status: &mut Status) -> Result<()> {
    if batch.folders && config.output.is_none() && !batch.inputs.is_empty() {
        bail!(
            "the files of a folder need a destination: -i writes each in its place, -o FILE strings them together into \
             one, or name the files themselves to string them together on standard output"
        );
    }
    let mut output = batch.output()?;
    let mut notes = Notes::default();
    let mut strung = Strung::new(&mut output);
    for input in std::mem::take(&mut batch.inputs) {
        if let Some((document, examined)) = batch.examine(&input, status) {
            let name = batch.name(&input);
            let cuts = reading_back(examined.cuts(&document.body), &name)?;
            writing(strung.begin())?;
            writing(text::write(&document.body, &cuts, &mut strung))?;
            notes.add(&name, &examined);
        }
    }
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
    for input in std::mem::take(&mut batch.inputs) {
        let Some((document, examined)) = batch.examine(&input, status) else { continue };
        let name = batch.name(&input);
        match rewrite(&input, &document, &examined, place) {
            Ok(()) => notes.add(&name, &examined),
            Err(error) => batch.fail(&name, error, status),
        }
    }
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

/// What was removed, said at the end.
#[derive(Default)]
struct Notes {
    lines: Vec<String>,
    blocks: u64,
    units: u64,
    removed: u64,
    documents: u64,
}

/// The most blocks that are named.
const NAMED: usize = 10;

impl Notes {
    fn add(&mut self, name: &str, examined: &Examined) {
        self.units += examined.units.len() as u64;
        let copies = examined.plan.copies() as u64;
        if copies == 0 {
            return;
        }
        self.documents += 1;
        self.removed += copies;
        for block in examined.plan.blocks() {
            self.blocks += 1;
            if self.lines.len() < NAMED {
                self.lines.push(format!("{name}: {}", Repetition::of(examined, block)));
            }
        }
    }

    fn finish(self, config: &Config) {
        if config.quiet || self.removed == 0 {
            return;
        }
        let more = self.blocks - self.lines.len() as u64;
        let mut text = self.lines.join("\n");
        if more > 0 {
            text.push_str(&format!("\nand {} more", count(more, "block")));
        }
        let unit = config.compare.unit.name();
        let (blocks, documents) = (count(self.blocks, "block"), count(self.documents, "document"));
        text.push_str(&format!("\nremoved {} of {}, {blocks} in {documents}", self.removed, count(self.units, unit)));
        say(text);
    }
}
