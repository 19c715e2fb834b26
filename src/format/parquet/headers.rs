//! Headers of pages: one that tells of more than the file has is refused.

use std::io::{self, Read};
use std::sync::Arc;

use ::parquet::errors::Result;
use ::parquet::file::reader::{ChunkReader, Length};
use bytes::Bytes;

/// A file that gives an error where it is read past its end. From nothing the decoder would not see that it is to stop.
pub(super) struct Headers<R>(pub(super) Arc<R>);

impl<R: Length> Length for Headers<R> {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl<R: ChunkReader> ChunkReader for Headers<R> {
    type T = Ending<R::T>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(Ending(self.0.get_read(start)?))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        self.0.get_bytes(start, length)
    }
}

/// A reader with an error at its end.
pub(super) struct Ending<R>(R);

impl<R: Read> Read for Ending<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 if !buffer.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            read => Ok(read),
        }
    }
}

#[cfg(test)]
mod tests {
    use ::parquet::basic::Type;
    use ::parquet::column::page::PageReader as _;
    use ::parquet::file::metadata::ColumnChunkMetaData;
    use ::parquet::file::serialized_reader::SerializedPageReader;
    use ::parquet::schema::types::{ColumnDescriptor, ColumnPath, Type as Schema};

    use super::*;

    /// A list of 2^31 - 1 numbers of eight bytes, none of which is there; the decoder would skip each of them.
    #[test]
    fn a_header_that_tells_of_what_is_not_there_is_refused() {
        let header = Bytes::from_static(&[0x09, 0x50, 0xF7, 0xFF, 0xFF, 0xFF, 0xFF, 7, 0]);
        let schema = Schema::primitive_type_builder("text", Type::BYTE_ARRAY).build().unwrap();
        let column = ColumnDescriptor::new(Arc::new(schema), 0, 0, ColumnPath::from("text"));
        let chunk = ColumnChunkMetaData::builder(Arc::new(column))
            .set_total_compressed_size(header.len() as i64)
            .set_num_values(1)
            .build()
            .unwrap();
        let mut pages = SerializedPageReader::new(Arc::new(Headers(Arc::new(header))), &chunk, 1, None).unwrap();
        let error = pages.get_next_page().unwrap_err();
        assert!(error.to_string().contains("unexpected end of file"), "{error}");
    }
}
