//! `tikrar diff`: what would go, as a unified diff.

use anyhow::Result;

use super::{Status, args, find};
use crate::report::ReportKind;

pub(super) fn run(arguments: args::Find, status: &mut Status) -> Result<()> {
    find::run(&arguments.resolve(ReportKind::Unified)?, status)
}
