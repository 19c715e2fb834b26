//! Values of options: as a `tikrar.toml` has them, and as the command line does.

use std::ffi::OsString;
use std::fmt::{self, Write as _};
use std::path::Path;

use toml::de::DeValue;

/// What an option holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Flag,
    Number,
    Text,
    TextOrNumber,
    Texts,
    /// Texts that the command line takes as one, with commas.
    Labels,
    Path,
    Paths,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Flag(bool),
    /// Digits, as the command line takes them.
    Number(String),
    Text(String),
    Texts(Vec<String>),
}

/// A part of a value that can be looked at by itself, and where it is.
pub(super) type Part = (Value, std::ops::Range<usize>);

impl Holds {
    /// What is to be written for it.
    fn wanted(self) -> &'static str {
        match self {
            Holds::Flag => "true or false",
            Holds::Number => "a whole number, without quotation marks",
            Holds::Text => "a string, in quotation marks",
            Holds::TextOrNumber => "a number, or a string in quotation marks",
            Holds::Texts | Holds::Labels => "a string in quotation marks, or a list of such in [ ]",
            Holds::Path => "a path, in quotation marks",
            Holds::Paths => "a path in quotation marks, or a list of such in [ ]",
        }
    }

    /// The value that is written there, part by part, and as a whole.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub(super) fn read(
        self,
        name: &str,
        value: &toml::Spanned<DeValue<'_>>,
    ) -> Result<(Value, Vec<Part>), (std::ops::Range<usize>, String)> {
        let wrong = |at: &toml::Spanned<DeValue<'_>>| {
            (at.span(), format!("`{name}` is {}, and this is {}", self.wanted(), kind(at.get_ref())))
        };
        let takes_number = matches!(self, Holds::Number | Holds::TextOrNumber);
        let is_list = matches!(self, Holds::Texts | Holds::Labels | Holds::Paths);
        let read = match value.get_ref() {
            DeValue::Boolean(flag) if self == Holds::Flag => Value::Flag(*flag),
            DeValue::Integer(number) if takes_number => {
                let read = i128::from_str_radix(number.as_str(), number.radix());
                let too_large = |_| (value.span(), format!("{name}: {number} is too large a number"));
                Value::Number(read.map_err(too_large)?.to_string())
            }
            DeValue::Float(number) if self == Holds::TextOrNumber => Value::Number(number.as_str().to_owned()),
            DeValue::String(text) if is_list => Value::Texts(vec![text.to_string()]),
            DeValue::String(text) if !matches!(self, Holds::Flag | Holds::Number) => Value::Text(text.to_string()),
            DeValue::Array(elements) if is_list => {
                let mut texts = Vec::new();
                let mut parts = Vec::new();
                for element in elements {
                    let DeValue::String(text) = element.get_ref() else { return Err(wrong(element)) };
                    texts.push(text.to_string());
                    parts.push((Value::Texts(vec![text.to_string()]), element.span()));
                }
                return Ok((Value::Texts(texts), parts));
            }
            _ => return Err(wrong(value)),
        };
        Ok((read.clone(), vec![(read, value.span())]))
    }

    /// The value that was given on the command line, each time the option was.
    pub(super) fn given(self, mut values: Vec<String>) -> Value {
        match self {
            Holds::Flag => Value::Flag(true),
            Holds::Texts | Holds::Paths => Value::Texts(values),
            Holds::Labels => Value::Texts(values.iter().flat_map(|list| list.split(',')).map(str::to_owned).collect()),
            Holds::Number | Holds::Text | Holds::TextOrNumber | Holds::Path => {
                let value = values.pop().unwrap_or_default();
                let is_number =
                    !value.is_empty() && value.len() < 19 && value.bytes().all(|byte| byte.is_ascii_digit());
                let takes_number = matches!(self, Holds::Number | Holds::TextOrNumber);
                // A number in TOML does not begin with 0.
                let is_plain = is_number && (value == "0" || !value.starts_with('0'));
                if takes_number && is_plain { Value::Number(value) } else { Value::Text(value) }
            }
        }
    }

    /// The arguments that give the value on the command line. Paths are from this folder.
    pub(super) fn arguments(self, name: &str, value: &Value, folder: &Path) -> Vec<OsString> {
        let argument = |value: &str| {
            let mut argument = OsString::from(format!("--{name}="));
            match self {
                Holds::Path | Holds::Paths => argument.push(folder.join(value)),
                _ => argument.push(value),
            }
            argument
        };
        match value {
            Value::Flag(true) => vec![format!("--{name}").into()],
            Value::Flag(false) => Vec::new(),
            Value::Number(value) | Value::Text(value) => vec![argument(value)],
            Value::Texts(values) if values.is_empty() => Vec::new(),
            Value::Texts(values) if self == Holds::Labels => vec![argument(&values.join(","))],
            Value::Texts(values) => values.iter().map(|value| argument(value)).collect(),
        }
    }
}

/// What there is, in words.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

impl fmt::Display for Value {
    /// As it is written in TOML.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Flag(flag) => write!(f, "{flag}"),
            Value::Number(number) => f.write_str(number),
            Value::Text(text) => f.write_str(&quoted(text)),
            Value::Texts(texts) => {
                let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
                write!(f, "[{}]", texts.join(", "))
            }
        }
    }
}

/// A string of TOML, on one line. What can't be seen is escaped, and so is what would turn the line around.
pub(super) fn quoted(text: &str) -> String {
    let is_unseen = |c: char| c != ' ' && (c.is_control() || crate::fold::is_unseen(c));
    if text.contains(['\\', '"']) && !text.contains('\'') && !text.chars().any(is_unseen) {
        // As it is, which is easier to read of regular expressions.
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if is_unseen(c) => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_text_is_read_back(text in any::<String>()) {
            let quoted = quoted(&text);
            prop_assert!(!quoted.contains('\n'));
            let line = format!("keep = {quoted} # behind");
            let table = toml::de::DeTable::parse(&line).unwrap();
            let DeValue::String(read) = table.get_ref()["keep"].get_ref() else { panic!("{quoted}") };
            prop_assert_eq!(read.as_ref(), text);
        }
    }

    #[test]
    fn texts_are_easy_to_read() {
        assert_eq!(quoted("^بسم الله"), "\"^بسم الله\"");
        assert_eq!(quoted("^\\d+ \"x\""), "'^\\d+ \"x\"'");
        assert_eq!(quoted("it's \\d"), "\"it's \\\\d\"");
        assert_eq!(quoted("a\tb\u{200F}\u{1}"), "\"a\\tb\\U0000200F\\U00000001\"");
    }
}
