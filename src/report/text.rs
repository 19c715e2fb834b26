//! The report `text`, for people: a finding in two lines, and at the end what was looked at and what was let pass.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

use super::defused::defused;
use super::{Found, Needs, Report, Since, Totals, shown_name};
use crate::corpus::Options;
use crate::unit::UnitKind;

/// How the report is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// It is read on a terminal: the findings of a document are aligned, and excerpts stand between isolates, so that their
    /// direction changes nothing around them.
    pub on_terminal: bool,
    /// In colours.
    pub coloured: bool,
}

/// The report.
pub struct Text {
    /// How it is set.
    pub style: Style,
    /// Whether its last lines say what was looked at.
    pub has_totals: bool,
}

/// What a part of a line is, by which it is coloured.
#[derive(Clone, Copy)]
enum Part {
    Place,
    Excerpt,
    Nothing,
    Copies,
}

impl Style {
    fn paint<'a>(self, part: Part, text: &'a str) -> Cow<'a, str> {
        if !self.coloured {
            return Cow::Borrowed(text);
        }
        let colour = match part {
            Part::Place => "1",
            Part::Excerpt => "36",
            Part::Nothing => "32",
            Part::Copies => "33",
        };
        Cow::Owned(format!("\u{1B}[{colour}m{text}\u{1B}[0m"))
    }
}

impl Report for Text {
    fn needs(&self) -> Needs {
        Needs { equality: true, let_pass: self.has_totals, ..Needs::default() }
    }

    fn found(&mut self, found: &Found<'_>, out: &mut dyn Write) -> io::Result<()> {
        let style = self.style;
        let digits = |line: u64| line.to_string().len();
        let widest = found.findings.iter().map(|finding| digits(finding.lines.first)).max().unwrap_or(0);
        let (open, close) = if style.on_terminal { ("\u{2068}", "\u{2069}") } else { ("", "") };
        for finding in found.findings {
            let line = finding.lines.first;
            let place = format!("{}:{line}:", defused(&found.document.name));
            let place = style.paint(Part::Place, &place).into_owned();
            let (said, text) = (finding.to_string(), defused(&finding.excerpt));
            let gap = if style.on_terminal { widest - digits(line) } else { 0 };
            writeln!(out, "{place}{:gap$} {}", "", defused(&said))?;
            writeln!(out, "    {open}{}{close}", style.paint(Part::Excerpt, &text))?;
        }
        Ok(())
    }

    fn end(&mut self, options: &Options, totals: &Totals, out: &mut dyn Write) -> io::Result<()> {
        if !self.has_totals {
            return Ok(());
        }
        let (looked, came) = said_of(options, totals);
        let part = if totals.copies == 0 { Part::Nothing } else { Part::Copies };
        match came {
            None => writeln!(out, "{looked}")?,
            Some(came) => writeln!(out, "{looked}: {}", self.style.paint(part, &came))?,
        }
        let passed = passed(options, totals);
        if passed.is_empty() { Ok(()) } else { writeln!(out, "let pass: {}", passed.join("; ")) }
    }
}

/// As in `looked at 1 document and 13 lines: 5 are copies, in 1 block`.
pub(super) fn in_short(options: &Options, totals: &Totals) -> String {
    let (looked, came) = said_of(options, totals);
    came.map_or_else(|| looked.clone(), |came| format!("{looked}: {came}"))
}

/// What was looked at, and what came of it.
fn said_of(options: &Options, totals: &Totals) -> (String, Option<String>) {
    let revision = |since: &Since| shown_name(Path::new(&since.revision));
    if totals.documents == 0 {
        let why = match &totals.since {
            _ if totals.is_excluded => Some("all files are left out".to_owned()),
            since => since.as_ref().map(|since| format!("no text was added since {}", revision(since))),
        };
        return ("looked at nothing".to_owned(), why);
    }
    let (documents, units) =
        (count(totals.documents, "document"), if totals.is_mixed { "unit" } else { options.unit.name() });
    let looked = match &totals.since {
        None => count(totals.units, units),
        Some(since) if since.counts_added => {
            format!("{} since {}", count(totals.units, &format!("added {units}")), revision(since))
        }
        Some(since) => format!("{}, for what was added since {}", count(totals.units, units), revision(since)),
    };
    let mut came = match totals.copies {
        0 => "no repeats".to_owned(),
        // A block counts as a whole, also if a part of it was added, or its original was: these are not among the added lines.
        copies if totals.since.as_ref().is_some_and(|since| since.counts_added) => {
            let what = if copies == 1 { "copy" } else { "copies" };
            let old = if copies > totals.units { ", old lines of them too" } else { "" };
            format!("found {copies} {what}, in {}{old}", count(totals.blocks, "block"))
        }
        copies => {
            let verb = if copies == 1 { "is a copy" } else { "are copies" };
            format!("{copies} {verb}, in {}", count(totals.blocks, "block"))
        }
    };
    if let Some(known @ 1..) = totals.known {
        came.push_str(&format!("; {known} known"));
    }
    (format!("looked at {documents} and {looked}"), Some(came))
}

/// What was let pass, kind by kind.
fn passed(options: &Options, totals: &Totals) -> Vec<String> {
    let let_pass = totals.let_pass.unwrap_or_default();
    let mut passed = Vec::new();
    if let_pass.short > 0 {
        let repeats = count(let_pass.short, "repeat");
        passed.push(match totals.is_mixed {
            true => format!("{repeats} with too few words"),
            false => format!("{repeats} under {}", count(u64::from(options.min_words.get()), "word")),
        });
    }
    if let_pass.twice > 0 && options.unit != UnitKind::Sentence {
        let (units, are) = (count(let_pass.twice, options.unit.name()), if let_pass.twice == 1 { "is" } else { "are" });
        passed.push(format!("{units} that {are} the same text twice (--unit sentence)"));
    }
    let more = totals.more_at.iter().filter(|(_, more)| **more > 0);
    passed.extend(more.map(|(level, more)| format!("{more} more at {level}")));
    if let_pass.protected > 0 {
        passed.push(format!("{} kept as asked", count(let_pass.protected, "repeat")));
    }
    passed
}

/// As in `1 line` and `13 lines`.
pub(crate) fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Examined;
    use crate::report::{DocumentName, Finding};
    use crate::source::Document;

    /// The report of a document whose first lines are repeated on lines 9 and 10, apart.
    fn written(style: Style) -> String {
        let [one, two] = [
            "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن",
            "وأضاف أن الفرق الطبية ستواصل زياراتها إلى القرى البعيدة حتى نهاية العام",
        ];
        let article = format!("{one}\nب\n{two}\nت\nث\nج\nح\nخ\n{one}\n{two}\n");
        let document = Document::of_bytes(article.into_bytes());
        let options = Options::default();
        let examined = Examined::new(&document, &options).unwrap();
        let blocks = examined.plan.blocks();
        let findings: Vec<Finding> =
            blocks.map(|block| Finding::of(&document.body, &examined, block, Some(options.folds)).unwrap()).collect();
        let name = DocumentName { file: None, record: None, id: None, name: "a.txt".to_owned() };
        let found = Found {
            document: &name,
            path: Path::new("a.txt"),
            body: &document.body,
            units: &[],
            cuts: &crate::cut::FileCuts::default(),
            findings: &findings,
        };
        let mut out = Vec::new();
        let mut report = Text { style, has_totals: true };
        report.found(&found, &mut out).unwrap();
        report
            .end(&options, &Totals { documents: 1, units: 10, copies: 2, blocks: 2, ..Totals::default() }, &mut out)
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn on_a_terminal_findings_are_aligned_and_texts_isolated() {
        let plain = written(Style::default());
        assert!(plain.starts_with("a.txt:9: line 9 repeats line 1 (byte for byte)\n    قال"), "{plain}");
        let aligned = written(Style { on_terminal: true, coloured: false });
        assert!(aligned.starts_with("a.txt:9:  line 9 repeats line 1 (byte for byte)\n    \u{2068}قال"), "{aligned}");
        assert!(aligned.contains("\u{2069}\na.txt:10: line 10 repeats line 3"), "{aligned}");
    }

    #[test]
    fn colours_are_all_that_differs_in_colour() {
        for on_terminal in [false, true] {
            let mut coloured = written(Style { on_terminal, coloured: true });
            assert!(coloured.contains('\u{1B}'));
            for colour in ["0", "1", "32", "33", "36"] {
                coloured = coloured.replace(&format!("\u{1B}[{colour}m"), "");
            }
            assert_eq!(coloured, written(Style { on_terminal, coloured: false }));
        }
    }
}
