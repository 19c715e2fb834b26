//! A copy of a table with changed texts.

use std::io::Write;
use std::sync::Arc;

use ::parquet::basic::Type as Physical;
use ::parquet::column::writer::ColumnCloseResult;
use ::parquet::data_type::{
    BoolType, ByteArrayType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type, Int96Type,
};
use ::parquet::file::metadata::page_index::PageIndexBuilder;
use ::parquet::file::metadata::{
    FileMetaData, ParquetMetaData, ParquetMetaDataBuilder, ParquetMetaDataReader, RowGroupMetaData, SortingColumn,
};
use ::parquet::file::page_index::column_index::ColumnIndexMetaData;
use ::parquet::file::page_index::offset_index::OffsetIndexMetaData;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::reader::ChunkReader;
use ::parquet::file::writer::{SerializedRowGroupWriter, TrackedWrite};
use bytes::Bytes;

use super::column::{Column, RowText};
use super::footer::{merge_footers, write_meta};
use super::table::{Chunk, MAGIC, Result, Table, damaged};

type Indexes = (Vec<Option<ColumnIndexMetaData>>, Vec<Option<OffsetIndexMetaData>>);

/// Writes a copy of a table with changed texts, row group after row group.
pub struct Rewriter<W: Write + Send> {
    out: TrackedWrite<W>,
    file: FileMetaData,
    footer: Bytes,
    groups: Vec<RowGroupMetaData>,
    indexes: Vec<Indexes>,
}

impl<W: Write + Send> Rewriter<W> {
    /// Starts a copy of the table.
    pub fn new<R: ChunkReader + 'static>(table: &Table<R>, out: W) -> Result<Self> {
        let mut out = TrackedWrite::new(out);
        out.write_all(MAGIC)?;
        let (file, footer) = (table.meta.file_metadata().clone(), table.footer.clone());
        Ok(Self { out, file, footer, groups: Vec::new(), indexes: Vec::new() })
    }

    /// Appends a row group as it is.
    pub fn copy<R: ChunkReader + 'static>(&mut self, table: &Table<R>, group: usize) -> Result<()> {
        self.append(table, group, table.rows(group), None, |_| Ok(None))
    }

    /// Appends a row group with new texts, one for each row.
    ///
    /// A text can be changed or become null, and a null can become a text; a string stays a string and a list a list.
    pub fn rewrite<R: ChunkReader + 'static>(
        &mut self,
        table: &Table<R>,
        group: usize,
        column: Column,
        rows: &[RowText],
    ) -> Result<()> {
        let text = table.text(column)?;
        let mut chunk = table.encode_text(group, text, &rows.iter().map(Some).collect::<Vec<_>>())?;
        let changed = chunk.as_ref().map(|_| text.leaf);
        self.append(table, group, rows.len(), changed, |leaf| Ok(if leaf == text.leaf { chunk.take() } else { None }))
    }

    /// Appends a row group with new texts, without the rows for which there is none. All its columns are encoded anew,
    /// unless every row stays.
    pub fn rewrite_without_rows<R: ChunkReader + 'static>(
        &mut self,
        table: &Table<R>,
        group: usize,
        column: Column,
        rows: &[Option<RowText>],
    ) -> Result<()> {
        let text = table.text(column)?;
        let mut chunk = table.encode_text(group, text, &rows.iter().map(Option::as_ref).collect::<Vec<_>>())?;
        let changed = chunk.as_ref().map(|_| text.leaf);
        let keep: Vec<bool> = rows.iter().map(Option::is_some).collect();
        let kept = keep.iter().filter(|keep| **keep).count();
        self.append(table, group, kept, changed, |leaf| {
            if leaf == text.leaf {
                return Ok(chunk.take());
            }
            if kept == keep.len() {
                return Ok(None);
            }
            Ok(Some(match table.group(group)?.column(leaf).column_type() {
                Physical::BOOLEAN => table.encode_kept::<BoolType>(group, leaf, &keep)?,
                Physical::INT32 => table.encode_kept::<Int32Type>(group, leaf, &keep)?,
                Physical::INT64 => table.encode_kept::<Int64Type>(group, leaf, &keep)?,
                Physical::INT96 => table.encode_kept::<Int96Type>(group, leaf, &keep)?,
                Physical::FLOAT => table.encode_kept::<FloatType>(group, leaf, &keep)?,
                Physical::DOUBLE => table.encode_kept::<DoubleType>(group, leaf, &keep)?,
                Physical::BYTE_ARRAY => table.encode_kept::<ByteArrayType>(group, leaf, &keep)?,
                Physical::FIXED_LEN_BYTE_ARRAY => table.encode_kept::<FixedLenByteArrayType>(group, leaf, &keep)?,
            }))
        })
    }

    /// Writes the footer and gives the output back.
    pub fn finish(mut self) -> Result<W> {
        let mut index = PageIndexBuilder::new(self.groups.len(), self.file.schema_descr().num_columns());
        for (g, (columns, offsets)) in self.indexes.into_iter().enumerate() {
            for (c, (column, offset)) in columns.into_iter().zip(offsets).enumerate() {
                if let Some(column) = column {
                    index.put_column_index(column, g, c);
                }
                if let Some(offset) = offset {
                    index.put_offset_index(offset, g, c);
                }
            }
        }
        // The crate's writer of metadata does not give the output back, so it writes to memory: first the page
        // indexes, which can stand anywhere, then the footer with the places where they came to stand.
        let (indexes, footer) = write_meta(
            ParquetMetaDataBuilder::new(self.file.clone())
                .set_row_groups(self.groups)
                .set_page_index(Some(Arc::new(index.build())))
                .build(),
        )?;
        let base = self.out.bytes_written() as i64;
        self.out.write_all(&indexes)?;
        let mut groups = ParquetMetaDataReader::decode_metadata(&footer)?.into_builder().take_row_groups();
        for chunk in groups.iter_mut().flat_map(|group| group.columns_mut()) {
            let (column, offset) = (chunk.column_index_offset(), chunk.offset_index_offset());
            *chunk = (chunk.clone().into_builder())
                .set_column_index_offset(column.map(|at| at + base))
                .set_offset_index_offset(offset.map(|at| at + base))
                .build()?;
        }
        let (_, footer) = write_meta(ParquetMetaDataBuilder::new(self.file).set_row_groups(groups).build())?;
        let wanted = ParquetMetaDataReader::decode_metadata(&footer)?;
        let footer = merge_footers(&self.footer, &footer)?;
        // A damaged footer may have been split differently from how the crate read it.
        let merged = ParquetMetaDataReader::decode_metadata(&footer)?;
        if !places(&merged).eq(places(&wanted)) {
            return damaged("the footer cannot be decoded");
        }
        let Ok(size) = u32::try_from(footer.len()) else {
            return damaged("the footer is too long");
        };
        self.out.write_all(&footer)?;
        self.out.write_all(&size.to_le_bytes())?;
        self.out.write_all(MAGIC)?;
        self.out.flush()?;
        Ok(self.out.into_inner()?)
    }

    /// Appends a row group of `rows` rows; `chunk` gives the new chunk of a column, None to copy the old one.
    fn append<R: ChunkReader + 'static>(
        &mut self,
        table: &Table<R>,
        group: usize,
        rows: usize,
        changed: Option<usize>,
        mut chunk: impl FnMut(usize) -> Result<Option<Chunk>>,
    ) -> Result<()> {
        let old = table.group(group)?;
        let index = table.meta.page_index();
        let ordinal = i32::try_from(self.groups.len()).unwrap_or(i32::MAX);
        let (mut blooms, mut size, mut indexes) = (Vec::new(), old.total_byte_size(), (Vec::new(), Vec::new()));
        let mut writer = SerializedRowGroupWriter::new(
            self.file.schema_descr_ptr(),
            Arc::new(WriterProperties::new()),
            &mut self.out,
            ordinal,
            Some(Box::new(|_, _, _, columns, offsets| {
                indexes = (columns, offsets);
                Ok(())
            })),
        );
        for (leaf, column) in old.columns().iter().enumerate() {
            if let Some(Chunk { bytes, mut close }) = chunk(leaf)? {
                if let Some(filter) = close.bloom_filter.take() {
                    let mut bytes = Vec::new();
                    filter.write(&mut bytes)?;
                    blooms.push((leaf, bytes));
                }
                size = size.saturating_add(close.metadata.uncompressed_size() - column.uncompressed_size());
                writer.append_column(&bytes, close)?;
            } else {
                blooms.extend(table.bloom_filter(column).map(|bytes| (leaf, bytes)));
                let close = ColumnCloseResult {
                    bytes_written: column.byte_range().1,
                    rows_written: rows as u64,
                    metadata: column.clone(),
                    bloom_filter: None,
                    column_index: index.and_then(|index| index.column_index(group, leaf)).cloned(),
                    offset_index: index.and_then(|index| index.offset_index(group, leaf)).cloned(),
                };
                writer.append_column(&*table.reader, close)?;
            }
        }
        let meta = Arc::unwrap_or_clone(writer.close()?);
        // A changed text may be out of order; what the rows are sorted by before it still holds.
        let still = |by: &&SortingColumn| changed.is_none_or(|leaf| usize::try_from(by.column_idx) != Ok(leaf));
        let sorting = old.sorting_columns().map(|list| list.iter().take_while(still).cloned().collect::<Vec<_>>());
        let mut meta = meta
            .into_builder()
            .set_num_rows(rows as i64)
            .set_total_byte_size(size)
            .set_sorting_columns(sorting.filter(|list| !list.is_empty()))
            .build()?;
        for (leaf, bytes) in blooms {
            let at = self.out.bytes_written() as i64;
            self.out.write_all(&bytes)?;
            let chunk = &mut meta.columns_mut()[leaf];
            *chunk = (chunk.clone().into_builder())
                .set_bloom_filter_offset(Some(at))
                .set_bloom_filter_length(i32::try_from(bytes.len()).ok())
                .build()?;
        }
        self.groups.push(meta);
        self.indexes.push(indexes);
        Ok(())
    }
}

/// How many rows each row group has, and where each of its columns lies.
fn places(meta: &ParquetMetaData) -> impl Iterator<Item = (i64, u64, u64)> {
    meta.row_groups().iter().flat_map(|group| {
        group.columns().iter().map(|column| {
            let (start, len) = column.byte_range();
            (group.num_rows(), start, len)
        })
    })
}
