//! Parquet: a row is a record. Only the column with the text is ever decoded and written anew, and only in the row groups
//! in which something goes; all else is copied.

mod column;
mod counted;
mod footer;
mod headers;
mod insert;
mod rewriter;
mod table;

use std::fs::File;
use std::io::Write;
use std::iter::Peekable;
use std::ops::Range;
use std::sync::Arc;

pub use column::{Column, RowText};
pub use insert::{RowInsertError, RowInsertion, insert};
pub use rewriter::Rewriter;
pub use table::{ParquetError, Table};

use super::reader::{CHUNK, RecordError};
use super::record::{Chunk, Fields, Layout, RecordOptions, RowPlace, Rows, TEXT_FIELDS};
use crate::cut::FileCuts;
use crate::guard;

/// The decoder panics on some files that are damaged.
fn guarded<T>(decode: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    guard::guarded(decode).unwrap_or_else(|_| Err(ParquetError::Damaged("the decoder gave up on it".to_owned())))
}

/// A file, and where its text is.
struct Texts {
    table: Table<File>,
    column: Column,
    layout: Arc<Layout>,
}

impl Texts {
    fn open(file: File, options: &RecordOptions) -> Result<Texts, RecordError> {
        let table = guarded(|| Table::open(file))?;
        let columns = table.text_columns();
        let wanted = match &options.text_field {
            Some(name) => Some(&**name),
            None => TEXT_FIELDS.into_iter().find(|name| table.column(name).is_some()),
        };
        let is_there = |name: &&str| table.has_column(name);
        let other = options.text_field.as_deref().or(TEXT_FIELDS.into_iter().find(is_there)).filter(is_there);
        if let (Some(name), true) = (other, wanted.is_none_or(|name| table.column(name).is_none())) {
            return Err(ParquetError::NoText { column: name.to_owned() }.into());
        }
        let Some((name, column)) = wanted.and_then(|name| Some((name.to_owned(), table.column(name)?))) else {
            return Err(RecordError::NoColumn { wanted: options.text_field.clone(), columns });
        };
        let layout = Layout {
            text_field: Some(name),
            id_field: options.id_field.clone().unwrap_or_else(|| "id".to_owned()),
            fields: Fields::Rows,
            joint: options.joint,
            annotation: None,
        };
        Ok(Texts { table, column, layout: Arc::new(layout) })
    }

    /// The texts of the rows of a row group.
    fn group(&self, group: usize) -> Result<Vec<RowText>, ParquetError> {
        guarded(|| self.table.read(group, self.column))
    }
}

/// Reads the rows of a file, some at a time, as a chunk of their texts.
pub(super) struct RowReader {
    texts: Texts,
    /// The row group that is read next.
    next_group: usize,
    rows: std::vec::IntoIter<RowText>,
    ids: std::vec::IntoIter<Option<String>>,
    begins: bool,
    ended: bool,
}

impl RowReader {
    pub(super) fn open(file: File, options: &RecordOptions) -> Result<RowReader, RecordError> {
        let texts = Texts::open(file, options)?;
        Ok(RowReader {
            texts,
            next_group: 0,
            rows: Vec::new().into_iter(),
            ids: Vec::new().into_iter(),
            begins: true,
            ended: false,
        })
    }

    pub(super) fn next(&mut self, mut bytes: Vec<u8>) -> Result<Option<Chunk>, RecordError> {
        if self.ended {
            return Ok(None);
        }
        // After an error there is nothing more.
        self.ended = true;
        let (mut records, mut places, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        while bytes.len() < CHUNK {
            let Some(row) = self.rows.next() else {
                if self.next_group == self.texts.table.row_groups() {
                    break;
                }
                self.read_group()?;
                continue;
            };
            let start = bytes.len();
            places.push(place(row, &mut bytes));
            records.push(start..bytes.len());
            ids.push(self.ids.next().flatten());
        }
        self.ended = records.is_empty() && !self.begins;
        if self.ended {
            return Ok(None);
        }
        let begins = std::mem::take(&mut self.begins);
        let rows = Some(Rows { places, ids });
        let layout = Arc::clone(&self.texts.layout);
        Ok(Some(Chunk { bytes, records, separated: false, begins, header: None, rows, layout }))
    }

    fn read_group(&mut self) -> Result<(), ParquetError> {
        self.rows = self.texts.group(self.next_group)?.into_iter();
        let id_field = &self.texts.layout.id_field;
        let ids = guarded(|| self.texts.table.labels(self.next_group, id_field))?;
        self.ids = ids.unwrap_or_default().into_iter();
        self.next_group += 1;
        Ok(())
    }
}

/// Appends the texts of a row to the bytes of a chunk.
fn place(row: RowText, bytes: &mut Vec<u8>) -> RowPlace {
    let mut add = |text: &[u8]| {
        let start = bytes.len();
        bytes.extend_from_slice(text);
        start..bytes.len()
    };
    match row {
        RowText::Null => RowPlace::Null,
        RowText::One(text) => RowPlace::One(add(&text)),
        RowText::Many(texts) => RowPlace::Many(texts.iter().map(|text| text.as_deref().map(&mut add)).collect()),
    }
}

/// Writes a file without what goes of its texts and rows.
///
/// # Errors
/// The file can't be read or `out` can't be written.
pub fn write(
    file: File,
    options: &RecordOptions,
    cuts: &FileCuts,
    out: &mut (dyn Write + Send),
) -> Result<(), RecordError> {
    let texts = Texts::open(file, options)?;
    let Texts { table, column, .. } = &texts;
    let mut rewriter = guarded(|| Rewriter::new(table, out))?;
    let FileCuts { stretches, dropped, insertions, .. } = cuts;
    let mut cuts = Cuts { left: stretches, insertions: insertions.iter().peekable(), at: 0, changes: 0 };
    let (mut dropped, mut row) = (dropped.iter().copied().peekable(), 0);
    for group in 0..table.row_groups() {
        let rows = texts.group(group)?;
        let (before, changes) = (row, cuts.changes);
        let mut any_dropped = false;
        let kept: Vec<Option<RowText>> = rows
            .into_iter()
            .map(|text| {
                let left = cuts.of_row(text);
                let goes = dropped.next_if_eq(&row).is_some();
                row += 1;
                any_dropped |= goes;
                if goes { None } else { Some(left) }
            })
            .collect();
        debug_assert_eq!(row - before, kept.len() as u64);
        if any_dropped {
            guarded(|| rewriter.rewrite_without_rows(table, group, *column, &kept))?;
        } else if cuts.changes > changes {
            let kept: Vec<RowText> = kept.into_iter().flatten().collect();
            guarded(|| rewriter.rewrite(table, group, *column, &kept))?;
        } else {
            guarded(|| rewriter.copy(table, group))?;
        }
    }
    guarded(|| rewriter.finish())?.flush().map_err(ParquetError::from)?;
    Ok(())
}

/// What goes and what is written instead, as far as that is not done yet.
struct Cuts<'a, I: Iterator<Item = (u64, &'a str)>> {
    left: &'a [Range<u64>],
    insertions: Peekable<I>,
    /// How many bytes of texts there were.
    at: u64,
    /// How many changes there were in them.
    changes: u64,
}

impl<'a, I: Iterator<Item = (u64, &'a str)>> Cuts<'a, I> {
    fn of_row(&mut self, text: RowText) -> RowText {
        match text {
            RowText::Null => RowText::Null,
            RowText::One(text) => RowText::One(self.of_text(text)),
            RowText::Many(texts) => RowText::Many(
                texts
                    .into_iter()
                    .filter_map(|text| {
                        let Some(text) = text else { return Some(None) };
                        let was_empty = text.is_empty();
                        let left = self.of_text(text);
                        // A paragraph that goes takes its place in the list along.
                        if left.is_empty() && !was_empty { None } else { Some(Some(left)) }
                    })
                    .collect(),
            ),
        }
    }

    /// What is left of the next text. A stretch may go on over several texts; what is written is within one.
    fn of_text(&mut self, text: Vec<u8>) -> Vec<u8> {
        let (start, end) = (self.at, self.at + text.len() as u64);
        self.at = end;
        let first = self.left.first().map_or(u64::MAX, |cut| cut.start);
        if first.min(self.insertions.peek().map_or(u64::MAX, |(at, _)| *at)) >= end {
            return text;
        }
        let (mut left, mut from) = (Vec::with_capacity(text.len()), start);
        loop {
            let cut = self.left.first().map_or(u64::MAX, |cut| cut.start);
            if let Some((at, with)) = self.insertions.next_if(|(at, _)| *at < end && *at <= cut) {
                left.extend_from_slice(&text[(from - start) as usize..(at.max(from) - start) as usize]);
                left.extend_from_slice(with.as_bytes());
                from = at.max(from);
                self.changes += 1;
                continue;
            }
            let Some((cut, later)) = self.left.split_first().filter(|(cut, _)| cut.start < end) else { break };
            let gone = cut.start.max(from)..cut.end.clamp(from, end);
            left.extend_from_slice(&text[(from - start) as usize..(gone.start - start) as usize]);
            from = gone.end.max(gone.start);
            self.changes += 1;
            if cut.end > end {
                break;
            }
            self.left = later;
        }
        left.extend_from_slice(&text[(from - start) as usize..]);
        left
    }
}

impl From<ParquetError> for RecordError {
    fn from(error: ParquetError) -> RecordError {
        match error {
            ParquetError::Io(error) => RecordError::Io(error),
            error => RecordError::Parquet(error),
        }
    }
}
