//! The errors of questions to a program.

use crate::doctor::Unanswered;

/// A question that has no answer.
#[derive(Debug, thiserror::Error)]
pub enum WrongCall {
    /// An argument is missing or has another type.
    #[error("`{0}` is missing, or is no {1}")]
    Argument(&'static str, &'static str),
    /// The program does not answer, or refuses the question.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    /// The program's answer is not one of its API.
    #[error("the program's answer cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}
