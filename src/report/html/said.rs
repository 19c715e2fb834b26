//! What the page says, in both of its languages; which of them is shown, the page decides.

use std::fmt::{self, Display};

use super::markup;
use crate::fold::Folds;
use crate::report::{DocumentName, Equality, Lines, OriginalIn};

/// The same in Arabic and in English, as markup.
#[derive(Clone, Copy)]
pub(super) struct Said<A, E>(pub(super) A, pub(super) E);

impl<A: Display, E: Display> Display for Said<A, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Said(arabic, english) = self;
        write!(f, r#"<span lang="ar">{arabic}</span><span lang="en">{english}</span>"#)
    }
}

/// A name of a document, which is text from input.
pub(super) fn name(document: &DocumentName) -> String {
    format!("<bdi>{}</bdi>", markup::of(&document.name))
}

/// As in `line 3` and `lines 9-13`.
pub(super) fn lines(lines: Lines) -> Said<String, String> {
    let Lines { first, last } = lines;
    match lines.are_one() {
        true => Said(format!("السطر {first}"), format!("line {first}")),
        false => Said(format!("الأسطر {first}–{last}"), format!("lines {first}–{last}")),
    }
}

/// The document of an original, if it is another.
pub(super) fn of_document(of: &OriginalIn) -> Option<Said<String, String>> {
    match of {
        OriginalIn::Same => None,
        OriginalIn::Other(document) => Some(Said(format!("من {}", name(document)), format!("of {}", name(document)))),
        OriginalIn::Earlier(document) => {
            let name = name(document);
            Some(Said(format!("من {name} في تشغيل سابق"), format!("of {name} of an earlier run")))
        }
    }
}

/// What makes a copy equal to its original.
pub(super) fn equality(equality: Option<Equality>) -> String {
    match equality {
        None => Said("لم يُنظر في الفروق", "differences not looked at").to_string(),
        Some(Equality::Bytes) => Said("مطابق حرفًا بحرف", "byte for byte").to_string(),
        Some(Equality::Folds(Folds::NONE)) => {
            Said("نهايات الأسطر والمسافات الخارجية", "line ends and outer spaces").to_string()
        }
        Some(Equality::Folds(folds)) => format!("<code>{folds}</code>"),
    }
}
