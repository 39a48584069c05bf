//! Errors of the HTTP client.

/// Returns the innermost cause of an error; the outer messages only repeat the address, which may have secrets.
pub(crate) fn innermost(error: reqwest::Error) -> String {
    let error = error.without_url();
    let causes = std::iter::successors(std::error::Error::source(&error), |&cause| cause.source());
    causes.last().map_or_else(|| error.to_string(), ToString::to_string)
}
