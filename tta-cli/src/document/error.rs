//! Why a file cannot be read.

/// Why a file cannot be read as one with queries.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// The file is not what its name says.
    #[error("{0}")]
    Syntax(String),
    /// The file's name says neither.
    #[error(
        "neither rules nor a dashboard; the name of a file with rules ends in `.yml` or `.yaml`, that of a dashboard in `.json`"
    )]
    Kind,
    /// The file is JSON, and has no panel.
    #[error("no dashboard: it has no panel; a dashboard has a list of `panels`, or `elements` in the schema with tabs")]
    NoPanel,
}
