//! The report of `check`: a finding in two lines, and at the end what was looked at and what was let pass.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Finding;
use crate::corpus::LetPass;
use crate::fold::{Folds, Level};
use crate::unit::UnitKind;

/// Writes one finding of the document `name`.
///
/// On a terminal (`isolate`) the excerpt stands between isolates, so that its direction changes nothing around it.
///
/// # Errors
/// `out` can't be written.
pub fn write(name: &str, finding: &Finding, isolate: bool, out: &mut dyn Write) -> io::Result<()> {
    let by = if finding.folds.is_some_and(|folds| folds != Folds::NONE) { "by " } else { "" };
    let said = format!("{} ({by}{})", finding.repetition(), super::how_equal(finding.folds));
    write_said(name, finding.copy.first, &said, &finding.excerpt, isolate, out)
}

/// Writes what is said of something that begins on this line of the document `name`, and so as `excerpt` says; as [`write()`] does.
///
/// # Errors
/// `out` can't be written.
pub fn write_said(
    name: &str,
    line: u64,
    said: &str,
    excerpt: &str,
    isolate: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{name}:{line}: {said}")?;
    let (open, close) = if isolate { ("\u{2068}", "\u{2069}") } else { ("", "") };
    writeln!(out, "    {open}{excerpt}{close}")
}

/// What a whole run looked at, found and let pass.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Documents looked at.
    pub documents: u64,
    /// Units looked at.
    pub units: u64,
    /// Units that are copies.
    pub copies: u64,
    /// The blocks they stand in.
    pub blocks: u64,
    /// Repeats that stay.
    pub let_pass: LetPass,
    /// Copies that only a later level finds, by level.
    pub more_at: BTreeMap<Level, u64>,
}

impl Totals {
    /// Adds what was seen elsewhere.
    pub fn add(&mut self, other: &Totals) {
        self.documents += other.documents;
        self.units += other.units;
        self.copies += other.copies;
        self.blocks += other.blocks;
        self.let_pass.short += other.let_pass.short;
        self.let_pass.protected += other.let_pass.protected;
        for (level, more) in &other.more_at {
            *self.more_at.entry(*level).or_default() += more;
        }
    }

    /// Writes what was looked at, on one line, and what was let pass on another, if anything was.
    ///
    /// # Errors
    /// `out` can't be written.
    pub fn write(&self, unit: UnitKind, min_words: u32, out: &mut dyn Write) -> io::Result<()> {
        if self.documents == 0 {
            return writeln!(out, "looked at nothing");
        }
        write!(out, "looked at {} and {}", count(self.documents, "document"), count(self.units, unit.name()))?;
        match self.copies {
            0 => writeln!(out, ": no repeats")?,
            copies => {
                let verb = if copies == 1 { "is a copy" } else { "are copies" };
                writeln!(out, ": {copies} {verb}, in {}", count(self.blocks, "block"))?;
            }
        }
        let mut passed = Vec::new();
        if self.let_pass.short > 0 {
            passed.push(format!(
                "{} under {}",
                count(self.let_pass.short, "repeat"),
                count(u64::from(min_words), "word")
            ));
        }
        for (level, more) in &self.more_at {
            if *more > 0 {
                passed.push(format!("{more} more at {level}"));
            }
        }
        if self.let_pass.protected > 0 {
            passed.push(format!("{} kept as asked", count(self.let_pass.protected, "repeat")));
        }
        if !passed.is_empty() {
            writeln!(out, "let pass: {}", passed.join("; "))?;
        }
        Ok(())
    }
}

/// As in `1 line` and `13 lines`.
pub(crate) fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
