//! A piece of what went with a copy.

use serde::de::Error as _;
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes that went, where they stood, and where they have to be put back.
///
/// As JSON the bytes are a string `text`, or, where they are not UTF-8, two hexadecimal digits each in `hex`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// Where they stood in the input, from and up to which byte; of a table of columns counted through its texts.
    pub span: [u64; 2],
    /// Where they have to be put back, in bytes through the output; of a row through the text that is left of it or, of a
    /// list, of the paragraph. What belongs at the same place is put back in the order of the file.
    pub at: u64,
    /// How many bytes stand at that place in their stead, and have to go: an empty field of a row, in quotation marks.
    pub over: u64,
    /// Of a row that is a list: how many paragraphs of what is left of it, nulls counted too, stand before the place.
    pub element: Option<u64>,
    /// Of a row that is a list: the number from 1 of the paragraph that went as a whole. It is put back before the
    /// `element`; what went with the same number is one paragraph.
    pub whole: Option<u64>,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Piece {
    /// Decides which of two pieces of a row, or of a file, stands first.
    pub(super) fn order(&self) -> (u64, u64, u64) {
        (self.element.unwrap_or(0), self.whole.unwrap_or(u64::MAX), self.at)
    }
}

impl Serialize for Piece {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Piece { span, at, over, element, whole, bytes } = self;
        let mut piece = serializer.serialize_struct("Piece", 6)?;
        piece.serialize_field("span", span)?;
        piece.serialize_field("at", at)?;
        match over {
            0 => piece.skip_field("over")?,
            over => piece.serialize_field("over", over)?,
        }
        match element {
            None => piece.skip_field("element")?,
            Some(element) => piece.serialize_field("element", element)?,
        }
        match whole {
            None => piece.skip_field("whole")?,
            Some(whole) => piece.serialize_field("whole", whole)?,
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => piece.serialize_field("text", text)?,
            Err(_) => piece.serialize_field("hex", &hex(bytes))?,
        }
        piece.end()
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

impl<'de> Deserialize<'de> for Piece {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Piece, D::Error> {
        #[derive(Deserialize)]
        struct Given {
            #[serde(default)]
            span: [u64; 2],
            at: u64,
            #[serde(default)]
            over: u64,
            #[serde(default)]
            element: Option<u64>,
            #[serde(default)]
            whole: Option<u64>,
            #[serde(default)]
            text: Option<String>,
            #[serde(default)]
            hex: Option<String>,
        }
        let Given { span, at, over, element, whole, text, hex } = Given::deserialize(deserializer)?;
        let bytes = match (text, hex) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(hex)) => {
                unhex(&hex).ok_or_else(|| D::Error::custom("hex is no bytes in hexadecimal digits"))?
            }
            (None, None) => return Err(D::Error::custom("a piece has neither text nor hex")),
            (Some(_), Some(_)) => return Err(D::Error::custom("a piece has text and hex too")),
        };
        Ok(Piece { span, at, over, element, whole, bytes })
    }
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16).map(|digit| digit as u8);
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if rest.is_empty() {
        pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
    } else {
        None
    }
}
