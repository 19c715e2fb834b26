//! `tikrar check`: the copies, listed.

use anyhow::Result;

use super::{Status, args, find};
use crate::report::ReportKind;

pub(super) fn run(arguments: args::Find, status: &mut Status) -> Result<()> {
    find::run(&arguments.resolve(ReportKind::Text)?, status)
}
