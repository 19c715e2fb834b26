//! HTML character references that scraping left in the text: a short list of names, and numeric ones.

use super::atom::Atom;
use super::level::{Fold, Folds};
use super::{Text, tables};

/// Text that was escaped twice (`&amp;quot;`) needs two passes; more are not made.
const PASSES: usize = 2;

/// No reference is longer, `&` and `;` included: a longer run is text.
const LONGEST: usize = 12;

pub(super) fn fold(text: &mut Text<'_>, folds: Folds) {
    if !folds.has(Fold::Entities) {
        return;
    }
    for _ in 0..PASSES {
        if !text.has(|atom| atom == '&') {
            return;
        }
        text.rewrite(|atoms, out| {
            let mut at = 0;
            while let Some(&atom) = atoms.get(at) {
                match (atom == '&').then(|| reference(&atoms[at..])).flatten() {
                    Some((c, len)) => {
                        out.push(Atom::from(c));
                        at += len;
                    }
                    None => {
                        out.push(atom);
                        at += 1;
                    }
                }
            }
        });
    }
}

/// The character that the reference at the start of `atoms` stands for, and the reference's length.
fn reference(atoms: &[Atom]) -> Option<(char, usize)> {
    let len = 1 + atoms.iter().take(LONGEST).position(|&atom| atom == ';')?;
    let name: String = atoms[..len].iter().map(|atom| atom.char()).collect();
    let c = match name.strip_prefix("&#") {
        Some(number) => numeric(number.strip_suffix(';')?)?,
        None => {
            let row = tables::ENTITIES.binary_search_by(|row| row.0.cmp(name.as_str())).ok()?;
            tables::ENTITIES[row].1
        }
    };
    Some((c, len))
}

fn numeric(number: &str) -> Option<char> {
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // `from_str_radix` would take a sign.
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let c = char::from_u32(u32::from_str_radix(digits, radix).ok()?)?;
    // U+0000 is no text, and a reference to U+FFFD would claim that a byte was lost.
    (c != '\0' && c != '\u{FFFD}').then_some(c)
}
