//! The result of a command that did its work.

/// The result of a command that did its work; decides between the exit codes 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing was found.
    Clean,
    /// Something was found and printed: a file that differs, a name that does not exist.
    Found,
}
