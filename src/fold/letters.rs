//! Letters at the level `typography`: one letter typed by another key, tatweel, marks in another order.

use super::Text;
use super::atom::{Atom, Class};
use super::letter::{ALEF, ALEF_MAKSURA, FARSI_YEH, FATHATAN, HAMZA_ABOVE, HAMZA_BELOW, HEH, TATWEEL, YEH, YEH_HAMZA};
use super::level::{Fold, Folds};

pub(super) fn fold(text: &mut Text<'_>, folds: Folds) {
    if folds.has(Fold::Yehkaf) {
        text.map(Folds::of(&[Fold::Yehkaf]));
        if text.has(|atom| atom == FARSI_YEH || atom == HAMZA_ABOVE) {
            text.rewrite(yeh_by_position);
        }
    }
    if folds.has(Fold::Tatweel) && text.has(|atom| atom == TATWEEL) {
        text.rewrite(tatweel_by_role);
        text.compose();
    }
    if folds.has(Fold::Tanwin) && text.has(|atom| atom == FATHATAN) {
        text.edit(|atoms| tanwin_before_alef(atoms));
        text.compose();
    }
    if folds.has(Fold::Doubledmarks) && text.seen().class.is(Class::VOWEL) {
        text.edit(|atoms| atoms.dedup_by(|second, first| first == second && second.class().is(Class::VOWEL)));
    }
}

/// Farsi yeh has dots where it joins on and none at a word's end; with a hamza above, a dotless yeh is its seat.
fn yeh_by_position(atoms: &[Atom], out: &mut Vec<Atom>) {
    let mut at = 0;
    while let Some(&atom) = atoms.get(at) {
        at += 1;
        if atom != FARSI_YEH && atom != ALEF_MAKSURA {
            out.push(atom);
            continue;
        }
        let marks = atoms[at..].iter().take_while(|atom| atom.is_mark()).count();
        let hamza = atoms[at..at + marks].iter().position(|&mark| mark == HAMZA_ABOVE);
        if let Some(hamza) = hamza {
            out.push(Atom::from(YEH_HAMZA));
            out.extend_from_slice(&atoms[at..at + hamza]);
            at += hamza + 1;
        } else if atom == ALEF_MAKSURA {
            out.push(atom);
        } else {
            let next = atoms[at + marks..].iter().find(|&&atom| atom != TATWEEL && !atom.is_mark());
            let joins = next.is_some_and(|next| next.is_arabic());
            out.push(Atom::from(if joins { YEH } else { ALEF_MAKSURA }));
        }
    }
}

/// Tatweel stretches a word, carries a hamza, joins a prefix to what can't be joined, or stands for a dash.
fn tatweel_by_role(atoms: &[Atom], out: &mut Vec<Atom>) {
    let mut at = 0;
    while let Some(&atom) = atoms.get(at) {
        if atom != TATWEEL {
            out.push(atom);
            at += 1;
            continue;
        }
        at += atoms[at..].iter().take_while(|&&atom| atom == TATWEEL).count();
        let rest = &atoms[at..];
        let marks = rest.iter().take_while(|atom| atom.is_mark()).count();
        let hamza = rest[..marks].iter().position(|&mark| mark == HAMZA_ABOVE || mark == HAMZA_BELOW);
        if let Some(hamza) = hamza {
            out.push(Atom::from(YEH_HAMZA));
            out.extend_from_slice(&rest[..hamza]);
            at += hamza + 1;
            continue;
        }
        let before = out.iter().rev().find(|atom| !atom.is_mark()).copied().filter(|before| before.is_arabic());
        let letter_after = rest.first().is_some_and(|after| after.is_arabic());
        match before {
            Some(_) if letter_after || marks > 0 => {}
            Some(letter) if joins_on(letter) => {
                if joins_what_follows(rest) && !is_hijri_sign(out) {
                    at += rest.iter().take_while(|atom| atom.is_space()).count();
                }
            }
            None if letter_after => {}
            _ => out.push(Atom::from('-')),
        }
    }
}

/// Whether the letter is drawn joined to a tatweel after it. Alef maksura ends words, whatever its joining type.
fn joins_on(letter: Atom) -> bool {
    letter.class().is(Class::DUAL) && letter != ALEF_MAKSURA
}

/// Whether a prefix before `rest` belongs to it although there is space between: `الـ 20`, `لـ "نص"`.
fn joins_what_follows(rest: &[Atom]) -> bool {
    rest.iter().find(|atom| !atom.is_space()).is_some_and(|&next| {
        next.is_digit() || next.is_latin() || next == '(' || next.mapped(Folds::of(&[Fold::Quotes])).is_some()
    })
}

/// Whether the word that ends here is the lone heh of a Hijri year, `1445 هـ`.
fn is_hijri_sign(out: &[Atom]) -> bool {
    let mut word = out.iter().rev().filter(|atom| !atom.is_mark());
    word.next().is_some_and(|&letter| letter == HEH) && !word.next().is_some_and(|before| before.is_arabic())
}

/// Puts the fathatan of `شكراً` where `شكرًا` has it: before the alef, or alef maksura, that carries it.
fn tanwin_before_alef(atoms: &mut [Atom]) {
    for at in 1..atoms.len().saturating_sub(1) {
        let carrier = atoms[at] == ALEF || atoms[at] == ALEF_MAKSURA;
        let after_letter = atoms[at - 1].is_arabic() || atoms[at - 1].is_mark();
        if carrier && after_letter && atoms[at + 1] == FATHATAN {
            atoms.swap(at, at + 1);
        }
    }
}
