//! CSV and TSV: a row is a record, and the first row names the columns.
//!
//! As in RFC 4180, a field that begins with a quotation mark goes on to the next one that is not doubled, over line ends
//! too. Rows end at LF, CRLF or CR.

use std::ops::Range;

use memchr::{memchr, memchr3};

use super::record::{Coding, NoText, Value};
use super::window::Window;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// What stands between fields.
    pub delimiter: u8,
    /// Whether quotation marks around fields belong to the format.
    pub quoting: bool,
}

/// Delimiters that are looked for in a header, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The delimiter of a file that starts so: the one that its header has most of.
pub(super) fn sniffed(head: &[u8], quoting: bool) -> u8 {
    let count = |delimiter: u8| {
        let mut rows = Rows::new(Dialect { delimiter, quoting });
        let mut found = Vec::new();
        rows.find(head, true, &mut found);
        let header = found.first().map_or(&[][..], |row| &head[row.clone()]);
        Dialect { delimiter, quoting }.fields(header).count()
    };
    let most = DELIMITERS.into_iter().rev().max_by_key(|&delimiter| count(delimiter));
    most.unwrap_or(b',')
}

impl Dialect {
    /// The fields of a row, each as it is written.
    fn fields<'a>(self, row: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        let row_end = row.len() - line_end(row);
        let mut next = Some(0);
        std::iter::from_fn(move || {
            let start = next?;
            let mut at = start;
            if self.quoting && row[..row_end].get(start) == Some(&b'"') {
                at = start + 1;
                while let Some(quote) = memchr(b'"', &row[at..row_end]) {
                    at += quote + 1;
                    if row[..row_end].get(at) != Some(&b'"') {
                        break;
                    }
                    at += 1;
                }
            }
            let end = memchr(self.delimiter, &row[at..row_end]).map(|delimiter| at + delimiter);
            next = end.map(|end| end + 1);
            Some(start..end.unwrap_or(row_end))
        })
    }

    /// The text of a field of a row.
    pub(super) fn text(self, row: &[u8], column: usize) -> Result<Value, NoText> {
        let field = self.fields(row).nth(column).ok_or(NoText::Missing)?;
        let written = &row[field.clone()];
        if !self.quoting || written.first() != Some(&b'"') {
            return Ok(Value::one(written.to_vec(), field, Coding::Plain));
        }
        let inside = field.start + 1..(field.end - 1).max(field.start + 1);
        let malformed = |at: usize| {
            let reason = "something follows the quotation mark that ends the field".to_owned();
            Err(NoText::Malformed { at, reason })
        };
        if written.len() < 2 || !written.ends_with(b"\"") {
            return malformed(field.end);
        }
        let mut text = Vec::with_capacity(inside.len());
        let mut rest = inside.start;
        while let Some(quote) = memchr(b'"', &row[rest..inside.end]) {
            let quote = rest + quote;
            if row[..inside.end].get(quote + 1) != Some(&b'"') {
                return malformed(quote);
            }
            text.extend_from_slice(&row[rest..=quote]);
            rest = quote + 2;
        }
        text.extend_from_slice(&row[rest..inside.end]);
        Ok(Value::one(text, inside, Coding::Doubled))
    }

    /// Where the last of so many columns ends in a row, and how many of them the row has.
    pub(super) fn end_of_column(self, row: &[u8], columns: usize) -> (usize, usize) {
        self.fields(row).take(columns).fold((0, 0), |(_, fields), field| (field.end, fields + 1))
    }

    /// The names of the columns, from the first row. Names that are not UTF-8 are shown as well as can be.
    pub(super) fn names(self, header: &[u8]) -> Vec<String> {
        self.fields(header)
            .map(|field| {
                let written = &header[field];
                let name = written.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")).unwrap_or(written);
                String::from_utf8_lossy(name).replace("\"\"", "\"").trim().to_owned()
            })
            .collect()
    }
}

/// The length of the line end that a row ends with.
fn line_end(row: &[u8]) -> usize {
    match row {
        [.., b'\r', b'\n'] => 2,
        [.., b'\r' | b'\n'] => 1,
        _ => 0,
    }
}

/// Whether these bytes are a line end and nothing else, or nothing.
pub(super) fn is_line_end(bytes: &[u8]) -> bool {
    line_end(bytes) == bytes.len()
}

/// Finds the rows of a file, piece by piece.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    dialect: Dialect,
    state: State,
    pub(super) window: Window,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    FieldStart,
    Field,
    Quoted,
    /// Behind a quotation mark in a quoted field, which ends it unless another follows.
    Quote,
    /// Behind a CR, which a LF may follow.
    Cr,
}

impl Rows {
    pub(super) fn new(dialect: Dialect) -> Rows {
        Rows { dialect, state: State::FieldStart, window: Window::default() }
    }

    /// Finds the rows that end in a piece, of which only the end is new. With the last piece, the last one ends too.
    pub(super) fn find(&mut self, piece: &[u8], last: bool, rows: &mut Vec<Range<usize>>) {
        let Dialect { delimiter, quoting } = self.dialect;
        let mut at = self.window.seen;
        while let Some(&byte) = piece.get(at) {
            match self.state {
                State::Quoted => {
                    at += memchr(b'"', &piece[at..]).map_or(piece.len() - at, |quote| quote + 1);
                    if piece[at - 1] == b'"' {
                        self.state = State::Quote;
                    }
                    continue;
                }
                State::Quote if byte == b'"' => self.state = State::Quoted,
                State::FieldStart if byte == b'"' && quoting => self.state = State::Quoted,
                State::Cr => {
                    at += usize::from(byte == b'\n');
                    self.end_row(at, piece, rows);
                    continue;
                }
                State::FieldStart | State::Field | State::Quote => {
                    at += memchr3(delimiter, b'\n', b'\r', &piece[at..]).unwrap_or(piece.len() - at);
                    let Some(&byte) = piece.get(at) else {
                        self.state = State::Field;
                        break;
                    };
                    match byte {
                        b'\n' => self.end_row(at + 1, piece, rows),
                        b'\r' => self.state = State::Cr,
                        _ => self.state = State::FieldStart,
                    }
                }
            }
            at += 1;
        }
        self.window.seen = piece.len();
        if last && self.window.start < piece.len() && self.state != State::Quoted {
            self.end_row(piece.len(), piece, rows);
        }
    }

    /// A row ends. One without anything in it is none.
    fn end_row(&mut self, end: usize, piece: &[u8], rows: &mut Vec<Range<usize>>) {
        let row = self.window.start..end;
        if line_end(&piece[row.clone()]) < row.len() {
            rows.push(row);
        }
        self.window.start = end;
        self.state = State::FieldStart;
    }

    /// Whether a quoted field has not ended.
    pub(super) fn is_open(&self) -> bool {
        self.state == State::Quoted
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COMMA: Dialect = Dialect { delimiter: b',', quoting: true };

    fn rows(text: &[u8], piece: usize) -> Vec<Range<usize>> {
        let (mut rows, mut found) = (Rows::new(COMMA), Vec::new());
        let mut end = 0;
        while end < text.len() {
            end = text.len().min(end + piece);
            rows.find(&text[..end], end == text.len(), &mut found);
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn rows_and_fields_are_those_of_the_csv_crate(
            table in prop::collection::vec(prop::collection::vec("[اب ,;\"\n\r]{0,6}", 1..4), 1..5),
            crlf in any::<bool>(), piece in 1_usize..9,
        ) {
            let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
            let mut writer = csv::WriterBuilder::new().flexible(true).terminator(terminator).from_writer(Vec::new());
            for row in &table {
                writer.write_record(row).unwrap();
            }
            let text = writer.into_inner().unwrap();
            let found: Vec<Vec<String>> = rows(&text, piece).into_iter().map(|row| {
                let row = &text[row];
                let fields = COMMA.fields(row).count();
                (0..fields).map(|at| String::from_utf8(COMMA.text(row, at).unwrap().text).unwrap()).collect()
            }).collect();
            prop_assert_eq!(found, table);
        }

        #[test]
        fn any_text_is_cut_where_the_csv_crate_cuts_it(text in "[ab,\"\n\r]{0,24}", piece in 1_usize..9) {
            let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_bytes());
            let theirs: Vec<Vec<Vec<u8>>> = reader.byte_records().map(|row| row.unwrap().iter().map(<[u8]>::to_vec).collect()).collect();
            let mut state = Rows::new(COMMA);
            let mut found = Vec::new();
            state.find(text.as_bytes(), true, &mut found);
            if !state.is_open() {
                prop_assert_eq!(&found, &rows(text.as_bytes(), piece));
                prop_assert_eq!(found.len(), theirs.len());
                for (row, theirs) in found.into_iter().zip(theirs) {
                    let row = &text.as_bytes()[row];
                    prop_assert_eq!(COMMA.fields(row).count(), theirs.len());
                    for (at, theirs) in theirs.into_iter().enumerate() {
                        if let Ok(value) = COMMA.text(row, at) {
                            prop_assert_eq!(value.text, theirs);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_delimiter_is_what_the_header_has_most_of() {
        for (head, delimiter) in [
            ("id,text,site\n1;2;3;4;5", b','),
            ("id;text\n", b';'),
            ("id\ttext\n", b'\t'),
            ("\"a,b,c\"|text\n", b'|'),
            ("text\n", b','),
        ] {
            assert_eq!(sniffed(head.as_bytes(), true), delimiter, "{head}");
        }
    }
}
