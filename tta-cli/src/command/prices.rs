//! `tta prices`: checks whether a program would accept a price file.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::output::Output;
use super::verdict::Verdict;

const EXAMPLES: &str = "\
Examples:
  tta prices prices.json
      Prints how many models the file has prices for, or which entry is wrong: for CI, before a program reads it as TTA_PRICES_FILE.

The format is that of LiteLLM's model_prices_and_context_window.json.";

/// Checks a price file in LiteLLM's format
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Prices {
    /// The price file
    file: PathBuf,
}

impl Prices {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        // A missing file is a failure of the command, not a mistake in prices.
        std::fs::File::open(&self.file).map_err(|source| Failure::Read { path: self.file.clone(), source })?;
        let mut output = Output::default();
        let verdict = match tta_runtime::llm::reload_prices(&self.file) {
            Ok(models) => {
                output.line(format_args!("{}: prices of {models} models", self.file.display()));
                Verdict::Clean
            }
            Err(error) => {
                output.line(format_args!("{}: {error}", self.file.display()));
                Verdict::Found
            }
        };
        output.finish()?;
        Ok(verdict)
    }
}
