//! Folding: turning a unit into the text that is compared.
//!
//! A fold decides what counts as equal and never touches what is written. Each [`Level`] is a function of the result
//! of the level before it, so units that are equal at one level are equal at every later one. What a single code point
//! folds to stands in `data/folds.tsv`, the Unicode properties the rules read in `data/unicode.tsv`; `tables.rs` is
//! made from both. What depends on neighbours is code: one file per stage.
//!
//! These are the plain rules: they say what is right. `fast` folds most units without them, and as they would.

mod atom;
mod difference;
mod entities;
mod fast;
mod letter;
mod letters;
mod level;
mod loose;
mod numbers;
mod orthography;
mod punctuation;
mod quotes;
mod signs;
#[rustfmt::skip]
mod tables;

pub use difference::folds_needed;
pub use level::{Fold, FoldChangeError, FoldChanges, Folds, Level, UnknownFold};

use std::ops::Range;

use atom::{Atom, Class, DAMAGE_MARK, Seen};

const TYPOGRAPHY: Folds = Level::Typography.folds();

/// What a blank line is made of.
const BLANK: Class = Class::SPACE.or(Class::IGNORABLE);

/// The number of the folding rules and their tables. It changes whenever a unit may get another key.
pub const RULES: u32 = 1;

/// The version of the Unicode properties the rules read.
pub const UNICODE_VERSION: (u8, u8, u8) = tables::UNICODE_VERSION;

/// Folds units by a fixed set of folds. Its buffers are reused from unit to unit.
#[derive(Clone, Debug)]
pub struct Folder {
    folds: Folds,
    /// How the fast path copies, if it may be taken.
    fast: Option<fast::Runs>,
    atoms: Vec<Atom>,
    spare: Vec<Atom>,
    text: Vec<u8>,
    spare_text: Vec<u8>,
}

/// What a folded unit is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A code point.
    Char(char),
    /// A byte that was no UTF-8.
    Byte(u8),
}

/// A folded unit.
#[derive(Clone, Copy, Debug)]
pub struct Folded<'a> {
    text: &'a [u8],
    words: u32,
    /// Whether the fast path took it, so that the unit is valid UTF-8.
    by_fast_path: bool,
}

impl Folder {
    /// A folder for these folds.
    #[must_use]
    pub fn new(folds: Folds) -> Folder {
        Folder {
            folds,
            fast: fast::knows(folds).then(fast::Runs::best),
            atoms: Vec::new(),
            spare: Vec::new(),
            text: Vec::new(),
            spare_text: Vec::new(),
        }
    }

    /// A folder that folds by the plain rules alone: slower, and what the fast one is measured against.
    #[must_use]
    pub fn by_plain_rules(folds: Folds) -> Folder {
        Folder { fast: None, ..Folder::new(folds) }
    }

    /// A folder that uses no vector instructions, as on processors that have none it knows.
    #[must_use]
    pub fn without_vectors(folds: Folds) -> Folder {
        let mut folder = Folder::new(folds);
        folder.fast = folder.fast.map(|_| fast::Runs::portable());
        folder
    }

    /// The folds in force.
    #[must_use]
    pub fn folds(&self) -> Folds {
        self.folds
    }

    /// Folds one unit, given without its line terminator. Any bytes will do: what is not UTF-8 stays itself.
    pub fn fold(&mut self, unit: &[u8]) -> Folded<'_> {
        self.fold_in(unit, 0..unit.len())
    }

    /// Folds one unit of a document, the bytes of `document` in `unit`, without its line terminator.
    ///
    /// # Panics
    /// The range does not lie in the document.
    pub fn fold_in(&mut self, document: &[u8], unit: Range<usize>) -> Folded<'_> {
        if let Some(runs) = self.fast
            && let Some(words) =
                fast::fold(document, unit.clone(), self.folds, runs, &mut self.text, &mut self.spare_text)
        {
            return Folded { text: &self.text, words, by_fast_path: true };
        }
        let unit = &document[unit];
        let mut text = Text { atoms: &mut self.atoms, spare: &mut self.spare, seen: None };
        text.atoms.clear();
        exact(unit, &mut text);
        typography(&mut text, self.folds);
        orthography::fold(&mut text, self.folds);
        loose::fold(&mut text, self.folds);
        if !self.folds.is_empty() {
            trim(text.atoms);
        }
        self.text.clear();
        atom::encode(&self.atoms, &mut self.text);
        Folded { text: &self.text, words: words_of(&self.atoms, self.folds), by_fast_path: false }
    }
}

impl<'a> Folded<'a> {
    /// The text that is compared and hashed: UTF-8, and each byte of the unit that was no UTF-8 behind a byte 0xFF.
    #[must_use]
    pub fn text(self) -> &'a [u8] {
        self.text
    }

    /// The text as it can be shown: damaged bytes as they came.
    #[must_use]
    pub fn shown(self) -> Vec<u8> {
        let mut shown = Vec::with_capacity(self.text.len());
        let mut bytes = self.text.iter();
        while let Some(&byte) = bytes.next() {
            shown.push(if byte == DAMAGE_MARK { bytes.next().copied().unwrap_or(byte) } else { byte });
        }
        shown
    }

    /// The text sign by sign.
    pub fn signs(self) -> impl Iterator<Item = Sign> + 'a {
        let mut rest = self.text;
        std::iter::from_fn(move || {
            let (sign, len) = match (rest, atom::first_char(rest)) {
                ([DAMAGE_MARK, byte, ..], _) => (Sign::Byte(*byte), 2),
                (_, Some(c)) => (Sign::Char(c), c.len_utf8()),
                (_, None) => return None,
            };
            rest = &rest[len..];
            Some(sign)
        })
    }

    /// Whether it is known that the unit is valid UTF-8.
    pub(crate) fn is_known_valid(self) -> bool {
        self.by_fast_path
    }

    /// The number of words, as [`crate::key`] defines them.
    pub(crate) fn words(self) -> u32 {
        self.words
    }
}

fn words_of(atoms: &[Atom], folds: Folds) -> u32 {
    let words = if folds.has(Fold::Nospaces) {
        atoms.iter().filter(|atom| atom.is_letter() || atom.is_digit()).count().div_ceil(5)
    } else {
        atoms.chunk_by(|a, b| a.is_word() == b.is_word()).filter(|run| run[0].is_word()).count()
    };
    u32::try_from(words).unwrap_or(u32::MAX)
}

/// Whether a line has nothing to see: white space, default-ignorable code points and nothing else.
#[must_use]
pub fn is_blank(mut line: &[u8]) -> bool {
    // How nearly all lines start: with ASCII that is seen, or a letter. U+061C is D8 9C.
    match *line {
        [b'!'..=b'~' | 0xD9..=0xDB, ..] => return false,
        [0xD8, second, ..] if second != 0x9C => return false,
        _ => {}
    }
    while !line.is_empty() {
        match atom::first_char(line) {
            Some(c) if Atom::from(c).class().is(BLANK) => line = &line[c.len_utf8()..],
            _ => return false,
        }
    }
    true
}

/// Whether a code point shows nothing of itself: it is white space, or default-ignorable.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    Atom::from(c).class().is(BLANK)
}

/// The atoms of a unit and a second buffer to write them into.
struct Text<'a> {
    atoms: &'a mut Vec<Atom>,
    spare: &'a mut Vec<Atom>,
    /// What occurs in it, while that is known.
    seen: Option<Seen>,
}

impl Text<'_> {
    /// Writes the text anew: `rule` reads the atoms and appends what they become.
    fn rewrite(&mut self, rule: impl FnOnce(&[Atom], &mut Vec<Atom>)) {
        self.spare.clear();
        rule(self.atoms, self.spare);
        std::mem::swap(self.atoms, self.spare);
        self.seen = None;
    }

    /// Changes the text in its place.
    fn edit(&mut self, rule: impl FnOnce(&mut Vec<Atom>)) {
        rule(self.atoms);
        self.seen = None;
    }

    fn seen(&mut self) -> Seen {
        *self.seen.get_or_insert_with(|| Seen::of(self.atoms))
    }

    fn has(&self, wanted: impl Fn(Atom) -> bool) -> bool {
        self.atoms.iter().any(|&atom| wanted(atom))
    }

    /// Replaces every code point that one of `folds` has a row for.
    fn map(&mut self, folds: Folds) {
        if self.seen().folds.intersects(folds) {
            self.rewrite(|atoms, out| {
                for &atom in atoms {
                    match atom.mapped(folds) {
                        Some((_, target)) => out.extend(target.chars().map(Atom::from)),
                        None => out.push(atom),
                    }
                }
            });
        }
    }

    fn compose(&mut self) {
        if self.seen().class.is(Class::COMPOSES) {
            self.edit(atom::compose);
        }
    }
}

/// The level `exact`: no byte order mark, LF line ends, no outer white space, Normalization Form C.
fn exact(unit: &[u8], text: &mut Text<'_>) {
    let unit = unit.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(unit);
    let atoms = &mut *text.atoms;
    atom::decode(unit, atoms);
    if unit.contains(&b'\r') {
        let mut after_return = false;
        atoms.retain_mut(|atom| {
            let second_half = after_return && *atom == '\n';
            after_return = *atom == '\r';
            if after_return {
                *atom = Atom::from('\n');
            }
            !second_half
        });
    }
    trim(atoms);
    text.compose();
}

/// Takes white space off both ends.
fn trim(atoms: &mut Vec<Atom>) {
    let end = atoms.iter().rposition(|atom| !atom.is_space()).map_or(0, |last| last + 1);
    atoms.truncate(end);
    let start = atoms.iter().position(|atom| !atom.is_space()).unwrap_or(0);
    atoms.drain(..start);
}

/// The level `typography`, in the order that the rules need: each may lean on what the ones before it have done.
fn typography(text: &mut Text<'_>, folds: Folds) {
    const ON_FORMS: Folds = Folds::of(&[Fold::Forms, Fold::Fullwidth]);

    if !folds.intersects(TYPOGRAPHY) {
        return;
    }
    entities::fold(text, folds);
    text.map(folds.intersection(ON_FORMS));
    signs::fold(text, folds);
    // What went may have stood before outer white space, or behind it.
    trim(text.atoms);
    text.compose();
    letters::fold(text, folds);
    numbers::digits(text, folds);
    punctuation::map(text, folds);
    quotes::fold(text, folds);
    punctuation::space(text, folds);
}
