//! The most repeated blocks of a run, and where they stand.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::io;

use hashbrown::HashMap;

use super::links::{DocumentKey, Links};
use super::markup;
use super::said::{self, Said};
use crate::corpus::Originals;
use crate::key::Key;
use crate::report::{DocumentName, Finding, Found, Lines, OriginalIn, Reason};

/// The most blocks that are counted, and places of them that are kept, all together.
const COUNTED: usize = 100_000;
const PLACES: usize = 500_000;

/// The most blocks that are shown, places of one, and bytes of its text.
const SHOWN: usize = 100;
const PLACES_SHOWN: usize = 500;
const TEXT: usize = 600;

/// The most bytes of all of them on the page.
const LENGTH: usize = 2 << 20;

/// The blocks of a run.
#[derive(Default)]
pub(super) struct Blocks {
    by_hash: HashMap<Key, Block>,
    places: usize,
    /// Blocks that are not counted, since there was no room.
    left: u64,
}

struct Block {
    /// Which of the run it is, from 0.
    number: usize,
    /// How often it stands somewhere, the first time included.
    times: u64,
    words: u64,
    units: u64,
    /// Its text, its lines apart, and whether there is more.
    text: Vec<u8>,
    is_cut: bool,
    places: Vec<Place>,
    /// The document and the line of the last original that was counted.
    original: Option<(DocumentKey, u64)>,
}

struct Place {
    document: DocumentName,
    lines: Option<Lines>,
    is_first: bool,
}

impl Blocks {
    /// Counts a finding of a document.
    ///
    /// # Errors
    /// A spooled document can't be read back.
    pub(super) fn count(&mut self, found: &Found<'_>, finding: &Finding) -> io::Result<()> {
        let Blocks { by_hash, places, left } = self;
        // Documents that go as wholes are told of where they stand.
        if matches!(finding.reason, Reason::Repeating(_)) {
            return Ok(());
        }
        let number = by_hash.len();
        let hash = finding.fingerprint.hash();
        let block = match by_hash.get_mut(&hash) {
            Some(block) => block,
            None if number == COUNTED => {
                *left += 1;
                return Ok(());
            }
            None => {
                let (text, is_cut) = text(found, finding)?;
                let (words, units) = (finding.words, finding.units);
                let (places, original) = (Vec::new(), None);
                by_hash.entry(hash).or_insert(Block { number, times: 0, words, units, text, is_cut, places, original })
            }
        };
        if let Reason::Copy { of, at, .. } = &finding.reason {
            block.count_original(found.document, of, lines_of_original(finding, *at), places);
        }
        let place = Place { document: found.document.clone(), lines: Some(finding.lines), is_first: false };
        block.count(place, places);
        if let Reason::Boilerplate { documents } = finding.reason {
            // It may stand in documents that go as wholes, too.
            block.times = block.times.max(documents);
        }
        Ok(())
    }

    /// Writes those that stand most often.
    pub(super) fn write(&self, links: &Links, out: &mut String) {
        let mut blocks: Vec<&Block> = self.by_hash.values().collect();
        blocks.sort_by_key(|block| (Reverse(block.times), Reverse(block.words), block.number));
        let all = blocks.len() as u64 + self.left;
        let (mut list, mut shown) = (String::new(), 0);
        for block in blocks.into_iter().take(SHOWN) {
            if list.len() >= LENGTH {
                break;
            }
            block.write(links, LENGTH - list.len(), &mut list);
            shown += 1;
        }
        if all > shown {
            let said = Said(format!("المعروض {shown} من {all}"), format!("{shown} of {all} are shown"));
            let _ = write!(out, r#"<p class="note">{said}</p>"#);
        }
        let _ = writeln!(out, r#"<ol class="blocks">{list}</ol>"#);
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.by_hash.is_empty()
    }
}

impl Block {
    /// Counts where it stands once more.
    fn count(&mut self, place: Place, places: &mut usize) {
        self.times += 1;
        if *places < PLACES && self.places.len() < PLACES_SHOWN {
            *places += 1;
            self.places.push(place);
        }
    }

    /// Counts an original, once: of one document it is where the text first stands, and each document that is looked at by itself
    /// has its own.
    fn count_original(&mut self, here: &DocumentName, of: &OriginalIn, lines: Option<Lines>, places: &mut usize) {
        let (document, is_new) = match of {
            OriginalIn::Same => {
                let original = Some((DocumentKey::of(here), lines.map_or(0, |lines| lines.first)));
                let is_new = self.original != original;
                self.original = original;
                (here, is_new)
            }
            OriginalIn::Other(document) | OriginalIn::Earlier(document) => (document, self.times == 0),
        };
        if is_new {
            self.count(Place { document: document.clone(), lines, is_first: true }, places);
        }
    }

    fn write(&self, links: &Links, most: usize, out: &mut String) {
        let Block { times, words, units, .. } = self;
        let figures = Said(
            format!("المرات: <b>{times}</b> · الكلمات: {words} · الوحدات: {units}"),
            format!("<b>{times}</b> {} · words: {words} · units: {units}", if *times == 1 { "time" } else { "times" }),
        );
        let start = out.len();
        let mut shown = 0;
        let _ = write!(out, r#"<li class="block"><p class="figures">{figures}</p><p class="t" dir="auto">"#);
        markup::text(&self.text, out);
        out.push_str(if self.is_cut { " …</p>" } else { "</p>" });
        let _ = write!(out, r#"<details class="places"><summary>{}</summary><ul>"#, Said("المواضع", "places"));
        for Place { document, lines, is_first } in &self.places {
            if out.len() - start > most {
                break;
            }
            shown += 1;
            let name = said::short_name(document);
            let place = match lines {
                None => name,
                Some(lines) => {
                    let Said(arabic, english) = said::lines(*lines);
                    let said = format!("{name}{}", Said(format!("، {arabic}"), format!(", {english}")));
                    links.linked(&DocumentKey::of(document), lines.first, &said)
                }
            };
            let first = if *is_first { format!(" {}", Said("(الأصل)", "(the original)")) } else { String::new() };
            let _ = write!(out, "<li>{place}{first}</li>");
        }
        if let Some(more) = self.times.checked_sub(shown).filter(|&more| more > 0) {
            let _ = write!(out, "<li>{}</li>", Said(format!("و{more} غيرها"), format!("and {more} more")));
        }
        out.push_str("</ul></details></li>\n");
    }
}

/// The lines of the original of a finding, as far as they are known.
fn lines_of_original(finding: &Finding, at: Originals) -> Option<Lines> {
    let mut originals = finding.pairs.iter().map(|pair| pair.original.as_ref().map(|original| original.lines));
    let first = originals.next().flatten();
    let last = originals.next_back().unwrap_or(first);
    match (first.zip(last), at) {
        (Some((first, last)), _) => Some(Lines { first: first.first, last: last.last }),
        (None, Originals::Lines(first, last)) => Some(Lines { first, last }),
        (None, Originals::From(_) | Originals::Within(_)) => None,
    }
}

/// How the units of a finding start, and whether that is not all.
fn text(found: &Found<'_>, finding: &Finding) -> io::Result<(Vec<u8>, bool)> {
    let mut text = Vec::new();
    for pair in &finding.pairs {
        if !text.is_empty() {
            text.push(b'\n');
        }
        text.extend_from_slice(&found.body.bytes(pair.unit.clone())?);
        if text.len() > TEXT {
            break;
        }
    }
    let (shown, left) = markup::first(&text, TEXT);
    Ok((shown.to_vec(), left > 0))
}
