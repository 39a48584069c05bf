//! Errors of the HTTP client.

/// Returns the innermost cause of an error; the outer messages only repeat the address.
pub(crate) fn innermost(error: &reqwest::Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |&cause| cause.source());
    causes.last().map_or_else(|| error.to_string(), ToString::to_string)
}
