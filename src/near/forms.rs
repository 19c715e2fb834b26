//! The forms of a verb, a noun or an adjective, by what they say of person, gender, number, tense and case: what stands in the
//! same place of two words says the same of both.
//!
//! They are as modern written Arabic has them, without vowel marks. Forms that news hardly has (the second person, the
//! feminine plural of verbs) are not made.

/// A place in the paradigm of a word.
pub(super) type Place = u32;

/// As many places as a paradigm has, and more.
pub(super) const PLACES: Place = 16;

/// Before a subject a verb is singular. The place of that form, of the same gender and tense.
pub(super) fn before_its_subject(place: Place) -> Place {
    match place {
        2 | 3 => 0,
        4 => 1,
        7 | 9 => 5,
        10 => 6,
        place => place,
    }
}

/// The forms of a verb of which these are those of `he`, past and present: `أنهى` and `ينهي`.
pub(super) fn of_verb(past: &str, present: &str, mut form: impl FnMut(Place, String)) {
    form(0, past.into());
    // What ends in a weak letter loses it before an ending, as in أنهت.
    let weak = past.strip_suffix(['ى', 'ا']).filter(|rest| rest.chars().count() >= 2);
    let stem = weak.unwrap_or(past);
    form(1, format!("{stem}ت"));
    form(2, format!("{}وا", past.strip_suffix('ي').unwrap_or(stem)));
    match (weak, past.ends_with('ا')) {
        (Some(_), false) => form(3, format!("{stem}يا")),
        (Some(_), true) => form(3, format!("{stem}وا")),
        (None, _) => form(3, format!("{past}ا")),
    }
    form(4, format!("{stem}تا"));

    let Some(rest) = present.strip_prefix('ي') else { return };
    let weak = rest.strip_suffix(['ى', 'ي', 'و']);
    let stem = weak.unwrap_or(rest);
    // The vowel of a hollow verb is short where nothing follows it, as in لم يقل.
    let short = weak.map_or_else(|| without_hollow(rest), str::to_owned);
    let dual = rest.strip_suffix('ى').map_or_else(|| rest.to_owned(), |stem| format!("{stem}ي"));
    form(5, format!("ي{rest}"));
    form(6, format!("ت{rest}"));
    form(7, format!("ي{stem}ون"));
    form(8, format!("ي{stem}وا"));
    form(9, format!("ي{dual}ان"));
    form(10, format!("ت{dual}ان"));
    form(11, format!("ي{short}"));
    form(12, format!("ت{short}"));
    form(13, format!("ن{rest}"));
}

/// What is left of the present of a hollow verb, as of `قول` in `يقول`, without its long vowel; of others all.
fn without_hollow(rest: &str) -> String {
    let letters: Vec<char> = rest.chars().collect();
    match letters[..] {
        [ref start @ .., 'ا' | 'و' | 'ي', last] if matches!(start.len(), 1..=3) => {
            start.iter().chain([&last]).collect()
        }
        _ => rest.into(),
    }
}

/// The forms of a noun without an article, of its singular and its plural as far as there are any.
pub(super) fn of_noun(singular: Option<&str>, plural: Option<&str>, mut form: impl FnMut(Place, String)) {
    if let Some(singular) = singular {
        form(0, singular.into());
        form(1, with_alef(singular));
        let stem = singular.strip_suffix('ة').map_or_else(|| singular.to_owned(), |stem| format!("{stem}ت"));
        form(4, format!("{stem}ان"));
        form(5, format!("{stem}ين"));
    }
    if let Some(plural) = plural {
        form(2, plural.into());
        match plural.strip_suffix("ون") {
            Some(stem) => form(3, format!("{stem}ين")),
            None => form(3, with_alef(plural)),
        }
    }
}

/// The forms of an adjective of one man, with the plural of men if that is a broken one.
pub(super) fn of_adjective(masculine: &str, plural: Option<&str>, mut form: impl FnMut(Place, String)) {
    form(0, masculine.into());
    form(1, with_alef(masculine));
    form(2, format!("{masculine}ة"));
    match plural {
        Some(plural) => {
            form(3, plural.into());
            form(4, plural.into());
        }
        None => {
            form(3, format!("{masculine}ون"));
            form(4, format!("{masculine}ين"));
        }
    }
    form(5, format!("{masculine}ات"));
    form(6, format!("{masculine}ان"));
    form(7, format!("{masculine}ين"));
    form(8, format!("{masculine}تان"));
    form(9, format!("{masculine}تين"));
}

/// The accusative of what has no article: `اجتماعا`, but `لجنة` and `بناء`.
fn with_alef(noun: &str) -> String {
    let has_none = noun.ends_with(['ة', 'ى', 'ا']) || noun.ends_with("اء") || noun.ends_with("ات");
    if has_none { noun.into() } else { format!("{noun}ا") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(of: impl FnOnce(&mut dyn FnMut(Place, String))) -> String {
        let mut said = Vec::new();
        of(&mut |_, form| said.push(form));
        said.join(" ")
    }

    #[test]
    fn verbs_have_their_forms() {
        for (past, present, wanted) in [
            ("أعلن", "يعلن", "أعلن أعلنت أعلنوا أعلنا أعلنتا يعلن تعلن يعلنون يعلنوا يعلنان تعلنان يعلن تعلن نعلن"),
            ("أنهى", "ينهي", "أنهى أنهت أنهوا أنهيا أنهتا ينهي تنهي ينهون ينهوا ينهيان تنهيان ينه تنه ننهي"),
            ("دعا", "يدعو", "دعا دعت دعوا دعوا دعتا يدعو تدعو يدعون يدعوا يدعوان تدعوان يدع تدع ندعو"),
            ("بقي", "يبقى", "بقي بقيت بقوا بقيا بقيتا يبقى تبقى يبقون يبقوا يبقيان تبقيان يبق تبق نبقى"),
            ("قال", "يقول", "قال قالت قالوا قالا قالتا يقول تقول يقولون يقولوا يقولان تقولان يقل تقل نقول"),
        ] {
            assert_eq!(all(|form| of_verb(past, present, form)), wanted);
        }
    }

    #[test]
    fn nouns_and_adjectives_have_their_forms() {
        assert_eq!(all(|form| of_noun(Some("لجنة"), Some("لجان"), form)), "لجنة لجنة لجنتان لجنتين لجان لجانا");
        assert_eq!(all(|form| of_noun(None, Some("سائقون"), form)), "سائقون سائقين");
        assert_eq!(all(|form| of_noun(Some("بناء"), None, form)), "بناء بناء بناءان بناءين");
        assert_eq!(
            all(|form| of_adjective("كبير", Some("كبار"), form)),
            "كبير كبيرا كبيرة كبار كبار كبيرات كبيران كبيرين كبيرتان كبيرتين"
        );
    }
}
