//! Of which kind the keys of a store are, each part by its name, so that it can be said what differs.

use std::fmt;

use crate::fold::Folds;
use crate::key::KeyVersion;

/// A [`KeyVersion`] as it is kept. It may be of another tikrar, with folds or units that this one does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptVersion {
    pub(super) rules: String,
    /// Names, separated by spaces, in the order of the pipeline.
    pub(super) folds: String,
    pub(super) unit: String,
    pub(super) min_words: String,
}

impl KeptVersion {
    /// What the other has instead, as far as they differ: of this one, and of the other. None if they are equal.
    #[must_use]
    pub fn differences(&self, other: &KeptVersion) -> Option<(String, String)> {
        let (of_this, of_other) = (self.parts(), other.parts());
        let differing = || of_this.iter().zip(&of_other).filter(|(one, other)| one != other);
        let list = |parts: Vec<&str>| parts.join(", ");
        differing().next()?;
        Some((
            list(differing().map(|(one, _)| &**one).collect()),
            list(differing().map(|(_, other)| &**other).collect()),
        ))
    }

    fn parts(&self) -> [String; 4] {
        let KeptVersion { rules, unit, min_words, .. } = self;
        [format!("rules {rules}"), self.level(), format!("unit {unit}"), format!("min-words {min_words}")]
    }

    /// A level's name, or the folds.
    fn level(&self) -> String {
        let folds = self.folds.split_whitespace().map(str::parse);
        let folds = folds.collect::<Result<Vec<_>, _>>();
        match folds.ok().and_then(|folds| Folds::of(&folds).level()) {
            Some(level) => format!("level {level}"),
            None => format!("folds {}", self.folds.replace(' ', ",")),
        }
    }
}

impl From<&KeyVersion> for KeptVersion {
    fn from(version: &KeyVersion) -> KeptVersion {
        let folds: Vec<&str> = version.folds.iter().map(crate::fold::Fold::name).collect();
        KeptVersion {
            rules: version.rules.to_string(),
            folds: folds.join(" "),
            unit: version.unit.to_string(),
            min_words: version.min_words.to_string(),
        }
    }
}

impl fmt::Display for KeptVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts().join(", "))
    }
}
