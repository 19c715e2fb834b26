//! Whether one unit is a rewording of another: whether each word of one is met by the same word of the other, but for what an
//! editor changes and no fact hangs on.
//!
//! The two are walked side by side from their starts, and there may be several ways to go on from a pair of places. They are
//! rewordings if one way leads to both ends. Each step
//!
//! - passes the same word of both;
//! - passes a word of one and another of the other that may stand for it, as the table says: what comes with one of them, as a
//!   preposition, is passed when it comes, which may be behind a subject;
//! - passes a word of one only, if that says nothing;
//! - or passes words of both that have changed their order, as far as that changes nothing: see [`super::moves`].

use hashbrown::HashSet;

use super::lexicon::{Companion, Kind, Lexicon};
use super::moves::{self, Moved};
use super::reading::{Known, Place, Side, Words, conjunction, is_imperfect};
use super::tokens::Tokens;

/// How far the walk has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct State {
    one: Place,
    other: Place,
    /// What has to come.
    expected: Option<Expected>,
}

/// What comes with two words that stood for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Expected {
    one: Option<Companion>,
    other: Option<Companion>,
    /// Within how many steps.
    within: u8,
}

/// Within how many steps what comes with a word comes: a subject has a few words.
const SUBJECT: u8 = 8;
/// How many states there may be by the words of both. More than a few are only met by what was made for it.
const STATES_A_WORD: usize = 24;

/// Whether one is a rewording of the other.
pub(super) fn is_rewording((tokens, words): (&Tokens, &Words), (other_tokens, other_words): (&Tokens, &Words)) -> bool {
    let known = [Known::default(), Known::default()];
    let (one, other) = (Side::new(tokens, words, &known[0]), Side::new(other_tokens, other_words, &known[1]));
    let mut walk = Walk { one, other, steps: Vec::new() };
    let start = State { one: Place::before(0), other: Place::before(0), expected: None };
    let mut seen = HashSet::new();
    let mut room = (one.len() + other.len()) * STATES_A_WORD;
    // A state, and whether it is known that the words at it are the same: the ways around are tried last.
    let mut ahead = vec![(start, false)];
    while let Some((state, is_around)) = ahead.pop() {
        if !is_around {
            if walk.is_over(state) {
                return true;
            }
            if !seen.insert(state) {
                continue;
            }
            if let Some(next) = walk.same_word(state) {
                ahead.push((state, true));
                ahead.push((next, false));
                continue;
            }
        }
        if room == 0 {
            return false;
        }
        room -= 1;
        walk.ways_around(state);
        ahead.extend(walk.steps.drain(..).map(|step| (step, false)));
    }
    false
}

struct Walk<'a> {
    one: Side<'a>,
    other: Side<'a>,
    /// Where the ways from a state lead.
    steps: Vec<State>,
}

impl Walk<'_> {
    fn is_over(&self, state: State) -> bool {
        state.one == Place::before(self.one.len())
            && state.other == Place::before(self.other.len())
            && state.expected.is_none()
    }

    fn same_word(&self, state: State) -> Option<State> {
        if self.one.rest(state.one)? != self.other.rest(state.other)? {
            return None;
        }
        state.passed(state.one.ahead(1), state.other.ahead(1))
    }

    /// Gathers the steps from a state but for [`Walk::same_word`].
    fn ways_around(&mut self, state: State) {
        self.what_is_expected(state);
        self.words_that_stand_for_each_other(state);
        for is_turned in [false, true] {
            let (side, opposite, state) =
                if is_turned { (self.other, self.one, state.turned()) } else { (self.one, self.other, state) };
            let (here, there) = (state.one, state.other);
            let steps = &mut self.steps;
            let mut step = |next: Option<State>| {
                steps.extend(next.map(|next| if is_turned { next.turned() } else { next }));
            };
            what_says_nothing(side, here, |here| step(state.passed(here, there)));
            for (word, letter) in [("كما", 'و'), ("سوف", 'س')] {
                if !here.within
                    && side.word(here.word) == Some(word)
                    && let Some(there) = opposite.without(there, letter)
                    && (letter == 'و' || opposite.rest(there).is_some_and(|rest| is_imperfect(&rest)))
                {
                    step(state.passed(here.ahead(1), there));
                }
            }
            if are_written_as_one(side, here, opposite, there) {
                step(state.passed(here.ahead(2), there.ahead(1)));
            }
            if state.expected.is_none() {
                moves::each(side, here, opposite, there, |Moved { here, there, with }| {
                    step(Some(State { one: here, other: there, expected: Expected::of(with) }));
                });
            }
        }
    }

    /// Passes what was to come.
    fn what_is_expected(&mut self, state: State) {
        let Some(expected) = state.expected else { return };
        if let Some(one) = self.one.behind(state.one, expected.one)
            && let Some(other) = self.other.behind(state.other, expected.other)
        {
            self.steps.push(State { one, other, expected: None });
        }
    }

    fn words_that_stand_for_each_other(&mut self, state: State) {
        let Walk { one, other, steps } = self;
        let (readings, other_readings) = (one.known(state.one), other.known(state.other));
        let at_start = state.one == Place::before(0) && state.other == Place::before(0);
        for reading in &*readings {
            for there in other_readings.iter().filter(|there| reading.stands_for(there)) {
                let is_so = reading.conjunction == there.conjunction || at_start || reading.is_verb();
                if !is_so {
                    continue;
                }
                let (place, place_there) = (state.one.ahead(reading.words), state.other.ahead(there.words));
                let (with, with_there) = (reading.member.with, there.member.with);
                if with.is_none() && with_there.is_none() {
                    steps.extend(state.passed(place, place_there));
                } else if reading.may_be_parted() {
                    if state.expected.is_none() {
                        steps.push(State {
                            one: place,
                            other: place_there,
                            expected: Expected::of((with, with_there)),
                        });
                    }
                } else if let Some(place) = one.behind(place, with)
                    && let Some(place_there) = other.behind(place_there, with_there)
                {
                    steps.extend(state.passed(place, place_there));
                }
            }
        }
    }
}

impl State {
    /// The same, of the two in the other order.
    fn turned(self) -> State {
        let expected = self.expected.map(|expected| Expected { one: expected.other, other: expected.one, ..expected });
        State { one: self.other, other: self.one, expected }
    }

    /// One step further, if what was to come may still.
    fn passed(self, one: Place, other: Place) -> Option<State> {
        let expected = match self.expected {
            Some(Expected { within: 0, .. }) => return None,
            Some(expected) => Some(Expected { within: expected.within - 1, ..expected }),
            None => None,
        };
        Some(State { one, other, expected })
    }
}

impl Expected {
    fn of((one, other): (Option<Companion>, Option<Companion>)) -> Option<Expected> {
        (one.is_some() || other.is_some()).then_some(Expected { one, other, within: SUBJECT })
    }
}

/// Calls `to` with each place that is reached from one by passing what says nothing.
fn what_says_nothing(side: Side<'_>, place: Place, mut to: impl FnMut(Place)) {
    if place.within {
        return;
    }
    let Some(word) = side.word(place.word) else { return };
    let lexicon = Lexicon::get();
    side.readings(place, |reading| {
        if reading.member.kind == Kind::Drop {
            to(place.ahead(reading.words));
        }
    });
    // It was typed twice.
    let is_again = place.word > 0 && side.word(place.word - 1) == Some(word);
    let may_be_again = |word: &str| lexicon.is_of(word, Kind::Lone) || lexicon.is_of(word, Kind::Word);
    if is_again && (may_be_again(word) || conjunction(word).is_some_and(|(_, rest)| may_be_again(rest))) {
        to(place.ahead(1));
    }
    if matches!(word, "قد" | "وقد" | "فقد") && has_been(side, place.word + 1) {
        to(place.ahead(1));
    }
    if let Some((letter, rest)) = conjunction(word)
        && !WITH_WAW.iter().any(|name| word.starts_with(name))
    {
        let behind = Place { word: place.word, within: true };
        let mut is_free = place.word == 0 && letter == 'و' && rest.chars().count() >= 3;
        // Not of وفر, which is another verb without its first letter.
        let mut is_whole = false;
        side.readings(place, |reading| is_whole |= reading.is_verb() && reading.conjunction.is_none());
        if !is_whole {
            side.readings(behind, |reading| is_free |= reading.conjunction.is_none() && reading.is_verb());
        }
        if is_free {
            to(behind);
        }
    }
}

/// Whether the word at a token can only be one of what has been, so that قد before it says nothing of what may be.
fn has_been(side: Side<'_>, word: usize) -> bool {
    side.word(word).is_some_and(|word| {
        !matches!(word, "لا" | "لن" | "ما")
            && !is_imperfect(word)
            && !word.starts_with('ا')
            && word.starts_with(|c: char| c.is_alphabetic())
    })
}

/// Whether two words from a place on are written as one there.
fn are_written_as_one(side: Side<'_>, place: Place, opposite: Side<'_>, there: Place) -> bool {
    let (Some(first), Some(second), Some(whole)) =
        (side.word(place.word), side.word(place.word + 1), opposite.word(there.word))
    else {
        return false;
    };
    let is_word = |word: &str| word.starts_with(char::is_alphabetic);
    let stands_alone = |word: &str| Lexicon::get().is_of(word, Kind::Lone);
    !place.within
        && !there.within
        && whole.strip_prefix(first) == Some(second)
        && is_word(first)
        && is_word(second)
        && (first == "و"
            || (matches!(first, "لا" | "ما") && second.starts_with(['ي', 'ت']))
            || !(stands_alone(first) || stands_alone(second)))
}

/// Names that begin with waw, and are others without.
const WITH_WAW: [&str; 18] = [
    "وجدة",
    "وسام",
    "وليد",
    "وفاء",
    "وداد",
    "وائل",
    "وردة",
    "وسيم",
    "وهبة",
    "ولاء",
    "وحيد",
    "وجيه",
    "وديع",
    "وهران",
    "ورزازات",
    "واسط",
    "وعد",
    "وصال",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::outline;
    use super::super::sender::Sender;
    use super::*;
    use crate::fold::{Folder, Level};

    struct Read {
        tokens: Tokens,
        words: Words,
        sender: Sender,
        outline: Vec<u8>,
    }

    fn read(text: &str) -> Read {
        let (mut folder, mut tokens) = (Folder::new(Level::Orthography.folds()), Tokens::default());
        tokens.read(std::str::from_utf8(folder.fold(text.as_bytes()).text()).unwrap());
        let (mut sender, mut words, mut outline) = (Sender::default(), Words::default(), Vec::new());
        sender.read(&tokens);
        words.read(&tokens, |token| sender.is_said_by(token));
        outline::read(&tokens, &sender, &mut outline);
        Read { tokens, words, sender, outline }
    }

    fn is_rewording_of(one: &str, other: &str) -> bool {
        let (one, other) = (read(one), read(other));
        let is_one = is_rewording((&one.tokens, &one.words), (&other.tokens, &other.words));
        assert!(!is_one || one.outline == other.outline);
        is_one && one.sender.is_enough_for(&other.sender)
    }

    /// Words that the table has and that it has not, with what may come before and behind them.
    fn words() -> impl Strategy<Value = Vec<&'static str>> {
        let known = "قال أعلن وأعلن أعلنوا ألقت القبض على عن إلى من خلال في إثر بعد بسبب كان وكان قد كما سوف سيغادر يغادر هذا أن أيضا \
                     كل كلها نفس نفسه المدن اللقاء لقاء باجتماع اجتماعه نحو حوالي الأربعاء صباح يوم أمس لا لم و 3 ثلاثة 5 % في المئة عبد الله لقي مصرعهم توفي";
        let unknown = "زغبوش بزغبوش وزغبوش للزغبوش الزغبوش زغبوشها 17 قنطرير وقنطرير عبدالله";
        let word = prop::sample::select(known.split_whitespace().chain(unknown.split_whitespace()).collect::<Vec<_>>());
        prop::collection::vec(word, 1..12)
    }

    proptest! {
        #[test]
        fn rewordings_have_one_outline_and_are_so_both_ways(
            first in words(),
            inserted in words(),
            edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8), 0..4),
        ) {
            let mut second = first.clone();
            for ((at, edit), word) in edits.into_iter().zip(inserted) {
                let at = at.index(second.len());
                match edit {
                    0 => second[at] = word,
                    1 => second.insert(at, word),
                    2 if second.len() > 1 => drop(second.remove(at)),
                    _ => second.rotate_left(at.min(2)),
                }
            }
            let (one, other) = (first.join(" "), second.join(" "));
            prop_assert_eq!(is_rewording_of(&one, &other), is_rewording_of(&other, &one));
        }
    }

    #[test]
    fn what_carries_no_fact_may_differ() {
        for (one, other) in [
            ("قال الوزير إن العمل مستمر", "وأعلن الوزير أن العمل مستمر"),
            ("أشار الوزير إلى أن العمل مستمر", "قال الوزير إن العمل مستمر"),
            ("وفقا لوزارة الصحة", "بحسب وزارة الصحة"),
            ("في لقاء مع الرئيس", "خلال اجتماع مع الرئيس"),
            ("باللقاء الأخير", "بالاجتماع الأخير"),
            ("عبد الله بن عبد العزيز", "عبدالله بن عبدالعزيز"),
            ("لا تزال الأمطار", "لاتزال الأمطار"),
            ("و قال الرئيس", "وقال الرئيس"),
            ("ارتفع 5% اليوم", "صعد 5 في المئة اليوم"),
            ("في 3 حزيران / يونيو 2018", "في 3 يونيو 2018"),
            ("القاهرة (رويترز) - قال الوزير", "القاهرة - قال الوزير"),
            ("(رويترز) - قال الوزير", "قال الوزير"),
            ("رويترز: قال الوزير", "قال الوزير"),
            ("القاهرة - رويترز: قال الوزير", "القاهرة - قال الوزير"),
            ("قال الوزير. المصدر: رويترز، أ ف ب", "قال الوزير"),
            ("رويترز - قال الوزير (وام)", "قال الوزير (وام)"),
            ("دبي - العربية.نت\u{a0}- قال الوزير", "دبي - قال الوزير"),
            ("قال الوزير (رويترز)", "قال الوزير"),
            ("انتهى في في المساء", "انتهى في المساء"),
            ("وكان الوزير قد وصل", "كان الوزير وصل"),
            ("سوف تتواصل الأمطار", "ستستمر الأمطار"),
            ("سوف يغادر الوفد", "سيغادر الوفد"),
            ("من جانبه قال المدرب", "قال المدرب"),
        ] {
            assert!(is_rewording_of(one, other) && is_rewording_of(other, one), "{one} / {other}");
        }
    }

    #[test]
    fn where_it_was_sent_from_and_who_wrote_it_may_be_left_out() {
        for (original, copy) in [
            ("القاهرة (رويترز) - قال الوزير", "قال الوزير"),
            ("القدس المحتلة - وكالة معا - قال الوزير", "قال الوزير"),
            ("دبي، الإمارات العربية المتحدة (CNN)—قال الوزير (وام)", "قال الوزير (وام)"),
            ("قال الوزير - بقلم: ليلى حداد", "قال الوزير"),
        ] {
            assert!(is_rewording_of(original, copy) && !is_rewording_of(copy, original), "{original} / {copy}");
        }
    }

    #[test]
    fn what_carries_one_may_not() {
        for (one, other) in [
            ("قال الوزير", "نفى الوزير"),
            ("سافر من دبي إلى جدة", "سافر إلى دبي من جدة"),
            ("فاز الأهلي على الزمالك", "فاز الزمالك على الأهلي"),
            ("وصل إلى وجدة", "وصل إلى جدة"),
            ("قتل 15 شخصا", "قتل 1 5 شخصا"),
            ("ارتفع 5.1 نقطة", "ارتفع 51 نقطة"),
            ("الحرارة -5", "الحرارة 5"),
            ("لم يصل الوفد", "يصل الوفد"),
            ("حسن في المدينة", "حسين في المدينة"),
            ("باع للبنان", "باع لبنان"),
            ("وجدة تستقبل الوفد", "جدة تستقبل الوفد"),
            ("سلم محمد لأحمد", "سلم لمحمد أحمد"),
            ("من دون شروط", "من شروط"),
            ("هل فاز الفريق؟", "هل فاز الفريق"),
            ("قتل 5 5 أشخاص", "قتل 5 أشخاص"),
            ("القاهرة - قال الوزير", "قال الوزير"),
            ("زغبوش (رويترز) - قال الوزير", "قال الوزير"),
            ("دبي (رويترز) - قال الوزير", "أبوظبي (رويترز) - قال الوزير"),
            ("دبي (رويترز) - قال الوزير", "أبوظبي - قال الوزير"),
            ("تونس (رويترز) - المغرب يفوز", "المغرب يفوز"),
            ("فرنسا - كرواتيا اليوم", "كرواتيا اليوم"),
            ("قال الوزير - بقلم: ليلى حداد", "قال الوزير - بقلم: سامي حداد"),
            ("قال الوزير - بقلم: ليلى حداد (رويترز)", "قال الوزير (فرانس برس)"),
            ("قال الوزير - بقلم: كاتب ساخر", "قال الوزير"),
            ("قال الوزير - المصدر: زغبوش قنطرير", "قال الوزير"),
            ("مصر، السعودية، قطر (رويترز) - قال الوزير", "قال الوزير"),
            ("قال الوزير: ليلى حداد", "قال الوزير"),
            ("نفى الوزير (رويترز) - قال الناطق", "قال الناطق"),
            ("انتقد الوزير صحيفة محلية", "انتقدت الوزير صحيفة محلية"),
            ("هاجم المتظاهرون المستوطنين", "هاجم المتظاهرين المستوطنون"),
            ("قتل شخص في الشارع", "قتل شخصا في الشارع"),
            ("مدير الشركة الجديد", "مدير الشركة الجديدة"),
            ("قتل صحفيون وأمريكيون", "قتل صحفيون أمريكيون"),
            ("القاعدة في اليمن", "قاعدة في اليمن"),
            ("وصل من صور", "وصل منصور"),
            ("بطرس بطرس غالي", "بطرس غالي"),
            ("ابن ابن الوزير", "ابن الوزير"),
            ("وصل ذلك اليوم", "وصل اليوم"),
            ("قال إنه في باريس", "قال إنها في باريس"),
            ("قد أترشح", "أترشح"),
            ("حرارة - 5 درجات", "حرارة 5 درجات"),
            ("تصنيف BBB- للبلاد", "تصنيف BBB للبلاد"),
            ("لغة C# في المدرسة", "لغة C في المدرسة"),
            ("ابنه خالد", "ابنة خالد"),
            ("قد يستقيل الوزير", "يستقيل الوزير"),
            ("قد لا يستقيل الوزير", "لا يستقيل الوزير"),
        ] {
            assert!(!is_rewording_of(one, other) && !is_rewording_of(other, one), "{one} / {other}");
        }
    }

    #[test]
    fn two_agencies_are_told_apart() {
        let (reuters, afp, none) =
            ("القاهرة (رويترز) - قال الوزير", "القاهرة (أ ف ب) - قال الوزير", "القاهرة - قال الوزير");
        assert!(!is_rewording_of(reuters, afp));
        assert!(is_rewording_of(reuters, none) && is_rewording_of(none, afp));
    }
}
