//! What a whole run looked at, found and let pass.

use std::collections::BTreeMap;

use crate::corpus::LetPass;
use crate::fold::Level;

/// What a whole run looked at, found and let pass.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Files that were looked at.
    pub files: u64,
    /// Files that could not be, and paths that are not there.
    pub failed: u64,
    /// Documents looked at.
    pub documents: u64,
    /// Units looked at.
    pub units: u64,
    /// Units that are copies, or go for another reason.
    pub copies: u64,
    /// The blocks they stand in.
    pub blocks: u64,
    /// Findings that a baseline knows, which are counted nowhere else; none where there is no baseline.
    pub known: Option<u64>,
    /// Since when what is found was added, if it has to have been added.
    pub since: Option<Since>,
    /// Repeats that stay; none where that was not looked at.
    pub let_pass: Option<LetPass>,
    /// Copies that only a later level finds, by level, as far as that was looked at.
    pub more_at: BTreeMap<Level, u64>,
    /// Whether nothing was looked at because all files were excluded.
    pub is_excluded: bool,
    /// Whether some documents were looked at in units of another kind, or with another number of words.
    pub is_mixed: bool,
}

/// A revision that what counts was added since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// The revision, as it was named.
    pub revision: String,
    /// Whether documents and units are counted only if they have text that was added, and not all of them.
    pub counts_added: bool,
}

impl Totals {
    /// Adds what was seen elsewhere.
    pub fn add(&mut self, other: &Totals) {
        self.files += other.files;
        self.failed += other.failed;
        self.documents += other.documents;
        self.units += other.units;
        self.copies += other.copies;
        self.blocks += other.blocks;
        self.is_mixed |= other.is_mixed;
        if let Some(known) = other.known {
            *self.known.get_or_insert_default() += known;
        }
        if let Some(other) = other.let_pass {
            let let_pass = self.let_pass.get_or_insert_default();
            let_pass.short += other.short;
            let_pass.protected += other.protected;
            let_pass.twice += other.twice;
        }
        for (level, more) in &other.more_at {
            *self.more_at.entry(*level).or_default() += more;
        }
    }
}
