//! `tikrar diff`: what would go, as a unified diff.

use anyhow::Result;

use super::{Status, args, find};

pub(super) fn run(arguments: args::Diff, status: &mut Status) -> Result<()> {
    find::run(&arguments.resolve()?, status)
}
