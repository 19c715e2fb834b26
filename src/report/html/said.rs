//! What the page says, in both of its languages; which of them is shown, the page decides.

use std::fmt::{self, Display};

use super::markup;
use crate::corpus::Originals;
use crate::fold::{Fold, Folds};
use crate::near::Nearness;
use crate::report::{DocumentName, Equality, Lines, excerpt, shown_name};
use crate::sink::FileName;

/// The same in Arabic and in English, as markup.
#[derive(Clone, Copy)]
pub(super) struct Said<A, E>(pub(super) A, pub(super) E);

impl<A: Display, E: Display> Display for Said<A, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Said(arabic, english) = self;
        write!(f, r#"<span lang="ar">{arabic}</span><span lang="en">{english}</span>"#)
    }
}

/// The most bytes of a name where it is said again and again.
const SHORT: usize = 100;

/// A name of a document, which is text from input.
pub(super) fn whole_name(document: &DocumentName) -> String {
    name(document, usize::MAX)
}

/// The same, without the start of a long one.
pub(super) fn short_name(document: &DocumentName) -> String {
    name(document, SHORT)
}

fn name(document: &DocumentName, most: usize) -> String {
    let DocumentName { file, record, id, name } = document;
    let bdi = |text: &str| {
        let start = (0..=text.len()).find(|&at| text.len() - at <= most && text.is_char_boundary(at)).unwrap_or(0);
        let cut = if start > 0 { "…" } else { "" };
        format!("<bdi>{cut}{}</bdi>", markup::of(&text[start..]))
    };
    let Some(record) = record else {
        return match file {
            None if name == "standard input" => Said("الدخل القياسي", "standard input").to_string(),
            _ => bdi(name),
        };
    };
    let file = match file.as_ref().and_then(FileName::path) {
        Some(path) => bdi(&shown_name(&path)),
        None => Said("الدخل القياسي", "standard input").to_string(),
    };
    let id = id.as_deref().map_or_else(String::new, |id| format!(" ({})", bdi(&excerpt(id.as_bytes()))));
    format!("{file}{}{id}", Said(format!("، السجل {record}"), format!(", record {record}")))
}

/// As in `line 3` and `lines 9-13`.
pub(super) fn lines(lines: Lines) -> Said<String, String> {
    let Lines { first, last } = lines;
    match lines.are_one() {
        true => Said(format!("السطر {first}"), format!("line {first}")),
        false => Said(format!("الأسطر {first}–{last}"), format!("lines {first}–{last}")),
    }
}

/// Where originals are in their document.
pub(super) fn originals(at: Originals) -> Said<String, String> {
    match at {
        Originals::Lines(first, last) => lines(Lines { first, last }),
        Originals::From(line) => Said(format!("النص من السطر {line}"), format!("the text from line {line}")),
        Originals::Within(line) => {
            Said(format!("جزءًا من النص من السطر {line}"), format!("a part of the text from line {line}"))
        }
    }
}

/// What makes a copy equal to its original.
pub(super) fn equality(equality: Option<Equality>) -> String {
    match equality {
        None => Said("لم يُنظر في الفروق", "differences not looked at").to_string(),
        Some(Equality::Bytes) => Said("مطابق حرفًا بحرف", "byte for byte").to_string(),
        Some(Equality::Folds(Folds::NONE)) => {
            Said("نهايات الأسطر أو المسافات الخارجية أو الحروف المركبة", "line ends, outer spaces or composed letters")
                .to_string()
        }
        Some(Equality::Folds(folds)) => {
            let arabic: Vec<&str> = folds.iter().map(fold).collect();
            Said(format!("{} (<code>{folds}</code>)", arabic.join("، ")), format!("<code>{folds}</code>")).to_string()
        }
    }
}

/// How near copies are to their originals that are only nearly the same: the least of the figures.
pub(super) fn nearness(near: &[Nearness]) -> String {
    let least = near.iter().min_by(|one, other| one.alignment().total_cmp(&other.alignment()));
    let Some(least) = least else { return equality(None) };
    // Rounded down, so that what is not the same is not 100.
    let percent = (least.alignment() * 1000.0).floor() / 10.0;
    Said(format!("{percent}% من الكلمات على ترتيبها"), format!("{percent}% of the words in order")).to_string()
}

/// What a fold looks past, in Arabic. In English its name says it.
fn fold(fold: Fold) -> &'static str {
    match fold {
        Fold::Spaces => "المسافات",
        Fold::Invisible => "المحارف الخفية",
        Fold::Controls => "محارف التحكم",
        Fold::Entities => "رموز HTML",
        Fold::Forms => "أشكال العرض",
        Fold::Fullwidth => "المحارف العريضة",
        Fold::Tatweel => "التطويل",
        Fold::Yehkaf => "الياء والكاف الفارسيتان",
        Fold::Tanwin => "موضع التنوين",
        Fold::Doubledmarks => "الحركات المضاعفة",
        Fold::Digits => "الأرقام",
        Fold::Quotes => "علامات التنصيص",
        Fold::Dashes => "الشرطات",
        Fold::Punctuation => "علامات الترقيم",
        Fold::Bullets => "علامات القوائم",
        Fold::Diacritics => "الحركات",
        Fold::Hamza => "الهمزات",
        Fold::Yeh => "الياء والألف المقصورة",
        Fold::Heh => "أشكال الهاء",
        Fold::Kaf => "أشكال الكاف",
        Fold::Waw => "الواو المنفصلة",
        Fold::Percent => "موضع علامة النسبة",
        Fold::Teh => "التاء المربوطة والهاء",
        Fold::Case => "الحروف اللاتينية الكبيرة والصغيرة",
        Fold::Grouping => "فواصل الآلاف",
        Fold::Nobullets => "بلا علامات قوائم",
        Fold::Nopunctuation => "بلا علامات ترقيم",
        Fold::Nospaces => "بلا مسافات",
    }
}
