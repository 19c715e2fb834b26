//! A field that is added to records, which stay as they are: where it goes, and how it is written there.
//!
//! In a JSON object it is the last field; in a table of rows it is a column behind those that the header names, so in a row
//! with more fields it stands before those, and one with fewer is filled up with empty ones.

use std::borrow::Cow;
use std::io;

use serde::Serialize;

use super::csv::Dialect;
use super::field;
use super::record::{Chunk, Value};
use crate::cut::Insertions;

/// Why a field can't be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnnotationError {
    /// The record has it.
    #[error("has a field {field} already: give the new one another name, as in --annotate=NAME")]
    HasField {
        /// Its name.
        field: String,
    },
    /// The header has it.
    #[error("has a column {column} already: give the new one another name, as in --annotate=NAME")]
    HasColumn {
        /// Its name.
        column: String,
    },
    /// A list can't be told from several fields.
    #[error(
        "a list as JSON has {delimiter:?} in it, which stands between the fields here: without quotation marks it can't be written"
    )]
    Delimiter {
        /// What stands between fields.
        delimiter: char,
    },
    /// The name can't be told from several fields.
    #[error("a column can't be called {column:?} here without quotation marks")]
    Name {
        /// The name.
        column: String,
    },
}

/// How a field is added to the records of a file.
#[derive(Clone, Debug)]
pub(super) enum Annotation {
    /// To JSON objects.
    Object {
        /// What it is called.
        name: String,
        /// The same as it is written, with the colon.
        key: String,
    },
    /// To the rows of a table.
    Column {
        /// The name as it is written in the header.
        header: String,
        /// How many columns there are before.
        columns: usize,
        dialect: Dialect,
    },
}

/// Where the field of a record goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The number of the record in its chunk.
    record: usize,
    /// Where in the chunk.
    at: usize,
    /// How many separators are missing before it.
    separators: usize,
}

impl Annotation {
    /// Of a field with this name in JSON objects.
    pub(super) fn of_objects(name: &str) -> Annotation {
        Annotation::Object { name: name.to_owned(), key: format!("{}:", serde_json::Value::from(name)) }
    }

    /// Of a column with this name behind others.
    pub(super) fn of_column(name: &str, columns: &[String], dialect: Dialect) -> Result<Annotation, AnnotationError> {
        let name = name.trim();
        if columns.iter().any(|column| column == name) {
            return Err(AnnotationError::HasColumn { column: name.to_owned() });
        }
        let Dialect { delimiter, quoting } = dialect;
        let is_special = |byte: u8| byte == delimiter || matches!(byte, b'\n' | b'\r');
        if !quoting && (delimiter.is_ascii_alphanumeric() || b",:[]{}\"\\".contains(&delimiter)) {
            return Err(AnnotationError::Delimiter { delimiter: char::from(delimiter) });
        }
        if !quoting && name.bytes().any(is_special) {
            return Err(AnnotationError::Name { column: name.to_owned() });
        }
        Ok(Annotation::Column { header: written(dialect, name).into_owned(), columns: columns.len(), dialect })
    }
}

impl Chunk {
    /// Where the field that is to be added to a record goes; none where no field is to be added.
    ///
    /// # Errors
    /// The record has it already.
    pub fn slot(&self, value: &Value) -> Result<Option<Slot>, AnnotationError> {
        let (record, Some(annotation)) = (value.record, &self.layout.annotation) else { return Ok(None) };
        match annotation {
            Annotation::Object { name, .. } => {
                let place = self.records[record].clone();
                let object = &self.bytes[place.clone()];
                if field::has(object, name) {
                    return Err(AnnotationError::HasField { field: name.clone() });
                }
                let inside = object.trim_ascii_end().strip_suffix(b"}").unwrap_or(object).trim_ascii_end();
                let separators = usize::from(!inside.ends_with(b"{"));
                Ok(Some(Slot { record, at: place.start + inside.len(), separators }))
            }
            Annotation::Column { columns, dialect, .. } => Ok(Some(self.slot_of_row(record, *columns, *dialect))),
        }
    }

    fn slot_of_row(&self, record: usize, columns: usize, dialect: Dialect) -> Slot {
        let place = self.records[record].clone();
        let (at, fields) = dialect.end_of_column(&self.bytes[place.clone()], columns);
        Slot { record, at: place.start + at, separators: columns - fields + 1 }
    }

    /// What is written into the chunk so that the records with these slots, in order, have these lists in the field that is
    /// added. In a table of rows the others have an empty one, and the header has its name.
    ///
    /// # Errors
    /// A list can't be written as JSON.
    pub fn insertions<T: Serialize>(&self, lists: impl IntoIterator<Item = (Slot, Vec<T>)>) -> io::Result<Insertions> {
        let mut insertions = Insertions::default();
        let mut lists = lists.into_iter().peekable();
        match &self.layout.annotation {
            None => {}
            Some(Annotation::Object { key, .. }) => {
                for (Slot { at, separators, .. }, list) in lists {
                    let comma = &","[..separators];
                    insertions.push(at as u64, &format!("{comma}{key}{}", serde_json::to_string(&list)?));
                }
            }
            Some(Annotation::Column { header, columns, dialect }) => {
                let delimiter = char::from(dialect.delimiter);
                if let Some(place) = &self.header {
                    let (at, _) = dialect.end_of_column(&self.bytes[place.clone()], *columns);
                    insertions.push((place.start + at) as u64, &format!("{delimiter}{header}"));
                }
                for record in 0..self.len() {
                    let (slot, list) = match lists.next_if(|(slot, _)| slot.record == record) {
                        Some((slot, list)) => (slot, serde_json::to_string(&list)?),
                        None => (self.slot_of_row(record, *columns, *dialect), String::new()),
                    };
                    let mut text = delimiter.to_string().repeat(slot.separators);
                    text.push_str(&written(*dialect, &list));
                    insertions.push(slot.at as u64, &text);
                }
            }
        }
        Ok(insertions)
    }
}

/// A field with this text. Where there are no quotation marks the text is JSON in which the delimiter stands in strings only.
fn written(Dialect { delimiter, quoting }: Dialect, text: &str) -> Cow<'_, str> {
    let has_delimiter = text.as_bytes().contains(&delimiter);
    if !quoting {
        let escape = || text.replace(char::from(delimiter), &format!("\\u{delimiter:04x}"));
        return if has_delimiter { Cow::Owned(escape()) } else { Cow::Borrowed(text) };
    }
    if has_delimiter || text.contains(['"', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, RecordOptions, RecordReader, record};
    use super::*;
    use crate::cut::FileCuts;
    use crate::source::Opened;

    fn annotated(file: &str, format: Format, options: RecordOptions) -> Result<String, String> {
        let opened = Opened { head: file.into(), reader: Box::new(io::empty()), file: None, raw: None };
        let options = RecordOptions { annotate: Some("repeats".to_owned()), ..options };
        let mut reader = RecordReader::new(opened, format, &options);
        let mut out = Vec::new();
        while let Some(chunk) = reader.next(Vec::new()).map_err(|error| error.to_string())? {
            let mut slots = Vec::new();
            for value in (0..chunk.len()).filter_map(|record| chunk.text(record).ok()) {
                let slot = chunk.slot(&value).map_err(|error| error.to_string())?;
                slots.extend(slot.map(|slot| (slot, vec![[1, 2]; value.text.len() % 2])));
            }
            let insertions = chunk.insertions(slots).unwrap();
            record::write_changed(&chunk.bytes, &FileCuts { insertions, ..FileCuts::default() }, &mut out).unwrap();
        }
        Ok(String::from_utf8(out).unwrap())
    }

    fn of(file: &str, format: Format) -> String {
        annotated(file, format, RecordOptions::default()).unwrap()
    }

    #[test]
    fn objects_have_it_last_and_what_is_none_stays() {
        assert_eq!(
            of(
                "{\"text\":\"\"}\r\n{\"text\" : \"a\" \t} \n[]\n{}\n{\"text\":null }\n{\"a\":{\"repeats\":1},\"text\":[]}",
                Format::JsonLines
            ),
            "{\"text\":\"\",\"repeats\":[]}\r\n{\"text\" : \"a\",\"repeats\":[[1,2]] \t} \n[]\n{}\n{\"text\":null }\n\
             {\"a\":{\"repeats\":1},\"text\":[],\"repeats\":[]}"
        );
        assert_eq!(
            of("\u{FEFF}[ {\"text\":\"\"\n} , 7,{\"text\":\"}\"}\n]", Format::Json),
            "\u{FEFF}[ {\"text\":\"\",\"repeats\":[]\n} , 7,{\"text\":\"}\",\"repeats\":[[1,2]]}\n]"
        );
    }

    #[test]
    fn a_field_that_is_there_is_not_written_twice() {
        let error = |file: &str, format| annotated(file, format, RecordOptions::default()).unwrap_err();
        let field = error("{\"repea\\u0074s\":0,\"text\":\"\"}", Format::JsonLines);
        assert!(field.starts_with("has a field repeats already"), "{field}");
        let column = error("text,\" repeats \"\na,b\n", Format::Csv);
        assert!(column.starts_with("has a column repeats already"), "{column}");
    }

    #[test]
    fn rows_have_it_behind_the_columns_of_the_header() {
        assert_eq!(
            of("\u{FEFF}text,id\r\na,1\r\n\r\n\"\",2\r\na\r\nbb,1,x,y\r\n\"a\"\"\",1", Format::Csv),
            "\u{FEFF}text,id,repeats\r\na,1,\"[[1,2]]\"\r\n\r\n\"\",2,[]\r\na,,\"[[1,2]]\"\r\nbb,1,[],x,y\r\n\"a\"\"\",1,[]"
        );
        assert_eq!(of("id\ttext\n1\ta\n2\n", Format::Tsv), "id\ttext\trepeats\n1\ta\t[[1,2]]\n2\t\t\n");
        // The text can't be told, and the row is one all the same.
        assert_eq!(of("id,text\n1,\"a\"b\n", Format::Csv), "id,text,repeats\n1,\"a\"b,\n");
    }

    #[test]
    fn without_quotation_marks_a_list_has_to_fit_between_delimiters() {
        let options =
            |delimiter: u8| RecordOptions { delimiter: Some(delimiter), quoting: false, ..RecordOptions::default() };
        assert_eq!(annotated("text;n\n\"a;1", Format::Csv, options(b';')).unwrap(), "text;n;repeats\n\"a;1;[]");
        let error = annotated("text,n\na,1", Format::Csv, options(b',')).unwrap_err();
        assert!(error.starts_with("a list as JSON has ',' in it"), "{error}");
        assert_eq!(written(Dialect { delimiter: b'|', quoting: false }, "[\"a|b\"]"), "[\"a\\u007cb\"]");
    }
}
