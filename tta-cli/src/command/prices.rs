//! `tta prices`: says whether a program would take a price file.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, Verdict};

const EXAMPLES: &str = "\
Examples:
  tta prices prices.json
      Says for how many models the file has prices, or which entry is wrong; for CI, before a program gets it as TTA_PRICES_FILE.

The format is that of LiteLLM's model_prices_and_context_window.json.";

/// Checks a price file in LiteLLM's format
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Prices {
    /// The file
    file: PathBuf,
}

impl Prices {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        // A file that is not there says nothing about prices.
        std::fs::File::open(&self.file).map_err(|source| Failure::Read { path: self.file.clone(), source })?;
        match tta_runtime::llm::reload_prices(&self.file) {
            Ok(models) => {
                println!("{}: prices of {models} models", self.file.display());
                Ok(Verdict::Clean)
            }
            Err(error) => {
                println!("{}: {error}", self.file.display());
                Ok(Verdict::Found)
            }
        }
    }
}
