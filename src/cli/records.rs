//! A file of records, chunk by chunk: what is counted, warned of and refused.

use anyhow::{Result, anyhow, bail};

use super::feed;
use super::names::name;
use crate::config::Config;
use crate::corpus::records::Seen;
use crate::format::{Format, Passed, TEXT_FIELDS};
use crate::report::account::{Account, FileAccount};
use crate::report::shown_text;
use crate::report::text::count;
use crate::source::Input;

/// As in `3 (2 missing, 1 null)`. Records that are not in their format are told of by themselves.
fn without_text(passed: &Passed) -> Option<String> {
    let kinds = [
        (passed.missing, "missing"),
        (passed.null, "null"),
        (passed.not_text, "no string"),
        (passed.lone_surrogate, "with half a surrogate pair"),
    ];
    let all: u64 = kinds.iter().map(|(number, _)| number).sum();
    let kinds: Vec<String> =
        kinds.iter().filter(|(number, _)| *number > 0).map(|(number, kind)| format!("{number} {kind}")).collect();
    (all > 0).then(|| format!("{all} ({})", kinds.join(", ")))
}

/// A file of records, as far as it has been done.
#[derive(Default)]
pub(super) struct Records {
    pub(super) account: Account,
    /// What is to be said of the file.
    pub(super) warnings: Vec<String>,
    /// The number of records so far.
    records: u64,
    text_field: Option<String>,
    /// The first record that is not in its format, and what is wrong with it.
    malformed: Option<(u64, String)>,
    failed: Option<anyhow::Error>,
}

impl Records {
    /// Whether there was a chunk.
    pub(super) fn begun(&self) -> bool {
        self.account.bytes_in > 0
    }

    /// Whether the file can't be done.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Takes what was seen in the next chunk, so many bytes long. Returns the number of the first record in it.
    pub(super) fn take(&mut self, config: &Config, bytes: u64, text_field: Option<&str>, seen: Seen) -> u64 {
        let first = self.records + 1;
        self.records += seen.records;
        self.account.add(&Account {
            documents: seen.documents,
            bytes_in: bytes,
            passed: seen.passed,
            damaged_bytes: seen.damaged_bytes,
            ..Account::default()
        });
        if self.text_field.is_none() {
            self.text_field = text_field.map(str::to_owned);
        }
        if let (None, Some((record, what))) = (&self.malformed, seen.malformed) {
            self.malformed = Some((first + record as u64, what));
        }
        if config.read.strict && self.failed.is_none() {
            let damaged =
                seen.damaged.map(|record| (first + record as u64, "it has bytes that are not UTF-8".to_owned()));
            if let Some((record, what)) = damaged.or(self.malformed.clone()) {
                self.failed = Some(anyhow!("record {record}: {what}, and --strict allows none such"));
            }
        }
        first
    }

    /// The file can't be done, because of the record that has this number in the next chunk.
    pub(super) fn fail(&mut self, record: usize, error: anyhow::Error) {
        let record = self.records + 1 + record as u64;
        self.failed.get_or_insert(error.context(format!("record {record}")));
    }

    /// The file was read to its end, or can't be. Leaves what is to be said of it in the warnings.
    ///
    /// # Errors
    /// It can't be done: because it can't be read, or because no record has a text.
    pub(super) fn end(&mut self, config: &Config, input: &Input, result: Result<()>) -> Result<FileAccount> {
        result?;
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let format = feed::format(config, input).unwrap_or(Format::JsonLines);
        let (records, passed) = (self.records, &self.account.passed);
        if let (Some((_, what)), true) = (&self.malformed, passed.malformed == records) {
            bail!("no record of it is {}: {what}", format.name());
        }
        if records > 0 && passed.missing + passed.malformed == records {
            let fields = self.text_field.as_deref().map_or_else(|| TEXT_FIELDS.join(", or "), shown_text);
            bail!("no record has a field {fields}: name the one with the text by --text-field");
        }
        let name = name(config, input);
        if !config.quiet {
            if let Some((record, what)) = self.malformed.take() {
                let more = match passed.malformed - 1 {
                    0 => String::new(),
                    more => format!(", and {more} more such"),
                };
                self.warnings
                    .push(format!("tikrar: warning: {name}: record {record} is passed through as it is: {what}{more}"));
            }
            if let Some(passed) = without_text(&self.account.passed) {
                let what =
                    format!("{name}: {passed} of {} have no text and pass as they are", count(records, "record"));
                let (of, field) = (self.account.documents == 0, self.text_field.as_deref().unwrap_or_default());
                let none = if of {
                    format!("; it is looked for in {}, which --text-field changes", shown_text(field))
                } else {
                    String::new()
                };
                self.warnings.push(format!("tikrar: warning: {what}{none}"));
            }
            let damaged = self.account.damaged_bytes;
            if damaged > 0 {
                let are = if damaged == 1 { "is" } else { "are" };
                self.warnings.push(format!(
                    "tikrar: warning: {name}: {} of its texts {are} not UTF-8; left as they are, and equal only to themselves",
                    count(damaged, "byte")
                ));
            }
        }
        let account = std::mem::take(&mut self.account);
        let (format, text_field) = (format.name().to_owned(), self.text_field.take());
        Ok(FileAccount { file: name, format, text_field, milliseconds: None, account })
    }
}
