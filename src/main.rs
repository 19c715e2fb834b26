//! The `tikrar` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    tikrar::cli::run(std::env::args_os())
}
