//! Dashes, bullets and punctuation: one sign for each use, no repetition, no spacing that carries nothing.

use super::Text;
use super::atom::Atom;
use super::level::{Fold, Folds};
use super::numbers::is_rate;

const DASH: char = '-';
/// A dash that is a number's sign, so that no rule about dashes takes it for one.
const MINUS: char = '−';
const ELLIPSIS: char = '…';
const BULLET: char = '•';

/// One sign for each use of dashes, punctuation and bullets.
pub(super) fn map(text: &mut Text<'_>, folds: Folds) {
    if folds.has(Fold::Dashes) {
        text.map(Folds::of(&[Fold::Dashes]));
        if text.has(|atom| atom == DASH) {
            text.rewrite(one_dash);
        }
    }
    if folds.has(Fold::Punctuation) {
        text.map(Folds::of(&[Fold::Punctuation]));
    }
    if folds.has(Fold::Bullets)
        && let Some(len) = bullet(text.atoms)
    {
        text.edit(|atoms| drop(atoms.splice(..len, [Atom::from(BULLET)])));
    }
}

/// Repetition and spacing of punctuation and dashes.
pub(super) fn space(text: &mut Text<'_>, folds: Folds) {
    if folds.has(Fold::Punctuation) {
        let in_words = has_words(text.atoms);
        text.rewrite(|atoms, out| without_repetition(atoms, in_words, out));
    }
    if folds.intersects(Folds::of(&[Fold::Punctuation, Fold::Dashes])) {
        text.rewrite(|atoms, out| without_spacing(atoms, folds, out));
    }
}

fn has_words(atoms: &[Atom]) -> bool {
    atoms.iter().any(|atom| atom.is_word())
}

/// Makes one dash of a run, and a minus of a dash that is a number's sign.
fn one_dash(atoms: &[Atom], out: &mut Vec<Atom>) {
    let mut at = 0;
    while let Some(&atom) = atoms.get(at) {
        let dashes = atoms[at..].iter().take_while(|&&atom| atom == DASH).count();
        let after = &atoms[at + dashes..];
        let before_number = after.first().is_some_and(|after| after.is_digit()) || starts_number(after);
        out.push(match dashes {
            0 => atom,
            1 if before_number && opens(out.last().copied()) => Atom::from(MINUS),
            _ => Atom::from(DASH),
        });
        at += dashes.max(1);
    }
}

/// Whether a number's sign may stand after this: after anything but a word, a number or what closes one.
fn opens(before: Option<Atom>) -> bool {
    before
        .is_none_or(|before| !before.is_word() && !matches!(before.char(), ')' | ']' | '}' | DASH) && !is_rate(before))
}

/// The length of the bullet that the unit starts with, the space after it included. A unit without words has none.
pub(super) fn bullet(atoms: &[Atom]) -> Option<usize> {
    let &first = atoms.first()?;
    let spaces = atoms[1..].iter().take_while(|atom| atom.is_space()).count();
    let is_bullet = first.mapped(Folds::of(&[Fold::Bullets])).is_some();
    // `-5` is a number and `*5` a footnote: those two are bullets by the space after them.
    let is_item = (first == DASH || first == '*') && spaces > 0;
    ((is_bullet || is_item) && has_words(atoms)).then_some(1 + spaces)
}

/// One mark for a run of the same, an ellipsis for two dots or more, `!` before `?` in a run of both.
fn without_repetition(atoms: &[Atom], in_words: bool, out: &mut Vec<Atom>) {
    let mut at = 0;
    while let Some(&atom) = atoms.get(at) {
        let is_dot = |atom: Atom| atom == '.' || atom == ELLIPSIS;
        let is_call = |atom: Atom| atom == '!' || atom == '?';
        let rest = &atoms[at..];
        if is_dot(atom) {
            let run = spaced_run(rest, is_dot);
            let one = atom == '.' && run.len() == 1;
            out.push(Atom::from(if one { '.' } else { ELLIPSIS }));
            at += run.len();
        } else if is_call(atom) {
            let run = spaced_run(rest, is_call);
            out.extend(['!', '?'].into_iter().filter(|&mark| run.iter().any(|&atom| atom == mark)).map(Atom::from));
            at += run.len();
        } else if matches!(atom.char(), ',' | ';' | ':') {
            out.push(atom);
            at += spaced_run(rest, |next| next == atom).len();
        } else if matches!(atom.char(), '_' | '=') || (!in_words && matches!(atom.char(), '*' | '#' | '~' | BULLET)) {
            out.push(atom);
            at += rest.iter().take_while(|&&next| next == atom).count();
        } else {
            out.push(atom);
            at += 1;
        }
    }
}

/// The longest start of `atoms` that is made of `wanted` ones, white space between them allowed, ending with one.
fn spaced_run(atoms: &[Atom], wanted: impl Fn(Atom) -> bool) -> &[Atom] {
    let run = atoms.iter().take_while(|&&atom| wanted(atom) || atom.is_space()).count();
    let len = atoms[..run].iter().rposition(|&atom| wanted(atom)).map_or(0, |last| last + 1);
    &atoms[..len]
}

/// Marks that end or part a phrase: white space on either side of them carries nothing, except between numbers.
fn is_stop(atom: Atom) -> bool {
    matches!(atom.char(), ',' | ';' | ':' | '!' | '?' | '.' | ELLIPSIS)
}

/// Whether a decimal point and a digit come here: after white space that is how `.5` starts.
pub(super) fn starts_number(atoms: &[Atom]) -> bool {
    matches!(atoms, [point, digit, ..] if *point == '.' && digit.is_digit())
}

fn is_bracket(atom: Atom) -> bool {
    matches!(atom.char(), '(' | ')' | '[' | ']' | '{' | '}' | '/')
}

fn without_spacing(atoms: &[Atom], folds: Folds, out: &mut Vec<Atom>) {
    let punctuation = folds.has(Fold::Punctuation);
    let dashes = folds.has(Fold::Dashes);
    let hugs = |atom: Atom| (punctuation && (is_stop(atom) || is_bracket(atom))) || (dashes && atom == DASH);
    let mut at = 0;
    while let Some(&atom) = atoms.get(at) {
        let spaces = atoms[at..].iter().take_while(|atom| atom.is_space()).count();
        if spaces > 0 {
            let before = out.last().copied();
            let after = atoms.get(at + spaces).copied();
            if punctuation && starts_number(&atoms[at + spaces..]) {
                out.push(Atom::from(' '));
                at += spaces;
                // The point itself hugs nothing.
                out.push(atoms[at]);
                at += 1;
                continue;
            }
            let rate = punctuation && after.is_some_and(is_rate) && before.is_some_and(Atom::is_digit);
            if !(rate || before.is_some_and(hugs) || after.is_some_and(hugs)) {
                out.extend_from_slice(&atoms[at..at + spaces]);
            }
            at += spaces;
        } else if punctuation && is_stop(atom) {
            let spaces = atoms[at + 1..].iter().take_while(|atom| atom.is_space()).count();
            let spaced = spaces > 0 || atoms[..at].last().is_some_and(|before| before.is_space());
            let after_number = out.last().is_some_and(|before| before.is_digit());
            let before_number = atoms.get(at + 1 + spaces).is_some_and(|after| after.is_digit());
            out.push(atom);
            if spaced && after_number && before_number {
                out.push(Atom::from(' '));
            }
            at += 1 + spaces;
        } else {
            out.push(atom);
            at += 1;
        }
    }
}
