//! What was removed, as a file: one JSON object a line, a line a copy, in the order in which they stood, so that all of it,
//! or some copies, can be put back.
//!
//! ```json
//! {"block":1,"file":"a.jsonl","record":12,"id":"x","unit":7,"lines":[9,9],"words":25,"key":"0f…","folds":"quotes",
//!  "original":{"file":"b.jsonl","record":3,"id":null,"lines":[4,4]},
//!  "removed":[{"span":[1034,1201],"at":990,"text":"…"}],"hash":"4c…","output":"cleaned/a.jsonl"}
//! ```
//!
//! Behind the copies of an output stands a line that says what was written, by which it is known again:
//! `{"output":"cleaned/a.jsonl","cleaned":{"bytes":990,"hash":"…","copies":1}}`. Of what is not known here a reader takes
//! no notice. Lines may be left out, to choose copies, but not moved; an output that has none of its lines left is not
//! spoken of.
//!
//! All places in files are bytes after unpacking and decoding to UTF-8.

mod into_strung;
mod lines;
mod piece;
mod places;
mod removals;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

pub use into_strung::insert_strung;
pub use lines::{LineAt, Lines, Problem, RemovedError, write};
pub use piece::Piece;
pub use places::Places;
pub use removals::{Choice, OfOutput, Pieces, Placed, Removals};

use crate::corpus::{At, Origin};
use crate::near::Nearness;
use crate::sink::{ContentHash, FileName};

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Line {
    /// A copy that went.
    Removal(Box<Removal>),
    /// The end of an output.
    Ending(Ending),
}

/// A copy that went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Removal {
    /// The number of its block in the run, from 1.
    #[serde(default)]
    pub block: u64,
    /// The file that its document is in.
    #[serde(default)]
    pub file: Option<FileName>,
    /// The number of its document in the file, from 1; none of a file that is one document.
    #[serde(default)]
    pub record: Option<u64>,
    /// What the record is called by itself.
    #[serde(default)]
    pub id: Option<String>,
    /// Its number among the units of the document, from 1.
    #[serde(default)]
    pub unit: u64,
    /// The first and the last line that it stood on, in the document, from 1.
    #[serde(default)]
    pub lines: [u64; 2],
    /// How many words it has, folded.
    #[serde(default)]
    pub words: u64,
    /// The key of the folded unit, in 32 hexadecimal digits.
    #[serde(default)]
    pub key: String,
    /// The folds that make it equal to its original; none where they are equal without, or that is not known.
    #[serde(default)]
    pub folds: Option<String>,
    /// How near it is to its original, where it is only nearly the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<Nearness>,
    /// Where its original stands.
    #[serde(default)]
    pub original: Original,
    /// Where it went because it stands in so many documents: in how many. It has no original then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boilerplate: Option<u64>,
    /// Where it went with its whole document: the share of the words of that which are copies of others. Its original is the
    /// document that it repeats most words of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<f64>,
    /// Of an output that several files were strung together to: which part of it the file is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// What went with it: its bytes, with the terminators, blank lines and separators around them, in order.
    pub removed: Vec<Piece>,
    /// The 128-bit XXH3 of the bytes of these pieces, one after the other; none in a file that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<ContentHash>,
    /// Of a table of columns: the number of the row in the output, from 1. Places in pieces are counted within its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// Of a table of columns: the name of the column with the texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// A number that is the same for copies of an output that can only be put back together, and how many these are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub together: Option<[u64; 2]>,
    /// The file that was written, as it was named; none if it was standard output.
    #[serde(default)]
    pub output: Option<FileName>,
}

impl Removal {
    /// The hash of what went.
    #[must_use]
    pub fn hash_of_pieces(&self) -> ContentHash {
        let mut hasher = Xxh3::new();
        self.removed.iter().for_each(|piece| hasher.update(&piece.bytes));
        ContentHash::of(&hasher)
    }
}

/// What is left of a file, as a part of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The number of the file among those of the output, from 1.
    pub number: u64,
    /// From where to where it stands there, in bytes; a line end that was supplied behind it is not in it.
    pub span: [u64; 2],
}

/// Where the original of a copy stands, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// The file.
    #[serde(default)]
    pub file: Option<FileName>,
    /// The number of the document in the file, from 1; none of a file that is one document.
    #[serde(default)]
    pub record: Option<u64>,
    /// What the record is called by itself.
    #[serde(default)]
    pub id: Option<String>,
    /// Where it is of an earlier run: what the index calls its document. There is no file then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<String>,
    /// The number of the unit in the document, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<u64>,
    /// The first and the last line in the document, from 1.
    #[serde(default)]
    pub lines: Option<[u64; 2]>,
    /// Where only a run is known that it is in: the line that the run begins on where the copy is, and where the original is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<[u64; 2]>,
}

impl Original {
    /// In this document, of which the file is called as `name` says of its number.
    pub fn of(origin: &Origin, name: impl Fn(usize) -> Option<FileName>, at: Option<At>) -> Original {
        let document = match origin {
            Origin::Here(place) => Original { file: name(place.file), record: place.record, ..Original::default() },
            Origin::Earlier(name) => Original { earlier: Some(name.clone()), ..Original::default() },
        };
        let (lines, run) = match at {
            Some(At::Lines(first, last)) => (Some([first, last]), None),
            Some(At::Line(first)) => (Some([first, first]), None),
            Some(At::Run { copy, original }) => (None, Some([copy, original])),
            None => (None, None),
        };
        Original { lines, run, ..document }
    }
}

/// The end of an output: what was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// The file that was written, as it was named; none if it was standard output.
    #[serde(default)]
    pub output: Option<FileName>,
    /// What it held.
    pub cleaned: Cleaned,
}

/// What was written, as it can be known again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cleaned {
    /// How many bytes: of the text unpacked and in UTF-8, of a table of columns of its texts one after the other.
    pub bytes: u64,
    /// The 128-bit XXH3 of these bytes.
    pub hash: ContentHash,
    /// How many copies were removed from it.
    pub copies: u64,
}
