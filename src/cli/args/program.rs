//! `tikrar completions` and `tikrar man` as they are given: what is made of the program's own definition.

use clap::Args;
use clap_complete::Shell;

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  tikrar completions bash > ~/.local/share/bash-completion/completions/tikrar
  tikrar completions zsh > ~/.zfunc/_tikrar
  tikrar completions fish > ~/.config/fish/completions/tikrar.fish";

pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  tikrar man | man -l -
  tikrar man clean | man -l -
  tikrar man index merge > ~/.local/share/man/man1/tikrar-index-merge.1";

#[derive(Debug, Args)]
pub(in super::super) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub(in super::super) shell: Shell,
}

#[derive(Debug, Args)]
pub(in super::super) struct Man {
    /// The command that the page is of, as in clean, or index merge; none means tikrar as a whole
    #[arg(value_name = "COMMAND")]
    pub(in super::super) command: Vec<String>,
}
