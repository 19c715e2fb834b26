//! The options that a `tikrar.toml` can have: the long names of the command line, and what of each holds where.

use super::value::Holds;

/// An option.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) holds: Holds,
    pub(super) by_path: ByPath,
    /// Whether the command line adds to what the file has, instead of standing in its place.
    pub(super) adds: bool,
    /// Whether it is for the scope of a corpus only.
    pub(super) across: bool,
}

/// Whether it can differ by path, in an `[[override]]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByPath {
    /// It holds for a whole run.
    Never,
    /// In the scope of a corpus it can't: there all keys are of one kind, and what is kept is kept everywhere.
    InDocuments,
    Always,
}

/// All of them, in the order in which they are shown.
pub(super) const KEYS: &[Key] = &[
    key("level", Holds::Text).in_documents(),
    key("fold", Holds::Texts).in_documents(),
    key("unit", Holds::Text).in_documents(),
    key("min-words", Holds::Number).in_documents(),
    key("keep", Holds::Texts).in_documents().adding(),
    key("keep-file", Holds::Paths).in_documents().adding(),
    key("near", Holds::TextOrNumber),
    key("unguarded", Holds::Flag),
    key("scope", Holds::Text),
    key("boilerplate", Holds::Number).across(),
    key("drop-document-above", Holds::TextOrNumber).across(),
    key("verify", Holds::Flag).across(),
    key("index", Holds::Path).across(),
    key("memory", Holds::TextOrNumber).across(),
    key("include", Holds::Texts),
    key("exclude", Holds::Texts).adding(),
    key("gitignore", Holds::Flag),
    key("allow-empty", Holds::Flag),
    key("encoding", Holds::Labels).by_path(),
    key("strict", Holds::Flag).by_path(),
    key("format", Holds::Text).by_path(),
    key("text-field", Holds::Text).by_path(),
    key("id-field", Holds::Text).by_path(),
    key("delimiter", Holds::Text).by_path(),
    key("no-quoting", Holds::Flag).by_path(),
    key("repair", Holds::Labels),
    key("repair-quotes", Holds::Text),
    key("baseline", Holds::Path),
    key("empty", Holds::Text),
    key("temp-dir", Holds::Path),
    key("threads", Holds::Number),
    key("color", Holds::Text),
    key("progress", Holds::Text),
    key("quiet", Holds::Flag),
];

const fn key(name: &'static str, holds: Holds) -> Key {
    Key { name, holds, by_path: ByPath::Never, adds: false, across: false }
}

impl Key {
    const fn in_documents(self) -> Key {
        Key { by_path: ByPath::InDocuments, ..self }
    }

    const fn by_path(self) -> Key {
        Key { by_path: ByPath::Always, ..self }
    }

    const fn adding(self) -> Key {
        Key { adds: true, ..self }
    }

    const fn across(self) -> Key {
        Key { across: true, ..self }
    }

    /// The option with this name.
    pub(super) fn named(name: &str) -> Option<&'static Key> {
        KEYS.iter().find(|key| key.name == name)
    }
}

/// The one of these that a name was meant to be, if it is near one.
pub(super) fn meant<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase().replace('_', "-");
    let distance = |known: &&str| strsim::damerau_levenshtein(&name, known);
    let nearest = known.min_by_key(distance)?;
    (distance(&nearest) <= 1 + nearest.len().saturating_sub(1) / 5).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_misspelt_is_known() {
        let meant = |name: &str| meant(name, KEYS.iter().map(|key| key.name));
        for (name, wanted) in [
            ("foo", ""),
            ("min_words", "min-words"),
            ("minwords", "min-words"),
            ("MinWords", "min-words"),
            ("exlude", "exclude"),
            ("keepfile", "keep-file"),
            ("levle", "level"),
            ("ignore", ""),
            ("colour", "color"),
            ("something", ""),
        ] {
            assert_eq!(meant(name), Some(wanted).filter(|wanted| !wanted.is_empty()), "{name}");
        }
    }
}
