//! What blocks themselves say went wrong.

/// Why a block did not return an output.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlockError<E> {
    /// The work inside failed.
    #[error(transparent)]
    Inner(#[from] E),
    /// A router was given a key that names no route, and has no default.
    #[error("no route `{key}`; known are {}", .known.join(", "))]
    NoRoute {
        /// What was asked for.
        key: String,
        /// The routes that there are.
        known: Vec<String>,
    },
    /// The work inside panicked, and its siblings went on or were cancelled.
    #[error("branch {branch} panicked: {message}")]
    Panicked {
        /// Which branch it was, counted from 0.
        branch: usize,
        /// The panic's text, where it is text.
        message: String,
    },
}
