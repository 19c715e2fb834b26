//! Where a document is, as programs that show findings beside a text take it.

use super::{DocumentName, shown_name};
use crate::sink::FileName;

/// The path of a file without `./` before it, as a code host knows it. It is spelled as for a terminal if it is no text, or has
/// a sign that is not fit for where it goes. None of standard input without a name.
pub(super) fn path(document: &DocumentName, is_fit: impl Fn(char) -> bool) -> Option<String> {
    let path = document.file.as_ref()?.path()?;
    let plain = path.to_str().filter(|name| name.chars().all(is_fit));
    let mut name = plain.map_or_else(|| shown_name(&path), str::to_owned);
    while let Some(rest) = name.strip_prefix("./") {
        name = rest.trim_start_matches('/').to_owned();
    }
    Some(name)
}

/// What stands before what is said of a record where a program points at its file: the lines of its text are none of the file.
pub(super) fn of_record(document: &DocumentName) -> String {
    document.record.map_or_else(String::new, |_| format!("{}: ", document.name))
}

/// The URI of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Uri {
    pub(super) uri: String,
    /// Whether it is a path below the folder that the run began in.
    pub(super) is_below: bool,
}

/// The URI of a file: of a path from the root one of the scheme `file`, and else a relative reference.
pub(super) fn uri(file: &FileName) -> Uri {
    let bytes = match file {
        FileName::Text(text) => text.as_bytes(),
        FileName::Bytes(bytes) => bytes,
    };
    let is_separator = |byte: &u8| *byte == b'/' || (cfg!(windows) && *byte == b'\\');
    let has_drive = cfg!(windows) && bytes.get(1) == Some(&b':');
    let is_absolute = has_drive || bytes.first().is_some_and(is_separator);
    let mut uri = String::new();
    let mut is_below = !is_absolute;
    for segment in bytes.split(|byte| is_separator(byte)).filter(|segment| !matches!(segment, [] | [b'.'])) {
        if is_absolute || !uri.is_empty() {
            uri.push('/');
        }
        is_below &= *segment != *b"..";
        for &byte in segment {
            match byte {
                b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
                _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
                _ => uri.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    Uri { uri: if is_absolute { format!("file://{uri}") } else { uri }, is_below }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_valid_whatever_the_name() {
        for (name, expected, is_below) in [
            ("./a//b c.txt", "a/b%20c.txt", true),
            ("c:d.txt", "c%3Ad.txt", true),
            ("/a/%.txt", "file:///a/%25.txt", false),
            ("../ماء\n?#.txt", "../%D9%85%D8%A7%D8%A1%0A%3F%23.txt", false),
        ] {
            let file = FileName::Text(name.to_owned());
            assert_eq!(uri(&file), Uri { uri: expected.to_owned(), is_below }, "{name}");
        }
        assert_eq!(uri(&FileName::Bytes(b"a\xFF".to_vec())).uri, "a%FF");
    }
}
