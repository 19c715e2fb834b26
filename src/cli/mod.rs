//! The command line: each subcommand wires the rooms of the library together.

mod annotate;
mod args;
mod batch;
mod check;
mod clean;
mod completions;
mod config;
mod corpus;
mod counted;
mod decide;
mod diff;
mod earlier;
mod engine;
mod examiners;
mod explain;
mod feed;
mod find;
mod fold;
mod index;
mod known;
mod man;
mod names;
mod notes;
mod place;
mod progress;
mod records;
mod reports;
mod restore;
mod signals;
mod since;
mod size;

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::CommandFactory as _;
use progress::say;
use signals::leave_nothing_unfinished;

/// What a run has come to so far. The greatest holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    /// Nothing found, or the work is done.
    #[default]
    Fine,
    /// Copies were found.
    Found,
    /// Something went wrong.
    Failed,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(status as u8)
    }
}

/// Runs the program with these arguments, the program's name first.
#[must_use]
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = args::with_long_in_place(arguments).collect();
    let matches = match args::Arguments::command().try_get_matches_from(&arguments) {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version are no errors, and a closed pipe is none either.
            return match error.print() {
                Err(failed) if failed.kind() != io::ErrorKind::BrokenPipe => {
                    say(format_args!("tikrar: cannot be told: {failed}"));
                    Status::Failed.into()
                }
                _ => ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Status::Failed as u8)),
            };
        }
    };
    leave_panics_of_decoders_unsaid();
    if let Err(error) = signals::fail_at_the_limit_of_a_file() {
        say(format_args!("tikrar: signals can't be taken: {error}"));
        return Status::Failed.into();
    }
    let mut status = Status::default();
    let completed = config::complete(arguments, matches);
    if let Err(error) = completed.and_then(|(command, shown)| dispatch(command, shown, &mut status)) {
        if is_broken_pipe(&error) {
            return status.into();
        }
        say(format_args!("tikrar: {error:#}"));
        return Status::Failed.into();
    }
    status.into()
}

fn dispatch(command: args::Command, options: config::Options, status: &mut Status) -> Result<()> {
    match command {
        args::Command::Config(args::ConfigCommand::Show(check)) => config::show(check, &options),
        args::Command::Clean(clean) => clean::run(clean, status),
        args::Command::Diff(look) => diff::run(look, status),
        args::Command::Check(look) => check::run(look, status),
        args::Command::Explain(explain) => explain::run(explain, status),
        args::Command::Fold(fold) => fold::run(fold, status),
        args::Command::Keys(given) => engine::keys(given, status),
        args::Command::Drop(given) => engine::drop(given, status),
        args::Command::Restore(restore) => restore::run(restore, status),
        args::Command::Index(index) => index::run(index, status),
        args::Command::Completions(completions) => completions::run(&completions),
        args::Command::Man(man) => man::run(&man),
    }
}

/// What is wrong with the bytes of a `tikrar.toml` in this folder, in words. The program alone needs such files; this is for those
/// who put the reading of them to the test.
///
/// # Errors
/// Something is.
#[doc(hidden)]
pub fn check_options_file(folder: &Path, bytes: Vec<u8>) -> Result<(), String> {
    config::check_file(folder, bytes).map_err(|error| format!("{error:#}"))
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe))
}

/// A decoder that panics on a damaged file is told of as an error of the file.
fn leave_panics_of_decoders_unsaid() {
    #[cfg(any(feature = "index", feature = "parquet"))]
    {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !crate::guard::is_guarded() {
                before(info);
            }
        }));
    }
}
