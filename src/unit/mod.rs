//! Units: what a document is compared by, as byte ranges into it.
//!
//! Lines end at LF, CRLF or CR. A line of white space and invisible characters only is blank and no unit. A paragraph is
//! a run of lines between blank lines; a form feed or U+2029 ends one too, in the middle of a line as well. A sentence is a part of
//! a line; what stands between sentences, line ends too, is in none.

mod sentence;

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use memchr::{memchr2, memchr3, memmem, memrchr, memrchr2};

use crate::fold;

/// What a unit is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UnitKind {
    /// A line that is not blank.
    #[default]
    Line,
    /// A paragraph: lines between blank lines, form feeds or U+2029.
    Paragraph,
    /// A sentence of a line.
    Sentence,
}

impl UnitKind {
    /// The kinds, by name.
    pub const ALL: [UnitKind; 3] = [UnitKind::Line, UnitKind::Paragraph, UnitKind::Sentence];

    /// The name used on the command line and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            UnitKind::Line => "line",
            UnitKind::Paragraph => "paragraph",
            UnitKind::Sentence => "sentence",
        }
    }

    /// What joins the strings of an array, so that each of them is units of its own.
    #[must_use]
    pub fn joint(self) -> &'static str {
        match self {
            UnitKind::Line | UnitKind::Sentence => "\n",
            UnitKind::Paragraph => "\n\n",
        }
    }
}

impl fmt::Display for UnitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for UnitKind {
    type Err = UnknownUnitKind;

    fn from_str(name: &str) -> Result<UnitKind, UnknownUnitKind> {
        UnitKind::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| UnknownUnitKind { name: name.to_owned() })
    }
}

/// A name that is no unit kind's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no unit kind '{name}'; a unit is a line, a paragraph or a sentence")]
pub struct UnknownUnitKind {
    name: String,
}

/// One unit of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    start: u64,
    end: u64,
    line: u64,
    lines: u32,
    terminator: Terminator,
}

/// What ends a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terminator {
    /// Its length in bytes.
    len: u8,
    pub(crate) parts: Parts,
}

impl Terminator {
    /// Of a sentence: what stands behind it is no part of it.
    const NONE: Terminator = Terminator { len: 0, parts: Parts::None };

    /// A number that it can be told from.
    pub(crate) fn code(self) -> u8 {
        let parts = match self.parts {
            Parts::Separator { of_paragraphs: false } => 0,
            Parts::Separator { of_paragraphs: true } => 1,
            Parts::LineEnd => 2,
            Parts::Cr => 3,
            Parts::None => 4,
        };
        self.len << 3 | parts
    }

    /// The one with this number.
    pub(crate) fn of_code(code: u8) -> Terminator {
        let parts = match code & 7 {
            2 => Parts::LineEnd,
            3 => Parts::Cr,
            4 => Parts::None,
            of_paragraphs => Parts::Separator { of_paragraphs: of_paragraphs == 1 },
        };
        Terminator { len: code >> 3, parts }
    }
}

/// How far the terminator of a unit keeps it apart from what would come behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parts {
    /// It ends a line, or it is a separator of paragraphs: from anything.
    Separator { of_paragraphs: bool },
    /// It is the line end of a paragraph: from what begins with a blank line.
    LineEnd,
    /// As before, but a line feed would be a part of it.
    Cr,
    /// A sentence has none: what stands behind it keeps it apart, be it a space or a line end.
    None,
}

impl Unit {
    /// The unit's bytes in the document, without its terminator. In bytes from the document's start.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.start..self.end
    }

    /// The bytes that go when the unit goes: the unit and its terminator.
    #[must_use]
    pub fn with_terminator(&self) -> Range<u64> {
        self.start..self.end + u64::from(self.terminator.len)
    }

    /// The unit that stands in these bytes with its terminator, and on so many lines from this one on.
    pub(crate) fn at(with_terminator: Range<u64>, terminator: Terminator, line: u64, lines: u32) -> Unit {
        let Range { start, end } = with_terminator;
        Unit { start, end: end - u64::from(terminator.len), line, lines, terminator }
    }

    /// What ends it.
    pub(crate) fn terminator(&self) -> Terminator {
        self.terminator
    }

    /// The unit of a piece as one of the document, with so many bytes and line ends before the piece.
    pub(crate) fn moved(self, bytes: u64, lines: u64) -> Unit {
        Unit { start: self.start + bytes, end: self.end + bytes, line: self.line + lines, ..self }
    }

    /// The first line the unit stands on, counted from 1.
    #[must_use]
    pub fn first_line(&self) -> u64 {
        self.line
    }

    /// How many lines the unit stands on.
    pub(crate) fn lines(&self) -> u32 {
        self.lines
    }

    /// The last line the unit stands on.
    #[must_use]
    pub fn last_line(&self) -> u64 {
        self.line + u64::from(self.lines) - 1
    }
}

/// The length of a UTF-8 byte order mark at the start of a document: 3 or 0. It is no part of any unit.
#[must_use]
pub fn byte_order_mark(document: &[u8]) -> usize {
    if document.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 }
}

pub(crate) const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();
const PARAGRAPH_SEPARATOR: &[u8] = "\u{2029}".as_bytes();

/// The length of the terminator that `text` ends with: of a line, or of a paragraph within one.
pub(crate) fn terminator(text: &[u8]) -> usize {
    const TERMINATORS: [&[u8]; 5] = [b"\r\n", b"\n", b"\r", b"\x0C", PARAGRAPH_SEPARATOR];
    TERMINATORS.into_iter().find(|&end| text.ends_with(end)).map_or(0, <[u8]>::len)
}

/// Splits a document into units. The document may come in pieces.
#[derive(Clone, Debug)]
pub struct Splitter {
    kind: UnitKind,
    /// Where in the document the next piece starts.
    offset: u64,
    /// The line that starts there.
    line: u64,
    /// Whether the first piece begins the document.
    begins: bool,
}

impl Splitter {
    /// A splitter at the start of a document.
    #[must_use]
    pub fn new(kind: UnitKind) -> Splitter {
        Splitter { kind, offset: 0, line: 1, begins: true }
    }

    /// A splitter somewhere within a document, which counts bytes and lines from there.
    pub(crate) fn within(kind: UnitKind) -> Splitter {
        Splitter { begins: false, ..Splitter::new(kind) }
    }

    /// The number of line ends so far.
    pub(crate) fn lines(&self) -> u64 {
        self.line - 1
    }

    /// Hands the units of `piece` and their bytes to `found`, in order. Returns how many bytes of the piece are done
    /// with: the next piece starts there. Only of the `last` piece everything is.
    pub fn split(&mut self, piece: &[u8], last: bool, mut found: impl FnMut(Unit, &[u8])) -> usize {
        let base = self.offset;
        let mut at = if base == 0 && self.begins { byte_order_mark(piece) } else { 0 };
        let mut line = self.line;
        // Where the piece is done with: before a paragraph that may go on in the next piece.
        let mut done = (at, line);
        let mut open: Option<Unit> = None;
        let close = |open: &mut Option<Unit>, found: &mut dyn FnMut(Unit, &[u8])| {
            if let Some(unit) = open.take() {
                let range = (unit.start - base) as usize..(unit.end - base) as usize;
                found(unit, &piece[range]);
            }
        };
        while let Some(segment) = Segment::at_start(&piece[at..], self.kind, last) {
            let content = at..at + segment.content;
            let next = content.end + segment.terminator;
            if self.kind == UnitKind::Sentence {
                sentences(&piece[content.clone()], |range| {
                    let range = content.start + range.start..content.start + range.end;
                    let Range { start, end } = range;
                    let (start, end) = (base + start as u64, base + end as u64);
                    found(Unit { start, end, line, lines: 1, terminator: Terminator::NONE }, &piece[range]);
                });
            } else if fold::is_blank(&piece[content.clone()]) {
                close(&mut open, &mut found);
            } else {
                let unit = open.get_or_insert(Unit {
                    start: base + content.start as u64,
                    end: 0,
                    line,
                    lines: 0,
                    terminator: Terminator { len: 0, parts: Parts::LineEnd },
                });
                unit.end = base + content.end as u64;
                let parts = match self.kind {
                    UnitKind::Line | UnitKind::Sentence => Parts::Separator { of_paragraphs: false },
                    UnitKind::Paragraph if segment.parts_paragraphs => Parts::Separator { of_paragraphs: true },
                    UnitKind::Paragraph if piece[content.end..next] == *b"\r" => Parts::Cr,
                    UnitKind::Paragraph => Parts::LineEnd,
                };
                unit.terminator = Terminator { len: segment.terminator as u8, parts };
                unit.lines = u32::try_from(line - unit.line + 1).unwrap_or(u32::MAX);
                if self.kind == UnitKind::Line || segment.parts_paragraphs {
                    close(&mut open, &mut found);
                }
            }
            line += u64::from(segment.ends_line);
            at = next;
            if open.is_none() {
                done = (at, line);
            }
        }
        if last {
            close(&mut open, &mut found);
            done = (piece.len(), line);
        }
        self.offset += done.0 as u64;
        self.line = done.1;
        done.0
    }
}

/// Hands the sentences of a line to `found`, each without the white space around it; none where nothing else is.
fn sentences(line: &[u8], mut found: impl FnMut(Range<usize>)) {
    let mut start = 0;
    let mut end = |end: usize, start: &mut usize| {
        let bytes = &line[*start..end];
        if !fold::is_blank(bytes) {
            let before = bytes.len() - trimmed_start(bytes).len();
            let len = trimmed_end(&bytes[before..]).len();
            found(*start + before..*start + before + len);
        }
        *start = end;
    };
    sentence::beginnings(line, |at| end(at, &mut start));
    end(line.len(), &mut start);
}

fn trimmed_start(mut bytes: &[u8]) -> &[u8] {
    loop {
        bytes = bytes.trim_ascii_start();
        let Some(len) = WIDE.into_iter().find(|len| is_white(bytes.get(..*len))) else { return bytes };
        bytes = &bytes[len..];
    }
}

fn trimmed_end(mut bytes: &[u8]) -> &[u8] {
    loop {
        bytes = bytes.trim_ascii_end();
        let end = |len: usize| bytes.len().checked_sub(len).map(|at| &bytes[at..]);
        let Some(len) = WIDE.into_iter().find(|len| is_white(end(*len))) else { return bytes };
        bytes = &bytes[..bytes.len() - len];
    }
}

/// How many bytes white space beyond ASCII is of.
const WIDE: [usize; 2] = [2, 3];

/// Whether these bytes are one code point, which is white space.
fn is_white(bytes: Option<&[u8]>) -> bool {
    let mut signs = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default().chars();
    signs.next().is_some_and(char::is_whitespace) && signs.next().is_none()
}

/// The last place in `text`, which goes on, where a unit has come to its end or none is open: what follows can be split
/// by itself. None where there is no such place.
pub(crate) fn last_end(kind: UnitKind, text: &[u8]) -> Option<usize> {
    match kind {
        UnitKind::Line | UnitKind::Sentence => last_line_end(text),
        UnitKind::Paragraph => {
            let parts = memrchr(b'\x0C', text).map(|at| at + 1);
            let separators = memmem::rfind(text, PARAGRAPH_SEPARATOR).map(|at| at + PARAGRAPH_SEPARATOR.len());
            parts.max(separators).max(last_blank_line_end(text))
        }
    }
}

/// Behind the last line end. A CR at the end may be half of one.
fn last_line_end(text: &[u8]) -> Option<usize> {
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    memrchr2(b'\n', b'\r', text).map(|at| at + 1)
}

fn last_blank_line_end(text: &[u8]) -> Option<usize> {
    let mut end = last_line_end(text)?;
    loop {
        let line = &text[..end - terminator(&text[..end])];
        let start = memrchr2(b'\n', b'\r', line).map_or(0, |at| at + 1);
        if fold::is_blank(&line[start..]) {
            return Some(end);
        }
        end = Some(start).filter(|&start| start > 0)?;
    }
}

/// A stretch of text up to a terminator, both as lengths in bytes.
struct Segment {
    content: usize,
    terminator: usize,
    ends_line: bool,
    parts_paragraphs: bool,
}

impl Segment {
    /// The segment that `text` starts with; none where the text ends, or may go on within the segment.
    fn at_start(text: &[u8], kind: UnitKind, last: bool) -> Option<Segment> {
        let found = match kind {
            UnitKind::Line | UnitKind::Sentence => memchr2(b'\n', b'\r', text),
            UnitKind::Paragraph => {
                let end = memchr3(b'\n', b'\r', b'\x0C', text);
                // A separator may be cut by the end of the piece, but then the segment goes on anyway.
                memmem::find(&text[..end.unwrap_or(text.len())], PARAGRAPH_SEPARATOR).or(end)
            }
        };
        let Some(content) = found else {
            let rest = Segment { content: text.len(), terminator: 0, ends_line: true, parts_paragraphs: true };
            return (last && !text.is_empty()).then_some(rest);
        };
        let line_end = |terminator| Segment { content, terminator, ends_line: true, parts_paragraphs: false };
        let separator = |terminator| Segment { content, terminator, ends_line: false, parts_paragraphs: true };
        match text[content] {
            b'\n' => Some(line_end(1)),
            b'\r' if text.get(content + 1) == Some(&b'\n') => Some(line_end(2)),
            // The other half of a CRLF may be in the next piece.
            b'\r' if content + 1 == text.len() && !last => None,
            b'\r' => Some(line_end(1)),
            b'\x0C' => Some(separator(1)),
            _ => Some(separator(PARAGRAPH_SEPARATOR.len())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(kind: UnitKind, text: &str) -> Vec<(String, u64, u64)> {
        let mut units = Vec::new();
        Splitter::new(kind).split(text.as_bytes(), true, |unit, bytes| {
            units.push((String::from_utf8(bytes.to_vec()).unwrap(), unit.first_line(), unit.last_line()));
        });
        units
    }

    fn named(units: &[(&str, u64, u64)]) -> Vec<(String, u64, u64)> {
        units.iter().map(|&(text, first, last)| (text.to_owned(), first, last)).collect()
    }

    #[test]
    fn lines_end_at_lf_crlf_and_cr_and_blank_ones_are_no_units() {
        let text = "\u{FEFF}أول\nثان\r\nثالث\r\r \u{200F}\u{A0}\n\u{FEFF}\nرابع\u{0C}\u{2029}خامس";
        let wanted = [("أول", 1, 1), ("ثان", 2, 2), ("ثالث", 3, 3), ("رابع\u{0C}\u{2029}خامس", 7, 7)];
        assert_eq!(units(UnitKind::Line, text), named(&wanted));
    }

    #[test]
    fn paragraphs_stand_between_blank_lines_form_feeds_and_paragraph_separators() {
        let text = "أ\nب\n\nج\r\n \r\nد\u{0C}ه\u{2029}و\n\u{0C}\nز";
        let wanted = [("أ\nب", 1, 2), ("ج", 4, 4), ("د", 6, 6), ("ه", 6, 6), ("و", 6, 6), ("ز", 8, 8)];
        assert_eq!(units(UnitKind::Paragraph, text), named(&wanted));
    }

    #[test]
    fn a_document_in_pieces_has_the_units_of_the_whole() {
        let text = "\u{FEFF}أول\r\nثان\rثالث\n\nرابع\r\n\r\n\u{2029}خامس\nسادس\r".as_bytes();
        for kind in UnitKind::ALL {
            let mut whole = Vec::new();
            Splitter::new(kind).split(text, true, |unit, _| whole.push(unit));
            for cut in 1..text.len() {
                let (mut pieces, mut splitter) = (Vec::new(), Splitter::new(kind));
                let done = splitter.split(&text[..cut], false, |unit, _| pieces.push(unit));
                splitter.split(&text[done..], true, |unit, _| pieces.push(unit));
                assert_eq!(pieces, whole, "cut at {cut}");
            }
        }
    }
}
