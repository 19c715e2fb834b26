//! A baseline: findings that are known already, in a file, by what is said in them and not by where it stands.
//!
//! The file is JSON Lines: a first line with the version of the format, that of the keys, and what overrides compare otherwise, then a line for each fingerprint,
//! by file and fingerprint, so that it is the same for the same findings and what changes in it can be read in a diff. It
//! has no totals, so that lines added on two sides are merged as any others. Where a fingerprint stands on two lines, as
//! it may behind a merge, the greater number holds.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Finding, escaped, shown_name};
use crate::key::{Key, KeyVersion};
use crate::sink::FileName;

/// The version of the format.
const VERSION: u32 = 1;

/// Findings that are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// The version of the keys that the fingerprints are made of.
    keys: String,
    /// The overrides under which they were made, in words, as far as they change what is compared.
    overrides: Vec<String>,
    entries: BTreeMap<Key, Entry>,
}

/// Findings with one fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How many there are.
    pub count: u32,
    /// The file of the first of them, by its path from the folder that the baseline lies in; none of standard input without a
    /// name.
    pub file: Option<FileName>,
    /// How they start.
    pub excerpt: String,
}

/// Why a file is no baseline for a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    /// It does not begin as one.
    #[error("line 1: this is no baseline: {0}; --update-baseline makes one, in a file that is not there yet")]
    NotOne(String),
    /// A later version of the program has written it.
    #[error(
        "line 1: it is a baseline in version {0} of the format, and this tikrar knows version {VERSION}: take a later tikrar"
    )]
    LaterVersion(u32),
    /// It is in the middle of a merge.
    #[error(
        "line {0}: a merge conflict is not resolved: take the lines of both sides and delete the marks; then --update-baseline \
         sets it right"
    )]
    Conflict(usize),
    /// A line is not what it should be.
    #[error(
        "line {line}: {reason}: restore the file as version control has it, or delete it and make it anew by --update-baseline"
    )]
    Line {
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// Its fingerprints are of another kind.
    #[error(
        "its fingerprints are of other keys ({}), so it knows none of these findings: give the same options as then, or make \
         it anew by --update-baseline", Differences { theirs, ours }
    )]
    OtherKeys {
        /// The version of its keys.
        theirs: String,
        /// That of the run.
        ours: String,
    },
    /// It was made where other overrides held.
    #[error(
        "it was made under other overrides of tikrar.toml ({}), so some of these findings would be new, and some of its own gone: \
         set them as they were then, or make it anew by --update-baseline", OtherOverrides { theirs, ours }
    )]
    OtherOverrides {
        /// Its overrides.
        theirs: Vec<String>,
        /// Those of the run.
        ours: Vec<String>,
    },
}

/// The first overrides that differ.
struct OtherOverrides<'a> {
    theirs: &'a [String],
    ours: &'a [String],
}

impl fmt::Display for OtherOverrides<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let same = self.theirs.iter().zip(self.ours).take_while(|(theirs, ours)| theirs == ours).count();
        let shown = |overrides: &[String]| {
            let one = overrides.get(same).map(|one| shown_name(Path::new(one)));
            one.unwrap_or_else(|| if same == 0 { "none" } else { "no more" }.to_owned())
        };
        write!(f, "{} there, {} here", shown(self.theirs), shown(self.ours))
    }
}

/// In what the versions of keys differ, as in `level loose there, typography here`.
struct Differences<'a> {
    theirs: &'a str,
    ours: &'a str,
}

impl fmt::Display for Differences<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (theirs, ours): (Vec<&str>, Vec<&str>) =
            (self.theirs.split(", ").collect(), self.ours.split(", ").collect());
        if theirs.len() != ours.len() {
            return write!(f, "{} there, {} here", self.theirs.escape_debug(), self.ours);
        }
        let mut differing = theirs.iter().zip(&ours).filter(|(theirs, ours)| theirs != ours);
        let first = differing.next().map(|(theirs, ours)| format!("{} there, {ours} here", theirs.escape_debug()));
        f.write_str(&first.unwrap_or_default())?;
        differing.try_for_each(|(theirs, ours)| write!(f, "; {} there, {ours} here", theirs.escape_debug()))
    }
}

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head {
    tikrar_baseline: u32,
    keys: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    overrides: Vec<String>,
}

/// Any other line.
#[derive(Serialize, Deserialize)]
struct Line {
    fingerprint: String,
    count: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<FileName>,
    #[serde(default)]
    excerpt: String,
}

/// What has changed from one baseline to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// How many findings are known that were not.
    pub added: u64,
    /// How many are known no longer.
    pub dropped: u64,
}

impl Baseline {
    /// One that knows nothing, of keys of this version, where these overrides change what is compared.
    #[must_use]
    pub fn new(keys: KeyVersion, overrides: Vec<String>) -> Baseline {
        Baseline { keys: keys.to_string(), overrides, entries: BTreeMap::new() }
    }

    /// What a file says.
    ///
    /// # Errors
    /// It is no baseline, is damaged, or is in the middle of a merge.
    pub fn parse(text: &[u8]) -> Result<Baseline, BaselineError> {
        let mut lines = text.split(|&byte| byte == b'\n').enumerate().map(|(at, line)| (at + 1, line.trim_ascii()));
        let (_, first) = lines.next().unwrap_or_default();
        refuse_conflict(1, first)?;
        if first.is_empty() {
            let what = if text.trim_ascii().is_empty() { "it is empty" } else { "its first line is empty" };
            return Err(BaselineError::NotOne(what.to_owned()));
        }
        let head = serde_json::from_slice::<serde_json::Value>(first).ok();
        let version = head.as_ref().and_then(|head| head.get("tikrar_baseline")?.as_u64());
        if let Some(later) =
            version.and_then(|version| u32::try_from(version).ok()).filter(|version| *version > VERSION)
        {
            return Err(BaselineError::LaterVersion(later));
        }
        let Some(Head { keys, overrides, .. }) = head.and_then(|head| serde_json::from_value(head).ok()) else {
            return Err(BaselineError::NotOne("there is no {\"tikrar_baseline\":…,\"keys\":…} on it".to_owned()));
        };
        let mut entries: BTreeMap<Key, Entry> = BTreeMap::new();
        for (number, line) in lines.filter(|(_, line)| !line.is_empty()) {
            refuse_conflict(number, line)?;
            let wrong = |reason: String| BaselineError::Line { line: number, reason };
            let Line { fingerprint, count, file, excerpt } = serde_json::from_slice(line).map_err(|error| {
                let what = if error.is_eof() { "is cut off" } else { "is no line of a baseline" };
                wrong(format!("it {what} ({error})"))
            })?;
            let is_hash = fingerprint.len() == 32 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit());
            let hash = u128::from_str_radix(&fingerprint, 16).ok().filter(|_| is_hash);
            let hash =
                Key::from(hash.ok_or_else(|| wrong("its fingerprint is none of 32 hexadecimal digits".to_owned()))?);
            if count == 0 {
                return Err(wrong("its count is 0".to_owned()));
            }
            let entry = entries.entry(hash).or_insert(Entry { count, file, excerpt });
            entry.count = entry.count.max(count);
        }
        Ok(Baseline { keys, overrides, entries })
    }

    /// Refuses fingerprints of keys of another version than those of this run, or that were made under other overrides.
    ///
    /// # Errors
    /// They are.
    pub fn refuse_other_keys(&self, ours: &Baseline) -> Result<(), BaselineError> {
        if self.keys != ours.keys {
            return Err(BaselineError::OtherKeys { theirs: self.keys.clone(), ours: ours.keys.clone() });
        }
        if self.overrides != ours.overrides {
            let (theirs, ours) = (self.overrides.clone(), ours.overrides.clone());
            return Err(BaselineError::OtherOverrides { theirs, ours });
        }
        Ok(())
    }

    /// How many findings with this hash are known.
    #[must_use]
    pub fn count(&self, hash: Key) -> u32 {
        self.entries.get(&hash).map_or(0, |entry| entry.count)
    }

    /// Takes in a finding of a file.
    pub fn add(&mut self, finding: &Finding, file: Option<FileName>) {
        let new = || Entry { count: 0, file, excerpt: finding.excerpt.clone() };
        self.entries.entry(finding.fingerprint.hash()).or_insert_with(new).count += 1;
    }

    /// How many findings it knows.
    #[must_use]
    pub fn findings(&self) -> u64 {
        self.entries.values().map(|entry| u64::from(entry.count)).sum()
    }

    /// Its entries of which fewer were found, as the file has them, and how many were.
    pub fn stale<'a>(&'a self, found: &'a Baseline) -> impl Iterator<Item = (&'a Entry, u32)> {
        let fewer = |(hash, entry): (Key, &'a Entry)| {
            let found = found.count(hash);
            (found < entry.count).then_some((entry, found))
        };
        self.sorted().into_iter().filter_map(fewer)
    }

    /// What has changed since an earlier one. Of other keys it is all of it.
    #[must_use]
    pub fn change_since(&self, earlier: &Baseline) -> Change {
        if self.keys != earlier.keys {
            return Change { added: self.findings(), dropped: earlier.findings() };
        }
        let more = |one: &Baseline, than: &Baseline| {
            let more = |(hash, entry): (&Key, &Entry)| u64::from(entry.count.saturating_sub(than.count(*hash)));
            one.entries.iter().map(more).sum()
        };
        Change { added: more(self, earlier), dropped: more(earlier, self) }
    }

    /// Writes the file.
    ///
    /// # Errors
    /// `out` can't be written.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let (keys, overrides) = (self.keys.clone(), self.overrides.clone());
        escaped::write(&Head { tikrar_baseline: VERSION, keys, overrides }, &mut *out)?;
        writeln!(out)?;
        for (hash, Entry { count, file, excerpt }) in self.sorted() {
            let (fingerprint, file, excerpt) = (hash.to_string(), file.clone(), excerpt.clone());
            escaped::write(&Line { fingerprint, count: *count, file, excerpt }, &mut *out)?;
            writeln!(out)?;
        }
        Ok(())
    }

    fn sorted(&self) -> Vec<(Key, &Entry)> {
        let mut entries: Vec<_> = self.entries.iter().map(|(hash, entry)| (*hash, entry)).collect();
        entries.sort_by(|(one, of_one), (other, of_other)| (&of_one.file, one).cmp(&(&of_other.file, other)));
        entries
    }
}

fn refuse_conflict(number: usize, line: &[u8]) -> Result<(), BaselineError> {
    const MARKS: [&[u8]; 4] = [b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>"];
    match MARKS.iter().any(|mark| line.starts_with(mark)) {
        true => Err(BaselineError::Conflict(number)),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Options;

    const HASH: &str = "b1ea7840a5fb7212d8dec3594188315a";

    fn ours() -> Baseline {
        Baseline::new(Options::default().key_version(), Vec::new())
    }

    fn head() -> String {
        format!("{{\"tikrar_baseline\":1,\"keys\":\"{}\"}}\n", Options::default().key_version())
    }

    fn line(count: u32) -> String {
        format!("{{\"fingerprint\":\"{HASH}\",\"count\":{count},\"file\":\"a.txt\",\"excerpt\":\"قال\"}}\n")
    }

    #[test]
    fn what_is_written_is_what_was_read() {
        let text = head() + &line(2);
        let baseline = Baseline::parse(text.as_bytes()).unwrap();
        assert_eq!(baseline.refuse_other_keys(&ours()), Ok(()));
        let mut written = Vec::new();
        baseline.write(&mut written).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), text);
        // As some editors and version control leave it.
        let otherwise = text.trim_end().replace('\n', "\r\n");
        assert_eq!(Baseline::parse(otherwise.as_bytes()).unwrap(), baseline);
    }

    #[test]
    fn of_lines_with_one_fingerprint_the_greater_number_holds() {
        let merged = head() + &line(2) + &line(3) + &line(1);
        assert_eq!(Baseline::parse(merged.as_bytes()).unwrap().findings(), 3);
    }

    #[test]
    fn what_is_no_baseline_is_refused_with_the_line() {
        let error = |text: &str| Baseline::parse(text.as_bytes()).unwrap_err().to_string();
        for (text, said) in [
            (String::new(), "line 1: this is no baseline: it is empty"),
            ("قال الوزير\n".to_owned(), "line 1: this is no baseline"),
            (head().replace(":1,", ":7,"), "version 7 of the format"),
            (head() + "<<<<<<< HEAD\n" + &line(1) + "=======\n", "line 2: a merge conflict"),
            ("<<<<<<< HEAD\n".to_owned() + &head(), "line 1: a merge conflict"),
            (head() + &line(1) + &line(1)[..40], "line 3: it is cut off"),
            (head() + &line(1).replace("b1", "+1"), "line 2: its fingerprint"),
            (head() + &line(0), "line 2: its count is 0"),
            (head() + "[]\n", "line 2: it is no line of a baseline"),
        ] {
            let error = error(&text);
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn other_keys_are_refused_with_what_differs() {
        let text = head().replace("typography", "loose").replace("min-words 10", "min-words 5");
        let error = Baseline::parse(text.as_bytes()).unwrap().refuse_other_keys(&ours());
        let said = error.unwrap_err().to_string();
        assert!(said.contains("(loose there, typography here; min-words 5 there, min-words 10 here)"), "{said}");
    }
}
