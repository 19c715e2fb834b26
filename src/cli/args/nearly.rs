//! Copies that are only nearly the same, as they are given.

use std::str::FromStr as _;

use anyhow::{Result, bail};
use clap::Args;

use crate::near::{Near, Threshold};

#[derive(Debug, Args)]
#[command(next_help_heading = "What counts as a copy")]
pub(in super::super) struct Nearly {
    /// Take a unit for a copy of an earlier one too that is nearly the same: at least this share of their words in common, in
    /// the same order, as in 0.9 or 90%
    ///
    /// Only where no fact can differ: all words have to be the same, but for those that only connect (`also`, `that`), and sets
    /// of words that may stand for each other (`said`, `announced`); so have numbers, names and negations, and their order. Units
    /// of fewer than 10 words are left alone. SHARE is at least 0.7. What is found so is reported by another name, near-copy, and
    /// with the words that differ.
    #[arg(long, value_name = "SHARE", value_parser = Threshold::from_str)]
    near: Option<Threshold>,
    /// With --near, let any words differ: numbers, names and negations too
    ///
    /// Look at what would go before it does: texts about two days, two men or two matches may differ in one word.
    #[arg(long)]
    unguarded: bool,
}

impl Nearly {
    /// When a unit is a copy of one that is nearly the same.
    pub(super) fn near(&self) -> Result<Option<Near>> {
        if self.unguarded && self.near.is_none() {
            bail!("--unguarded is about near copies: give --near with it");
        }
        Ok(self.near.map(|threshold| Near { threshold, guarded: !self.unguarded }))
    }
}
