//! What `clean` says at the end.

use super::say;
use crate::config::Config;
use crate::corpus::Examined;
use crate::report::Repetition;
use crate::report::check::count;

/// What was removed, said at the end.
#[derive(Default)]
pub(super) struct Notes {
    lines: Vec<String>,
    blocks: u64,
    pub(super) units: u64,
    pub(super) removed: u64,
    /// The number of documents that something was removed from.
    pub(super) documents: u64,
}

/// The most blocks that are named.
const NAMED: usize = 10;

impl Notes {
    /// Adds what was removed from a document by itself.
    pub(super) fn add(&mut self, name: &str, examined: &Examined) {
        self.units += examined.units.len() as u64;
        let copies = examined.plan.copies() as u64;
        if copies == 0 {
            return;
        }
        self.documents += 1;
        self.removed += copies;
        for block in examined.plan.blocks() {
            self.add_block(|| format!("{name}: {}", Repetition::of(examined, block)));
        }
    }

    /// Adds a block, to be named by this line if it is one of the first.
    pub(super) fn add_block(&mut self, line: impl FnOnce() -> String) {
        self.blocks += 1;
        if self.lines.len() < NAMED {
            self.lines.push(line());
        }
    }

    pub(super) fn finish(self, config: &Config) {
        if config.quiet || self.removed == 0 {
            return;
        }
        let more = self.blocks - self.lines.len() as u64;
        let mut text = self.lines.join("\n");
        if more > 0 {
            text.push_str(&format!("\nand {} more", count(more, "block")));
        }
        let unit = config.compare.unit.name();
        let (blocks, documents) = (count(self.blocks, "block"), count(self.documents, "document"));
        text.push_str(&format!("\nremoved {} of {}, {blocks} in {documents}", self.removed, count(self.units, unit)));
        say(text);
    }
}
