//! What `clean` says at the end.

use std::ops::Range;

use super::annotate::Annotated;
use super::{progress, say};
use crate::config::Config;
use crate::corpus::{Boilerplate, Examined, Gone, Repairs};
use crate::cut;
use crate::report::Repetition;
use crate::report::account::Account;
use crate::report::text::count;

/// What was removed, said at the end.
#[derive(Default)]
pub(super) struct Notes {
    lines: Vec<String>,
    blocks: u64,
    pub(super) units: u64,
    pub(super) removed: u64,
    /// The number of documents that something was removed from.
    pub(super) documents: u64,
    /// The units that were repaired, those whose quotation marks were left, and others that were left.
    pub(super) repaired: u64,
    unpaired: u64,
    unrepaired: u64,
    /// The documents that went as wholes, how many there were, and the number of their units.
    dropped: Vec<String>,
    dropped_documents: u64,
    pub(super) with_documents: u64,
    /// The units that went everywhere.
    pub(super) boilerplate: Vec<Boilerplate>,
    /// The unit that went most, how often at least, and where it stays.
    pub(super) most: Option<(u64, String)>,
}

/// What was found in a document.
pub(super) struct Found {
    units: u64,
    copies: u64,
    near: u64,
    kept: u64,
    blocks: Vec<Repetition>,
    /// Of each unit that goes why it does, if that is to be told.
    pub(super) gone: Vec<Gone>,
    /// What is added to the record, if something is.
    pub(super) annotated: Option<Annotated>,
    /// What is repaired in what stays.
    pub(super) repairs: Repairs,
}

impl Found {
    /// What was found in a document of which these stretches go.
    pub(super) fn of(examined: &Examined, cuts: &[Range<u64>]) -> Found {
        Found {
            units: examined.units.len() as u64,
            copies: examined.plan.copies() as u64,
            near: examined.near_copies() as u64,
            kept: cut::kept(&examined.units, cuts),
            blocks: examined.plan.blocks().map(|block| Repetition::of(examined, block)).collect(),
            gone: Vec::new(),
            annotated: None,
            repairs: Repairs::default(),
        }
    }

    /// What is to be added to the accounts. What stays is counted by what is written, not by what was planned.
    pub(super) fn account(&self) -> Account {
        let Found { units, copies, near, kept, ref blocks, ref repairs, .. } = *self;
        let mut account = Account { units, copies, near, kept, blocks: blocks.len() as u64, ..Account::default() };
        repairs.count(&mut account);
        account
    }
}

/// The most blocks, or files, that are named.
pub(super) const NAMED: usize = 10;

impl Notes {
    /// Adds what was removed from a document by itself.
    pub(super) fn add(&mut self, name: impl Fn() -> String, found: &Found) {
        self.units += found.units;
        self.count_repairs(&found.account());
        if found.copies == 0 {
            return;
        }
        self.documents += 1;
        self.removed += found.copies;
        progress::add_copies(found.copies);
        for block in &found.blocks {
            self.add_block(|| format!("{}: {block}", name()));
        }
    }

    /// Adds what was removed elsewhere, later.
    pub(super) fn merge(&mut self, later: Notes) {
        self.units += later.units;
        self.removed += later.removed;
        self.documents += later.documents;
        self.blocks += later.blocks;
        self.repaired += later.repaired;
        self.unpaired += later.unpaired;
        self.unrepaired += later.unrepaired;
        let room = NAMED - self.lines.len();
        self.lines.extend(later.lines.into_iter().take(room));
    }

    /// Adds a block, to be named by this line if it is one of the first.
    pub(super) fn add_block(&mut self, line: impl FnOnce() -> String) {
        self.blocks += 1;
        if self.lines.len() < NAMED {
            self.lines.push(line());
        }
    }

    /// Adds a document that went as a whole, to be named by this line if it is one of the first.
    pub(super) fn add_dropped(&mut self, line: impl FnOnce() -> String) {
        self.dropped_documents += 1;
        if self.dropped.len() < NAMED {
            self.dropped.push(line());
        }
    }

    /// Adds what was repaired.
    pub(super) fn count_repairs(&mut self, account: &Account) {
        self.repaired += account.repaired;
        self.unpaired += account.unpaired;
        self.unrepaired += account.unrepaired;
    }

    /// How many units go, for whatever reason.
    pub(super) fn gone(&self) -> u64 {
        self.removed + self.with_documents + self.boilerplate.iter().map(|of| of.removed).sum::<u64>()
    }

    /// The number of blocks.
    pub(super) fn blocks(&self) -> u64 {
        self.blocks
    }

    /// Says it all.
    pub(super) fn finish(self, config: &Config) {
        // Of a sample the numbers of records are not those of the file, and the estimate says the rest.
        if config.quiet || config.records.sample.is_some() {
            return;
        }
        let repairs = config.repair.map(|_| self.of_repairs(config));
        self.say_removed(config);
        repairs.iter().for_each(say);
    }

    /// What there is to say of repairs.
    fn of_repairs(&self, config: &Config) -> String {
        let repaired = if config.dry_run { "would repair" } else { "repaired" };
        let unit = unit_name(config);
        let mut said = format!("{repaired} {} of {}", self.repaired, count(self.units, unit));
        if self.unpaired > 0 {
            let of = count(self.unpaired, unit);
            said.push_str(&format!("; the quotation marks of {of} do not pair and stay as they are"));
        }
        if self.unrepaired > 0 {
            let (of, stay) = (count(self.unrepaired, unit), if self.unrepaired == 1 { "stays" } else { "stay" });
            said.push_str(&format!(
                "; {of} more {stay}: mended, it would be another text, or could not be written there"
            ));
        }
        said
    }

    fn say_removed(self, config: &Config) {
        if self.removed == 0 && self.dropped.is_empty() && self.boilerplate.is_empty() {
            return;
        }
        let annotates = config.records.annotate.is_some();
        let left_out = if annotates { "annotated" } else { "left out" };
        for Boilerplate { text, documents, removed, .. } in self.boilerplate.iter().take(NAMED) {
            say(format_args!("in {}, {} {left_out}: {text}", count(*documents, "document"), count(*removed, "time")));
        }
        let more = self.blocks - self.lines.len() as u64;
        let everywhere: u64 = self.boilerplate.iter().map(|of| of.removed).sum();
        let mut lines = self.lines.clone();
        if more > 0 {
            lines.push(format!("and {} more", count(more, "block")));
        }
        lines.extend(self.dropped.iter().cloned());
        let more = self.dropped_documents - self.dropped.len() as u64;
        if more > 0 {
            lines.push(format!("and {} more", count(more, "document")));
        }
        let unit = unit_name(config);
        let removed = match (config.dry_run, annotates) {
            (false, false) => "removed",
            (true, false) => "would remove",
            (false, true) => "annotated",
            (true, true) => "would annotate",
        };
        let (blocks, documents) = (count(self.blocks, "block"), count(self.documents, "document"));
        let mut end = format!("{removed} {} of {}, {blocks} in {documents}", self.removed, count(self.units, unit));
        if self.dropped_documents > 0 {
            let (units, documents) = (self.with_documents, count(self.dropped_documents, "whole document"));
            let left_out = if config.dry_run { "would leave out" } else { "left out" };
            end = match self.removed {
                0 => format!("{left_out} {units} of {} with {documents}", count(self.units, unit)),
                _ => format!("{end}, and {} with {documents}", count(units, unit)),
            };
        }
        if everywhere > 0 {
            end.push_str(&format!(", and {} of boilerplate", count(everywhere, unit)));
        }
        lines.push(end);
        say(lines.join("\n"));
        // What a machine has written everywhere is another thing than paragraphs that were said again.
        if let Some((count, of)) = self.most.filter(|(count, _)| self.removed >= REMARKABLE && 2 * count > self.removed)
        {
            let copies = self.removed;
            say(format_args!("tikrar: warning: at least {count} of the {copies} copies are of one {unit}: {of}"));
        }
    }
}

/// What the units of a run are called.
fn unit_name(config: &Config) -> &'static str {
    if config.overrides.change_units() { "unit" } else { config.compare.unit.name() }
}

/// So few copies may well be of one unit.
const REMARKABLE: u64 = 100;
