//! The kinds of changes, and the styles of quotation marks, by name.

use std::fmt;
use std::str::FromStr;

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Quotation marks that pair become those of one style.
    Quotes,
    /// Spaces around words, punctuation, quotation marks and brackets.
    Spaces,
    /// Stray invisible signs go.
    Invisible,
    /// Tatweel that only stretches a word goes.
    Tatweel,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 4] = [Kind::Quotes, Kind::Spaces, Kind::Invisible, Kind::Tatweel];

    /// The name used on the command line: that of the fold that looks past the same.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Quotes => "quotes",
            Kind::Spaces => "spaces",
            Kind::Invisible => "invisible",
            Kind::Tatweel => "tatweel",
        }
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Kind, UnknownKind> {
        let found = Kind::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| UnknownKind { name: name.to_owned() })
    }
}

/// A name that no kind has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no repair '{}'; there are {}", name.escape_debug(), Kind::ALL.map(Kind::name).join(", "))]
pub struct UnknownKind {
    name: String,
}

/// A set of kinds; by default all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u8);

impl Default for Kinds {
    fn default() -> Kinds {
        Kinds::of(&Kind::ALL)
    }
}

impl Kinds {
    /// Of these.
    #[must_use]
    pub fn of(kinds: &[Kind]) -> Kinds {
        Kinds(kinds.iter().fold(0, |set, &kind| set | 1 << kind as u8))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this is one of them.
    #[must_use]
    pub fn has(self, kind: Kind) -> bool {
        self.0 & 1 << kind as u8 != 0
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = Kind::ALL.into_iter().filter(|&kind| self.has(kind)).map(Kind::name).collect();
        f.write_str(&names.join(","))
    }
}

/// The marks that quotations are in. A quotation within one is in the other kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuoteStyle {
    /// `«نص»`, and `"نص"` within.
    #[default]
    Guillemets,
    /// `"نص"`, and `«نص»` within.
    Straight,
    /// `”نص“`, and `«نص»` within.
    Curly,
}

impl QuoteStyle {
    /// All of them.
    pub const ALL: [QuoteStyle; 3] = [QuoteStyle::Guillemets, QuoteStyle::Straight, QuoteStyle::Curly];

    /// The name used on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            QuoteStyle::Guillemets => "guillemets",
            QuoteStyle::Straight => "straight",
            QuoteStyle::Curly => "curly",
        }
    }

    /// The marks that open and close a quotation that so many others are around.
    pub(super) fn marks(self, depth: u32) -> (&'static str, &'static str) {
        match (self, depth) {
            (QuoteStyle::Guillemets, 0) | (QuoteStyle::Straight | QuoteStyle::Curly, 1..) => ("«", "»"),
            (QuoteStyle::Straight, 0) | (QuoteStyle::Guillemets, 1..) => ("\"", "\""),
            // As the CLDR has them for Arabic.
            (QuoteStyle::Curly, 0) => ("”", "“"),
        }
    }
}

impl FromStr for QuoteStyle {
    type Err = UnknownStyle;

    fn from_str(name: &str) -> Result<QuoteStyle, UnknownStyle> {
        let found = QuoteStyle::ALL.into_iter().find(|style| style.name() == name);
        found.ok_or_else(|| UnknownStyle { name: name.to_owned() })
    }
}

/// A name that no style has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no style '{}'; there are {}", name.escape_debug(), QuoteStyle::ALL.map(QuoteStyle::name).join(", "))]
pub struct UnknownStyle {
    name: String,
}
