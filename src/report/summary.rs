//! The summary of a run: its accounts, as JSON and as a small table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use super::account::{Account, FileAccount};

/// What a run did.
#[derive(Clone, Debug, Serialize)]
pub struct Summary<'a> {
    /// The version of the program.
    pub tikrar: &'static str,
    /// The version of the keys, with the folds and options that go into them.
    pub keys: String,
    /// Whether nothing was to be written.
    pub dry_run: bool,
    /// How many files and paths there were.
    pub files: u64,
    /// How many of them were done.
    pub done: u64,
    /// The sums over all files.
    pub total: Account,
    /// How long the run took.
    pub seconds: f64,
    /// Files of folders that were left out, by kind.
    pub skipped: &'a BTreeMap<String, u64>,
    /// Files that could not be done, and why.
    #[serde(serialize_with = "failures")]
    pub failed: Vec<(&'a str, &'a str)>,
    /// The files that were done.
    pub accounts: &'a [FileAccount],
}

fn failures<S: Serializer>(failed: &[(&str, &str)], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Failure<'a> {
        file: &'a str,
        error: &'a str,
    }
    let mut list = serializer.serialize_seq(Some(failed.len()))?;
    for (file, error) in failed {
        list.serialize_element(&Failure { file, error })?;
    }
    list.end()
}

impl Summary<'_> {
    /// Writes it as JSON.
    ///
    /// # Errors
    /// `out` can't be written.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        out.write_all(b"\n")
    }

    /// The sums for people, a line each; what is nothing is left out.
    #[must_use]
    pub fn table(&self) -> String {
        let Account {
            documents, units, kept, copies, blocks, bytes_in, bytes_out, ref passed, emptied, dropped, ..
        } = self.total;
        let rows = [
            ("files", self.done, true),
            ("not done", self.files - self.done, false),
            ("documents", documents, true),
            ("units", units, true),
            ("kept", kept, kept > 0),
            ("copies", copies, true),
            ("blocks", blocks, copies > 0),
            ("bytes read", bytes_in, true),
            ("bytes written", bytes_out, bytes_out > 0),
            ("records without text", passed.records(), false),
            ("emptied", emptied, false),
            ("of these left out", dropped, false),
        ];
        let rows: Vec<_> = rows.into_iter().filter(|(_, number, always)| *always || *number > 0).collect();
        let width = rows.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
        let numbers: Vec<String> = rows.iter().map(|(_, number, _)| grouped(*number)).collect();
        let digits = numbers.iter().map(String::len).max().unwrap_or(0);
        let mut table = String::new();
        for ((name, ..), number) in rows.iter().zip(numbers) {
            let _ = writeln!(table, "{name:width$}  {number:>digits$}");
        }
        let _ = write!(table, "{:width$}  {:>digits$}", "seconds", format!("{:.1}", self.seconds));
        table
    }
}

/// As in `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
