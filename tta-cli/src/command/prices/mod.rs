//! `tta prices`: checks whether a program would accept a price file, and compares prices.

mod diff;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::failure::Failure;
use super::output::Output;
use super::verdict::Verdict;

const EXAMPLES: &str = "\
Examples:
  tta prices prices.json
      Prints how many models the file has prices for, or which entry is wrong: for CI, before a program reads it as TTA_PRICES_FILE.
  tta prices diff bundled prices.json
      Prints the models whose prices in the file differ from those of the library, and by what factor.

The format is that of LiteLLM's model_prices_and_context_window.json.";

/// Checks a price file in LiteLLM's format, or compares prices
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Prices {
    #[command(subcommand)]
    command: Option<PricesCommand>,
    /// The price file
    #[arg(required = true)]
    file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum PricesCommand {
    Diff(diff::Diff),
}

impl Prices {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        match (self.command, self.file) {
            (Some(PricesCommand::Diff(diff)), _) => diff.run(),
            (None, file) => check(&file.unwrap_or_default()),
        }
    }
}

fn check(file: &Path) -> Result<Verdict, Failure> {
    // A missing file is a failure of the command, not a mistake in prices.
    std::fs::File::open(file).map_err(|source| Failure::Read { path: file.to_owned(), source })?;
    let mut output = Output::default();
    let verdict = match tta_runtime::llm::reload_prices(file) {
        Ok(models) => {
            output.line(format_args!("{}: prices of {models} models", file.display()));
            Verdict::Clean
        }
        Err(error) => {
            output.line(format_args!("{}: {error}", file.display()));
            Verdict::Found
        }
    };
    output.finish()?;
    Ok(verdict)
}
