//! The summary of a run: its accounts, as JSON and as a small table.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use super::account::{Account, FileAccount};
use crate::corpus::Boilerplate;
use crate::index::BYTES_A_WINDOW;

/// What a run did.
#[derive(Clone, Debug, Serialize)]
pub struct Summary<'a> {
    /// The version of the program.
    pub tikrar: &'static str,
    /// The version of the keys, with the folds and options that go into them.
    pub keys: String,
    /// What the run was told that decides about what is written.
    pub options: BTreeMap<String, String>,
    /// Whether nothing was to be written.
    pub dry_run: bool,
    /// Where only a part was looked at: what there is in all, by that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,
    /// How many files and paths there were.
    pub files: u64,
    /// How many of them were done.
    pub done: u64,
    /// The sums over all files.
    pub total: Account,
    /// Units that were removed wherever they stood, those of most documents first.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub boilerplate: &'a [Boilerplate],
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

/// What there is in a corpus, by a part of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// How much of it was looked at, from 0 to 1.
    pub share: f64,
    /// Documents.
    pub documents: u64,
    /// Units.
    pub units: u64,
    /// Units that are copies. Of a corpus run at least these: copies of what is in no part that was looked at are not seen.
    pub copies: u64,
    /// Of a corpus run: how many bytes of memory its index would take, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index_bytes: Option<u64>,
}

impl Estimate {
    /// `factor` times what was seen.
    #[must_use]
    pub fn of(factor: f64, seen: &Account, windows: Option<u64>) -> Estimate {
        let times = |number: u64| (number as f64 * factor).round() as u64;
        Estimate {
            share: 1.0 / factor,
            documents: times(seen.documents),
            units: times(seen.units),
            copies: times(seen.copies),
            index_bytes: windows.map(|windows| times(windows) * BYTES_A_WINDOW),
        }
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Estimate { share, documents, units, copies, index_bytes } = self;
        write!(
            f,
            "looked at {:.2}% of the bytes; in all there may be {} {} with {} units, {} of them copies",
            share * 100.0,
            grouped(*documents),
            if *documents == 1 { "document" } else { "documents" },
            grouped(*units),
            grouped(*copies)
        )?;
        match index_bytes {
            None => Ok(()),
            Some(bytes) if *share >= 1.0 => {
                write!(f, "; the index takes up to {} MiB", grouped(bytes.div_ceil(1 << 20)))
            }
            Some(bytes) => write!(
                f,
                " at least, for those of parts that were not looked at are not seen; the index would take up to {} MiB",
                grouped(bytes.div_ceil(1 << 20))
            ),
        }
    }
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
            documents,
            units,
            kept,
            copies,
            near,
            blocks,
            boilerplate,
            with_documents,
            annotated,
            bytes_in,
            bytes_out,
            ref passed,
            emptied,
            dropped,
            repeating,
            repaired,
            unpaired,
            unrepaired,
            ..
        } = self.total;
        let rows = [
            ("files", self.done, true),
            ("not done", self.files - self.done, false),
            ("documents", documents, true),
            ("units", units, true),
            ("kept", kept, kept > 0),
            ("copies", copies, true),
            ("of these nearly the same", near, false),
            ("blocks", blocks, copies > 0),
            ("boilerplate", boilerplate, false),
            ("units of repeating documents", with_documents, false),
            ("annotated", annotated, false),
            ("bytes read", bytes_in, true),
            ("bytes written", bytes_out, bytes_out > 0),
            ("records without text", passed.records(), false),
            ("emptied", emptied, false),
            ("of these left out", dropped, false),
            ("of these as repeating", repeating, false),
            ("repaired", repaired, false),
            ("quotation marks left", unpaired, false),
            ("left unrepaired", unrepaired, false),
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
