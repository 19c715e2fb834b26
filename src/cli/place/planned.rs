//! A file, read for the first time to see what goes of it, and for the second time to write what stays.

use std::fs::Metadata;
use std::io::{self, Seek as _, Write};
use std::ops::ControlFlow;

use anyhow::{Result, bail};

use crate::cli::batch::{self, Subject};
use crate::cli::clean::{look, of_chunk};
use crate::cli::examiners::Examiners;
use crate::cli::notes::Notes;
use crate::cli::records::Records;
use crate::cli::{feed, names};
use crate::config::Config;
use crate::corpus::Threads;
use crate::corpus::gone::{self, Gone};
use crate::corpus::ordered::ordered;
use crate::corpus::records::{Looked, NotLooked, look_at};
use crate::cut::{self, FileCuts};
use crate::format::{Format, RecordError, text};
use crate::report::account::{Account, FileAccount};
use crate::source::{Codec, Document, Input, Opened, ReadOptions, Source};

/// What is known of a file when it was looked at.
pub(in crate::cli) struct Planned {
    pub(in crate::cli) content: Content,
    /// What goes of it, or is written into it.
    pub(in crate::cli) cuts: FileCuts,
    /// The units that go and why, if that is to be told.
    pub(in crate::cli) gone: Vec<Gone>,
    pub(in crate::cli) account: FileAccount,
    pub(in crate::cli) notes: Notes,
}

/// What a file holds.
pub(in crate::cli) enum Content {
    /// One document, which is at hand.
    Document(Box<Document>),
    /// What is read again.
    Again { file: Metadata, codec: Option<Codec>, is_decoded: bool },
}

impl Content {
    /// Of a file that was looked at before.
    pub(in crate::cli) fn again(config: &Config, input: &Input) -> Result<Content> {
        let read = again(config.of(input));
        let source = Source::open(input, &read)?;
        let Some(file) = source.file.clone().filter(Metadata::is_file) else { bail!("is no regular file any more") };
        let codec = source.codec;
        let is_decoded =
            feed::format(config, input) != Some(Format::Parquet) && Opened::new(source, &read)?.raw.is_some();
        Ok(Content::Again { file, codec, is_decoded })
    }
}

const ONCE: &str = "can be read only once, and this reads it twice: save it as a file, and give its path";

/// Sees what goes of a file, of which so many threads may look at chunks of records.
pub(in crate::cli) fn plan(
    config: &Config,
    threads: Threads,
    examiners: &mut Examiners<'_>,
    input: &Input,
    read: &ReadOptions,
    warnings: &mut Vec<String>,
) -> Result<Planned> {
    let format = feed::format(config, input).unwrap_or(Format::Text);
    let is_read_twice = format != Format::Text;
    if is_read_twice && input.metadata().is_some_and(|file| !file.is_file() && !file.is_dir()) {
        bail!(ONCE);
    }
    let source = Source::open(input, read)?;
    let mut notes = Notes::default();
    if format == Format::Text {
        let document = batch::read(config, input, Some(source), warnings)?;
        let (cuts, mut found) = look(examiners, &Subject { input, document: &document, value: None })?;
        notes.add(|| names::name(config, input), &found);
        let bytes_in = document.body.len();
        let account = Account {
            documents: 1,
            bytes_in,
            bytes_out: bytes_in + cuts.insertions.bytes() - cut::len(&cuts.stretches),
            damaged_bytes: document.damage.map_or(0, |damage| damage.bytes),
            ..found.account()
        };
        let file = names::name(config, input);
        let account = FileAccount::of_text(file, account);
        let content = Content::Document(Box::new(document));
        let gone = std::mem::take(&mut found.gone);
        return Ok(Planned { content, cuts, gone, account, notes });
    }
    let Some(file) = source.file.clone().filter(Metadata::is_file) else {
        bail!(ONCE);
    };
    let codec = source.codec;
    let (mut reader, is_decoded) = feed::records(config, input, read, source, format)?;
    let (mut records, mut cuts, mut gone, mut at) = (Records::default(), FileCuts::default(), Vec::new(), 0);
    let mut ended: Result<()> = Ok(());
    let next = || reader.next(Vec::new()).transpose();
    let look = |examiners: &mut Examiners<'_>, chunk: Result<_, _>| {
        let chunk = chunk?;
        let looked = look_at(&chunk, |document, value| {
            look(examiners, &Subject { input, document, value: Some((&chunk, value)) })
        });
        Ok((chunk, looked))
    };
    let mut take = |looked: Result<_, RecordError>| {
        match looked {
            Err(error) => ended = Err(error.into()),
            Ok((_, Err(NotLooked { record, error }))) => records.fail(record, error),
            Ok((chunk, Ok(Looked { seen, records: results }))) => {
                warnings.extend(batch::doubts(config, input, &chunk));
                let field = chunk.layout().text_field.as_deref();
                let first = records.take(config.of(input), chunk.bytes.len() as u64, field, seen);
                let mut of_chunk = match of_chunk(config, input, &chunk, first, results, &mut notes) {
                    Ok(of_chunk) => of_chunk,
                    Err(error) => {
                        ended = Err(error);
                        return ControlFlow::Break(());
                    }
                };
                let here = of_chunk.cuts.moved(at);
                gone::moved(&mut of_chunk.gone, at);
                let blocks = records.account.blocks;
                gone.extend(of_chunk.gone.into_iter().map(|gone| Gone { block: gone.block + blocks, ..gone }));
                records.account.add(&of_chunk.account);
                cuts.extend(here);
                at += chunk.bytes.len() as u64;
            }
        }
        if records.has_failed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    if threads == Threads::ONE {
        let mut next = next;
        while let Some(chunk) = next() {
            if take(look(examiners, chunk)).is_break() {
                break;
            }
        }
    } else {
        ordered(threads, || examiners.clone(), next, look, take);
    }
    let account = records.end(config, input, ended);
    warnings.append(&mut records.warnings);
    let content = Content::Again { file, codec, is_decoded };
    Ok(Planned { content, cuts, gone, account: account?, notes })
}

/// Reads a file again and writes it, in UTF-8, without what goes.
pub(in crate::cli) fn copy(
    config: &Config,
    input: &Input,
    cuts: &FileCuts,
    out: &mut (dyn Write + Send),
) -> Result<()> {
    let config = config.of(input);
    let read = again(config);
    let source = Source::open(input, &read)?;
    if feed::format(config, input) == Some(Format::Parquet) {
        let mut file = source.into_file(input, &read)?;
        if cuts.is_empty() {
            // Bit for bit.
            file.rewind()?;
            return Ok(io::copy(&mut file, out).map(drop)?);
        }
        return write_parquet(file, config, cuts, out);
    }
    let mut reader = Opened::new(source, &read)?.into_reader();
    Ok(text::copy(&mut reader, cuts, out)?)
}

#[cfg(feature = "parquet")]
fn write_parquet(file: std::fs::File, config: &Config, cuts: &FileCuts, out: &mut (dyn Write + Send)) -> Result<()> {
    Ok(crate::format::parquet::write(file, &config.records, cuts, out)?)
}

#[cfg(not(feature = "parquet"))]
fn write_parquet(_: std::fs::File, _: &Config, _: &FileCuts, _: &mut (dyn Write + Send)) -> Result<()> {
    Err(crate::format::RecordError::NoParquet.into())
}

/// What is read again is not told of.
pub(in crate::cli) fn again(config: &Config) -> ReadOptions {
    ReadOptions { tap: None, ..config.read.clone() }
}
