//! What a unit is made of while it is folded: code points, and bytes that are no UTF-8.

use super::level::{Fold, Folds};
use super::tables;

/// A Unicode scalar value, or one byte that is not part of valid UTF-8.
///
/// Damaged bytes are kept above the last code point, so they equal nothing but themselves and have no class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Atom(u32);

const DAMAGED: u32 = 0x11_0000;

/// The byte before each damaged byte in the encoding of a folded unit. It occurs in no UTF-8.
///
/// Without it two damaged bytes that folding brings together could spell a letter.
pub(super) const DAMAGE_MARK: u8 = 0xFF;

impl Atom {
    /// The code point; for a damaged byte a noncharacter that no rule names.
    pub(super) fn char(self) -> char {
        char::from_u32(self.0).unwrap_or('\u{10FFFF}')
    }

    /// What the rules know of it.
    fn kind(self) -> (u16, u32) {
        let code = self.0 as usize;
        match tables::PAGE_OF.get(code >> 8) {
            Some(&page) => tables::KINDS[usize::from(tables::PAGES[usize::from(page)][code & 0xFF])],
            None => (0, 0),
        }
    }

    /// Its properties.
    pub(super) fn class(self) -> Class {
        Class(self.kind().0)
    }

    /// What the first of `folds` that has a row for this code point turns it into.
    pub(super) fn mapped(self, folds: Folds) -> Option<(Fold, &'static str)> {
        if !Folds::from_bits(self.kind().1).intersects(folds) {
            return None;
        }
        let start = tables::MAP.partition_point(|row| row.0 < self.0);
        tables::MAP[start..]
            .iter()
            .take_while(|row| row.0 == self.0)
            .find(|row| folds.has(Fold::ALL[usize::from(row.1)]))
            .map(|&(_, fold, start, len)| {
                let start = usize::from(start);
                (Fold::ALL[usize::from(fold)], &tables::TARGETS[start..start + usize::from(len)])
            })
    }

    pub(super) fn is_space(self) -> bool {
        self.class().is(Class::SPACE)
    }

    pub(super) fn is_digit(self) -> bool {
        self.class().is(Class::DIGIT)
    }

    pub(super) fn is_letter(self) -> bool {
        self.class().is(Class::LETTER)
    }

    pub(super) fn is_mark(self) -> bool {
        self.class().is(Class::MARK)
    }

    pub(super) fn is_latin(self) -> bool {
        self.class().is(Class::LATIN)
    }

    /// An Arabic letter; tatweel is none.
    pub(super) fn is_arabic(self) -> bool {
        self.class().is(Class::ARABIC)
    }

    /// A letter, mark or digit: what words are made of.
    pub(super) fn is_word(self) -> bool {
        self.class().is(Class::LETTER.or(Class::MARK).or(Class::DIGIT))
    }
}

impl From<char> for Atom {
    fn from(c: char) -> Atom {
        Atom(u32::from(c))
    }
}

impl PartialEq<char> for Atom {
    fn eq(&self, other: &char) -> bool {
        self.0 == u32::from(*other)
    }
}

/// What occurs in a text: most rules have nothing to do in most texts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// The properties of its code points.
    pub(super) class: Class,
    /// The folds that have a row for one of its code points.
    pub(super) folds: Folds,
    /// Whether there is white space that is not a single U+0020.
    pub(super) spacing: bool,
}

impl Seen {
    pub(super) fn of(atoms: &[Atom]) -> Seen {
        let (mut class, mut folds, mut spacing, mut after_space) = (0, 0, false, false);
        for &atom in atoms {
            let kind = atom.kind();
            class |= kind.0;
            folds |= kind.1;
            let space = kind.0 & Class::SPACE.0 != 0;
            spacing |= space && (after_space || atom != ' ');
            after_space = space;
        }
        Seen { class: Class(class), folds: Folds::from_bits(folds), spacing }
    }
}

/// A set of the properties in `data/unicode.tsv`, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Class(u16);

impl Class {
    pub(super) const LETTER: Class = Class(1);
    pub(super) const MARK: Class = Class(1 << 1);
    pub(super) const DIGIT: Class = Class(1 << 2);
    pub(super) const PUNCTUATION: Class = Class(1 << 3);
    pub(super) const SPACE: Class = Class(1 << 4);
    pub(super) const IGNORABLE: Class = Class(1 << 5);
    pub(super) const LATIN: Class = Class(1 << 6);
    pub(super) const ARABIC: Class = Class(1 << 7);
    pub(super) const DUAL: Class = Class(1 << 8);
    pub(super) const VOWEL: Class = Class(1 << 9);
    /// May change, or be moved, under Normalization Form C.
    pub(super) const COMPOSES: Class = Class(1 << 10);

    pub(super) const fn or(self, other: Class) -> Class {
        Class(self.0 | other.0)
    }

    /// The properties of a code point.
    pub(super) const fn of(code: usize) -> Class {
        let page = tables::PAGE_OF[code >> 8] as usize;
        Class(tables::KINDS[tables::PAGES[page][code & 0xFF] as usize].0)
    }

    /// Whether it has any of the other's properties.
    pub(super) const fn is(self, other: Class) -> bool {
        self.0 & other.0 != 0
    }
}

/// The character at the start of `bytes`. None where there is no valid one.
pub(super) fn first_char(bytes: &[u8]) -> Option<char> {
    // One letter decides, of a text of any length.
    bytes[..bytes.len().min(4)].utf8_chunks().next()?.valid().chars().next()
}

/// Appends the atoms of `bytes`.
pub(super) fn decode(bytes: &[u8], atoms: &mut Vec<Atom>) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        atoms.extend(text.chars().map(Atom::from));
        return;
    }
    for chunk in bytes.utf8_chunks() {
        atoms.extend(chunk.valid().chars().map(Atom::from));
        atoms.extend(chunk.invalid().iter().map(|&byte| Atom(DAMAGED + u32::from(byte))));
    }
}

/// Appends the encoding of `atoms`: UTF-8, and each damaged byte behind [`DAMAGE_MARK`].
pub(super) fn encode(atoms: &[Atom], bytes: &mut Vec<u8>) {
    for &atom in atoms {
        match char::from_u32(atom.0) {
            Some(c) if c.is_ascii() => bytes.push(c as u8),
            Some(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None => bytes.extend_from_slice(&[DAMAGE_MARK, (atom.0 - DAMAGED) as u8]),
        }
    }
}

/// Puts `atoms` into Normalization Form C, damaged bytes standing between the pieces.
pub(super) fn compose(atoms: &mut Vec<Atom>) {
    use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

    let is_char = |atom: &Atom| atom.0 < DAMAGED;
    let valid = atoms.iter().map(|atom| atom.char());
    if is_nfc_quick(valid) == IsNormalized::Yes {
        return;
    }
    let mut composed = Vec::with_capacity(atoms.len());
    for piece in atoms.chunk_by(|a, b| is_char(a) == is_char(b)) {
        if piece.first().is_some_and(is_char) {
            composed.extend(piece.iter().map(|atom| atom.char()).nfc().map(Atom::from));
        } else {
            composed.extend_from_slice(piece);
        }
    }
    *atoms = composed;
}
