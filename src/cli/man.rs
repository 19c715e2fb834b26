//! `tikrar man`: manual pages, made of the definition of the command line.

use std::io::{self, Write};

use anyhow::{Result, bail};
use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use super::args;
use super::batch::writing;

pub(super) fn run(arguments: &args::Man) -> Result<()> {
    let mut command = args::Arguments::command();
    // Which is when the commands below get their full names, and the options that all have.
    command.build();
    for name in &arguments.command {
        let Some(below) = command.find_subcommand(name) else {
            let known: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
            let of = command.get_bin_name().unwrap_or("tikrar");
            match known.is_empty() {
                true => bail!("{of} has no commands of its own, and so no '{name}'"),
                false => bail!("{of} has no command '{name}': its commands are {}", known.join(", ")),
            }
        };
        command = below.clone();
    }
    let mut page = Vec::new();
    writing(write(command, &mut page))?;
    let mut out = io::stdout().lock();
    writing(out.write_all(&page).and_then(|()| out.flush()))
}

/// A manual page. What stands behind the options in the help has its own sections, by its headings.
fn write(command: Command, out: &mut dyn Write) -> io::Result<()> {
    let behind = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let (has_commands, has_version) = (command.has_subcommands(), command.get_version().is_some());
    let man = Man::new(command).source(concat!("tikrar ", env!("CARGO_PKG_VERSION")));
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    if has_commands {
        man.render_subcommands_section(out)?;
    }
    for section in behind.split("\n\n").filter(|section| !section.is_empty()) {
        let (heading, lines) = section.split_once(":\n").unwrap_or(("More", section));
        writeln!(out, ".SH {}\n.nf", heading.to_uppercase())?;
        for line in lines.lines() {
            writeln!(out, "{}", literally(line.strip_prefix("  ").unwrap_or(line)))?;
        }
        writeln!(out, ".fi")?;
    }
    if has_version { man.render_version_section(out) } else { Ok(()) }
}

/// A line that roff takes for what it is.
fn literally(line: &str) -> String {
    let line = line
        .replace('\\', "\\e")
        .replace('-', "\\-")
        .replace('\'', "\\(aq")
        .replace('^', "\\(ha")
        .replace('~', "\\(ti");
    if line.starts_with('.') { format!("\\&{line}") } else { line }
}
