//! The error of a price file that is rejected.

use std::path::PathBuf;

/// The reason that a price file is rejected; the prices in force stay unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PricesError {
    /// The file cannot be read.
    #[error("cannot read the price file `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The file is not a JSON object.
    #[error("the price file `{}` is malformed: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The parser's error, with line and column.
        reason: String,
    },
    /// The entry of a model is invalid.
    #[error("the price file `{}` has an invalid entry: `{model}`{} {reason}", path.display(), in_field(field))]
    Refused {
        /// The file.
        path: PathBuf,
        /// The key of the entry, which names the model.
        model: String,
        /// The invalid field, empty if the entry itself is invalid.
        field: String,
        /// The reason, and what to write instead.
        reason: String,
    },
    /// A key occurs twice in one object, so that it is not clear which value applies.
    #[error("the price file `{}` has the key `{key}` twice, again at line {line}", path.display())]
    DuplicateKey {
        /// The file.
        path: PathBuf,
        /// The keys from the model to the duplicate.
        key: String,
        /// The line of the second occurrence, from 1.
        line: usize,
    },
    /// A number is not 0, and too small to be read as anything else.
    #[error("the price file `{}` has `{number}` for `{key}` at line {line}, too small to be a price", path.display())]
    Underflow {
        /// The file.
        path: PathBuf,
        /// The keys from the model to the number.
        key: String,
        /// The line, from 1.
        line: usize,
        /// The number as it is written.
        number: String,
    },
    /// No entry of the file has a price per token.
    #[error("the price file `{}` has no model with a price per token, such as `input_cost_per_token`", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file has less than half of the models of the file in force: it is probably truncated.
    #[error("the price file `{}` has {models} models, less than half of the {before} before", path.display())]
    Shrunken {
        /// The file.
        path: PathBuf,
        /// The number of models with a price per token in the file.
        models: usize,
        /// The number of models with a price per token in the file in force.
        before: usize,
    },
    /// No price file is in force, so there is none to reload.
    #[error(
        "no price file is in force; name one with `TTA_PRICES_FILE`, `Builder::prices_file` or `llm::reload_prices`"
    )]
    NoFile,
}

/// Formats the field for an error message.
fn in_field(field: &str) -> String {
    if field.is_empty() { String::new() } else { format!(" has `{field}`, which") }
}
