//! Quotation marks: one mark for all of them, hugging what stands on either side.
//!
//! Marks are never paired, so unbalanced and nested quotations fold like any others. Direction carries no information:
//! Arabic typists and Western software use the curly marks the opposite way.

use super::Text;
use super::atom::Atom;
use super::level::{Fold, Folds};

const DOUBLE: char = '"';
const SINGLE: char = '\'';
const QUOTES: Folds = Folds::of(&[Fold::Quotes]);

pub(super) fn fold(text: &mut Text<'_>, folds: Folds) {
    if !folds.has(Fold::Quotes) {
        return;
    }
    if !text.seen().folds.has(Fold::Quotes) && !text.has(|atom| is_angle(atom) || is_letter_apostrophe(atom)) {
        return;
    }
    text.rewrite(by_meaning);
    text.rewrite(hugging);
}

fn is_mark(atom: Atom) -> bool {
    atom.mapped(QUOTES).is_some()
}

fn is_single(atom: Atom) -> bool {
    atom.mapped(QUOTES).is_some_and(|(_, mark)| mark == "'")
}

fn is_angle(atom: Atom) -> bool {
    atom == '<' || atom == '>'
}

/// Signs that are relations between numbers as well as stand-ins for guillemets.
fn is_relation(atom: Atom) -> bool {
    matches!(atom.char(), '≪' | '≫' | '⟪' | '⟫')
}

/// Modifier letters that serve as apostrophes in Latin words.
fn is_letter_apostrophe(atom: Atom) -> bool {
    atom == 'ʻ' || atom == 'ʼ'
}

/// Writes every mark as what it means: `"` for a quotation mark, `'` for an apostrophe or prime.
fn by_meaning(atoms: &[Atom], out: &mut Vec<Atom>) {
    let mut open_singles = false;
    let mut at = 0;
    while let Some(&atom) = atoms.get(at) {
        let rest = &atoms[at..];
        let len = if is_single(atom) {
            rest.iter().take_while(|&&atom| is_single(atom)).count()
        } else if is_angle(atom) {
            rest.iter().take_while(|&&next| next == atom.char()).count()
        } else {
            1
        };
        let before = atoms[..at].last().copied();
        let after = rest.get(len).copied();
        if is_angle(atom) || is_relation(atom) {
            let doubled = is_relation(atom) || len == 2;
            if doubled && !beside_term(&atoms[..at], &rest[len..]) {
                out.push(Atom::from(DOUBLE));
            } else {
                out.extend_from_slice(&rest[..len]);
            }
        } else if is_single(atom) && len == 1 {
            let meaning = single(before, &rest[1..], open_singles);
            open_singles ^= meaning == DOUBLE;
            out.push(Atom::from(meaning));
        } else if is_letter_apostrophe(atom) {
            let in_latin = before.is_some_and(Atom::is_latin) && after.is_some_and(Atom::is_latin);
            out.push(if in_latin { Atom::from(SINGLE) } else { atom });
        } else if is_mark(atom) {
            // A backslash before a mark is what is left of a JSON escape.
            while out.last().is_some_and(|&last| last == '\\') {
                out.pop();
            }
            out.push(Atom::from(DOUBLE));
        } else {
            out.push(atom);
        }
        at += len;
    }
}

/// Whether a digit or Latin letter is the next thing on either side, so that `<<` is a relation or a shift.
fn beside_term(before: &[Atom], after: &[Atom]) -> bool {
    let is_term = |atom: &&Atom| atom.is_digit() || atom.is_latin();
    let last = before.iter().rev().find(|atom| !atom.is_space());
    let next = after.iter().find(|atom| !atom.is_space());
    last.filter(is_term).or(next.filter(is_term)).is_some()
}

/// What a lone single mark means between what stands before and after it. Arabic has no apostrophe.
fn single(before: Option<Atom>, after: &[Atom], open: bool) -> char {
    let Some(before) = before else {
        return DOUBLE;
    };
    let next = after.first();
    let in_latin = before.is_latin() && next.is_some_and(|next| next.is_latin());
    let final_s = (before.is_latin() || before.is_digit())
        && next.is_some_and(|&next| next == 's' || next == 'S')
        && !after.get(1).is_some_and(|next| next.is_latin());
    if in_latin || final_s || (before.is_digit() && !open) { SINGLE } else { DOUBLE }
}

/// Takes the white space beside quotation marks away and makes one mark of a run of them.
fn hugging(atoms: &[Atom], out: &mut Vec<Atom>) {
    for &atom in atoms {
        let after_mark = out.last().is_some_and(|&last| last == DOUBLE);
        if atom == DOUBLE {
            let kept = out.iter().rposition(|last| !last.is_space()).map_or(0, |last| last + 1);
            out.truncate(kept);
            if out.last().is_some_and(|&last| last == DOUBLE) {
                continue;
            }
        } else if after_mark && atom.is_space() {
            continue;
        }
        out.push(atom);
    }
}
