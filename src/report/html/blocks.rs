//! The most repeated blocks of a run, and where they stand.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::io;

use hashbrown::HashMap;

use super::article::{DocumentKey, Links};
use super::markup;
use super::said::{self, Said};
use crate::key::Key;
use crate::report::{DocumentName, Finding, Found, Lines, OriginalIn, Reason};

/// The most blocks that are counted, and places of them that are kept, all together.
const COUNTED: usize = 100_000;
const PLACES: usize = 500_000;

/// The most blocks that are shown, places of one, and bytes of its text.
const SHOWN: usize = 100;
const PLACES_SHOWN: usize = 500;
const TEXT: usize = 600;

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
        let original = match &finding.reason {
            // It is told of where it stands.
            Reason::Repeating(_) => return Ok(()),
            Reason::Boilerplate { .. } => None,
            Reason::Copy { of, .. } => {
                let originals =
                    || finding.pairs.iter().map(|pair| pair.original.as_ref().map(|original| original.lines));
                let lines = match (originals().next().flatten(), originals().next_back().flatten()) {
                    (Some(first), Some(last)) => Some(Lines { first: first.first, last: last.last }),
                    _ => None,
                };
                let document = match of {
                    OriginalIn::Same => found.document,
                    OriginalIn::Other(document) | OriginalIn::Earlier(document) => document,
                };
                Some(Place { document: document.clone(), lines, is_first: true })
            }
        };
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
                let block = Block { number, times: 0, words, units, text, is_cut, places: Vec::new() };
                let block = by_hash.entry(hash).or_insert(block);
                block.times += u64::from(original.is_some());
                block.places.extend(original);
                block
            }
        };
        block.times += 1;
        if *places < PLACES && block.places.len() < PLACES_SHOWN {
            *places += 1;
            let document = found.document.clone();
            block.places.push(Place { document, lines: Some(finding.lines), is_first: false });
        }
        Ok(())
    }

    /// Writes those that stand most often.
    pub(super) fn write(&self, links: &Links, out: &mut String) {
        let mut blocks: Vec<&Block> = self.by_hash.values().collect();
        blocks.sort_by_key(|block| (Reverse(block.times), Reverse(block.words), block.number));
        let all = blocks.len() as u64 + self.left;
        blocks.truncate(SHOWN);
        if all > blocks.len() as u64 {
            let shown = blocks.len();
            let said = Said(format!("المعروض {shown} من {all}"), format!("{shown} of {all} are shown"));
            let _ = write!(out, r#"<p class="note">{said}</p>"#);
        }
        out.push_str(r#"<ol class="blocks">"#);
        for block in blocks {
            block.write(links, out);
        }
        out.push_str("</ol>\n");
    }
}

impl Block {
    fn write(&self, links: &Links, out: &mut String) {
        let Block { times, words, units, .. } = self;
        let figures = Said(
            format!("المرات: <b>{times}</b> · الكلمات: {words} · الوحدات: {units}"),
            format!("<b>{times}</b> times · words: {words} · units: {units}"),
        );
        let _ = write!(out, r#"<li class="block"><p class="figures">{figures}</p><p class="t" dir="auto">"#);
        markup::text(&self.text, out);
        out.push_str(if self.is_cut { " …</p>" } else { "</p>" });
        let _ = write!(out, r#"<details class="places"><summary>{}</summary><ul>"#, Said("المواضع", "places"));
        for Place { document, lines, is_first } in &self.places {
            let name = said::name(document);
            let place = match lines {
                None => name,
                Some(lines) => {
                    let said = Said(
                        format!("{name}، {}", said::lines(*lines).0),
                        format!("{name}, {}", said::lines(*lines).1),
                    );
                    links.linked(&DocumentKey::of(document), lines.first, &said.to_string())
                }
            };
            let first = if *is_first { format!(" {}", Said("(الأصل)", "(the original)")) } else { String::new() };
            let _ = write!(out, "<li>{place}{first}</li>");
        }
        if let Some(more) = self.times.checked_sub(self.places.len() as u64).filter(|&more| more > 0) {
            let _ = write!(out, "<li>{}</li>", Said(format!("و{more} غيرها"), format!("and {more} more")));
        }
        out.push_str("</ul></details></li>\n");
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
