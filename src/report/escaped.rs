//! JSON in which nothing is left that a terminal may act on, or that turns the text around it: such signs are escaped, and
//! are there all the same for who reads the JSON.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use super::excerpt::is_safe;

/// Writes a value as JSON, on one line without its end.
pub(super) fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Escaping)).map_err(io::Error::from)
}

struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut written = 0;
        for (at, c) in fragment.char_indices().filter(|(_, c)| !is_safe(*c)) {
            out.write_all(&fragment.as_bytes()[written..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            written = at + c.len_utf8();
        }
        out.write_all(&fragment.as_bytes()[written..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_is_read_as_it_was() {
        let hostile = "\u{202E}عكس\u{1B}[31m\u{7F}\u{9B}\"\\\n\u{E0041}<script>";
        let mut json = Vec::new();
        write(&hostile, &mut json).unwrap();
        let json = String::from_utf8(json).unwrap();
        assert_eq!(json, r#""\u202eعكس\u001b[31m\u007f\u009b\"\\\n\udb40\udc41<script>""#);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), hostile);
    }
}
