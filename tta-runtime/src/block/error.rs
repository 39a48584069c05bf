//! What blocks themselves say went wrong.

use std::error::Error;

use crate::budget::BudgetExceeded;
use crate::verdict::short_name;

/// Why a block did not return an output: its work failed, or the block says so itself.
///
/// Blocks around blocks have this one error, with the innermost work's own in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlockError<E> {
    /// The work inside failed.
    Inner(E),
    /// A router was given a key that names no route, and has no default.
    NoRoute {
        /// What was asked for.
        key: String,
        /// The routes that there are.
        known: Vec<String>,
    },
    /// A budget has less left than the work may cost; the work was not started.
    BudgetExceeded(BudgetExceeded),
    /// The work inside panicked, and its siblings went on or were cancelled.
    Panicked {
        /// Which branch it was, counted from 0.
        branch: usize,
        /// The panic's text, where it is text.
        message: String,
    },
}

impl<E> BlockError<E> {
    /// Changes the work's own error, and leaves what a block says.
    pub fn map_inner<F>(self, map: impl Fn(E) -> F) -> BlockError<F> {
        self.map_with(&map)
    }

    /// Returns what stands in the span attribute `error.type`: the type of the work's own error, or what a block says.
    pub(super) fn type_name(&self) -> String {
        match self {
            Self::Inner(_) => short_name::<E>(),
            Self::NoRoute { .. } => "NoRoute".to_owned(),
            Self::BudgetExceeded(_) => "BudgetExceeded".to_owned(),
            Self::Panicked { .. } => "Panicked".to_owned(),
        }
    }

    fn map_with<F>(self, map: &dyn Fn(E) -> F) -> BlockError<F> {
        match self {
            Self::Inner(error) => BlockError::Inner(map(error)),
            Self::NoRoute { key, known } => BlockError::NoRoute { key, known },
            Self::BudgetExceeded(refused) => BlockError::BudgetExceeded(refused),
            Self::Panicked { branch, message } => BlockError::Panicked { branch, message },
        }
    }
}

impl<E> From<E> for BlockError<E> {
    fn from(error: E) -> Self {
        Self::Inner(error)
    }
}

impl<E: std::fmt::Display> std::fmt::Display for BlockError<E> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Inner(error) => error.fmt(formatter),
            Self::NoRoute { key, known } => write!(formatter, "no route `{key}`; known are {}", known.join(", ")),
            Self::BudgetExceeded(refused) => refused.fmt(formatter),
            Self::Panicked { branch, message } => write!(formatter, "branch {branch} panicked: {message}"),
        }
    }
}

impl<E: Error + 'static> Error for BlockError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // Its text is the work's error's, so what caused that one comes next.
            Self::Inner(error) => error.source(),
            Self::NoRoute { .. } | Self::BudgetExceeded(_) | Self::Panicked { .. } => None,
        }
    }
}
