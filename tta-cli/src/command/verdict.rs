//! What a command that did its work came to.

/// What a command that did its work came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There is nothing to tell.
    Clean,
    /// Something was found, and said.
    Found,
}
