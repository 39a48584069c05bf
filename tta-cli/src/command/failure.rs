//! Errors of commands.

use std::io;
use std::path::PathBuf;

/// The reason why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// A file's content is not what the command expects.
    #[error("{}: {source}", path.display())]
    Document { path: PathBuf, source: crate::document::DocumentError },
    /// A file or folder cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    /// Standard output is closed or broken.
    #[error("cannot write the output: {0}")]
    Output(io::Error),
    /// An installed program cannot be started.
    #[error("cannot run {program}: {source}")]
    Spawn { program: &'static str, source: io::Error },
    /// Signal handlers cannot be installed.
    #[error("cannot handle signals: {0}")]
    Signal(io::Error),
    /// Nothing was given or found to work on.
    #[error("{0}")]
    NothingToDo(&'static str),
    /// The metrics of a program cannot be fetched.
    #[error("cannot read {url}: {reason}")]
    Fetch { url: String, reason: String },
    /// A program does not expose the view that lists functions.
    #[error(
        "{url} does not expose the view `tta`, which lists functions; start the program with TTA_METRICS_VIEW=tta,{view}"
    )]
    View { url: String, view: &'static str },
    /// The client of `tta mcp` does not speak the protocol.
    #[error("the client broke the protocol: {0}")]
    Protocol(String),
    /// A program does not answer `tta top`; the text says which, and why.
    #[error("{0}")]
    NoAnswer(String),
    /// The terminal cannot be used.
    #[error("cannot use the terminal: {0}")]
    Terminal(io::Error),
    /// A Pushgateway did not accept the metrics.
    #[error("cannot push to {url}: {reason}")]
    Push { url: String, reason: String },
}
