//! The errors of a question to a program's live page.

use super::unreachable::Unreachable;

/// A question that a live page does not answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// Nobody answers, or nothing that can be read; or the program or a proxy has no answer now.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// The program says that the question is wrong.
    #[error("cannot read {url}: {reason}")]
    Refused {
        /// The address that was asked, with `***` for user, password and query.
        url: String,
        /// The words of the program, or a remedy.
        reason: String,
    },
}
