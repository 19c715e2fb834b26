//! Pages whose counts are looked at before a decoder makes room for as many values.
//!
//! The layout of values is that of the format's page on encodings: <https://parquet.apache.org/docs/file-format/data-pages/encodings/>.

use ::parquet::basic::Encoding;
use ::parquet::column::page::{Page, PageMetadata, PageReader};
use ::parquet::errors::{ParquetError as Inner, Result};

use crate::varint;

/// Hands on pages that do not tell of more values than they have bytes for.
pub(super) struct Counted<P> {
    pages: P,
    /// Whether values have repetition levels, and definition levels.
    has_levels: [bool; 2],
}

impl<P: PageReader> Counted<P> {
    /// The pages of a column with these greatest levels, of repetition and of definition.
    pub(super) fn new(pages: P, max_levels: [i16; 2]) -> Counted<P> {
        Counted { pages, has_levels: max_levels.map(|max| max > 0) }
    }

    /// Refuses a page that a decoder would make too much room for.
    fn check(&self, page: &Page) -> Result<()> {
        let is_right = match page {
            // Each text has its length before it.
            Page::DictionaryPage { buf, num_values, .. } => *num_values as usize <= buf.len() / 4,
            Page::DataPage { buf, num_values, encoding, .. } => {
                let mut levels = self.has_levels.iter().filter(|&&has| has);
                let values = levels.try_fold(&buf[..], |rest, _| {
                    let (len, rest) = rest.split_at_checked(4)?;
                    rest.get(u32::from_le_bytes(len.try_into().ok()?) as usize..)
                });
                // Where levels are written in the old way the decoder says so, before it looks at values.
                values.is_none_or(|values| is_counted(*encoding, values, *num_values))
            }
            Page::DataPageV2 { buf, num_values, encoding, def_levels_byte_len, rep_levels_byte_len, .. } => {
                let levels = *def_levels_byte_len as usize + *rep_levels_byte_len as usize;
                buf.get(levels..).is_some_and(|values| is_counted(*encoding, values, *num_values))
            }
        };
        is_right.then_some(()).ok_or_else(|| Inner::General("a page tells of more values than it has".to_owned()))
    }
}

/// Whether what stands before encoded values counts no more of them than the page may have.
fn is_counted(encoding: Encoding, values: &[u8], most: u32) -> bool {
    let most = u64::from(most);
    match encoding {
        Encoding::DELTA_LENGTH_BYTE_ARRAY => Deltas::at(values).is_none_or(|lengths| lengths.count <= most),
        // The lengths of what is shared with the text before, and then those of the rest.
        Encoding::DELTA_BYTE_ARRAY => Deltas::at(values).is_none_or(|shared| {
            shared.count <= most && shared.end().and_then(Deltas::at).is_none_or(|lengths| lengths.count <= most)
        }),
        _ => true,
    }
}

/// Numbers that are written as differences. What is not whole is left for the decoder to refuse.
struct Deltas<'a> {
    /// How many numbers there are, as is said before them.
    count: u64,
    block: u64,
    miniblocks: u64,
    blocks: &'a [u8],
}

impl<'a> Deltas<'a> {
    fn at(bytes: &'a [u8]) -> Option<Deltas<'a>> {
        let mut rest = bytes;
        let [block, miniblocks, count, _first] = [(); 4].map(|()| varint::take(&mut rest));
        Some(Deltas { count: count?, block: block?, miniblocks: miniblocks?, blocks: rest })
    }

    /// What stands behind the last number.
    fn end(&self) -> Option<&'a [u8]> {
        let in_miniblock = self.block.checked_div(self.miniblocks).filter(|&numbers| numbers > 0)?;
        let mut left = self.count.saturating_sub(1);
        let mut rest = self.blocks;
        while left > 0 {
            let _least = varint::take(&mut rest)?;
            let (widths, mut behind) = rest.split_at_checked(usize::try_from(self.miniblocks).ok()?)?;
            for &width in widths {
                // Miniblocks behind the last number have a width and nothing else.
                if left == 0 {
                    break;
                }
                behind =
                    behind.get(usize::try_from(in_miniblock.checked_mul(u64::from(width))?.div_ceil(8)).ok()?..)?;
                left = left.saturating_sub(in_miniblock);
            }
            rest = behind;
        }
        Some(rest)
    }
}

impl<P: PageReader> PageReader for Counted<P> {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        page.iter().try_for_each(|page| self.check(page))?;
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}

impl<P: PageReader> Iterator for Counted<P> {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Result<Page>> {
        self.get_next_page().transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ::parquet::column::writer::ColumnWriterImpl;
    use ::parquet::data_type::{ByteArray, ByteArrayType};
    use ::parquet::file::properties::{WriterProperties, WriterVersion};
    use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
    use ::parquet::file::serialized_reader::SerializedPageReader;
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::schema::parser::parse_message_type;
    use bytes::Bytes;

    use super::*;

    /// A file with one column of texts, some of which are null.
    fn file(encoding: Encoding, version: WriterVersion, texts: &[String]) -> Bytes {
        let schema = parse_message_type("message m { optional binary text (UTF8); }").unwrap();
        let properties = WriterProperties::builder()
            .set_writer_version(version)
            .set_dictionary_enabled(false)
            .set_encoding(encoding)
            .set_data_page_row_count_limit(300)
            .set_write_batch_size(100)
            .build();
        let mut out = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut out, Arc::new(schema), Arc::new(properties)).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let levels: Vec<i16> = (0..texts.len()).map(|n| i16::from(n % 5 != 0)).collect();
        let values: Vec<ByteArray> =
            (0..texts.len()).filter(|n| n % 5 != 0).map(|n| texts[n].as_str().into()).collect();
        let typed: &mut ColumnWriterImpl<'_, ByteArrayType> = column.typed::<ByteArrayType>();
        typed.write_batch(&values, Some(&levels), None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
        out.into()
    }

    fn pages(file: Bytes) -> Vec<Page> {
        let reader = SerializedFileReader::new(file.clone()).unwrap();
        let group = reader.metadata().row_group(0);
        let pages =
            SerializedPageReader::new(Arc::new(file), group.column(0), group.num_rows() as usize, None).unwrap();
        pages.map(Result::unwrap).collect()
    }

    struct Given(std::vec::IntoIter<Page>);

    impl Iterator for Given {
        type Item = Result<Page>;

        fn next(&mut self) -> Option<Result<Page>> {
            self.0.next().map(Ok)
        }
    }

    impl PageReader for Given {
        fn get_next_page(&mut self) -> Result<Option<Page>> {
            Ok(self.0.next())
        }

        fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
            Ok(None)
        }

        fn skip_next_page(&mut self) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn pages_that_are_right_pass_in_every_encoding() {
        let texts: Vec<String> = (0..1000).map(|n| format!("{}{}", "نص ".repeat(n % 17), n / 7 * 1000)).collect();
        for encoding in [Encoding::PLAIN, Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY] {
            for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
                for len in [1, 2, 40, 170, 1000] {
                    let pages = pages(file(encoding, version, &texts[..len]));
                    let count = pages.len();
                    let counted = Counted::new(Given(pages.into_iter()), [0, 1]);
                    assert_eq!(counted.map(Result::unwrap).count(), count, "{encoding} {len}");
                }
            }
        }
    }

    /// Behind the lengths of what is shared stand those of the rest: both are found, and a lie in either is.
    #[test]
    fn a_count_that_is_larger_than_the_page_is_refused() {
        let texts: Vec<String> = (0..200).map(|n| format!("نص {n}")).collect();
        let Some(Page::DataPageV2 { buf, num_values, encoding, def_levels_byte_len, .. }) =
            pages(file(Encoding::DELTA_BYTE_ARRAY, WriterVersion::PARQUET_2_0, &texts)).into_iter().next()
        else {
            panic!("a page of version 2");
        };
        let values = &buf[def_levels_byte_len as usize..];
        assert!(is_counted(encoding, values, num_values));
        let shared = Deltas::at(values).unwrap();
        assert_eq!(shared.count, 160);
        assert_eq!(Deltas::at(shared.end().unwrap()).unwrap().count, 160);
        assert!(!is_counted(encoding, values, 159));
        let lying =
            [&values[..values.len() - shared.end().unwrap().len()], &[128, 1, 4, 255, 255, 255, 255, 15, 0]].concat();
        assert!(!is_counted(encoding, &lying, num_values));
        assert!(!is_counted(Encoding::DELTA_LENGTH_BYTE_ARRAY, &[128, 1, 4, 255, 255, 255, 255, 15, 0], num_values));
    }
}
