//! Errors of reading a file with queries.

/// The reason why a file cannot be read as rules or as a dashboard.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// The file's content does not match its extension.
    #[error("{0}")]
    Syntax(String),
    /// The file's extension is neither that of rules nor that of a dashboard.
    #[error("neither rules nor a dashboard; name a rule file `.yml` or `.yaml`, and a dashboard `.json`")]
    Kind,
    /// The file is JSON without a panel.
    #[error("not a dashboard: no panel found in `panels`, or in `elements` of the schema with tabs")]
    NoPanel,
}
