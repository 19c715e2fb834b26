//! Words that change places, where that changes nothing that is said.

use super::lexicon::{Companion, Kind};
use super::reading::{Place, Reading, Side, conjunction, is_imperfect};

/// Where a move leads.
pub(super) struct Moved {
    pub(super) here: Place,
    pub(super) there: Place,
    /// What has to come here and there.
    pub(super) with: (Option<Companion>, Option<Companion>),
}

/// The most words of a subject.
const SUBJECT: usize = 6;

/// Calls `found` with each move from `here` to `there`; those from `there` to `here` are found when they are the other way round.
pub(super) fn each(side: Side<'_>, here: Place, opposite: Side<'_>, there: Place, mut found: impl FnMut(Moved)) {
    if here.within || there.within {
        return;
    }
    verb_behind_its_subject(side, here, opposite, there, &mut found);
    had_done(side, here, opposite, there, &mut found);
    when(side, here, opposite, there, &mut found);
    if let Some(moved) = all_of(side, here, opposite, there) {
        found(moved);
    }
}

/// `وقعت أعمال شغب` and `أعمال شغب وقعت`.
fn verb_behind_its_subject(
    side: Side<'_>,
    here: Place,
    opposite: Side<'_>,
    there: Place,
    found: &mut impl FnMut(Moved),
) {
    side.readings(here, |verb| {
        if !verb.is_bare_verb() {
            return;
        }
        let subject = here.ahead(verb.words);
        for words in 1..=SUBJECT {
            // The conjunction is before what comes first.
            let before = verb.conjunction.filter(|_| words == 1);
            if !is_passed(before, side.word(subject.word + words - 1), opposite.word(there.word + words - 1)) {
                return;
            }
            verbs(opposite, there.ahead(words), &verb, |behind| {
                found(Moved {
                    here: subject.ahead(words),
                    there: there.ahead(words + behind.words),
                    with: (verb.member.with, behind.member.with),
                });
            });
        }
    });
}

/// `وكان الوزير قد أعلن` and `أعلن الوزير`.
fn had_done(side: Side<'_>, here: Place, opposite: Side<'_>, there: Place, found: &mut impl FnMut(Moved)) {
    let Some(word) = side.word(here.word) else { return };
    if !matches!(conjunction(word).map_or(word, |(_, rest)| rest), "كان" | "كانت" | "كانوا") {
        return;
    }
    opposite.readings(there, |verb| {
        if !verb.is_bare_verb() || !has_been(opposite, there, &verb) {
            return;
        }
        let (subject, subject_there) = (here.ahead(1), there.ahead(verb.words));
        for words in 0..=SUBJECT {
            if words > 0
                && !is_passed(None, side.word(subject.word + words - 1), opposite.word(subject_there.word + words - 1))
            {
                return;
            }
            let behind = subject.ahead(words);
            let behind = if side.word(behind.word) == Some("قد") { behind.ahead(1) } else { behind };
            verbs(side, behind, &verb, |done| {
                found(Moved {
                    here: behind.ahead(done.words),
                    there: subject_there.ahead(words),
                    with: (done.member.with, verb.member.with),
                });
            });
        }
    });
}

/// `صباح الأربعاء جدد` and `جدد صباح الأربعاء`: a day may stand before or behind one word or two.
fn when(side: Side<'_>, here: Place, opposite: Side<'_>, there: Place, found: &mut impl FnMut(Moved)) {
    side.readings(here, |day| {
        if day.member.kind != Kind::When {
            return;
        }
        let passed = here.ahead(day.words);
        for words in 1..=2 {
            let before = day.conjunction.filter(|_| words == 1);
            if !is_passed(before, side.word(passed.word + words - 1), opposite.word(there.word + words - 1)) {
                return;
            }
            opposite.readings(there.ahead(words), |behind| {
                if behind.member.class == day.member.class && behind.conjunction.is_none() {
                    found(Moved {
                        here: passed.ahead(words),
                        there: there.ahead(words + behind.words),
                        with: (None, None),
                    });
                }
            });
        }
    });
}

/// `كل المدن` and `المدن كلها`, `نفس اليوم` and `اليوم نفسه`.
fn all_of(side: Side<'_>, here: Place, opposite: Side<'_>, there: Place) -> Option<Moved> {
    let behind: &[&str] = match side.word(here.word)? {
        "كل" | "جميع" | "كافة" => &["كله", "كلها", "كلهم", "جميعا", "جميعها", "جميعهم", "كافة"],
        "نفس" | "ذات" => &["نفسه", "نفسها", "ذاته", "ذاتها", "عينه", "عينها"],
        _ => return None,
    };
    let is_moved =
        side.word(here.word + 1) == opposite.word(there.word) && behind.contains(&opposite.word(there.word + 1)?);
    is_moved.then_some(Moved { here: here.ahead(2), there: there.ahead(2), with: (None, None) })
}

/// Calls `found` with each way to read the verb at a place, as one that may be this behind its subject.
fn verbs(side: Side<'_>, place: Place, verb: &Reading, mut found: impl FnMut(Reading)) {
    side.readings(place, |behind| {
        let is_same = behind.member.class == verb.member.class
            || behind.member.class_before_subject() == verb.member.class_before_subject();
        if is_same && behind.is_bare_verb() && behind.conjunction.is_none() {
            found(behind);
        }
    });
}

/// Whether a verb can only be of what has been.
fn has_been(side: Side<'_>, place: Place, verb: &Reading) -> bool {
    let place = Place { within: verb.conjunction.is_some(), ..place };
    side.rest(place).is_some_and(|rest| !is_imperfect(&rest))
}

/// Whether what is moved may pass a word, which stands there as well, behind a conjunction if there is one.
fn is_passed(before: Option<char>, word: Option<&str>, there: Option<&str>) -> bool {
    let (Some(word), Some(there)) = (word, there) else { return false };
    let is_same = match before {
        Some(letter) => there.strip_prefix(letter) == Some(word),
        None => there == word,
    };
    is_same && !begins_a_clause(word)
}

/// Whether a word begins a clause.
fn begins_a_clause(word: &str) -> bool {
    matches!(word, "ان" | "بان" | "الذي" | "التي" | "الذين" | "لكن" | "لا" | "لم" | "لن" | "ما" | "او")
}
