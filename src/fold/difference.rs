//! Why two units are equal: the folds that their equality needs.

use super::{Fold, Folder, Folds};

/// The smallest set of folds, of those in force, that makes the units of each pair equal. None where they are equal byte
/// for byte. The pairs are equal with all the folds in force.
///
/// One fold is found if one is enough, and two if two are. Of larger sets it is one from which nothing can be left out.
#[must_use]
pub fn folds_needed(in_force: Folds, pairs: &[(&[u8], &[u8])]) -> Option<Folds> {
    let pairs: Vec<_> = pairs.iter().filter(|(a, b)| a != b).collect();
    if pairs.is_empty() {
        return None;
    }
    let are_equal = |folds: Folds| {
        let (mut one, mut other) = (Folder::new(folds), Folder::new(folds));
        pairs.iter().all(|(a, b)| one.fold(a).text() == other.fold(b).text())
    };
    if are_equal(Folds::NONE) {
        return Some(Folds::NONE);
    }
    let single = |fold: Fold| Folds::of(&[fold]);
    if let Some(fold) = in_force.iter().find(|&fold| are_equal(single(fold))) {
        return Some(single(fold));
    }
    // Strong folds first, so that weak ones are what is left.
    let mut needed = in_force;
    loop {
        let before = needed;
        for fold in before.iter().rev() {
            if are_equal(needed.without(fold)) {
                needed = needed.without(fold);
            }
        }
        // Leaving one out can make another one needless.
        if needed == before {
            break;
        }
    }
    if needed.iter().count() > 2 {
        let twos =
            in_force.iter().flat_map(|a| in_force.iter().filter(move |&b| a < b).map(move |b| Folds::of(&[a, b])));
        if let Some(two) = twos.into_iter().find(|&two| are_equal(two)) {
            return Some(two);
        }
    }
    Some(needed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::Level;

    fn needed(a: &str, b: &str) -> Option<String> {
        folds_needed(Level::Loose.folds(), &[(a.as_bytes(), b.as_bytes())]).map(|folds| folds.to_string())
    }

    #[test]
    fn the_smallest_set_of_folds_is_named() {
        assert_eq!(needed("قال", "قال"), None);
        assert_eq!(needed("آلاف", "ا\u{653}لاف").as_deref(), Some(""));
        assert_eq!(needed("قال «نعم»", "قال \"نعم\"").as_deref(), Some("quotes"));
        // The quotes fold takes the spaces beside a mark along.
        assert_eq!(needed("قال « نعم »", "قال\u{A0}\"نعم\"").as_deref(), Some("quotes"));
        assert_eq!(needed("قال\u{A0}٣", "قال 3").as_deref(), Some("spaces, digits"));
        assert_eq!(needed("إلى\u{A0}«١»", "الى \"1\"").as_deref(), Some("digits, quotes, hamza"));
    }

    #[test]
    fn nothing_can_be_left_out_of_a_larger_set() {
        let (a, b) = ("نص ـx نص".as_bytes(), "نص ـxـ ن\u{200F}ص".as_bytes());
        let needed = folds_needed(Level::Loose.folds(), &[(a, b)]).unwrap();
        for fold in needed.iter() {
            let (mut one, mut other) = (Folder::new(needed.without(fold)), Folder::new(needed.without(fold)));
            assert_ne!(one.fold(a).text(), other.fold(b).text(), "{needed}, without {fold}");
        }
    }

    #[test]
    fn every_pair_has_its_say() {
        let pairs: [(&[u8], &[u8]); 2] = [("١".as_bytes(), b"1"), ("«".as_bytes(), b"\"")];
        assert_eq!(folds_needed(Folds::ALL, &pairs).unwrap().to_string(), "digits, quotes");
    }
}
