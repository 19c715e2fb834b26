//! `--removed`: what was decided to go is written down, with its bytes, before it goes.

use std::collections::HashMap;
use std::fs::Metadata;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::{Decided, OfBytes, READ_DECIDED};
use crate::cli::batch::{self, writing};
use crate::cli::feed;
use crate::cli::leave_nothing_unfinished;
use crate::cli::names;
use crate::cli::place::{Place, again};
use crate::config::Config;
use crate::corpus::Empty;
use crate::corpus::gone::{self, Gone, Why};
use crate::cut::FileCuts;
use crate::format::record::EMPTY_FIELD;
use crate::format::{Format, RecordReader};
use crate::removed::{self, Cleaned, Ending, Line, Original, Part, Places, Removal};
use crate::report::shown_name;
use crate::sink::{ContentHash, Decisions, FileName, Hashing, Output, Strung};
use crate::source::{Input, Located, Opened, ReadOptions, Source};

/// Writes what goes to the file that was asked for, if one was. `was` has what each file was like then.
pub(super) fn write(
    config: &Config,
    (files, was): (&[Located], &[Option<Metadata>]),
    decisions: &Decisions<OfBytes>,
    place: Option<&Place>,
) -> Result<()> {
    let Some(path) = &config.removed else { return Ok(()) };
    let is_parquet = |file: &Located| feed::format(config, &file.input) == Some(Format::Parquet);
    if config.empty == Empty::Drop && files.iter().any(is_parquet) {
        bail!("rows of Parquet that go whole can't be put back: --removed needs --empty keep there");
    }
    leave_nothing_unfinished()?;
    let context = || format!("--removed {}", shown_name(path));
    // In place, what an earlier run has written there may be all that is left of what it has removed.
    let in_place = matches!(place, Some(Place::Own { .. }));
    let earlier = if in_place { Earlier::of(path).with_context(context)? } else { None };
    if earlier.is_some() && nothing_goes(decisions)? {
        return Ok(());
    }
    let mut out = Hashing::new(Output::open(Some(path), files).with_context(context)?);
    match place {
        Some(place) => {
            for of_bytes in decisions.read()? {
                let mut decided = of_bytes.context(READ_DECIDED)?.decided;
                if decided.goes {
                    // What stays besides the units goes with the file.
                    let bytes = decided.account.account.bytes_in;
                    gone::complete(&mut decided.gone, bytes);
                    decided.cuts = FileCuts::of(std::iter::once(0..bytes).collect());
                }
                let Located { input, target } = &files[decided.file];
                let name = match (place, input) {
                    (Place::Folder { folder, .. }, _) => folder.join(target),
                    (Place::Own { .. }, Input::File(path)) => path.clone(),
                    (Place::Own { .. }, Input::Stdin) => PathBuf::new(),
                };
                let mut of_output = OfOutput::new(config, (files, was), Some(&name), false);
                let mut hashing = Hashing::new(io::sink());
                let written = {
                    let mut strung = Strung::new(&mut hashing);
                    of_output.file(decided, &mut strung, &mut out)?;
                    writing(strung.end())?;
                    strung.written()
                };
                of_output.end(written, &hashing, &mut out).with_context(context)?;
            }
        }
        None => {
            let name = config.output.as_deref().filter(|path| path.as_os_str() != "-");
            let mut of_output = OfOutput::new(config, (files, was), name, files.len() > 1);
            let mut hashing = Hashing::new(io::sink());
            let written = {
                let mut strung = Strung::new(&mut hashing);
                for of_bytes in decisions.read()? {
                    of_output.file(of_bytes.context(READ_DECIDED)?.decided, &mut strung, &mut out)?;
                }
                writing(strung.end())?;
                strung.written()
            };
            of_output.end(written, &hashing, &mut out).with_context(context)?;
        }
    }
    if earlier.is_some_and(|Earlier(hash)| hash != out.hash()) {
        bail!(
            "{} is there already and tells of something else, which may be all that is left of what an earlier run has removed: \
             give another file, or move it away",
            context()
        );
    }
    out.into_inner().finish().with_context(context)
}

/// What an earlier run has written to the same file: the hash of its lines.
struct Earlier(ContentHash);

impl Earlier {
    /// None where there is nothing.
    fn of(path: &Path) -> Result<Option<Earlier>> {
        match std::fs::metadata(path) {
            Ok(file) if file.is_file() && file.len() > 0 => {}
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => return Ok(None),
        }
        let mut hashing = Hashing::new(io::sink());
        let source = Source::open(&Input::File(path.to_owned()), &ReadOptions::default())?;
        io::copy(&mut source.into_reader(), &mut hashing)?;
        Ok(Some(Earlier(hashing.hash())))
    }
}

fn nothing_goes(decisions: &Decisions<OfBytes>) -> Result<bool> {
    for of_bytes in decisions.read()? {
        let Decided { gone, goes, .. } = of_bytes.context(READ_DECIDED)?.decided;
        if goes || !gone.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What goes of the files of one output.
struct OfOutput<'a> {
    config: &'a Config,
    files: &'a [Located],
    /// What each file was like when it was decided about.
    was: &'a [Option<Metadata>],
    output: Option<FileName>,
    /// Whether several files are strung together to it.
    is_strung: bool,
    places: Places,
    copies: u64,
    /// How many groups there were of copies that can only be put back together.
    groups: u64,
    /// How many files were written to it before.
    before: u64,
}

impl<'a> OfOutput<'a> {
    fn new(
        config: &'a Config,
        (files, was): (&'a [Located], &'a [Option<Metadata>]),
        output: Option<&Path>,
        is_strung: bool,
    ) -> OfOutput<'a> {
        let output = output.map(FileName::from);
        OfOutput { config, files, was, output, is_strung, places: Places::new(), copies: 0, groups: 0, before: 0 }
    }

    /// Writes what goes of a file, and what stays of it to `strung`.
    fn file(&mut self, decided: Decided, strung: &mut Strung<'_>, out: &mut Hashing<Output>) -> Result<()> {
        let Decided { file, cuts, mut gone, account, .. } = decided;
        let input = &self.files[file].input;
        let none_stays = gone::part_separators(&mut gone, &cuts.stretches);
        let is_rows = feed::format(self.config, input) == Some(Format::Parquet);
        batch::refuse_changed(input, self.was[file].as_ref())?;
        let mut reader = self.reader(input, is_rows).with_context(|| names::name(self.config, input))?;
        writing(strung.begin())?;
        let before = strung.written();
        let pass = Pass::new(&gone, &cuts);
        let mut removals: Vec<Removal> = self.removals(file, &gone, none_stays);
        // Where a file begins behind another is known when it is written: a line end may have to be supplied before it.
        let mut waiting = Vec::new();
        let mut mark = [0; 3];
        let mut kept = 0;
        let begins_behind = self.before > 0 && before > 0;
        self.before += 1;
        if !begins_behind {
            self.places = Places::new();
        }
        pass.run(&mut reader, |step| {
            match step {
                Step::Kept(bytes) => {
                    if kept < 3 {
                        let head = bytes.len().min(3 - kept as usize);
                        mark[kept as usize..kept as usize + head].copy_from_slice(&bytes[..head]);
                    }
                    kept += bytes.len() as u64;
                    strung.write_all(bytes)?;
                }
                Step::Went(went) => {
                    if let Went::Filled { .. } = went {
                        strung.write_all(EMPTY_FIELD.as_bytes())?;
                        kept += EMPTY_FIELD.len() as u64;
                    }
                    waiting.push(went);
                }
            }
            Ok(())
        })
        .with_context(|| names::name(self.config, input))?;
        writing(strung.end())?;
        let mut from = 0;
        if begins_behind {
            let is_marked = kept >= 3 && mark == *b"\xEF\xBB\xBF";
            let dropped = if is_marked { 3 } else { 0 };
            from = strung.written() - (kept - dropped);
            self.places.begin(from, dropped);
        }
        if self.is_strung {
            let part = Part { number: self.before, span: [from, strung.written()] };
            removals.iter_mut().for_each(|removal| removal.part = Some(part));
        }
        for went in waiting {
            match went {
                Went::Stretch { unit, stretch, range, bytes } => {
                    let in_row = gone[unit].stretches[stretch].in_row.as_ref();
                    removals[unit].removed.push(self.places.stretch(range, bytes, in_row));
                }
                Went::Filled { from } => {
                    // The pieces of the stretch in whose place the field is.
                    let pieces = removals.iter_mut().flat_map(|removal| &mut removal.removed);
                    self.places.fill(pieces.filter(|piece| piece.span[0] >= from), EMPTY_FIELD.len() as u64);
                }
            }
        }
        if is_rows {
            for (removal, gone) in removals.iter_mut().zip(&gone) {
                (removal.row, removal.field) = (gone.record, account.text_field.clone());
            }
        }
        for removal in &mut removals {
            removal.hash = Some(removal.hash_of_pieces());
        }
        self.copies += removals.len() as u64;
        for removal in removals {
            writing(removed::write(&Line::Removal(Box::new(removal)), out))?;
        }
        Ok(())
    }

    /// What goes of a file; `none_stays` says of an array that none of its records does.
    fn removals(&mut self, file: usize, gone: &[Gone], none_stays: bool) -> Vec<Removal> {
        let name = |file: usize| names::file_name(self.config, &self.files[file].input);
        let group_of = |gone: &Gone| match gone {
            // A comma stands between two of them, and none beside one.
            Gone { with_record: true, .. } if none_stays => Some((None, 0)),
            Gone { with_record: true, record, .. } => Some((*record, 0)),
            Gone { together, record, .. } => together.map(|together| (*record, together + 1)),
        };
        let mut groups: HashMap<(Option<u64>, u64), [u64; 2]> = HashMap::new();
        for group in gone.iter().filter_map(group_of) {
            let number = self.groups + 1;
            let [_, count] = groups.entry(group).or_insert_with(|| {
                self.groups = number;
                [number, 0]
            });
            *count += 1;
        }
        let removal = |gone: &Gone| {
            let of_why = match &gone.why {
                Why::Copy { document, original, folds, near } => {
                    let original = Original::of(document, name, Some(*original));
                    Removal { original, folds: folds.clone(), near: near.clone(), ..Removal::default() }
                }
                Why::Boilerplate { documents } => Removal { boilerplate: Some(*documents), ..Removal::default() },
                Why::Document(repeating) => {
                    let original = Original::of(&repeating.most, name, None);
                    Removal { original, document: Some(repeating.share()), ..Removal::default() }
                }
            };
            Removal {
                block: gone.block,
                file: name(file),
                record: gone.record,
                id: gone.id.clone(),
                unit: gone.unit,
                lines: [gone.lines.0, gone.lines.1],
                words: u64::from(gone.words),
                key: gone.key.to_string(),
                together: group_of(gone).and_then(|group| groups.get(&group).copied()).filter(|[_, count]| *count > 1),
                output: self.output.clone(),
                ..of_why
            }
        };
        gone.iter().map(removal).collect()
    }

    fn end(self, written: u64, hashing: &Hashing<io::Sink>, out: &mut Hashing<Output>) -> io::Result<()> {
        if self.copies == 0 {
            return Ok(());
        }
        let cleaned = Cleaned { bytes: written, hash: hashing.hash(), copies: self.copies };
        removed::write(&Line::Ending(Ending { output: self.output, cleaned }), out)
    }

    fn reader(&self, input: &Input, is_rows: bool) -> Result<Box<dyn Read + Send>> {
        let read = again(self.config.of(input));
        let source = Source::open(input, &read)?;
        if is_rows {
            let (records, _) = feed::records(self.config, input, &read, source, Format::Parquet)?;
            return Ok(Box::new(Texts { records, chunk: io::Cursor::new(Vec::new()) }));
        }
        Ok(Opened::new(source, &read)?.into_reader())
    }
}

/// The texts of a table of columns, one after the other.
struct Texts {
    records: RecordReader,
    chunk: io::Cursor<Vec<u8>>,
}

impl Read for Texts {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.chunk.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.records.next(Vec::new()).map_err(io::Error::other)? {
                Some(chunk) => self.chunk = io::Cursor::new(chunk.bytes),
                None => return Ok(0),
            }
        }
    }
}

/// What is met on the way through a file.
enum Step<'a> {
    Kept(&'a [u8]),
    Went(Went),
}

/// What does not stay as it was.
enum Went {
    /// A stretch that goes with a unit, by their numbers.
    Stretch { unit: usize, stretch: usize, range: Range<u64>, bytes: Vec<u8> },
    /// An empty field stands in the place of what went from this byte on.
    Filled { from: u64 },
}

/// The way through a file that is read again.
struct Pass<'a> {
    /// What goes, in order.
    stretches: Vec<(Range<u64>, usize, usize)>,
    cuts: &'a FileCuts,
}

impl<'a> Pass<'a> {
    fn new(gone: &[Gone], cuts: &'a FileCuts) -> Pass<'a> {
        let of_unit = |(unit, gone): (usize, &Gone)| {
            let stretches: Vec<_> = gone.stretches.iter().map(|stretch| stretch.range.clone()).collect();
            stretches.into_iter().enumerate().map(move |(stretch, range)| (range, unit, stretch))
        };
        let mut stretches: Vec<_> = gone.iter().enumerate().flat_map(of_unit).collect();
        stretches.sort_by_key(|(range, unit, stretch)| (range.start, *unit, *stretch));
        Pass { stretches, cuts }
    }

    fn run(&self, reader: &mut dyn Read, mut step: impl FnMut(Step<'_>) -> io::Result<()>) -> Result<()> {
        let ends_early = "has been changed since it was read";
        let mut buffer = vec![0; 64 << 10];
        let mut at = 0;
        let mut fills = self.cuts.fills.iter().peekable();
        let mut filled = None;
        for (range, unit, stretch) in &self.stretches {
            if range.start < at {
                bail!("what goes of it overlaps, which is a fault of tikrar: please report it");
            }
            // The field stands behind all that it is instead of.
            if range.start > at
                && let Some(from) = filled.take()
            {
                step(Step::Went(Went::Filled { from }))?;
            }
            while at < range.start {
                let wanted = buffer.len().min((range.start - at) as usize);
                let read = reader.read(&mut buffer[..wanted])?;
                anyhow::ensure!(read > 0, ends_early);
                step(Step::Kept(&buffer[..read]))?;
                at += read as u64;
            }
            if fills.next_if_eq(&&range.start).is_some() {
                filled = Some(range.start);
            }
            let mut bytes = Vec::new();
            let len = range.end - range.start;
            reader.take(len).read_to_end(&mut bytes)?;
            anyhow::ensure!(bytes.len() as u64 == len, ends_early);
            at = range.end;
            step(Step::Went(Went::Stretch { unit: *unit, stretch: *stretch, range: range.clone(), bytes }))?;
        }
        if let Some(from) = filled {
            step(Step::Went(Went::Filled { from }))?;
        }
        loop {
            match reader.read(&mut buffer)? {
                0 => return Ok(()),
                read => step(Step::Kept(&buffer[..read]))?,
            }
        }
    }
}
