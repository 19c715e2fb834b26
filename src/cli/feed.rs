//! The jobs of a run: documents of text, and chunks of records, as they lie in its files.

use std::path::Path;

use anyhow::{Result, bail};

use super::names::name;
use super::{annotate, say};
use crate::config::Config;
use crate::format::{Chunk, Format, RecordReader};
use crate::source::{Input, Located, Opened, ReadError, ReadOptions, Source};

/// One thing to do.
pub(super) enum Job<'i> {
    /// A file of text, which is read where it is worked on. Standard input is open already.
    Text(&'i Input, Option<Box<Source>>),
    /// Some records of a file.
    Chunk(&'i Input, Chunk),
    /// The records of a file are all read; where they were in another encoding, and looked more like yet another, both.
    End(&'i Input),
    /// A file can't be read, or not further.
    Failed(&'i Input, anyhow::Error),
}

/// Makes the jobs of a run, one after the other.
pub(super) struct Feed<'i> {
    config: &'i Config,
    files: std::slice::Iter<'i, Located>,
    /// The file whose records are read.
    current: Option<(&'i Input, Box<RecordReader>)>,
}

impl<'i> Feed<'i> {
    pub(super) fn new(config: &'i Config, files: &'i [Located]) -> Feed<'i> {
        Feed { config, files: files.iter(), current: None }
    }

    pub(super) fn next(&mut self) -> Option<Job<'i>> {
        let (input, mut reader) = match self.current.take() {
            Some(current) => current,
            None => {
                let input = &self.files.next()?.input;
                match open(self.config, input, &self.config.of(input).read) {
                    Ok(Open::Text(source)) => return Some(Job::Text(input, source)),
                    Ok(Open::Records(reader)) => (input, reader),
                    Err(error) => return Some(Job::Failed(input, error)),
                }
            }
        };
        Some(match reader.next(Vec::new()) {
            Ok(Some(chunk)) => {
                self.current = Some((input, reader));
                Job::Chunk(input, chunk)
            }
            Ok(None) => Job::End(input),
            Err(error) => Job::Failed(input, error.into()),
        })
    }
}

/// A file, as far as it has to be open for what it holds to be known.
pub(super) enum Open {
    /// One document. Where the format is known by name, it is not open yet.
    Text(Option<Box<Source>>),
    /// Records.
    Records(Box<RecordReader>),
}

/// The name that says in which format a file is.
fn named<'a>(config: &'a Config, input: &'a Input) -> Option<&'a Path> {
    match input {
        Input::File(path) => Some(path),
        Input::Stdin => config.stdin_filename.as_deref(),
    }
}

/// The format of a file, as far as it is known before the file is open.
pub(super) fn format(config: &Config, input: &Input) -> Option<Format> {
    config.of(input).format.or_else(|| {
        let name = named(config, input)?;
        Some(Format::of_path(name).unwrap_or(Format::Text))
    })
}

/// Opens a file if it has records.
pub(super) fn open(config: &Config, input: &Input, read: &ReadOptions) -> Result<Open> {
    let config = config.of(input);
    let (format, source) = match format(config, input) {
        Some(Format::Text) => return Ok(Open::Text(None)),
        Some(format) => (format, Source::open(input, read)?),
        None => {
            let mut source = Source::open(input, read)?;
            let format = Format::of_head(source.head().map_err(ReadError::from)?);
            if format == Format::Text && config.records.annotate.is_some() {
                bail!("{}", annotate::refusal(format));
            }
            if format == Format::Text {
                return Ok(Open::Text(Some(Box::new(source))));
            }
            if !config.quiet {
                let name = name(config, input);
                say(format_args!("{name} looks like {0}: read as {0} (--format text for text)", format.name()));
            }
            (format, source)
        }
    };
    Ok(Open::Records(Box::new(records(config, input, read, source, format)?.0)))
}

/// The records of a file that is open, and whether it is in another encoding.
pub(super) fn records(
    config: &Config,
    input: &Input,
    read: &ReadOptions,
    source: Source,
    format: Format,
) -> Result<(RecordReader, bool)> {
    let config = config.of(input);
    if format == Format::Parquet {
        let file = source.into_file(input, read)?;
        return Ok((RecordReader::of_parquet(file, &config.records)?, false));
    }
    let opened = Opened::new(source, read)?;
    let is_decoded = opened.raw.is_some();
    Ok((RecordReader::new(opened, format, &config.records), is_decoded))
}
