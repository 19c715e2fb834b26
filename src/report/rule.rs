//! The kinds of findings, as programs name them.

use super::Reason;

/// A kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Units that are copies.
    Copy,
    /// Copies of which some are only nearly the same as their originals.
    NearCopy,
    /// Units that stand in so many documents that they go everywhere.
    Boilerplate,
    /// A document that goes as a whole.
    RepeatingDocument,
}

impl Rule {
    /// All of them.
    pub const ALL: [Rule; 4] = [Rule::Copy, Rule::NearCopy, Rule::Boilerplate, Rule::RepeatingDocument];

    /// The name by which it is known to programs.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Rule::Copy => "copy",
            Rule::NearCopy => "near-copy",
            Rule::Boilerplate => "boilerplate",
            Rule::RepeatingDocument => "repeating-document",
        }
    }

    /// What it says, in a few words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Rule::Copy => "Repeated text",
            Rule::NearCopy => "Nearly repeated text",
            Rule::Boilerplate => "Boilerplate",
            Rule::RepeatingDocument => "Repeating document",
        }
    }

    /// What it says, in a sentence.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Rule::Copy => {
                "A unit is a copy when it lies in a run of enough words which, unit by unit in the same order, already began earlier."
            }
            Rule::NearCopy => {
                "A unit is a near copy when it lies in such a run, and is nearly the same as an earlier unit, as --near says."
            }
            Rule::Boilerplate => {
                "A unit is boilerplate when it stands in at least as many documents as --boilerplate says."
            }
            Rule::RepeatingDocument => {
                "A document repeats others when more of its words than --drop-document-above says are copies of documents before it."
            }
        }
    }
}

impl Reason {
    /// Which kind of finding has it.
    #[must_use]
    pub fn rule(&self) -> Rule {
        match self {
            Reason::Copy { near, .. } if near.is_empty() => Rule::Copy,
            Reason::Copy { .. } => Rule::NearCopy,
            Reason::Boilerplate { .. } => Rule::Boilerplate,
            Reason::Repeating(_) => Rule::RepeatingDocument,
        }
    }
}
