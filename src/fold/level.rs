//! Named folds, sets of them, and the four levels: which differences a comparison looks past.

use std::fmt;
use std::str::FromStr;

/// Declares the folds once: what they do, their names in the program, and their names on the command line.
macro_rules! folds {
    ($($(#[$meaning:meta])* $fold:ident = $name:literal,)*) => {
        /// One named fold: a kind of difference that the comparison looks past.
        ///
        /// The order is that of the pipeline, weakest first; reports list folds in it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Fold {
            $($(#[$meaning])* $fold,)*
        }

        impl Fold {
            /// Every fold, in the order of the pipeline.
            pub const ALL: [Fold; [$($name),*].len()] = [$(Fold::$fold),*];

            /// The name used on the command line and in reports.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Fold::$fold => $name,)*
                }
            }
        }
    };
}

folds! {
    /// Kinds and runs of white space.
    Spaces = "spaces",
    /// Default-ignorable code points: bidi marks, ZWNJ, ZWJ, soft hyphen, variation selectors.
    Invisible = "invisible",
    /// C0 and C1 controls; C1 codes that were quotation marks or dashes of windows-1252 come back as those.
    Controls = "controls",
    /// HTML character references left over in the text, named (a short list) and numeric.
    Entities = "entities",
    /// Arabic presentation forms and word ligatures.
    Forms = "forms",
    /// Full-width and small ASCII.
    Fullwidth = "fullwidth",
    /// Tatweel, by its role: elongation, hamza seat, joining mark, dash.
    Tatweel = "tatweel",
    /// Keheh as kaf; Farsi yeh as yeh or alef maksura, by its place.
    Yehkaf = "yehkaf",
    /// Fathatan before or after its alef.
    Tanwin = "tanwin",
    /// The same vowel mark twice.
    Doubledmarks = "doubledmarks",
    /// Digits of the three sets by value, and their separators and percent signs.
    Digits = "digits",
    /// Kind, direction, doubling and spacing of quotation marks.
    Quotes = "quotes",
    /// Kind and spacing of dashes.
    Dashes = "dashes",
    /// Script, repetition and spacing of other punctuation.
    Punctuation = "punctuation",
    /// Style of the bullet at the start.
    Bullets = "bullets",
    /// Vowel marks and Quranic signs.
    Diacritics = "diacritics",
    /// Seats of hamza.
    Hamza = "hamza",
    /// Alef maksura as yeh.
    Yeh = "yeh",
    /// Heh forms of Persian, Urdu and Kurdish keyboards.
    Heh = "heh",
    /// Swash kaf.
    Kaf = "kaf",
    /// A conjunction waw that stands apart from its word.
    Waw = "waw",
    /// A percent sign before its number.
    Percent = "percent",
    /// Teh marbuta as heh.
    Teh = "teh",
    /// Case of Latin letters.
    Case = "case",
    /// Commas that group the digits of a number.
    Grouping = "grouping",
    /// A bullet, or none.
    Nobullets = "nobullets",
    /// Punctuation, or none.
    Nopunctuation = "nopunctuation",
    /// Spaces, or none.
    Nospaces = "nospaces",
}

impl fmt::Display for Fold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fold {
    type Err = UnknownFold;

    fn from_str(name: &str) -> Result<Self, UnknownFold> {
        Fold::ALL.into_iter().find(|fold| fold.name() == name).ok_or_else(|| UnknownFold { name: name.to_owned() })
    }
}

/// A name that is no fold's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no fold named '{name}'; the folds are {}", Folds::ALL)]
pub struct UnknownFold {
    name: String,
}

/// A set of named folds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Folds(u32);

impl Folds {
    /// No fold: the level `exact`.
    pub const NONE: Folds = Folds(0);
    /// Every fold: the level `loose`.
    pub const ALL: Folds = Folds((1 << Fold::ALL.len()) - 1);

    /// The set of these folds.
    #[must_use]
    pub const fn of(folds: &[Fold]) -> Folds {
        let mut bits = 0;
        let mut i = 0;
        while i < folds.len() {
            bits |= 1 << folds[i] as u32;
            i += 1;
        }
        Folds(bits)
    }

    /// The set with these bits, one a fold in the order of the pipeline.
    pub(super) const fn from_bits(bits: u32) -> Folds {
        Folds(bits)
    }

    /// Every fold up to and including `last`, in the order of the pipeline.
    const fn through(last: Fold) -> Folds {
        Folds((2 << last as u32) - 1)
    }

    /// What a level adds to an earlier one.
    pub(super) const fn of_range(before: Level, level: Level) -> Folds {
        Folds(level.folds().0 & !before.folds().0)
    }

    /// Whether `fold` is in the set.
    #[must_use]
    pub const fn has(self, fold: Fold) -> bool {
        self.0 & (1 << fold as u32) != 0
    }

    /// Whether the sets share a fold.
    #[must_use]
    pub const fn intersects(self, other: Folds) -> bool {
        self.0 & other.0 != 0
    }

    /// The folds of both sets.
    #[must_use]
    pub const fn intersection(self, other: Folds) -> Folds {
        Folds(self.0 & other.0)
    }

    /// The folds of either set.
    #[must_use]
    pub const fn union(self, other: Folds) -> Folds {
        Folds(self.0 | other.0)
    }

    /// The set with `fold`.
    #[must_use]
    pub const fn with(self, fold: Fold) -> Folds {
        Folds(self.0 | 1 << fold as u32)
    }

    /// The set without `fold`.
    #[must_use]
    pub const fn without(self, fold: Fold) -> Folds {
        Folds(self.0 & !(1 << fold as u32))
    }

    /// Whether no fold is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The folds, in the order of the pipeline.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Fold> {
        Fold::ALL.into_iter().filter(move |&fold| self.has(fold))
    }

    /// Changes the set as `--fold` says: `+NAME` adds, `-NAME` takes away, separated by commas.
    ///
    /// # Errors
    /// A name that is no fold's, or one without its sign.
    pub fn changed_by(mut self, changes: &str) -> Result<Folds, FoldChangeError> {
        for change in changes.split(',') {
            let change = change.trim();
            if let Some(name) = change.strip_prefix('+') {
                self = self.with(name.parse()?);
            } else if let Some(name) = change.strip_prefix('-') {
                self = self.without(name.parse()?);
            } else if change.is_empty() {
                return Err(FoldChangeError::Empty);
            } else {
                return Err(FoldChangeError::NoSign { change: change.to_owned() });
            }
        }
        Ok(self)
    }

    /// The level whose preset this set is, if it is one.
    #[must_use]
    pub fn level(self) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.folds() == self)
    }
}

impl fmt::Display for Folds {
    /// The names in the order of the pipeline, separated by commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fold) in self.iter().enumerate() {
            write!(f, "{}{fold}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// What `--fold` changes, of whichever level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoldChanges {
    added: Folds,
    left: Folds,
}

impl Default for FoldChanges {
    /// Nothing.
    fn default() -> FoldChanges {
        FoldChanges { added: Folds::NONE, left: Folds::ALL }
    }
}

impl FoldChanges {
    /// The changes, one after the other, as [`Folds::changed_by`] takes them.
    ///
    /// # Errors
    /// As there.
    pub fn of(changes: &[String]) -> Result<FoldChanges, FoldChangeError> {
        changes.iter().try_fold(FoldChanges::default(), |FoldChanges { added, left }, change| {
            Ok(FoldChanges { added: added.changed_by(change)?, left: left.changed_by(change)? })
        })
    }

    /// The set with these changes.
    #[must_use]
    pub const fn of_set(self, folds: Folds) -> Folds {
        folds.intersection(self.left).union(self.added)
    }
}

/// What is wrong with a change of folds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldChangeError {
    /// No fold has that name.
    #[error(transparent)]
    Unknown(#[from] UnknownFold),
    /// No name.
    #[error("it names no fold: '+hamza' adds the fold hamza, '-hamza' takes it away")]
    Empty,
    /// A name with neither `+` nor `-` before it.
    #[error("'{change}' needs a sign: '+{change}' adds the fold, '-{change}' takes it away")]
    NoSign {
        /// The change as it was given.
        change: String,
    },
}

/// A preset of named folds. Levels nest: what is equal at one is equal at the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Byte-identical apart from line ends, outer white space and canonical equivalence (NFC).
    Exact,
    /// The same text, set differently: no letter and no number is lost.
    #[default]
    Typography,
    /// The same words, spelled by another habit.
    Orthography,
    /// The same string of letters and numbers.
    Loose,
}

impl Level {
    /// The levels, from the strictest on.
    pub const ALL: [Level; 4] = [Level::Exact, Level::Typography, Level::Orthography, Level::Loose];

    /// The folds the level stands for.
    #[must_use]
    pub const fn folds(self) -> Folds {
        match self {
            Level::Exact => Folds::NONE,
            Level::Typography => Folds::through(Fold::Bullets),
            Level::Orthography => Folds::through(Fold::Percent),
            Level::Loose => Folds::through(Fold::Nospaces),
        }
    }

    /// The name used on the command line and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Level::Exact => "exact",
            Level::Typography => "typography",
            Level::Orthography => "orthography",
            Level::Loose => "loose",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_any_level_are_what_they_are_of_each() {
        for changes in [&[][..], &["+hamza,-digits"], &["-digits", "+digits"], &["+teh,-teh", "-spaces"]] {
            let changes: Vec<String> = changes.iter().map(|&change| change.to_owned()).collect();
            let of_any = FoldChanges::of(&changes).unwrap();
            for level in Level::ALL {
                let folds = changes.iter().try_fold(level.folds(), |folds, change| folds.changed_by(change));
                assert_eq!(folds, Ok(of_any.of_set(level.folds())), "{changes:?} {level}");
            }
        }
        assert!(FoldChanges::of(&["hamza".to_owned()]).is_err());
    }

    #[test]
    fn levels_nest_and_end_in_every_fold() {
        for pair in Level::ALL.windows(2) {
            assert_eq!(pair[0].folds().union(pair[1].folds()), pair[1].folds());
        }
        assert_eq!(Level::Loose.folds(), Folds::ALL);
        assert_eq!(Level::Typography.folds().iter().count(), 15);
        assert_eq!(Level::Orthography.folds().iter().count(), 22);
    }

    #[test]
    fn folds_keep_the_order_of_their_list() {
        for (i, fold) in Fold::ALL.into_iter().enumerate() {
            assert_eq!(fold as usize, i);
            assert_eq!(fold.name().parse(), Ok(fold));
        }
    }

    #[test]
    fn changes_need_a_sign_and_a_known_name() {
        let folds = Level::Typography.folds().changed_by("+diacritics, -digits").unwrap();
        assert!(folds.has(Fold::Diacritics) && !folds.has(Fold::Digits) && folds.has(Fold::Quotes));
        assert!(Folds::NONE.changed_by("quotes").unwrap_err().to_string().contains("'+quotes'"));
        assert!(Folds::NONE.changed_by("+qoutes").unwrap_err().to_string().contains("no fold named 'qoutes'"));
    }
}
