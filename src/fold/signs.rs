//! What is not seen: controls, default-ignorable code points, kinds of white space.

use super::Text;
use super::atom::{Atom, Class};
use super::level::{Fold, Folds};

pub(super) fn fold(text: &mut Text<'_>, folds: Folds) {
    text.map(folds.intersection(Folds::of(&[Fold::Controls, Fold::Invisible])));
    if folds.has(Fold::Invisible) && text.seen().class.is(Class::IGNORABLE) {
        text.edit(|atoms| atoms.retain(|atom| !atom.class().is(Class::IGNORABLE)));
    }
    if folds.has(Fold::Spaces) {
        one_space(text);
    }
}

/// Makes one U+0020 of every run of white space.
pub(super) fn one_space(text: &mut Text<'_>) {
    if !text.seen().spacing {
        return;
    }
    let mut after_space = false;
    text.edit(|atoms| {
        atoms.retain_mut(|atom| {
            let space = atom.is_space();
            if space {
                *atom = Atom::from(' ');
            }
            !(std::mem::replace(&mut after_space, space) && space)
        });
    });
}
