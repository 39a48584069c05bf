//! The error of an address that cannot be examined.

/// An address that gives no answer which can be examined.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {url}: {reason}")]
pub struct Unreachable {
    /// The address or the file that was read, with `***` for user, password and query.
    pub url: String,
    /// The reason.
    pub reason: String,
}
