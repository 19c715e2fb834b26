//! The level `loose`: the same string of letters and numbers.

use super::atom::{Atom, Class};
use super::level::{Fold, Folds, Level};
use super::{Text, numbers, punctuation, signs};

pub(super) fn fold(text: &mut Text<'_>, folds: Folds) {
    if folds.intersection(Level::Orthography.folds()) == folds {
        return;
    }
    if folds.has(Fold::Teh) {
        text.map(Folds::of(&[Fold::Teh]));
    }
    if folds.has(Fold::Case) && text.has(Atom::is_latin) {
        text.rewrite(lower_latin);
    }
    if folds.has(Fold::Grouping) && text.has(|atom| atom == ',') {
        text.rewrite(numbers::ungrouped);
    }
    if folds.has(Fold::Nobullets)
        && let Some(len) = punctuation::bullet(text.atoms)
    {
        text.edit(|atoms| drop(atoms.drain(..len)));
    }
    if folds.intersects(Folds::of(&[Fold::Nopunctuation, Fold::Nospaces])) {
        text.rewrite(|atoms, out| without_gaps(atoms, folds, out));
        if folds.has(Fold::Spaces) {
            signs::one_space(text);
        }
    }
}

fn lower_latin(atoms: &[Atom], out: &mut Vec<Atom>) {
    for &atom in atoms {
        if atom.is_latin() {
            out.extend(atom.char().to_lowercase().map(Atom::from));
        } else {
            out.push(atom);
        }
    }
}

/// Drops punctuation and white space, but never what keeps two numbers apart: marks between digits stay as they are,
/// and where there is white space among them one space stays.
fn without_gaps(atoms: &[Atom], folds: Folds, out: &mut Vec<Atom>) {
    let is_gap = |atom: Atom| {
        (folds.has(Fold::Nospaces) && atom.is_space())
            || (folds.has(Fold::Nopunctuation) && atom.class().is(Class::PUNCTUATION) && !numbers::is_rate(atom))
    };
    let mut at = 0;
    while let Some(&atom) = atoms.get(at) {
        let gap = atoms[at..].iter().take_while(|&&atom| is_gap(atom)).count();
        if gap == 0 {
            out.push(atom);
            at += 1;
            continue;
        }
        let gap = &atoms[at..at + gap];
        at += gap.len();
        let between_digits =
            out.last().is_some_and(|before| before.is_digit()) && atoms.get(at).is_some_and(|after| after.is_digit());
        if between_digits && gap.iter().any(|atom| atom.is_space()) {
            out.push(Atom::from(' '));
        } else if between_digits {
            out.extend_from_slice(gap);
        } else if let [before @ .., point] = gap
            && punctuation::starts_number(&atoms[at - 1..])
            && !(before.is_empty() && out.last().is_some_and(|before| before.is_word()))
        {
            // Right behind a word it would be a full stop.
            out.push(*point);
        }
    }
}
