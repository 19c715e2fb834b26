//! Parquet tables whose rows are documents: reads one text column and rewrites it.
//!
//! Everything else is kept as it stands in the file: the other columns' chunks are copied byte for byte, and so is a
//! text column in a row group in which nothing changes. The footer is the old one with new row groups.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use ::parquet::basic::{ConvertedType, Encoding, LogicalType, Type as Physical};
use ::parquet::bloom_filter::Sbbf;
use ::parquet::column::page::Page;
use ::parquet::column::reader::{get_column_reader, get_typed_column_reader};
use ::parquet::column::writer::{ColumnCloseResult, ColumnWriterImpl, get_column_writer, get_typed_column_writer};
use ::parquet::data_type::{ByteArrayType, DataType, Int32Type, Int64Type};
use ::parquet::errors::ParquetError as Inner;
use ::parquet::file::metadata::{
    ColumnChunkMetaData, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData,
};
use ::parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use ::parquet::file::reader::ChunkReader;
use ::parquet::file::serialized_reader::SerializedPageReader;
use ::parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use ::parquet::schema::types::ColumnDescPtr;
use bytes::Bytes;
use thiserror::Error;

use super::column::{Batch, Column, RowText, TextColumn, find_text, is_text};
use super::counted::Counted;
use super::footer::footer_fields;
use super::headers::Headers;

pub(super) const MAGIC: &[u8; 4] = b"PAR1";
const MAGIC_ENCRYPTED: &[u8; 4] = b"PARE";
/// Rows decoded at a time.
const BATCH: usize = 128;
/// Pages without values in a row that are put up with.
const EMPTY_PAGES: usize = 100;
/// Bytes of text handed to the encoder at a time.
const FLUSH: usize = 1 << 20;

pub(super) type Result<T, E = ParquetError> = std::result::Result<T, E>;

/// Why a Parquet file cannot be read or rewritten.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ParquetError {
    /// The file does not start as a Parquet file does.
    #[error("not a Parquet file")]
    NotParquet,
    /// The file starts as a Parquet file but does not end as one.
    #[error("truncated Parquet file: the footer is missing")]
    Truncated,
    /// The column that was looked for holds something else than text.
    #[error(
        "its column {} holds neither strings nor lists of strings: name the one with the text by --text-field",
        crate::report::shown_text(column)
    )]
    NoText {
        /// The column.
        column: String,
    },
    /// The footer or columns of the file are encrypted.
    #[error("encrypted Parquet file")]
    Encrypted,
    /// The content of the file contradicts itself or the format.
    #[error("damaged Parquet file: {0}")]
    Damaged(String),
    /// The file uses a part of the format that is not supported.
    #[error("unsupported Parquet file: {0}")]
    Unsupported(String),
    /// The new text of a row cannot be stored in its column.
    #[error("row {row} of row group {group}: {problem}")]
    Unfit {
        /// The row group.
        group: usize,
        /// The row within the row group.
        row: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// The caller gave a number of rows other than that of the row group.
    #[error("{given} rows given for a row group of {expected}")]
    RowCount {
        /// Rows given.
        given: usize,
        /// Rows of the row group.
        expected: usize,
    },
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<Inner> for ParquetError {
    fn from(error: Inner) -> Self {
        use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
        match error {
            // Decompressors report bad data as I/O errors of these kinds.
            Inner::External(e) => match e.downcast::<io::Error>() {
                Ok(e) if !matches!(e.kind(), InvalidData | InvalidInput | Other | UnexpectedEof) => Self::Io(*e),
                Ok(e) => Self::Damaged(e.to_string()),
                Err(e) => Self::Damaged(e.to_string()),
            },
            Inner::NYI(what) => Self::Unsupported(what),
            Inner::General(what) | Inner::EOF(what) => Self::Damaged(what),
            other => Self::Damaged(other.to_string()),
        }
    }
}

pub(super) fn damaged<T>(what: impl Into<String>) -> Result<T> {
    Err(ParquetError::Damaged(what.into()))
}

/// The level range of each row.
fn row_ranges(reps: &[i16]) -> impl Iterator<Item = Range<usize>> {
    let starts = reps.iter().enumerate().filter(|(_, rep)| **rep == 0).map(|(i, _)| i);
    let ends = starts.clone().skip(1).chain([reps.len()]);
    starts.zip(ends).map(|(start, end)| start..end)
}

/// A Parquet file open for reading.
pub struct Table<R: ChunkReader + 'static> {
    pub(super) reader: Arc<R>,
    pub(super) meta: ParquetMetaData,
    pub(super) footer: Bytes,
    texts: Vec<TextColumn>,
}

impl<R: ChunkReader + 'static> Table<R> {
    /// Reads and checks the file's footer.
    pub fn open(reader: R) -> Result<Self> {
        let len = reader.len();
        let head = if len < 4 { Bytes::new() } else { reader.get_bytes(0, 4)? };
        match head.as_ref() {
            h if h == MAGIC_ENCRYPTED => return Err(ParquetError::Encrypted),
            h if h != MAGIC => return Err(ParquetError::NotParquet),
            _ if len < 12 => return Err(ParquetError::Truncated),
            _ => {}
        }
        let tail = reader.get_bytes(len - 8, 8)?;
        let (&[a, b, c, d, ..], true) = (tail.as_ref(), tail.ends_with(MAGIC)) else {
            return Err(ParquetError::Truncated);
        };
        let size = u32::from_le_bytes([a, b, c, d]);
        let Some(end) = (len - 8).checked_sub(u64::from(size)).filter(|end| *end >= 4) else {
            return damaged("the footer is longer than the file");
        };
        let footer = reader.get_bytes(end, size as usize)?;
        // The crate skips this field, and would take encrypted pages for plain ones.
        if footer_fields(&footer)?.iter().any(|field| field.id == 8) {
            return Err(ParquetError::Encrypted);
        }
        let meta =
            ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional).parse_and_finish(&reader)?;
        let meta = check(meta, end)?;
        let (mut texts, mut leaf) = (Vec::new(), 0);
        for field in meta.file_metadata().schema().get_fields() {
            find_text(field, "", 0, false, &mut leaf, &mut texts);
        }
        Ok(Self { reader: Arc::new(reader), meta, footer, texts })
    }

    /// The dotted names of the columns that hold strings or lists of strings, in the order of the schema.
    pub fn text_columns(&self) -> Vec<String> {
        self.texts.iter().map(|text| text.name.clone()).collect()
    }

    /// The text column of that name.
    pub fn column(&self, name: &str) -> Option<Column> {
        self.texts.iter().position(|text| text.name == name).map(Column)
    }

    /// Whether there is a column of that name, whatever it holds.
    pub fn has_column(&self, name: &str) -> bool {
        self.meta.file_metadata().schema().get_fields().iter().any(|field| field.name() == name)
    }

    /// The number of row groups.
    pub fn row_groups(&self) -> usize {
        self.meta.num_row_groups()
    }

    /// The number of rows of a row group; 0 if there is no such row group.
    pub fn rows(&self, group: usize) -> usize {
        self.meta.row_groups().get(group).map_or(0, |group| usize::try_from(group.num_rows()).unwrap_or(0))
    }

    /// The texts of a row group, one for each row.
    pub fn read(&self, group: usize, column: Column) -> Result<Vec<RowText>> {
        let text = self.text(column)?;
        let max = self.leaf(text.leaf).max_def_level();
        let mut rows = Vec::new();
        self.scan::<ByteArrayType>(group, text.leaf, |defs, reps, values| {
            let mut values = values.iter();
            for range in row_ranges(reps) {
                rows.push(text.decode(max, &defs[range], &mut values)?);
            }
            Ok(())
        })?;
        Ok(rows)
    }

    /// The values of a column of strings or integers that is not in a list, as text, to name rows by. None if there is
    /// no such column.
    pub fn labels(&self, group: usize, name: &str) -> Result<Option<Vec<Option<String>>>> {
        let schema = self.meta.file_metadata().schema_descr();
        let Some(leaf) = schema.columns().iter().position(|c| c.path().string() == name && c.max_rep_level() == 0)
        else {
            return Ok(None);
        };
        let column = schema.column(leaf);
        use ConvertedType::{INT_8, INT_16, INT_32, INT_64, NONE, UINT_8, UINT_16, UINT_32, UINT_64};
        let signed = match (column.logical_type_ref(), column.converted_type()) {
            (Some(LogicalType::Integer(integer)), _) => Some(integer.is_signed),
            (None, NONE | INT_8 | INT_16 | INT_32 | INT_64) => Some(true),
            (None, UINT_8 | UINT_16 | UINT_32 | UINT_64) => Some(false),
            _ => None,
        };
        match (column.physical_type(), signed) {
            (Physical::BYTE_ARRAY, _) if is_text(column.self_type()) => {
                self.shown::<ByteArrayType>(group, leaf, |v| String::from_utf8_lossy(v.data()).into_owned())
            }
            (Physical::INT32, Some(true)) => self.shown::<Int32Type>(group, leaf, |v| v.to_string()),
            (Physical::INT32, Some(false)) => self.shown::<Int32Type>(group, leaf, |v| v.cast_unsigned().to_string()),
            (Physical::INT64, Some(true)) => self.shown::<Int64Type>(group, leaf, |v| v.to_string()),
            (Physical::INT64, Some(false)) => self.shown::<Int64Type>(group, leaf, |v| v.cast_unsigned().to_string()),
            _ => Ok(None),
        }
    }

    fn shown<T: DataType>(
        &self,
        group: usize,
        leaf: usize,
        show: impl Fn(&T::T) -> String,
    ) -> Result<Option<Vec<Option<String>>>> {
        let max = self.leaf(leaf).max_def_level();
        let mut shown = Vec::new();
        self.scan::<T>(group, leaf, |defs, _, values| {
            let mut values = values.iter();
            for def in defs {
                shown.push(if *def == max { values.next().map(&show) } else { None });
            }
            Ok(())
        })?;
        Ok(Some(shown))
    }

    pub(super) fn text(&self, column: Column) -> Result<&TextColumn> {
        self.texts.get(column.0).ok_or_else(|| ParquetError::Unsupported("no such text column".into()))
    }

    fn leaf(&self, leaf: usize) -> ColumnDescPtr {
        self.meta.file_metadata().schema_descr().column(leaf)
    }

    pub(super) fn group(&self, group: usize) -> Result<&RowGroupMetaData> {
        self.meta.row_groups().get(group).ok_or_else(|| ParquetError::Unsupported(format!("no row group {group}")))
    }

    fn pages(&self, group: usize, leaf: usize) -> Result<SerializedPageReader<Headers<R>>> {
        let chunk = self.group(group)?.column(leaf);
        Ok(SerializedPageReader::new(Arc::new(Headers(self.reader.clone())), chunk, self.rows(group), None)?)
    }

    /// Decodes a column chunk. Hands on definition levels, repetition levels and values, whole rows at a time.
    fn scan<T: DataType>(
        &self,
        group: usize,
        leaf: usize,
        mut each: impl FnMut(&[i16], &[i16], &[T::T]) -> Result<()>,
    ) -> Result<()> {
        let column = self.leaf(leaf);
        let (max_def, max_rep) = (column.max_def_level(), column.max_rep_level());
        let pages = Counted::new(self.pages(group, leaf)?, [max_rep, max_def]);
        let bad = || damaged(format!("column {}: rows and levels do not match", column.path()));
        let mut reader = get_typed_column_reader::<T>(get_column_reader(column.clone(), Box::new(pages)));
        let mut rows_left = self.rows(group);
        let mut levels_left = usize::try_from(self.group(group)?.column(leaf).num_values()).unwrap_or(0);
        let (mut defs, mut reps, mut values, mut empty) = (Vec::new(), Vec::new(), Vec::new(), 0);
        while levels_left > 0 {
            let (_, _, levels) = reader.read_records(BATCH, Some(&mut defs), Some(&mut reps), &mut values)?;
            // The reader stops at a page without values as if it were the last one, even in the middle of a row.
            empty = if levels == 0 { empty + 1 } else { 0 };
            if empty > EMPTY_PAGES || levels > levels_left {
                return bad();
            }
            levels_left -= levels;
            // It leaves the levels of a required or flat column out.
            for (list, max) in [(&mut defs, max_def), (&mut reps, max_rep)] {
                if max == 0 {
                    list.resize(list.len() + levels, 0);
                }
                if list.iter().any(|level| !(0..=max).contains(level)) {
                    return bad();
                }
            }
            // The last row may go on in the next page.
            let last = reps.iter().rposition(|rep| *rep == 0).filter(|_| levels_left > 0);
            let end = last.unwrap_or(reps.len());
            let rows = reps[..end].iter().filter(|rep| **rep == 0).count();
            let present = |defs: &[i16]| defs.iter().filter(|def| **def == max_def).count();
            let starts = reps.first().is_none_or(|rep| *rep == 0);
            if !starts || rows > rows_left || defs.len() != reps.len() || present(&defs) != values.len() {
                return bad();
            }
            let ready = present(&defs[..end]);
            each(&defs[..end], &reps[..end], &values[..ready])?;
            rows_left -= rows;
            defs.drain(..end);
            reps.drain(..end);
            values.drain(..ready);
        }
        if rows_left > 0 { bad() } else { Ok(()) }
    }

    /// Encodes a column chunk the way the old one is encoded.
    fn encode<T: DataType>(
        &self,
        group: usize,
        leaf: usize,
        fill: impl FnOnce(&mut ColumnWriterImpl<'_, T>) -> Result<()>,
    ) -> Result<Chunk> {
        let old = self.group(group)?.column(leaf);
        let mut pages = self.pages(group, leaf)?;
        // A look at the pages themselves: the metadata need not tell their version.
        let version = match pages.find(|page| !matches!(page, Ok(Page::DictionaryPage { .. }))).transpose()? {
            Some(Page::DataPageV2 { .. }) => WriterVersion::PARQUET_2_0,
            _ => WriterVersion::PARQUET_1_0,
        };
        let old_index = self.meta.page_index();
        let old_offsets = old_index.and_then(|index| index.offset_index(group, leaf));
        let statistics = match old_index.and_then(|index| index.column_index(group, leaf)) {
            Some(_) => EnabledStatistics::Page,
            None if old.statistics().is_some() => EnabledStatistics::Chunk,
            None => EnabledStatistics::None,
        };
        let preferred: &[Encoding] = match old.column_type() {
            Physical::BYTE_ARRAY => &[Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY],
            Physical::INT32 | Physical::INT64 => &[Encoding::DELTA_BINARY_PACKED, Encoding::BYTE_STREAM_SPLIT],
            Physical::FLOAT | Physical::DOUBLE => &[Encoding::BYTE_STREAM_SPLIT],
            Physical::FIXED_LEN_BYTE_ARRAY => &[Encoding::BYTE_STREAM_SPLIT, Encoding::DELTA_BYTE_ARRAY],
            _ => &[],
        };
        let has = |encoding: &Encoding| old.encodings_mask().is_set(*encoding);
        let mut properties = WriterProperties::builder()
            .set_writer_version(version)
            .set_compression(old.compression())
            .set_dictionary_enabled(has(&Encoding::RLE_DICTIONARY) || has(&Encoding::PLAIN_DICTIONARY))
            .set_encoding(preferred.iter().copied().find(has).unwrap_or(Encoding::PLAIN))
            .set_statistics_enabled(statistics)
            .set_offset_index_disabled(old_offsets.is_none());
        if old.bloom_filter_offset().is_some() {
            properties = properties.set_bloom_filter_max_ndv(old.num_values().unsigned_abs().max(1));
        }
        let mut sink = TrackedWrite::new(Vec::new());
        let pages = Box::new(SerializedPageWriter::new(&mut sink));
        let column = self.leaf(leaf);
        let mut writer = get_typed_column_writer::<T>(get_column_writer(column, Arc::new(properties.build()), pages));
        fill(&mut writer)?;
        let close = writer.close()?;
        Ok(Chunk { bytes: sink.into_inner()?.into(), close })
    }

    /// Encodes a text column with new texts and without the rows that have none. None if that changes nothing.
    pub(super) fn encode_text(
        &self,
        group: usize,
        text: &TextColumn,
        rows: &[Option<&RowText>],
    ) -> Result<Option<Chunk>> {
        let expected = self.rows(group);
        if rows.len() != expected {
            return Err(ParquetError::RowCount { given: rows.len(), expected });
        }
        let max = self.leaf(text.leaf).max_def_level();
        let (mut changed, mut rows) = (false, rows.iter().enumerate());
        let chunk = self.encode::<ByteArrayType>(group, text.leaf, |writer| {
            self.scan::<ByteArrayType>(group, text.leaf, |defs, reps, values| {
                let (mut out, mut size, mut values) = (Batch::new(), 0, values.iter());
                for (range, (row, new)) in row_ranges(reps).zip(&mut rows) {
                    let first = defs[range.start];
                    let old = text.decode(max, &defs[range], &mut values)?;
                    changed |= *new != Some(&old);
                    let Some(new) = new else { continue };
                    let unfit = |problem| ParquetError::Unfit { group, row, problem };
                    text.encode(max, first, new, &mut out).map_err(unfit)?;
                    size += match new {
                        RowText::Null => 0,
                        RowText::One(text) => text.len(),
                        RowText::Many(texts) => texts.iter().flatten().map(Vec::len).sum(),
                    };
                    if size > FLUSH {
                        out.flush(writer)?;
                        size = 0;
                    }
                }
                out.flush(writer)
            })
        })?;
        Ok(changed.then_some(chunk))
    }

    /// Encodes any column without the rows that are not kept.
    pub(super) fn encode_kept<T: DataType>(&self, group: usize, leaf: usize, keep: &[bool]) -> Result<Chunk> {
        let max = self.leaf(leaf).max_def_level();
        let mut keep = keep.iter();
        self.encode::<T>(group, leaf, |writer| {
            self.scan::<T>(group, leaf, |defs, reps, values| {
                let (mut out, mut values) = (Batch::new(), values.iter());
                for (range, keep) in row_ranges(reps).zip(&mut keep) {
                    for level in range {
                        let value = if defs[level] == max { values.next() } else { None };
                        if *keep {
                            out.push(defs[level], reps[level], value.cloned());
                        }
                    }
                }
                out.flush(writer)
            })
        })
    }

    /// The bytes of a chunk's Bloom filter. One that cannot be read is left out: it is only an index.
    pub(super) fn bloom_filter(&self, chunk: &ColumnChunkMetaData) -> Option<Vec<u8>> {
        let length = chunk.bloom_filter_length().unwrap_or(0);
        if u64::try_from(length).ok()? > self.reader.len() {
            return None;
        }
        let mut bytes = Vec::new();
        let filter = Sbbf::read_from_column_chunk(chunk, &*self.reader).ok()??;
        filter.write(&mut bytes).ok()?;
        Some(bytes)
    }
}

/// Checks what the crate takes on trust. `end` is where the footer starts.
fn check(meta: ParquetMetaData, end: u64) -> Result<ParquetMetaData> {
    let end = i64::try_from(end).unwrap_or(i64::MAX);
    let index = meta.page_index().cloned();
    let mut total = 0_i64;
    let mut builder = meta.into_builder();
    let mut groups = builder.take_row_groups();
    for (g, group) in groups.iter_mut().enumerate() {
        let rows = group.num_rows();
        let Some(sum) = total.checked_add(rows).filter(|_| rows >= 0) else {
            return damaged("impossible number of rows");
        };
        total = sum;
        for (c, chunk) in group.columns_mut().iter_mut().enumerate() {
            let bad = |what: &str| damaged(format!("column {} of row group {g}: {what}", chunk.column_path()));
            if chunk.file_path().is_some() {
                return Err(ParquetError::Unsupported("columns in other files".into()));
            }
            // Where there is no dictionary, or no data, some writers set the offset of it to 0.
            let mut data = chunk.data_page_offset();
            let dictionary =
                chunk.dictionary_page_offset().filter(|at| *at > 0 && (*at < data || chunk.num_values() == 0));
            let start = dictionary.unwrap_or(data);
            let size = chunk.compressed_size();
            if chunk.num_values() == 0 {
                data = start.saturating_add(size);
            }
            if start < 0 || size < 0 || start > end || size > end - start || data > start + size {
                return bad("it lies outside the file");
            }
            if chunk.num_values() < 0 || !(0..1 << 50).contains(&chunk.uncompressed_size()) {
                return bad("impossible size");
            }
            let pages = index.as_ref().and_then(|index| index.offset_index(g, c));
            if pages.is_some_and(|p| p.page_locations.iter().any(|page| !(0..=end).contains(&page.offset))) {
                return bad("its pages lie outside the file");
            }
            *chunk = (chunk.clone().into_builder())
                .set_data_page_offset(data)
                .set_dictionary_page_offset(dictionary)
                .build()?;
        }
    }
    let meta = builder.set_row_groups(groups).build();
    if meta.file_metadata().num_rows() != total {
        return damaged("the number of rows is not that of its row groups");
    }
    Ok(meta)
}

/// An encoded column chunk.
pub(super) struct Chunk {
    pub(super) bytes: Bytes,
    pub(super) close: ColumnCloseResult,
}
