//! Why a price file was refused.

use std::path::PathBuf;

/// Why a price file was refused; the prices in force stay as they were.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PricesError {
    /// The file cannot be read.
    #[error("cannot read the price file `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The file is no JSON object.
    #[error("the price file `{}` is malformed: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        reason: String,
    },
    /// A model's entry cannot be used.
    #[error("the price file `{}` has a wrong entry: `{model}`{} {reason}", path.display(), in_field(field))]
    Refused {
        /// The file.
        path: PathBuf,
        /// The key of the entry.
        model: String,
        /// The field, empty where it is the entry itself.
        field: String,
        /// What is wrong, and what to write.
        reason: String,
    },
    /// No entry of the file has a price per token.
    #[error("the price file `{}` has no model with a price per token, such as `input_cost_per_token`", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file has less than half of the models that the one before it had: it is likely cut off.
    #[error("the price file `{}` has {models} models, less than half of the {before} before", path.display())]
    Shrunken {
        /// The file.
        path: PathBuf,
        /// Models with a price per token in it.
        models: usize,
        /// Models with a price per token in the file in force.
        before: usize,
    },
    /// Prices were to be read again, and none had been read from a file.
    #[error(
        "no price file is in force; name one with `TTA_PRICES_FILE`, `Builder::prices_file` or `llm::reload_prices`"
    )]
    NoFile,
}

fn in_field(field: &str) -> String {
    if field.is_empty() { String::new() } else { format!(" has `{field}`, which") }
}
