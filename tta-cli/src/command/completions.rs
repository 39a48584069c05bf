//! `tta completions`: prints a completion script for a shell.

use clap::Args;

use super::failure::Failure;
use super::output::Output;
use super::verdict::Verdict;

const EXAMPLES: &str = "\
Examples:
  tta completions bash > ~/.local/share/bash-completion/completions/tta
  tta completions zsh > ~/.zfunc/_tta
  tta completions fish > ~/.config/fish/completions/tta.fish";

/// Prints a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

impl Completions {
    pub(super) fn run(self, mut command: clap::Command) -> Result<Verdict, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "tta", &mut script);
        let mut output = Output::default();
        output.text(String::from_utf8_lossy(&script));
        output.finish()?;
        Ok(Verdict::Clean)
    }
}
