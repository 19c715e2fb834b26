//! `tikrar check`: the copies, listed.

use anyhow::Result;

use super::{Status, args, find};

pub(super) fn run(arguments: args::Check, status: &mut Status) -> Result<()> {
    find::run(&arguments.resolve()?, status)
}
