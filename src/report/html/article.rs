//! A document as the page shows it: its units, and copies beside what they repeat.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use hashbrown::{HashMap, HashSet};

use super::differences::{Marked, marked};
use super::links::{DocumentKey, Links, anchor};
use super::said::{self, Said};
use super::{markup, shown_count};
use crate::report::{DocumentName, Equality, Finding, Found, Lines, OriginalIn, Pair, Reason};
use crate::unit::Unit;

/// Up to so many bytes a document is shown whole, if no unit of it is very long.
const WHOLE: u64 = 64 << 10;

/// How many units are shown before and after copies and originals of other documents.
const CONTEXT: usize = 2;

/// The most bytes of a document, of a unit, and of a difference that are shown.
const SHOWN: usize = 256 << 10;
const OF_UNIT: usize = 8 << 10;
const OF_CHANGE: usize = 200;

/// What a row takes beside its text.
const ROW: usize = 100;

/// The most differences, and the most copies of an original, that are listed beside a unit.
const LISTED: usize = 12;

/// A document that is shown.
pub(super) struct Article {
    document: DocumentName,
    rows: Vec<Row>,
    findings: Vec<Told>,
    /// How many units of it go; none of one that is there for the originals in it alone.
    copies: Option<u64>,
    /// How many words they have.
    pub(super) words: u64,
    /// How many bytes are kept for it.
    pub(super) bytes: usize,
}

enum Row {
    Unit {
        lines: Lines,
        text: Text,
        copy: Option<Copy>,
    },
    /// Units that are left out.
    Left(u64),
}

/// The start of a text, and how many bytes are left out.
#[derive(Clone)]
pub(super) struct Text {
    shown: Vec<u8>,
    left: usize,
}

impl Text {
    fn of(text: &[u8]) -> Text {
        let (shown, left) = markup::first(text, OF_UNIT);
        Text { shown: shown.to_vec(), left }
    }

    /// The markup of it, or what stands for it.
    fn write(&self, shown: &str, out: &mut String) {
        let _ = write!(out, r#"<p class="t" dir="auto">{shown}"#);
        if self.left > 0 {
            let left = self.left;
            let said = Said(format!("… وبقي {left} بايت"), format!("… {left} bytes more"));
            let _ = write!(out, r#" <span class="left">{said}</span>"#);
        }
        out.push_str("</p>");
    }
}

/// Units of a document, by their first line.
type Units<'a> = BTreeMap<u64, (Lines, &'a Text)>;

/// That a unit goes.
struct Copy {
    /// By the number of the finding.
    finding: usize,
    is_first: bool,
    original: Option<(Lines, Text)>,
}

/// A finding, without its texts.
struct Told {
    lines: Lines,
    reason: Reason,
    equality: Option<Equality>,
}

impl Article {
    /// What is shown of a document in which something was found.
    ///
    /// # Errors
    /// A spooled document can't be read back.
    pub(super) fn of(found: &Found<'_>) -> io::Result<Article> {
        let copies: HashMap<u64, (usize, bool, &Pair)> = found
            .findings
            .iter()
            .enumerate()
            .flat_map(|(at, finding)| {
                let pairs = finding.pairs.iter().enumerate();
                pairs.map(move |(number, pair)| (pair.unit.start, (at, number == 0, pair)))
            })
            .collect();
        let is_shown = shown_units(found);
        let findings: Vec<Told> = found.findings.iter().map(Told::of).collect();
        let mut article = Article {
            document: found.document.clone(),
            rows: Vec::new(),
            copies: Some(found.findings.iter().map(|finding| finding.units).sum()),
            words: found.findings.iter().map(|finding| finding.words).sum(),
            bytes: 500 + findings.len() * size_of::<Told>(),
            findings,
        };
        for (unit, is_shown) in found.units.iter().zip(is_shown) {
            if !is_shown {
                match article.rows.last_mut() {
                    Some(Row::Left(units)) => *units += 1,
                    _ => article.rows.push(Row::Left(1)),
                }
                continue;
            }
            let lines = lines_of(unit);
            let text = Text::of(&found.body.bytes(unit.range())?);
            let copy = copies.get(&unit.range().start).map(|&(finding, is_first, pair)| {
                let original = pair.original.as_ref();
                let original = original.map(|original| (original.lines, Text::of(&original.text)));
                Copy { finding, is_first, original }
            });
            let of_original = copy.as_ref().and_then(|copy| copy.original.as_ref());
            article.bytes += ROW + text.shown.len() + of_original.map_or(0, |(_, text)| text.shown.len());
            article.rows.push(Row::Unit { lines, text, copy });
        }
        Ok(article)
    }

    /// The documents that the originals of these are in, as far as they are not among these, with only those units.
    pub(super) fn of_originals(articles: &[Article]) -> Vec<Article> {
        let shown: HashSet<DocumentKey> = articles.iter().map(Article::key).collect();
        let mut found: Vec<(&DocumentName, Units<'_>)> = Vec::new();
        let mut numbers: HashMap<DocumentKey, usize> = HashMap::new();
        for (_, document, original, text) in articles.iter().flat_map(Article::originals) {
            let key = DocumentKey::of(document);
            if shown.contains(&key) {
                continue;
            }
            let number = *numbers.entry(key).or_insert(found.len());
            if number == found.len() {
                found.push((document, BTreeMap::new()));
            }
            found[number].1.entry(original.first).or_insert((original, text));
        }
        let article = |(document, units): (&DocumentName, Units<'_>)| {
            let row = |(lines, text): (Lines, &Text)| Row::Unit { lines, text: text.clone(), copy: None };
            let rows = units.into_values().map(row).collect();
            Article { document: document.clone(), rows, findings: Vec::new(), copies: None, words: 0, bytes: 0 }
        };
        found.into_iter().map(article).collect()
    }

    /// What it is known by.
    pub(super) fn key(&self) -> DocumentKey {
        DocumentKey::of(&self.document)
    }

    /// The lines that units begin on which are shown.
    pub(super) fn lines(&self) -> impl Iterator<Item = u64> {
        self.rows.iter().filter_map(|row| match row {
            Row::Unit { lines, .. } => Some(lines.first),
            Row::Left(_) => None,
        })
    }

    /// Each copy with a known original: its lines, the document of the original, its lines and its text.
    pub(super) fn originals(&self) -> impl Iterator<Item = (Lines, &DocumentName, Lines, &Text)> {
        self.rows.iter().filter_map(|row| {
            let Row::Unit { lines, copy: Some(Copy { finding, original: Some((original, text)), .. }), .. } = row
            else {
                return None;
            };
            let document = match &self.findings[*finding].reason {
                Reason::Copy { of: OriginalIn::Same, .. } => &self.document,
                Reason::Copy { of: OriginalIn::Other(document), .. } => document,
                _ => return None,
            };
            Some((*lines, document, *original, text))
        })
    }
}

impl Told {
    fn of(finding: &Finding) -> Told {
        Told { lines: finding.lines, reason: finding.reason.clone(), equality: finding.equality }
    }
}

fn lines_of(unit: &Unit) -> Lines {
    Lines { first: unit.first_line(), last: unit.last_line() }
}

/// Which units of a document are shown: all of a short one; of a long one copies, originals and what is around them, from the start,
/// as far as there is room.
fn shown_units(found: &Found<'_>) -> Vec<bool> {
    let units = found.units;
    if found.body.len() <= WHOLE {
        return vec![true; units.len()];
    }
    let mut is_shown = vec![false; units.len()];
    let (mut bytes, mut beside) = (0, 0);
    let len =
        |unit: &Unit| ROW + usize::try_from(unit.range().end - unit.range().start).unwrap_or(OF_UNIT).min(OF_UNIT);
    let mut show = |at: usize| {
        for at in at.saturating_sub(CONTEXT)..(at + CONTEXT + 1).min(units.len()) {
            if !std::mem::replace(&mut is_shown[at], true) {
                bytes += len(&units[at]);
            }
        }
        bytes
    };
    for finding in found.findings {
        let is_here = matches!(finding.reason, Reason::Copy { of: OriginalIn::Same, .. });
        for Pair { unit, original, .. } in &finding.pairs {
            let mut of_units = show(units.partition_point(|other| other.range().start < unit.start));
            if let Some(original) = original {
                beside += original.text.len().min(OF_UNIT);
                if is_here {
                    of_units = show(units.partition_point(|other| other.first_line() < original.lines.first));
                }
            }
            if of_units + beside > SHOWN {
                return is_shown;
            }
        }
    }
    is_shown
}

impl Article {
    /// Writes document `number`, of all these, with its details shown or hidden.
    pub(super) fn write(&self, number: usize, all: &[Article], links: &Links, is_open: bool, out: &mut String) {
        let open = if is_open { " open" } else { "" };
        let count = match self.copies {
            Some(copies) => Said(format!("النسخ: {copies}"), shown_count(copies, "copy", "copies")),
            None => Said("أصول فقط".to_owned(), "originals only".to_owned()),
        };
        let _ = write!(
            out,
            r#"<details class="document" id="d{}"{open}><summary><span class="name">{}</span> <span class="count">{count}</span></summary>"#,
            number + 1,
            said::whole_name(&self.document),
        );
        for row in &self.rows {
            match row {
                Row::Left(units) => {
                    let said = Said(
                        format!("… وحدات لم تُعرض: {units}"),
                        format!("… {}", shown_count(*units, "unit not shown", "units not shown")),
                    );
                    let _ = write!(out, r#"<p class="left">{said}</p>"#);
                }
                Row::Unit { lines, text, copy } => {
                    let id = anchor(number, lines.first);
                    let copies = links.copies_of(number, lines.first);
                    let class = match (copy, copies) {
                        (Some(_), _) => " copy",
                        (None, Some(_)) => " original",
                        (None, None) => "",
                    };
                    let _ = write!(
                        out,
                        r##"<div class="row{class}" id="{id}"><a class="n" href="#{id}">{}</a>"##,
                        lines.first
                    );
                    let is_beside = copy.is_some() || copies.is_some();
                    let beside = copy.as_ref().map(|copy| self.beside(text, copy, links));
                    let (shown, beside) = beside.unwrap_or_else(|| (plain(text), String::new()));
                    text.write(&shown, out);
                    if is_beside {
                        let _ = write!(out, "<aside>{beside}");
                        copies.into_iter().for_each(|copies| write_copies(copies, number, all, out));
                        out.push_str("</aside>");
                    }
                    out.push_str("</div>");
                }
            }
        }
        out.push_str("</details>\n");
    }

    /// A copy, marked where it differs, and what stands beside it.
    fn beside(&self, text: &Text, copy: &Copy, links: &Links) -> (String, String) {
        let finding = &self.findings[copy.finding];
        let mut out = String::new();
        if copy.is_first {
            let _ = write!(out, r#"<p class="said">{}</p>"#, finding.said(links));
        }
        let Some((lines, original)) = &copy.original else { return (plain(text), out) };
        let are_starts = text.left + original.left > 0;
        let Marked { copy, original: marked_original, changes } = marked(&text.shown, &original.shown, are_starts);
        let place = said::lines(*lines).to_string();
        let place = match &finding.reason {
            Reason::Copy { of: OriginalIn::Other(document), .. } => {
                links.linked(&DocumentKey::of(document), lines.first, &place)
            }
            _ => links.linked(&self.key(), lines.first, &place),
        };
        let _ = write!(out, r#"<p class="place">{place}</p>"#);
        original.write(&marked_original, &mut out);
        if are_starts && changes.is_empty() && finding.equality != Some(Equality::Bytes) {
            let said = Said("قد يكون الفرق فيما لم يُعرض", "what differs may stand in what is not shown");
            let _ = write!(out, r#"<p class="left">{said}</p>"#);
        }
        if !changes.is_empty() {
            out.push_str(r#"<ul class="changes">"#);
            for change in changes.iter().take(LISTED) {
                let (copy, original) = (differing(&change.copy), differing(&change.original));
                let times = if change.times > 1 { format!(" <b>×{}</b>", change.times) } else { String::new() };
                let said = Said(
                    format!("في الأصل {original}، وهنا {copy}{times}"),
                    format!("{original} in the original, {copy} here{times}"),
                );
                let _ = write!(out, "<li>{said}</li>");
            }
            if let Some(more) = changes.len().checked_sub(LISTED).filter(|&more| more > 0) {
                let _ = write!(out, "<li>{}</li>", Said(format!("و{more} غيرها"), format!("and {more} more")));
            }
            out.push_str("</ul>");
        }
        (copy, out)
    }
}

impl Told {
    /// What is said of it.
    fn said(&self, links: &Links) -> String {
        let Said(arabic, english) = said::lines(self.lines);
        let is_one = self.lines.are_one();
        let of = |of: &OriginalIn| match of {
            OriginalIn::Same => String::new(),
            OriginalIn::Other(document) => format!(" {} {}", Said("من", "of"), links.name(document)),
            OriginalIn::Earlier(document) => {
                let name = said::short_name(document);
                format!(" {} {name} {}", Said("من", "of"), Said("في تشغيل سابق", "of an earlier run"))
            }
        };
        match &self.reason {
            Reason::Copy { of: document, at, near } => {
                let at = said::originals(*at);
                let (repeats, repeat) = match (is_one, near.is_empty()) {
                    (true, true) => ("يكرر", "repeats"),
                    (false, true) => ("تكرر", "repeat"),
                    (true, false) => ("يكاد يكرر", "nearly repeats"),
                    (false, false) => ("تكاد تكرر", "nearly repeat"),
                };
                let said = Said(format!("{arabic} {repeats} {}", at.0), format!("{english} {repeat} {}", at.1));
                let how = if near.is_empty() { said::equality(self.equality) } else { said::nearness(near) };
                format!("{said}{} · {how}", of(document))
            }
            Reason::Boilerplate { documents } => {
                let (stands, stand) = if is_one { ("يرد", "stands") } else { ("ترد", "stand") };
                Said(
                    format!("{arabic} {stands} في مستندات عددها {documents}"),
                    format!("{english} {stand} in {documents} documents"),
                )
                .to_string()
            }
            Reason::Repeating(repeating) => {
                let percent = repeating.percent();
                let said = Said(
                    format!("المستند كله: {percent}% من كلماته وردت قبله، وأكثرها"),
                    format!("the whole document: {percent}% of its words were said before, most of them"),
                );
                format!("{said}{}", of(&repeating.most))
            }
        }
    }
}

fn plain(text: &Text) -> String {
    let mut out = String::new();
    markup::text(&text.shown, &mut out);
    out
}

/// One side of a difference.
fn differing(text: &[u8]) -> String {
    if text.is_empty() {
        return "∅".to_owned();
    }
    let (shown, left) = markup::first(text, OF_CHANGE);
    let mut out = String::from(r#"<bdi class="sign">"#);
    markup::signs(shown, &mut out);
    out.push_str(if left > 0 { "…</bdi>" } else { "</bdi>" });
    if let Some(name) = only_code_point(shown).filter(|_| left == 0) {
        let _ = write!(out, r#" <code class="name">{name}</code>"#);
    }
    out
}

/// The name of a code point that a text has alone.
fn only_code_point(text: &[u8]) -> Option<String> {
    let mut chars = std::str::from_utf8(text).ok()?.chars();
    let only = chars.next().filter(|_| chars.next().is_none())?;
    Some(markup::code_point(only))
}

/// The copies of an original.
fn write_copies(copies: &[(usize, Lines)], number: usize, all: &[Article], out: &mut String) {
    let _ = write!(out, r#"<p class="copies">{}"#, Said("تكرر في:", "repeated on:"));
    for &(document, lines) in copies.iter().take(LISTED) {
        let of =
            if document == number { String::new() } else { format!(" {}", said::short_name(&all[document].document)) };
        let place = said::lines(lines);
        let _ = write!(out, r##" <a href="#{}">{place}{of}</a>"##, anchor(document, lines.first));
    }
    if let Some(more) = copies.len().checked_sub(LISTED).filter(|&more| more > 0) {
        let _ = write!(out, " {}", Said(format!("و{more} غيرها"), format!("and {more} more")));
    }
    out.push_str("</p>");
}
