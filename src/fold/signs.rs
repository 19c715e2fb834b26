//! What is not seen: controls, default-ignorable code points, kinds of white space.

use super::Text;
use super::atom::{Atom, Class};
use super::level::{Fold, Folds};

pub(super) fn fold(text: &mut Text<'_>, folds: Folds) {
    text.map(folds.intersection(Folds::of(&[Fold::Controls, Fold::Invisible])));
    if folds.has(Fold::Invisible) {
        text.atoms.retain(|atom| !atom.class().is(Class::IGNORABLE));
    }
    if folds.has(Fold::Spaces) {
        one_space(text.atoms);
    }
}

/// Makes one U+0020 of every run of white space.
pub(super) fn one_space(atoms: &mut Vec<Atom>) {
    let mut after_space = false;
    atoms.retain_mut(|atom| {
        let space = atom.is_space();
        if space {
            *atom = Atom::from(' ');
        }
        !(std::mem::replace(&mut after_space, space) && space)
    });
}
