//! Numbers: digits by value, the separators within them, the percent sign's place, grouping.

use super::Text;
use super::atom::Atom;
use super::level::{Fold, Folds};

const ARABIC_POINT: char = '٫';

/// Writes digits of every set, and their separators and percent signs, as ASCII has them.
pub(super) fn digits(text: &mut Text<'_>, folds: Folds) {
    if !folds.has(Fold::Digits) {
        return;
    }
    // People type the decimal separator as a comma too, so only between digits is it a point.
    if text.has(|atom| atom == ARABIC_POINT) {
        text.rewrite(|atoms, out| {
            for (at, &atom) in atoms.iter().enumerate() {
                let is_digit = |at: Option<usize>| at.and_then(|at| atoms.get(at)).is_some_and(|a| a.is_digit());
                let between = is_digit(at.checked_sub(1)) && is_digit(at.checked_add(1));
                let comma = atom == ARABIC_POINT && !between;
                out.push(if comma { Atom::from(',') } else { atom });
            }
        });
    }
    text.map(Folds::of(&[Fold::Digits]));
}

/// The length of the number at the start of `atoms`: digits, with single points and commas between them.
fn number(atoms: &[Atom]) -> usize {
    let mut len = 0;
    loop {
        len += atoms[len..].iter().take_while(|atom| atom.is_digit()).count();
        match atoms[len..] {
            [separator, digit, ..] if len > 0 && (separator == '.' || separator == ',') && digit.is_digit() => len += 1,
            _ => return len,
        }
    }
}

/// Whether a sign ends a number and so belongs to it: percent, per mille, per ten thousand.
pub(super) fn is_rate(atom: Atom) -> bool {
    matches!(atom.char(), '%' | '‰' | '‱')
}

/// `%5` becomes `5%`.
pub(super) fn percent_after(atoms: &[Atom], out: &mut Vec<Atom>) {
    let mut at = 0;
    while let Some(&atom) = atoms.get(at) {
        at += 1;
        if is_rate(atom) && !out.last().is_some_and(|last| last.is_digit()) {
            let space = atoms[at..].iter().take_while(|atom| atom.is_space()).count();
            let len = number(&atoms[at + space..]);
            if len > 0 {
                out.extend_from_slice(&atoms[at + space..at + space + len]);
                at += space + len;
            }
        }
        out.push(atom);
    }
}

/// `1,000` becomes `1000`, where every comma groups three digits.
pub(super) fn ungrouped(atoms: &[Atom], out: &mut Vec<Atom>) {
    let mut at = 0;
    while let Some(&atom) = atoms.get(at) {
        let len = number(&atoms[at..]).max(1);
        let number = &atoms[at..at + len];
        // After a point or comma with a digit before it, this is the rest of something that is no number.
        let continues = matches!(out[..], [.., digit, mark] if digit.is_digit() && (mark == '.' || mark == ','));
        if atom.is_digit() && !continues && is_grouped(number) {
            out.extend(number.iter().filter(|&&atom| atom != ','));
        } else {
            out.extend_from_slice(number);
        }
        at += len;
    }
}

fn is_grouped(number: &[Atom]) -> bool {
    let whole = number.split(|&atom| atom == '.').next().unwrap_or_default();
    let commas = |atoms: &[Atom]| atoms.iter().filter(|&&atom| atom == ',').count();
    let mut groups = whole.split(|&atom| atom == ',');
    let first = groups.next().unwrap_or_default();
    commas(number) > 0
        && commas(number) == commas(whole)
        && (1..=3).contains(&first.len())
        && groups.all(|group| group.len() == 3)
}
