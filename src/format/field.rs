//! The fields of a JSON object, and the text of JSON strings.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use memchr::memchr;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::record::{Coding, NoText, Part, Value};

/// The text of a JSON object: the string, or the array of strings, at a path of names with dots between.
pub(super) fn text(record: &[u8], path: &str, joint: &str) -> Result<Value, NoText> {
    let readable = readable(record);
    let found = at_path(&readable, path).map_err(|error| not_read(&error, &readable))?.ok_or(NoText::Missing)?;
    let place = |value: &RawValue| {
        // The value is a part of the record.
        let start = value.get().as_ptr() as usize - readable.as_ptr() as usize;
        start + 1..start + value.get().len() - 1
    };
    match found.get().as_bytes()[0] {
        b'"' => {
            let written = place(found);
            let mut text = Vec::new();
            decode(&record[written.clone()], &mut text)?;
            Ok(Value::one(text, written, Coding::Json))
        }
        b'[' => {
            let strings: Vec<&RawValue> = serde_json::from_str(found.get()).map_err(|_| NoText::NotText)?;
            let (mut text, mut parts) = (Vec::new(), Vec::with_capacity(strings.len()));
            for string in strings {
                if !string.get().starts_with('"') {
                    return Err(NoText::NotText);
                }
                if !parts.is_empty() {
                    text.extend_from_slice(joint.as_bytes());
                }
                let (start, written) = (text.len(), place(string));
                decode(&record[written.clone()], &mut text)?;
                parts.push(Part { text: start..text.len(), written });
            }
            Ok(Value::strings(text, parts))
        }
        b'n' => Err(NoText::Null),
        _ => Err(NoText::NotText),
    }
}

/// What an object says at a path, if it is a string or a number.
pub(super) fn label(record: &[u8], path: &str) -> Option<String> {
    let readable = readable(record);
    let found = at_path(&readable, path).ok()??.get();
    match found.as_bytes()[0] {
        b'"' => {
            let mut text = Vec::new();
            decode(&found.as_bytes()[1..found.len() - 1], &mut text).ok()?;
            String::from_utf8(text).ok()
        }
        b'-' | b'0'..=b'9' => Some(found.to_owned()),
        _ => None,
    }
}

/// The first of these fields that an object has.
pub(super) fn first_of(record: &[u8], names: &[&'static str]) -> Option<&'static str> {
    let readable = readable(record);
    names.iter().copied().find(|name| matches!(at_path(&readable, name), Ok(Some(_))))
}

/// Whether an object has a field of this name itself.
pub(super) fn has(record: &[u8], name: &str) -> bool {
    matches!(member(&readable(record), name), Ok(Some(_)))
}

/// The place of a field of an object itself, from the start of the object.
///
/// # Errors
/// These bytes are no object, the field is there more than once, or its name is written with escapes.
pub(super) fn sole(record: &[u8], name: &str) -> Result<Option<Place>, FieldError> {
    let readable = readable(record);
    let found = members(&readable, name).map_err(|error| match not_read(&error, &readable) {
        NoText::Malformed { at, reason } => FieldError::Malformed { at, reason },
        _ => FieldError::Malformed { at: 0, reason: "it is no object".to_owned() },
    })?;
    let value = match found[..] {
        [] => return Ok(None),
        [value] => value.get(),
        _ => return Err(FieldError::Unclear),
    };
    // The value is a part of the record, with its name before it and commas around.
    let start = value.as_ptr() as usize - readable.as_ptr() as usize;
    let value = start..start + value.len();
    let before = record[..start].trim_ascii_end();
    let before = before.strip_suffix(b":").unwrap_or(before).trim_ascii_end();
    let quoted = serde_json::Value::from(name).to_string();
    let Some(before) = before.strip_suffix(quoted.as_bytes()) else { return Err(FieldError::Unclear) };
    let whole = match before.trim_ascii_end().strip_suffix(b",") {
        Some(before) => before.len()..value.end,
        None => {
            let behind = record[value.end..].trim_ascii_start();
            let end = if behind.starts_with(b",") { record.len() - behind.len() + 1 } else { value.end };
            before.len()..end
        }
    };
    Ok(Some(Place { whole, value }))
}

/// Where a field is.
#[derive(Debug)]
pub(super) struct Place {
    /// With its name, and the comma that goes with it.
    pub(super) whole: Range<usize>,
    pub(super) value: Range<usize>,
}

/// Why a field can't be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// The record is no JSON object.
    Malformed {
        /// Where in the record, in bytes.
        at: usize,
        /// What is wrong.
        reason: String,
    },
    /// The field is there more than once, or its name is written with escapes.
    Unclear,
}

/// Whether these bytes are an object and nothing else.
pub(super) fn is_object(bytes: &[u8]) -> bool {
    bytes.first() == Some(&b'{') && serde_json::from_str::<IgnoredAny>(&readable(bytes)).is_ok()
}

/// The record with a sign in the place of each byte that is not UTF-8, so that what is in it can be found all the same.
fn readable(record: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = simdutf8::basic::from_utf8(record) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(record.len());
    for chunk in record.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    Cow::Owned(text)
}

fn not_read(error: &serde_json::Error, record: &str) -> NoText {
    let whole = if error.is_data() { serde_json::from_str::<IgnoredAny>(record).err() } else { None };
    let error = match (&whole, error.is_data()) {
        // It is some other JSON value than an object.
        (None, true) => return NoText::Missing,
        (Some(error), _) => error,
        (None, false) => error,
    };
    let line_start = record.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
    NoText::Malformed { at: line_start + error.column().saturating_sub(1), reason }
}

/// The value at a path. A name with dots in it is taken as it is first. Of several fields of a name the last counts, as
/// nearly everywhere.
fn at_path<'a>(record: &'a str, path: &str) -> serde_json::Result<Option<&'a RawValue>> {
    let found = member(record, path)?;
    match path.split_once('.') {
        Some((name, rest)) if found.is_none() => match member(record, name)? {
            Some(inner) if inner.get().starts_with('{') => at_path(inner.get(), rest),
            _ => Ok(None),
        },
        _ => Ok(found),
    }
}

/// The value of a field of an object, which has to be valid to its end.
fn member<'a>(object: &'a str, name: &str) -> serde_json::Result<Option<&'a RawValue>> {
    Ok(members(object, name)?.last().copied())
}

/// The values of all fields of this name that an object has, which has to be valid to its end.
fn members<'a>(object: &'a str, name: &str) -> serde_json::Result<Vec<&'a RawValue>> {
    let mut deserializer = serde_json::Deserializer::from_str(object);
    let found = All(name).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(found)
}

/// Finds the values of all fields of a name.
struct All<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for All<'_> {
    type Value = Vec<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for All<'_> {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut found = Vec::new();
        while let Some(is_it) = map.next_key_seed(IsName(self.0))? {
            if is_it {
                found.push(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Whether a key is this name.
struct IsName<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for IsName<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for IsName<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

/// Appends the text of a JSON string, which is valid and comes without its quotation marks.
///
/// # Errors
/// It has half of a surrogate pair.
fn decode(mut written: &[u8], text: &mut Vec<u8>) -> Result<(), NoText> {
    text.reserve(written.len());
    while let Some(at) = memchr(b'\\', written) {
        text.extend_from_slice(&written[..at]);
        written = &written[at..];
        let byte = match written[1] {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let (len, letter) = letter(written);
                let letter = letter.ok_or(NoText::LoneSurrogate)?;
                text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                written = &written[len..];
                continue;
            }
            other => other,
        };
        text.push(byte);
        written = &written[2..];
    }
    text.extend_from_slice(written);
    Ok(())
}

/// The length of the escape that the bytes start with, and that of the text it stands for.
pub(super) fn escape(written: &[u8]) -> (usize, usize) {
    match written.get(1) {
        Some(b'u') => {
            let (len, letter) = letter(written);
            (len, letter.map_or(3, char::len_utf8))
        }
        _ => (2, 1),
    }
}

/// The length of a `\u` escape, or of two that are a pair, and the letter, if it is one.
fn letter(written: &[u8]) -> (usize, Option<char>) {
    let unit = |at: usize| {
        let digits = written.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let units = [unit(0).unwrap_or_default(), unit(6).unwrap_or_default()];
    let is_pair = matches!(units, [0xD800..=0xDBFF, 0xDC00..=0xDFFF]);
    let len = if is_pair { 12 } else { 6 };
    let letter = char::decode_utf16(units).next().and_then(Result::ok);
    (len, letter)
}
