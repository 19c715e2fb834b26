//! From a file that is read as it comes to chunks of records.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use super::Format;
use super::annotation::{Annotation, AnnotationError};
use super::csv::{Dialect, Rows, sniffed};
use super::field;
use super::json::{Elements, NotJson};
use super::json_lines::Lines;
use super::record::{Chunk, Fields, Layout, RecordOptions, TEXT_FIELDS};
use super::window::Window;
use crate::longest::{LONGEST, Lengthy, TooLong};
use crate::report::{shown_start, shown_text};
use crate::source::{Opened, Sample};
use crate::unit::{BYTE_ORDER_MARK, byte_order_mark};

/// How long a chunk is, in bytes, if no record is longer.
pub(super) const CHUNK: usize = 256 << 10;

/// Why there are no more records.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file can't be read.
    #[error("cannot be read")]
    Io(#[source] io::Error),
    /// A record, or a unit of a text, is longer than any can be.
    #[error(transparent)]
    TooLong(TooLong),
    /// The file is not JSON.
    #[error("is not JSON: at byte {at} there should be {expected}")]
    NotJson {
        /// Where in the file, in bytes.
        at: u64,
        /// What should be there.
        expected: &'static str,
    },
    /// A quoted field never ends.
    #[error(
        "a field that begins with a quotation mark in row {row} never ends: the file is cut off, or quotation marks are \
         part of its text, which --no-quoting says"
    )]
    OpenQuote {
        /// The row, the header being the first.
        row: u64,
    },
    /// The file can't be read as Parquet.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Parquet(super::parquet::ParquetError),
    /// This build can't read Parquet.
    #[cfg(not(feature = "parquet"))]
    #[error("is Parquet, which this build can't read (feature parquet)")]
    NoParquet,
    /// The field that is to be added can't be.
    #[error(transparent)]
    Annotation(#[from] AnnotationError),
    /// No column has the text.
    #[error("{}", no_column(wanted.as_deref(), columns))]
    NoColumn {
        /// The name asked for.
        wanted: Option<String>,
        /// The names that there are.
        columns: Vec<String>,
    },
}

impl From<io::Error> for RecordError {
    fn from(error: io::Error) -> RecordError {
        TooLong::of(error).map_or_else(RecordError::Io, RecordError::TooLong)
    }
}

/// How many columns are named where none is the right one.
const COLUMNS_TOLD: usize = 40;

fn no_column(wanted: Option<&str>, columns: &[String]) -> String {
    let all_wanted = TEXT_FIELDS.join(", ");
    let wanted = shown_text(wanted.unwrap_or(&all_wanted));
    if columns.is_empty() {
        return format!("no column is called {wanted}, and it has none with text");
    }
    let mut told: Vec<String> = columns.iter().take(COLUMNS_TOLD).map(|column| shown_start(column)).collect();
    if let Some(more @ 1..) = columns.len().checked_sub(COLUMNS_TOLD) {
        told.push(format!("and {more} more"));
    }
    let told = told.join(", ");
    format!("no column is called {wanted}; its columns are {told}: name the one with the text by --text-field")
}

/// Reads the records of a file, chunk by chunk.
pub struct RecordReader {
    records: Records,
    /// What decides which chunks are looked at.
    sample: Option<Arc<Sample>>,
}

enum Records {
    Written(WrittenReader),
    #[cfg(feature = "parquet")]
    Rows(super::parquet::RowReader),
}

impl RecordReader {
    /// Reads the records of a file in `format`, which is none of text and Parquet.
    #[must_use]
    pub fn new(opened: Opened, format: Format, options: &RecordOptions) -> RecordReader {
        let records = Records::Written(WrittenReader::new(opened, format, options));
        RecordReader { records, sample: options.sample.clone() }
    }

    /// Reads the rows of a Parquet file.
    ///
    /// # Errors
    /// It can't be read as that, or has no column of text that is wanted.
    #[cfg(feature = "parquet")]
    pub fn of_parquet(file: File, options: &RecordOptions) -> Result<RecordReader, RecordError> {
        let records = Records::Rows(super::parquet::RowReader::open(file, options)?);
        Ok(RecordReader { records, sample: options.sample.clone() })
    }

    /// Reads the rows of a Parquet file.
    ///
    /// # Errors
    /// This build can't.
    #[cfg(not(feature = "parquet"))]
    pub fn of_parquet(_: File, _: &RecordOptions) -> Result<RecordReader, RecordError> {
        Err(RecordError::NoParquet)
    }

    /// Reads so many bytes at a time, if no record is longer. What is read is the same for any number.
    #[must_use]
    pub fn with_chunks_of(mut self, bytes: usize) -> RecordReader {
        match &mut self.records {
            Records::Written(reader) => reader.chunk = bytes.max(BYTE_ORDER_MARK.len()),
            #[cfg(feature = "parquet")]
            Records::Rows(_) => {}
        }
        self
    }

    /// The next chunk, read into a buffer that is empty; none where there is no more.
    ///
    /// # Errors
    /// The file can't be read further, or is not in the format.
    pub fn next(&mut self, mut bytes: Vec<u8>) -> Result<Option<Chunk>, RecordError> {
        let mut begins = false;
        loop {
            let chunk = match &mut self.records {
                Records::Written(reader) => reader.next(bytes)?,
                #[cfg(feature = "parquet")]
                Records::Rows(reader) => reader.next(bytes)?,
            };
            let Some(mut chunk) = chunk else { return Ok(None) };
            // What is left out at the start is no start.
            begins |= chunk.begins;
            chunk.begins = begins;
            if self.sample.as_ref().is_none_or(|sample| sample.takes(chunk.bytes.len() as u64)) {
                return Ok(Some(chunk));
            }
            bytes = chunk.bytes;
            bytes.clear();
        }
    }
}

/// Reads records that are written one after the other.
struct WrittenReader {
    reader: Box<dyn Read + Send>,
    /// What was read of the next chunk.
    rest: Vec<u8>,
    splitter: Splitter,
    layout: Arc<Layout>,
    options: RecordOptions,
    /// How many bytes are read at a time.
    chunk: usize,
    /// The most bytes of a record.
    longest: usize,
    /// How many bytes are in the chunks before.
    at: u64,
    /// How many records are.
    records: u64,
    begins: bool,
    /// Whether a byte order mark was looked for.
    is_past_mark: bool,
    ended: bool,
}

enum Splitter {
    Lines(Lines),
    Elements(Elements),
    Rows { rows: Rows, dialect: Dialect, header: bool },
}

impl WrittenReader {
    fn new(opened: Opened, format: Format, options: &RecordOptions) -> WrittenReader {
        let Opened { head, reader, .. } = opened;
        let mark = byte_order_mark(&head);
        let delimiter = |default: Option<u8>| {
            options.delimiter.or(default).unwrap_or_else(|| sniffed(&head[mark..], options.quoting))
        };
        let rows = |delimiter| {
            let dialect = Dialect { delimiter, quoting: options.quoting };
            Splitter::Rows { rows: Rows::new(dialect), dialect, header: true }
        };
        let splitter = match format {
            Format::Csv => rows(delimiter(None)),
            Format::Tsv => rows(delimiter(Some(b'\t'))),
            Format::Json => Splitter::Elements(Elements::new()),
            Format::JsonLines | Format::Text | Format::Parquet => Splitter::Lines(Lines::default()),
        };
        let layout = Layout::of_objects(options);
        WrittenReader {
            reader,
            rest: head,
            splitter,
            layout: Arc::new(layout),
            options: options.clone(),
            chunk: CHUNK,
            longest: LONGEST as usize,
            at: 0,
            records: 0,
            begins: true,
            is_past_mark: false,
            ended: false,
        }
    }

    fn next(&mut self, mut bytes: Vec<u8>) -> Result<Option<Chunk>, RecordError> {
        if self.ended {
            return Ok(None);
        }
        // After an error there is nothing more.
        self.ended = true;
        bytes.append(&mut self.rest);
        let (mut records, mut header) = (Vec::new(), None);
        let mut wanted = self.chunk;
        let (end, last) = loop {
            let missing = wanted.saturating_sub(bytes.len());
            bytes.reserve(missing);
            let read = self.reader.by_ref().take(missing as u64).read_to_end(&mut bytes)?;
            let last = read < missing;
            self.split(&bytes, last, &mut records, &mut header)?;
            if last {
                break (bytes.len(), true);
            }
            if let Some(record) = records.last() {
                break (record.end, false);
            }
            if bytes.len() > self.longest {
                return Err(RecordError::TooLong(self.too_long(bytes.len() as u64)));
            }
            // A record of any length is looked at few times.
            wanted = (bytes.len() * 2).min(self.longest.max(self.chunk) + 1);
        };
        self.rest.extend_from_slice(&bytes[end..]);
        bytes.truncate(end);
        if !last {
            self.splitter.window().shift(end);
        }
        self.ended = last;
        self.at += end as u64;
        self.records += records.len() as u64;
        self.find_field(&bytes, &records);
        let separated = matches!(self.splitter, Splitter::Elements(_));
        let begins = std::mem::take(&mut self.begins);
        Ok(Some(Chunk { bytes, records, separated, begins, header, rows: None, layout: Arc::clone(&self.layout) }))
    }

    /// The record that comes next is too long.
    fn too_long(&self, len: u64) -> TooLong {
        let number = self.records + 1;
        let (what, number) = match &self.splitter {
            Splitter::Lines(_) | Splitter::Elements(_) => (Lengthy::Record, number),
            Splitter::Rows { rows, header, .. } => {
                let what = if rows.is_open() { Lengthy::Quoted } else { Lengthy::Row };
                (what, number + u64::from(!*header))
            }
        };
        TooLong { what, number: Some(number), len }
    }

    /// Finds the records that end in the piece, and the header before them.
    fn split(
        &mut self,
        piece: &[u8],
        last: bool,
        records: &mut Vec<Range<usize>>,
        found: &mut Option<Range<usize>>,
    ) -> Result<(), RecordError> {
        if !std::mem::replace(&mut self.is_past_mark, true) {
            self.splitter.window().skip(byte_order_mark(piece));
        }
        match &mut self.splitter {
            Splitter::Lines(lines) => lines.find(piece, last, records),
            Splitter::Elements(elements) => elements
                .find(piece, last, records)
                .map_err(|NotJson { at, expected }| RecordError::NotJson { at: self.at + at as u64, expected })?,
            Splitter::Rows { rows, dialect, header } => {
                rows.find(piece, last, records);
                if last && rows.is_open() {
                    let row = self.records + records.len() as u64 + 1 + u64::from(!*header);
                    return Err(RecordError::OpenQuote { row });
                }
                if *header && !records.is_empty() {
                    *header = false;
                    let row = found.insert(records.remove(0)).clone();
                    let columns = dialect.names(&piece[row]);
                    let layout = Layout::of_columns(&columns, *dialect, &self.options)?;
                    self.layout =
                        Arc::new(layout.ok_or_else(|| RecordError::NoColumn {
                            wanted: self.options.text_field.clone(),
                            columns,
                        })?);
                }
            }
        }
        Ok(())
    }

    /// As long as it is not known which field has the text, looks for one in the records.
    fn find_field(&mut self, bytes: &[u8], records: &[Range<usize>]) {
        if self.layout.text_field.is_none() {
            let found = records.iter().find_map(|record| field::first_of(&bytes[record.clone()], &TEXT_FIELDS));
            if let Some(name) = found {
                let layout = Layout { text_field: Some(name.to_owned()), ..(*self.layout).clone() };
                self.layout = Arc::new(layout);
            }
        }
    }
}

impl Layout {
    /// Of JSON objects.
    pub(super) fn of_objects(options: &RecordOptions) -> Layout {
        Layout {
            text_field: options.text_field.clone(),
            id_field: options.id_field.clone().unwrap_or_else(|| "id".to_owned()),
            fields: Fields::Json,
            joint: options.joint,
            annotation: options.annotate.as_deref().map(Annotation::of_objects),
        }
    }

    /// None where no column has the text.
    fn of_columns(
        columns: &[String],
        dialect: Dialect,
        options: &RecordOptions,
    ) -> Result<Option<Layout>, AnnotationError> {
        let column = |name: &str| columns.iter().position(|column| column == name);
        let text = match &options.text_field {
            Some(name) => column(name),
            None => TEXT_FIELDS.iter().find_map(|name| column(name)),
        };
        let Some(text) = text else { return Ok(None) };
        let id_field = options.id_field.clone().unwrap_or_else(|| "id".to_owned());
        let id = column(&id_field);
        let fields = Fields::Row { text, id, dialect };
        let annotate = |name: &String| Annotation::of_column(name, columns, dialect);
        let annotation = options.annotate.as_ref().map(annotate).transpose()?;
        let text_field = Some(columns[text].clone());
        Ok(Some(Layout { text_field, id_field, fields, joint: options.joint, annotation }))
    }
}

impl Splitter {
    fn window(&mut self) -> &mut Window {
        match self {
            Splitter::Lines(lines) => &mut lines.window,
            Splitter::Elements(elements) => &mut elements.window,
            Splitter::Rows { rows, .. } => &mut rows.window,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(format: Format, text: &str) -> Option<TooLong> {
        let reader = Box::new(io::Cursor::new(text.to_owned().into_bytes()));
        let opened = Opened { head: Vec::new(), reader, file: None, raw: None };
        let mut reader = WrittenReader::new(opened, format, &RecordOptions::default());
        (reader.chunk, reader.longest) = (16, 100);
        loop {
            match reader.next(Vec::new()) {
                Ok(Some(chunk)) => assert!(chunk.bytes.len() <= 101),
                Ok(None) => return None,
                Err(RecordError::TooLong(too_long)) => return Some(too_long),
                Err(error) => panic!("{error}"),
            }
        }
    }

    #[test]
    fn a_record_that_is_too_long_is_refused_in_any_format() {
        let text = |len| "x".repeat(len);
        for (format, before, begin, end, number, what) in [
            (Format::JsonLines, "{\"text\":\"a\"}\n", "{\"text\":\"", "\"}\n", 2, Lengthy::Record),
            (Format::Json, "[{\"text\":\"a\"},\n", "{\"text\":\"", "\"}]", 2, Lengthy::Record),
            (Format::Csv, "id,text\n1,a\n", "2,\"", "\"\n", 3, Lengthy::Quoted),
            (Format::Tsv, "id\ttext\n", "2\t", "\n", 2, Lengthy::Row),
        ] {
            let file = |len: usize| format!("{before}{begin}{}{end}", text(len));
            assert_eq!(refused(format, &file(60)), None, "{format:?}");
            // However many records there are.
            let many = format!("{before}{begin}{}{end}", text(60).replace("xxx", "x"));
            assert_eq!(refused(format, &many), None, "{format:?}");
            let too_long = refused(format, &file(1000)).unwrap();
            assert_eq!((too_long.number, too_long.what), (Some(number), what), "{format:?}");
            assert!(too_long.len <= 101, "{too_long}");
        }
    }
}
