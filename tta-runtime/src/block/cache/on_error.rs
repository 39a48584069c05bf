//! The choice of calls that wait for another one, when that one fails.

/// The choice of calls that wait for the leader of a single flight, when the leader fails; see
/// [`Cache::on_error`](super::Cache::on_error).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnError {
    /// One of them runs the work, and the others go on waiting, for at most this many such retries. After the last failure
    /// all that wait fail with [`BlockError::LeaderFailed`](crate::block::BlockError::LeaderFailed); with 0 they fail at once.
    Retry(u32),
    /// All of them run the work, at once. A server that is overloaded then gets as many requests as there are calls.
    EachRuns,
}

impl Default for OnError {
    /// One call retries.
    fn default() -> Self {
        Self::Retry(1)
    }
}
