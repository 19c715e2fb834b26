//! The level `orthography`: the same words, spelled by another habit.

use super::atom::{Atom, Class};
use super::letter::{ALEF_MAKSURA, HAMZA, HAMZA_ABOVE, HEH, WAW, YEH, YEH_HAMZA};
use super::level::{Fold, Folds, Level};
use super::{Text, numbers, punctuation, signs};

/// Letters that only Urdu, Kurdish and Uyghur write; there the heh forms are different letters.
const HEH_GUARD: &str = "ٹڈڑںےۓێۆۇۈۋېڕڵ";
/// Letters that only Sindhi writes; there the two kafs are different letters.
const KAF_GUARD: &str = "ٻڀٺٽڦڄڃڇڍڌڊڙڳڱڻ";

pub(super) fn fold(text: &mut Text<'_>, folds: Folds) {
    let within = folds.intersection(Level::Orthography.folds());
    if within.intersection(Level::Typography.folds()) == within {
        return;
    }
    // The guards read the text as typography has it.
    let guarded = |letters: &str| text.atoms.iter().any(|atom| letters.contains(atom.char()));
    let heh = folds.has(Fold::Heh) && !guarded(HEH_GUARD);
    let kaf = folds.has(Fold::Kaf) && !guarded(KAF_GUARD);

    if folds.has(Fold::Diacritics) {
        diacritics(text, folds);
    }
    if folds.has(Fold::Hamza) {
        text.map(Folds::of(&[Fold::Hamza]));
        if text.has(|atom| atom == HAMZA || atom == YEH_HAMZA) {
            text.rewrite(final_hamza);
        }
    }
    if folds.has(Fold::Yeh) {
        text.map(Folds::of(&[Fold::Yeh]));
    }
    if heh {
        text.map(Folds::of(&[Fold::Heh]));
        let mut after_heh = false;
        text.edit(|atoms| {
            atoms.retain(|&atom| !(std::mem::replace(&mut after_heh, atom == HEH) && atom == HAMZA_ABOVE));
        });
    }
    if kaf {
        text.map(Folds::of(&[Fold::Kaf]));
    }
    if folds.has(Fold::Waw) && text.has(|atom| atom == WAW) {
        text.rewrite(joined_waw);
    }
    if folds.has(Fold::Percent) && text.has(numbers::is_rate) {
        text.rewrite(numbers::percent_after);
    }
}

/// Takes vowel marks and Quranic signs away. A hamza or madda that a Quranic mark kept from composing is no vowel mark.
fn diacritics(text: &mut Text<'_>, folds: Folds) {
    let is_seat_mark = |atom: Atom| matches!(atom.char(), '\u{653}'..='\u{655}');
    let is_sign = |atom: Atom| atom.mapped(Folds::of(&[Fold::Diacritics])).is_some();
    let seen = text.seen();
    let signs = seen.folds.has(Fold::Diacritics);
    if !signs && !seen.class.is(Class::VOWEL) {
        return;
    }
    text.edit(|atoms| {
        atoms.retain(|&atom| !(is_sign(atom) || (atom.class().is(Class::VOWEL) && !is_seat_mark(atom))));
    });
    if text.has(is_seat_mark) {
        text.compose();
        text.edit(|atoms| atoms.retain(|&atom| !is_seat_mark(atom)));
    }
    if signs {
        // A sign stood between spaces of its own.
        if folds.has(Fold::Spaces) {
            signs::one_space(text);
        }
        punctuation::space(text, folds);
        text.edit(super::trim);
    }
}

/// `شيء` and `مبادىء` and `سيئ` end as `شئ` does.
fn final_hamza(atoms: &[Atom], out: &mut Vec<Atom>) {
    let mut at = 0;
    while let Some(&atom) = atoms.get(at) {
        let seat = match atoms[at..] {
            [yeh, hamza, ..] if yeh == YEH => hamza == HAMZA || hamza == YEH_HAMZA,
            [yeh, hamza, ..] if yeh == ALEF_MAKSURA => hamza == HAMZA,
            _ => false,
        };
        let ends = || !atoms[at + 2..].iter().find(|atom| !atom.is_mark()).is_some_and(|next| next.is_letter());
        if seat && ends() {
            out.push(Atom::from(YEH_HAMZA));
            at += 2;
        } else {
            out.push(atom);
            at += 1;
        }
    }
}

/// Joins a lone waw to the word after it. Single letters in a row (`أ و ب`) are a list and stay one.
fn joined_waw(atoms: &[Atom], out: &mut Vec<Atom>) {
    let mut at = 0;
    while let Some(&atom) = atoms.get(at) {
        out.push(atom);
        at += 1;
        let alone = !atoms[..at - 1].last().is_some_and(|before| before.is_word());
        if atom != WAW || !alone {
            continue;
        }
        let spaces = atoms[at..].iter().take_while(|atom| atom.is_space()).count();
        let word = &atoms[at + spaces..];
        let letters = word.iter().take_while(|atom| atom.is_word()).filter(|atom| !atom.is_mark()).count();
        if spaces > 0 && letters > 1 && word[0].is_arabic() {
            at += spaces;
        }
    }
}
