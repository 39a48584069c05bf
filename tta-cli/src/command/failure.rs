//! Why a command could not do its work.

use std::io;
use std::path::PathBuf;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// A file is not what its name says.
    #[error("{}: {source}", path.display())]
    Document { path: PathBuf, source: crate::document::DocumentError },
    /// A file or folder cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    /// What was computed cannot be printed.
    #[error("cannot write the output: {0}")]
    Output(io::Error),
    /// A program is installed and does not run.
    #[error("cannot run {program}: {source}")]
    Spawn { program: &'static str, source: io::Error },
    /// The signals that end the command cannot be listened to.
    #[error("cannot listen to signals: {0}")]
    Signal(io::Error),
    /// There is nothing to work on.
    #[error("{0}")]
    NothingToDo(&'static str),
    /// A program does not show its metrics.
    #[error("cannot read {url}: {reason}")]
    Fetch { url: String, reason: String },
    /// A program shows its numbers under names that do not tell functions.
    #[error(
        "{url} shows no names of the view `tta`, by which functions are listed; start the program with TTA_METRICS_VIEW=tta,{view}"
    )]
    View { url: String, view: &'static str },
    /// A Pushgateway did not take the metrics.
    #[error("cannot push to {url}: {reason}")]
    Push { url: String, reason: String },
}
