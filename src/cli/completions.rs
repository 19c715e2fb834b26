//! `tikrar completions`: command lines completed by a shell, made of the definition of the command line.

use std::io::{self, Write as _};

use anyhow::Result;
use clap::CommandFactory as _;

use super::args;
use super::batch::writing;

pub(super) fn run(arguments: &args::Completions) -> Result<()> {
    let mut command = args::Arguments::command();
    let name = command.get_name().to_owned();
    // At first into memory: what makes it takes an output that can't be written for a fault of the program.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    let mut out = io::stdout().lock();
    writing(out.write_all(&script).and_then(|()| out.flush()))
}
