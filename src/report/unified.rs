//! The unified diff of what would go. `patch` applies it to give exactly what `clean` writes.
//!
//! A diff's lines end at LF alone, whatever ends a line of the document: a line of the diff of which a part goes is
//! written anew.

use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use memchr::memchr;

use super::{Finding, Found, Needs, Repetition, Report};
use crate::corpus::Examined;
use crate::cut::FileCuts;
use crate::plan::Block;
use crate::source::Body;

/// Lines shown before and after a change.
const CONTEXT: usize = 3;

/// The most repetitions named in the heading of one hunk.
const NAMED: usize = 4;

/// The report `unified`.
pub struct Unified;

impl Report for Unified {
    fn needs(&self) -> Needs {
        Needs { cuts: true, ..Needs::default() }
    }

    fn found(&mut self, found: &Found<'_>, out: &mut dyn Write) -> io::Result<()> {
        let said = |finding: &Finding| finding.said() + &finding.said_of_nearness().unwrap_or_default();
        let headings = found.findings.iter().map(|finding| (finding.start, said(finding)));
        write_cuts(found.path, found.body, found.cuts, headings, out)
    }
}

/// Writes the diff of one document, nothing where nothing goes.
///
/// # Errors
/// The document can't be read, or `out` can't be written.
pub fn write(name: &Path, body: &Body, examined: &Examined, out: &mut dyn Write) -> io::Result<()> {
    let cuts = examined.cuts(body)?;
    let heading =
        |block: Block| (examined.units[block.first].range().start, Repetition::of(examined, block).to_string());
    write_cuts(name, body, &FileCuts::of(cuts), examined.plan.blocks().map(heading), out)
}

/// Writes the diff of a document of which this goes or changes. `headings` are what is said of what goes: from which byte on each
/// holds, in order, and the words.
///
/// # Errors
/// The document can't be read, or `out` can't be written.
pub fn write_cuts(
    name: &Path,
    body: &Body,
    cuts: &FileCuts,
    headings: impl Iterator<Item = (u64, String)>,
    out: &mut dyn Write,
) -> io::Result<()> {
    if cuts.is_empty() {
        return Ok(());
    }
    for mark in ["---", "+++"] {
        writeln!(out, "{mark} {}", header_name(name))?;
    }
    let mut headings = headings.peekable();
    let changes: Vec<(Range<u64>, &str)> = cuts.changes("").collect();
    Hunks::new(&changes).run(body, |hunk| {
        let mut named = Vec::new();
        let mut more = 0;
        while let Some((_, heading)) = headings.next_if(|(start, _)| *start < hunk.end) {
            if named.len() < NAMED {
                named.push(heading);
            } else {
                more += 1;
            }
        }
        if more > 0 {
            named.push(format!("and {more} more"));
        }
        if named.is_empty() {
            named.push("repaired".to_owned());
        }
        hunk.write(body, &named.join("; "), out)
    })
}

/// A file name as the header of a diff has it: quoted where it has signs that would end it, a tab after one with spaces.
fn header_name(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    let plain = |byte: &u8| !byte.is_ascii_control() && *byte != b'"' && *byte != b'\\';
    if let Ok(name) = std::str::from_utf8(bytes)
        && bytes.iter().all(plain)
    {
        return if name.contains(' ') { format!("{name}\t") } else { name.to_owned() };
    }
    let mut quoted = String::from("\"");
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', byte as char]),
            _ if byte.is_ascii_graphic() || byte == b' ' => quoted.push(byte as char),
            _ => quoted.push_str(&format!("\\{byte:03o}")),
        }
    }
    quoted + "\""
}

/// One line of a diff, as the parts it is made of: more than one where a part went from within, or changed.
struct Line<'a> {
    sign: char,
    parts: Vec<Part<'a>>,
}

/// A part of a line.
enum Part<'a> {
    /// These bytes of the document.
    Of(Range<u64>),
    /// What stands there instead.
    Instead(&'a str),
}

/// A hunk, with where it stands in the old and the new text.
struct Hunk<'a> {
    lines: Vec<Line<'a>>,
    /// The number of lines before it, in the old text and in the new.
    before: (u64, u64),
    /// Where its last change ends, in bytes.
    end: u64,
}

impl Hunk<'_> {
    fn count(&self, sign: char) -> u64 {
        self.lines.iter().filter(|line| line.sign == ' ' || line.sign == sign).count() as u64
    }

    fn write(&self, body: &Body, heading: &str, out: &mut dyn Write) -> io::Result<()> {
        let place = |before: u64, count: u64| format!("{},{count}", if count == 0 { before } else { before + 1 });
        let old = place(self.before.0, self.count('-'));
        let new = place(self.before.1, self.count('+'));
        writeln!(out, "@@ -{old} +{new} @@ {heading}")?;
        for line in &self.lines {
            write!(out, "{}", line.sign)?;
            for part in &line.parts {
                match part {
                    Part::Of(stretch) => body.write(stretch.clone(), out)?,
                    Part::Instead(text) => out.write_all(text.as_bytes())?,
                }
            }
            if !ends_with_lf(body, &line.parts)? {
                writeln!(out, "\n\\ No newline at end of file")?;
            }
        }
        Ok(())
    }
}

fn ends_with_lf(body: &Body, parts: &[Part<'_>]) -> io::Result<bool> {
    match parts.last() {
        Some(Part::Of(last)) => Ok(*body.bytes(last.end.saturating_sub(1)..last.end)? == *b"\n"),
        Some(Part::Instead(_)) | None => Ok(false),
    }
}

/// Makes hunks of a document, line by line.
struct Hunks<'a> {
    /// What goes and what stands there instead, as far as it is not written.
    changes: &'a [(Range<u64>, &'a str)],
    hunk: Option<Hunk<'a>>,
    /// Lines since the last change, or since the start: the context of what comes.
    context: Vec<Range<u64>>,
    /// What is left of lines of which a part went, up to the LF that ends it.
    rest: Vec<Part<'a>>,
    /// New lines of the change that is open; they follow its old ones.
    new: Vec<Line<'a>>,
    /// Lines done, in the old text and in the new.
    done: (u64, u64),
}

impl<'a> Hunks<'a> {
    fn new(changes: &'a [(Range<u64>, &'a str)]) -> Hunks<'a> {
        Hunks { changes, hunk: None, context: Vec::new(), rest: Vec::new(), new: Vec::new(), done: (0, 0) }
    }

    fn run(mut self, body: &Body, mut found: impl FnMut(&Hunk<'_>) -> io::Result<()>) -> io::Result<()> {
        let mut at = 0;
        body.pieces::<io::Error>(|piece, last| {
            let mut done = 0;
            while done < piece.len() {
                let len = match memchr(b'\n', &piece[done..]) {
                    Some(lf) => lf + 1,
                    None if last => piece.len() - done,
                    None => break,
                };
                let ends = piece[done + len - 1] == b'\n';
                self.line(at..at + len as u64, ends, &mut found)?;
                done += len;
                at += len as u64;
            }
            Ok(done)
        })?;
        self.close_change();
        self.close_hunk(&mut found)
    }

    fn line(
        &mut self,
        line: Range<u64>,
        ends: bool,
        found: &mut impl FnMut(&Hunk<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        // What is written at the start of a line is in that, and not in the one before.
        let is_done = |cut: &Range<u64>| cut.end < line.start || cut.end == line.start && !cut.is_empty();
        while self.changes.first().is_some_and(|(cut, _)| is_done(cut)) {
            self.changes = &self.changes[1..];
        }
        let changes = self.changes.first().is_some_and(|(cut, _)| cut.start < line.end);
        if changes || !self.rest.is_empty() {
            self.changed(line, ends);
            Ok(())
        } else {
            self.close_change();
            self.context.push(line);
            self.done.0 += 1;
            self.done.1 += 1;
            if self.hunk.is_some() && self.context.len() > 2 * CONTEXT {
                self.close_hunk(found)?;
            }
            if self.hunk.is_none() && self.context.len() > CONTEXT {
                self.context.remove(0);
            }
            Ok(())
        }
    }

    /// A line of which something goes, or that what is left of such a line runs into.
    fn changed(&mut self, line: Range<u64>, ends: bool) {
        let context = std::mem::take(&mut self.context);
        let before = (self.done.0 - context.len() as u64, self.done.1 - context.len() as u64);
        let hunk = self.hunk.get_or_insert_with(|| Hunk { lines: Vec::new(), before, end: 0 });
        hunk.lines.extend(context.into_iter().map(|line| Line { sign: ' ', parts: vec![Part::Of(line)] }));
        hunk.lines.push(Line { sign: '-', parts: vec![Part::Of(line.clone())] });
        hunk.end = line.end;
        self.done.0 += 1;

        let mut at = line.start;
        let mut lf_stays = ends;
        for (cut, with) in self.changes.iter().take_while(|(cut, _)| cut.start < line.end) {
            if at < cut.start {
                self.rest.push(Part::Of(at..cut.start));
            }
            if !with.is_empty() && cut.start >= line.start {
                self.rest.push(Part::Instead(with));
            }
            at = at.max(cut.end.min(line.end));
            lf_stays &= cut.end < line.end;
        }
        if at < line.end {
            self.rest.push(Part::Of(at..line.end));
        }
        if lf_stays && !self.rest.is_empty() {
            self.new.push(Line { sign: '+', parts: std::mem::take(&mut self.rest) });
        }
    }

    /// Writes the new lines of a change behind its old ones.
    fn close_change(&mut self) {
        if !self.rest.is_empty() {
            self.new.push(Line { sign: '+', parts: std::mem::take(&mut self.rest) });
        }
        if let Some(hunk) = &mut self.hunk {
            self.done.1 += self.new.len() as u64;
            hunk.lines.append(&mut self.new);
        }
    }

    fn close_hunk(&mut self, found: &mut impl FnMut(&Hunk<'_>) -> io::Result<()>) -> io::Result<()> {
        if let Some(mut hunk) = self.hunk.take() {
            let after = self.context.iter().take(CONTEXT).cloned();
            hunk.lines.extend(after.map(|line| Line { sign: ' ', parts: vec![Part::Of(line)] }));
            self.context.drain(..self.context.len().saturating_sub(CONTEXT));
            found(&hunk)?;
        }
        Ok(())
    }
}
