//! Accounts: what a run has read, removed and written, file by file. The sums have to check.

use serde::{Deserialize, Serialize};

use crate::format::{Format, Passed};

/// What was done with a file, or with all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Documents that were looked at: texts, or records that have one.
    pub documents: u64,
    /// Units of them.
    pub units: u64,
    /// Units that are kept, counted where the text is written.
    pub kept: u64,
    /// Units that are copies, counted in the plan.
    pub copies: u64,
    /// How many of these are only nearly the same as their originals.
    #[serde(default, skip_serializing_if = "is_none")]
    pub near: u64,
    /// The blocks that the copies stand in.
    pub blocks: u64,
    /// Units that go because they stand in so many documents.
    #[serde(default)]
    pub boilerplate: u64,
    /// Units of these that are kept all the same, and told of in a field of their records, counted where that is written.
    #[serde(default, skip_serializing_if = "is_none")]
    pub annotated: u64,
    /// Units that go with a document that goes as a whole.
    #[serde(default)]
    pub with_documents: u64,
    /// Bytes read, unpacked and in UTF-8.
    pub bytes_in: u64,
    /// Bytes written, before they are packed.
    pub bytes_out: u64,
    /// Records that were let pass as they are.
    pub passed: Passed,
    /// Documents that lost all their text.
    pub emptied: u64,
    /// Of these, how many were left out.
    pub dropped: u64,
    /// And of these, how many because most of them repeats others.
    #[serde(default)]
    pub repeating: u64,
    /// Bytes of text that are not UTF-8.
    pub damaged_bytes: u64,
    /// Units of those that are kept in which something was repaired.
    #[serde(default, skip_serializing_if = "is_none")]
    pub repaired: u64,
    /// Units whose quotation marks were left, because they do not pair.
    #[serde(default, skip_serializing_if = "is_none")]
    pub unpaired: u64,
    /// Units that were left although there was something to repair, because it would have made another text of them, or could
    /// not be written where they stand.
    #[serde(default, skip_serializing_if = "is_none")]
    pub unrepaired: u64,
}

impl Account {
    /// Adds what was done elsewhere.
    pub fn add(&mut self, other: &Account) {
        self.documents += other.documents;
        self.units += other.units;
        self.kept += other.kept;
        self.copies += other.copies;
        self.near += other.near;
        self.blocks += other.blocks;
        self.boilerplate += other.boilerplate;
        self.with_documents += other.with_documents;
        self.annotated += other.annotated;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.passed.add_all(&other.passed);
        self.emptied += other.emptied;
        self.dropped += other.dropped;
        self.repeating += other.repeating;
        self.damaged_bytes += other.damaged_bytes;
        self.repaired += other.repaired;
        self.unpaired += other.unpaired;
        self.unrepaired += other.unrepaired;
    }

    /// How many units go, for whatever reason.
    #[must_use]
    pub fn removed(&self) -> u64 {
        (self.copies + self.boilerplate + self.with_documents).saturating_sub(self.annotated)
    }

    /// Checks that what was read is what is kept and what was removed.
    ///
    /// # Errors
    /// It is not, which is a fault of the program.
    pub fn check(&self) -> Result<(), Unbalanced> {
        let Account { units, kept, copies, boilerplate, with_documents, annotated, .. } = *self;
        let removed = self.removed();
        let is_balanced = units + annotated == kept + copies + boilerplate + with_documents;
        if is_balanced { Ok(()) } else { Err(Unbalanced { units, kept, removed }) }
    }
}

/// Only of a run that annotates, or repairs, there is something to say.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde asks for it")]
fn is_none(number: &u64) -> bool {
    *number == 0
}

/// Sums that do not check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{units} units were read, {kept} are kept and {removed} are removed, which does not add up. This is a fault of tikrar: \
     please report it, and do not use what was written"
)]
pub struct Unbalanced {
    units: u64,
    kept: u64,
    removed: u64,
}

/// What was done with one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileAccount {
    /// What the file is called.
    pub file: String,
    /// Its format.
    pub format: String,
    /// Where the text of its records was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_field: Option<String>,
    /// How long it took, in milliseconds, as far as that can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u64>,
    /// The sums.
    #[serde(flatten)]
    pub account: Account,
}

impl FileAccount {
    /// Of a file that is one document.
    #[must_use]
    pub fn of_text(file: String, account: Account) -> FileAccount {
        FileAccount { file, format: Format::Text.name().to_owned(), text_field: None, milliseconds: None, account }
    }
}
