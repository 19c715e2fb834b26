//! Records: documents that lie side by side in a file, each with its text somewhere in it.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use memchr::memchr;
use serde::{Deserialize, Serialize};

use super::annotation::Annotation;
use super::field::FieldError;
use super::json_lines::Lines;
use super::{csv, field};
use crate::cut::FileCuts;
use crate::source::Sample;
use crate::unit::{Splitter, UnitKind, byte_order_mark, terminator};

/// Where the text of records is looked for.
#[derive(Clone, Debug)]
pub struct RecordOptions {
    /// The field with the text: a name, or a path of names with dots between; none means [`TEXT_FIELDS`].
    pub text_field: Option<String>,
    /// The field that a record is called by.
    pub id_field: Option<String>,
    /// What stands between the fields of a row; none means what the header looks like.
    pub delimiter: Option<u8>,
    /// Whether quotation marks around the fields of a row belong to the format, and not to the text.
    pub quoting: bool,
    /// What stands between the paragraphs of a text that is an array: at least a line end.
    pub joint: &'static str,
    /// What decides which chunks are looked at; none means all.
    pub sample: Option<Arc<Sample>>,
    /// The name of the field that is added to the records, but for those of Parquet; none means that none is.
    pub annotate: Option<String>,
}

/// The fields that are taken for the text, the first of them that there is.
pub const TEXT_FIELDS: [&str; 4] = ["text", "content", "body", "article"];

impl Default for RecordOptions {
    fn default() -> RecordOptions {
        RecordOptions {
            text_field: None,
            id_field: None,
            delimiter: None,
            quoting: true,
            joint: "\n",
            sample: None,
            annotate: None,
        }
    }
}

/// How the text lies in the records of a file.
#[derive(Clone, Debug)]
pub struct Layout {
    /// What the field with the text is called; none as long as no record had one.
    pub text_field: Option<String>,
    pub(super) id_field: String,
    pub(super) fields: Fields,
    pub(super) joint: &'static str,
    pub(super) annotation: Option<Annotation>,
}

/// How the fields of a record are found.
#[derive(Clone, Debug)]
pub(super) enum Fields {
    /// By name, in a JSON object.
    Json,
    /// By number, in a row of a table of columns: the places come with the chunk.
    #[cfg(feature = "parquet")]
    Rows,
    /// By number, in a row.
    Row { text: usize, id: Option<usize>, dialect: csv::Dialect },
}

/// Some of the records of a file, with all the bytes from the end of those before.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Where each record is, with what ends it if that goes with it.
    pub(super) records: Vec<Range<usize>>,
    /// Whether records are set apart by what stands between them, rather than ended by what is in them.
    pub(super) separated: bool,
    /// Whether the file begins with the chunk.
    pub(super) begins: bool,
    /// Where the row is that names the columns, which is no record.
    pub(super) header: Option<Range<usize>>,
    /// Of a table of columns: its rows, of which the bytes are the texts.
    pub(super) rows: Option<Rows>,
    pub(super) layout: Arc<Layout>,
}

/// Rows of a table of columns.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    pub(super) places: Vec<RowPlace>,
    pub(super) ids: Vec<Option<String>>,
}

/// Where the text of a row is in the bytes of its chunk.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "parquet"), allow(dead_code, reason = "only Parquet has such rows"))]
pub(super) enum RowPlace {
    Null,
    One(Range<usize>),
    /// The paragraphs of a list, with its nulls.
    Many(Vec<Option<Range<usize>>>),
}

/// Why a record has no text to compare. It passes through as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoText {
    /// The field is not there.
    Missing,
    /// The text is null.
    Null,
    /// The text is something else than a string or an array of strings.
    NotText,
    /// The text has half of a surrogate pair, which is no character.
    LoneSurrogate,
    /// The record is not in the format.
    Malformed {
        /// Where in the record, in bytes.
        at: usize,
        /// What is wrong.
        reason: String,
    },
}

/// Records that have no text to compare, by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// The field is not there.
    pub missing: u64,
    /// The text is null.
    pub null: u64,
    /// The text is something else than a string or an array of strings.
    pub not_text: u64,
    /// The text has half of a surrogate pair.
    pub lone_surrogate: u64,
    /// The record is not in the format.
    pub malformed: u64,
}

impl Passed {
    /// Counts a record.
    pub fn add(&mut self, reason: &NoText) {
        let count = match reason {
            NoText::Missing => &mut self.missing,
            NoText::Null => &mut self.null,
            NoText::NotText => &mut self.not_text,
            NoText::LoneSurrogate => &mut self.lone_surrogate,
            NoText::Malformed { .. } => &mut self.malformed,
        };
        *count += 1;
    }

    /// Counts those that were counted elsewhere.
    pub fn add_all(&mut self, other: &Passed) {
        self.missing += other.missing;
        self.null += other.null;
        self.not_text += other.not_text;
        self.lone_surrogate += other.lone_surrogate;
        self.malformed += other.malformed;
    }

    /// How many there are.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.missing + self.null + self.not_text + self.lone_surrogate + self.malformed
    }
}

/// The text of a record, and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The text.
    pub text: Vec<u8>,
    /// The number of the record in its chunk.
    pub(super) record: usize,
    pub(super) coding: Coding,
    pub(super) parts: Parts,
}

/// How the bytes of a text are written in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// As they are.
    Plain,
    /// As a JSON string.
    Json,
    /// With quotation marks doubled.
    Doubled,
}

/// A part of a text: where it is in the text, and where it is written in the chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) text: Range<usize>,
    pub(super) written: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Parts {
    One(Part),
    /// The strings of an array, written in quotation marks.
    Strings(Vec<Part>),
    /// The strings of a list, written as they are, and the numbers from 0 that they have in it.
    Plain(Vec<Part>, Vec<u64>),
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Where it is in the chunk, with its name and the comma that goes with it.
    pub whole: Range<u64>,
    /// Its value, as it is written.
    pub value: &'a [u8],
}

/// What goes of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removed {
    /// These stretches of its bytes.
    Stretches(Vec<Range<u64>>),
    /// All of it.
    Record,
}

impl Layout {
    /// The field that records are called by.
    #[must_use]
    pub fn id_field(&self) -> &str {
        &self.id_field
    }
}

impl Chunk {
    /// JSON Lines that are at hand, all of them.
    #[must_use]
    pub fn of_json_lines(bytes: Vec<u8>, options: &RecordOptions) -> Chunk {
        let (mut lines, mut records) = (Lines::default(), Vec::new());
        lines.window.skip(byte_order_mark(&bytes));
        lines.find(&bytes, true, &mut records);
        let layout = Layout::of_objects(options);
        Chunk { bytes, records, separated: false, begins: true, header: None, rows: None, layout: Arc::new(layout) }
    }

    /// The number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether the records are rows of a table of columns, whose bytes are not those of the file.
    #[must_use]
    pub fn is_of_rows(&self) -> bool {
        self.rows.is_some()
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether the file begins with the chunk.
    #[must_use]
    pub fn begins(&self) -> bool {
        self.begins
    }

    /// How the text lies in the records.
    #[must_use]
    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// The text of a record.
    ///
    /// # Errors
    /// It has none.
    pub fn text(&self, record: usize) -> Result<Value, NoText> {
        if let Some(rows) = &self.rows {
            return rows.text(record, &self.bytes, self.layout.joint);
        }
        let place = self.records[record].clone();
        let bytes = &self.bytes[place.clone()];
        let Layout { fields, text_field, joint, .. } = &*self.layout;
        let value = match fields {
            Fields::Json => field::text(bytes, text_field.as_deref().unwrap_or(TEXT_FIELDS[0]), joint),
            #[cfg(feature = "parquet")]
            Fields::Rows => Err(NoText::Missing),
            Fields::Row { text, dialect, .. } => dialect.text(bytes, *text),
        };
        value.map(|value| Value { record, ..value.moved(place.start) })
    }

    /// What a record is called by itself.
    #[must_use]
    pub fn id(&self, record: usize) -> Option<String> {
        if let Some(rows) = &self.rows {
            return rows.ids.get(record).cloned().flatten();
        }
        let bytes = &self.bytes[self.records[record].clone()];
        match &self.layout.fields {
            #[cfg(feature = "parquet")]
            Fields::Rows => None,
            Fields::Json => field::label(bytes, &self.layout.id_field),
            Fields::Row { id, dialect, .. } => {
                let value = dialect.text(bytes, (*id)?).ok()?;
                String::from_utf8(value.text).ok().filter(|id| !id.is_empty())
            }
        }
    }

    /// A field that a JSON object has itself.
    ///
    /// # Errors
    /// The record is no object, the field is there more than once, or its name is written with escapes.
    pub fn field(&self, record: usize, name: &str) -> Result<Option<Field<'_>>, FieldError> {
        let place = self.records[record].clone();
        let bytes = &self.bytes[place.clone()];
        let field = field::sole(bytes, name)?;
        Ok(field.map(|field::Place { whole, value }| Field {
            whole: long(&(place.start + whole.start..place.start + whole.end)),
            value: &bytes[value],
        }))
    }

    /// Where a record is in the bytes, with what ends it if that goes with it.
    #[must_use]
    pub fn place(&self, record: usize) -> Range<u64> {
        long(&self.records[record])
    }

    /// Where an empty field has to be written, so that a row of which these stretches go, one at most, is still a row and not
    /// a blank line.
    #[must_use]
    pub fn fill(&self, record: usize, stretches: &[Range<u64>]) -> Option<u64> {
        let Fields::Row { dialect, .. } = &self.layout.fields else { return None };
        let [cut] = stretches else { return None };
        let row = self.records[record].clone();
        let is_all = cut.start as usize == row.start && csv::is_line_end(&self.bytes[cut.end as usize..row.end]);
        (dialect.quoting && is_all).then_some(cut.start)
    }

    /// The stretches of the chunk that go, in order, if of its records goes what is said, in order. `any_kept` is whether
    /// a record before was kept, and after it whether one was up to here.
    #[must_use]
    pub fn cuts(&self, removed: impl IntoIterator<Item = (usize, Removed)>, any_kept: &mut bool) -> Vec<Range<u64>> {
        let mut cuts = Vec::new();
        let mut removed = removed.into_iter().peekable();
        if !self.separated {
            for (record, removed) in removed {
                match removed {
                    Removed::Stretches(stretches) => cuts.extend(stretches),
                    Removed::Record => cuts.push(long(&self.records[record])),
                }
            }
            return cuts;
        }
        let mut before = 0;
        let mut is_first = !*any_kept;
        for (record, place) in self.records.iter().enumerate() {
            let separator = before..place.start;
            before = place.end;
            let removed = removed.next_if(|(removed, _)| *removed == record).map(|(_, removed)| removed);
            // What stands before the first record of all is no separator.
            let begins = record == 0 && self.begins;
            match removed {
                Some(Removed::Record) => {
                    if !begins {
                        cuts.push(long(&separator));
                    }
                    cuts.push(long(place));
                    continue;
                }
                _ if is_first && !begins => cuts.push(long(&separator)),
                _ => {}
            }
            is_first = false;
            *any_kept = true;
            if let Some(Removed::Stretches(stretches)) = removed {
                cuts.extend(stretches);
            }
        }
        cuts
    }
}

impl Rows {
    fn text(&self, row: usize, bytes: &[u8], joint: &str) -> Result<Value, NoText> {
        match &self.places[row] {
            RowPlace::Null => Err(NoText::Null),
            RowPlace::One(place) => {
                let value = Value::one(bytes[place.clone()].to_vec(), place.clone(), Coding::Plain);
                Ok(Value { record: row, ..value })
            }
            RowPlace::Many(places) => {
                let (mut text, mut parts, mut numbers) = (Vec::new(), Vec::with_capacity(places.len()), Vec::new());
                for (number, place) in places.iter().enumerate() {
                    let Some(place) = place else { continue };
                    if !parts.is_empty() {
                        text.extend_from_slice(joint.as_bytes());
                    }
                    let start = text.len();
                    text.extend_from_slice(&bytes[place.clone()]);
                    parts.push(Part { text: start..text.len(), written: place.clone() });
                    numbers.push(number as u64);
                }
                Ok(Value { text, record: row, coding: Coding::Plain, parts: Parts::Plain(parts, numbers) })
            }
        }
    }
}

/// Writes the bytes of a chunk without the stretches that go, which are in order.
///
/// # Errors
/// `out` can't be written.
pub fn write(bytes: &[u8], cuts: &[Range<u64>], out: &mut dyn Write) -> io::Result<()> {
    write_filled(bytes, cuts, &[], out)
}

/// As [`write()`]; in the place of the cuts that begin at `fills` stands an empty field in quotation marks.
///
/// # Errors
/// `out` can't be written.
pub fn write_filled(bytes: &[u8], cuts: &[Range<u64>], fills: &[u64], out: &mut dyn Write) -> io::Result<()> {
    let mut at = 0;
    let mut fills = fills.iter().peekable();
    for cut in cuts {
        out.write_all(&bytes[at..cut.start as usize])?;
        if fills.next_if_eq(&&cut.start).is_some() {
            out.write_all(EMPTY_FIELD.as_bytes())?;
        }
        at = cut.end as usize;
    }
    out.write_all(&bytes[at..])
}

/// Writes the bytes of a chunk as all of this makes it.
///
/// # Errors
/// `out` can't be written.
pub fn write_changed(bytes: &[u8], cuts: &FileCuts, out: &mut dyn Write) -> io::Result<()> {
    let mut at = 0;
    for (range, with) in cuts.changes(EMPTY_FIELD) {
        out.write_all(&bytes[at..range.start as usize])?;
        out.write_all(with.as_bytes())?;
        at = range.end as usize;
    }
    out.write_all(&bytes[at..])
}

/// A field with nothing in it that is written all the same.
pub const EMPTY_FIELD: &str = "\"\"";

impl Value {
    /// A text that is written in one piece.
    pub(super) fn one(text: Vec<u8>, written: Range<usize>, coding: Coding) -> Value {
        let part = Part { text: 0..text.len(), written };
        Value { text, record: 0, coding, parts: Parts::One(part) }
    }

    /// A text whose parts are the strings of a JSON array.
    pub(super) fn strings(text: Vec<u8>, parts: Vec<Part>) -> Value {
        Value { text, record: 0, coding: Coding::Json, parts: Parts::Strings(parts) }
    }

    fn moved(mut self, by: usize) -> Value {
        let parts = match &mut self.parts {
            Parts::One(part) => std::slice::from_mut(part),
            Parts::Strings(parts) | Parts::Plain(parts, _) => parts,
        };
        for part in parts {
            part.written = part.written.start + by..part.written.end + by;
        }
        self
    }

    /// Where stretches of the text, in order, are written in `bytes`, those of the chunk. Of an array, a string of which all
    /// goes is left out with its comma, and one of which only white space would go stays as it is.
    #[must_use]
    pub fn written(&self, text: &[u8], bytes: &[u8], stretches: &[Range<u64>]) -> Vec<Range<u64>> {
        match &self.parts {
            Parts::One(part) => written_in(self.coding, bytes, part, stretches),
            Parts::Strings(parts) => strings_without(text, bytes, parts, stretches),
            Parts::Plain(parts, _) => parts
                .iter()
                .flat_map(|part| match Goes::of(text, part, stretches) {
                    Goes::Nothing => Vec::new(),
                    Goes::Stretches(here) => written_in(Coding::Plain, bytes, part, &here),
                    Goes::All => vec![long(&part.written)],
                })
                .collect(),
        }
    }
}

pub(super) fn long(range: &Range<usize>) -> Range<u64> {
    range.start as u64..range.end as u64
}

/// Where stretches of a text are written, as far as they lie in a part of it.
pub(super) fn written_in(coding: Coding, bytes: &[u8], part: &Part, stretches: &[Range<u64>]) -> Vec<Range<u64>> {
    let written = &bytes[part.written.clone()];
    let mut walk = Walk::new(coding, written);
    let inside = |at: u64| (at as usize).clamp(part.text.start, part.text.end) - part.text.start;
    let places = stretches.iter().map(|stretch| inside(stretch.start)..inside(stretch.end));
    places
        .filter(|stretch| !stretch.is_empty())
        .map(|stretch| part.written.start + walk.to(stretch.start)..part.written.start + walk.to(stretch.end))
        .map(|cut| long(&cut))
        .collect()
}

/// What goes of a string of an array.
pub(super) enum Goes {
    Nothing,
    /// These.
    Stretches(Vec<Range<u64>>),
    All,
}

impl Goes {
    /// Of a part of a text. What is set apart by lines in the text is set apart by the array already, so white space goes
    /// only together with a unit of the same string.
    pub(super) fn of(text: &[u8], part: &Part, stretches: &[Range<u64>]) -> Goes {
        let (start, end) = (part.text.start as u64, part.text.end as u64);
        let first = stretches.partition_point(|stretch| stretch.end <= start);
        let last = stretches.partition_point(|stretch| stretch.start < end);
        let here = stretches.get(first..last).unwrap_or_default();
        let bytes = |range: Range<u64>| &text[range.start as usize..range.end as usize];
        if !here.iter().any(|cut| has_unit(bytes(cut.start.max(start)..cut.end.min(end)))) {
            return Goes::Nothing;
        }
        let mut before = start;
        let mut left = here.iter().map(|cut| std::mem::replace(&mut before, cut.end)..cut.start).collect::<Vec<_>>();
        left.push(before..end);
        let stays = left.into_iter().any(|range| range.start < range.end && has_unit(bytes(range)));
        if !stays {
            return Goes::All;
        }
        let mut here: Vec<_> = here.iter().map(|cut| cut.start.max(start)..cut.end.min(end)).collect();
        if let Some(last) = here.last_mut().filter(|last| last.end == end)
            && terminator(bytes(start..end)) == 0
        {
            // A string that ended without a line end does so still.
            last.start -= terminator(bytes(start..last.start)) as u64;
        }
        Goes::Stretches(here)
    }
}

/// Whether there is anything but white space.
fn has_unit(text: &[u8]) -> bool {
    let mut found = false;
    Splitter::new(UnitKind::Line).split(text, true, |_, _| found = true);
    found
}

fn strings_without(text: &[u8], bytes: &[u8], parts: &[Part], stretches: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut cuts = Vec::new();
    let (mut any_kept, mut before) = (false, None);
    for part in parts {
        let quoted = part.written.start - 1..part.written.end + 1;
        let separator = before.replace(quoted.end).map(|end| end..quoted.start);
        let goes = Goes::of(text, part, stretches);
        let all = matches!(goes, Goes::All);
        if all || !any_kept {
            cuts.extend(separator.as_ref().map(long));
        }
        if all {
            cuts.push(long(&quoted));
        } else {
            any_kept = true;
            if let Goes::Stretches(here) = goes {
                cuts.extend(written_in(Coding::Json, bytes, part, &here));
            }
        }
    }
    cuts
}

/// Goes through a written text, to find where a place of the text is written.
pub(super) struct Walk<'a> {
    coding: Coding,
    written: &'a [u8],
    at: usize,
    text: usize,
}

impl<'a> Walk<'a> {
    /// From the start.
    pub(super) fn new(coding: Coding, written: &'a [u8]) -> Walk<'a> {
        Walk { coding, written, at: 0, text: 0 }
    }

    /// Where the text's byte number `text` is written. Asked for in order.
    pub(super) fn to(&mut self, text: usize) -> usize {
        while self.text < text {
            let rest = &self.written[self.at..];
            let special = match self.coding {
                Coding::Plain => None,
                Coding::Json => memchr(b'\\', rest),
                Coding::Doubled => memchr(b'"', rest),
            };
            let plain = special.unwrap_or(rest.len()).min(text - self.text);
            self.at += plain;
            self.text += plain;
            if self.text == text || plain == rest.len() {
                break;
            }
            let (written, len) = match self.coding {
                Coding::Json => field::escape(&self.written[self.at..]),
                Coding::Plain | Coding::Doubled => (2, 1),
            };
            self.at += written;
            self.text += len;
        }
        self.at
    }
}
