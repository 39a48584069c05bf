//! What blocks themselves say went wrong.

use std::error::Error;
use std::fmt::{Display, Formatter};
use std::time::Duration;

use crate::call::classification::error_name::short_name;
use crate::call::classification::lookup::ReportsTimeout;
use crate::call::classification::timeout::{TimedOut, is_timeout};
use crate::llm::budget::BudgetExceeded;
use crate::outcome::Outcome;

/// Why a block did not return an output: its work failed, or a block says so itself.
///
/// Blocks around blocks have this one error, with the innermost work's own in it.
///
/// An annotated function that returns it ended as a `timeout` where a block's time ran out, if the work's own error can be
/// shown ([`Display`]); and where the work's own error says so, if that is an [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlockError<E> {
    /// The work inside failed.
    Inner(E),
    /// The work inside did not end in time, and was dropped.
    Timeout {
        /// How long it was given, the grace included.
        limit: Duration,
    },
    /// A circuit breaker did not let the call through.
    Open {
        /// When it may let one through, from now.
        retry_in: Duration,
    },
    /// A router was given a key that names no route, and has no default.
    NoRoute {
        /// What was asked for.
        key: String,
        /// The routes that there are.
        known: Vec<String>,
    },
    /// A budget has less left than the work may cost; the work was not started.
    BudgetExceeded(BudgetExceeded),
    /// The work inside failed each time, or there could be no more attempts.
    Exhausted {
        /// How many attempts were made, the first included.
        attempts: u32,
        /// Why the last one failed.
        last: Box<BlockError<E>>,
    },
    /// The work inside failed, and so did what was to stand in for it.
    AllFailed {
        /// Why the last one failed.
        last: Box<BlockError<E>>,
        /// Those that failed before it, by name.
        before: Vec<(&'static str, BlockError<E>)>,
    },
    /// The work inside panicked, and its siblings went on or were cancelled.
    Panicked {
        /// Which branch it was, counted from 0.
        branch: usize,
        /// The panic's text, where it is text.
        message: String,
    },
    /// A step failed, and of the steps before it some could not be undone.
    NotUndone {
        /// Why the step failed.
        cause: Box<BlockError<E>>,
        /// The compensations that failed, by the names of their steps, in the order in which they ran.
        failed: Vec<(&'static str, BlockError<E>)>,
    },
}

/// What each kind of error means to other blocks and to a reader; one row for each.
struct Meaning {
    /// What stands in the span attribute `error.type`; empty for the work's own error, whose type stands there.
    type_name: &'static str,
    outcome: Outcome,
}

impl<E> BlockError<E> {
    fn meaning(&self) -> Meaning {
        let (type_name, outcome) = match self {
            Self::Inner(_) => ("", Outcome::Failure),
            Self::Timeout { .. } => ("timeout", Outcome::Timeout),
            Self::Open { .. } => ("Open", Outcome::Failure),
            Self::NoRoute { .. } => ("NoRoute", Outcome::Failure),
            Self::BudgetExceeded(_) => ("BudgetExceeded", Outcome::Failure),
            Self::Exhausted { .. } => ("Exhausted", Outcome::Failure),
            Self::AllFailed { .. } => ("AllFailed", Outcome::Failure),
            Self::Panicked { .. } => ("Panicked", Outcome::Failure),
            Self::NotUndone { .. } => ("NotUndone", Outcome::Failure),
        };
        Meaning { type_name, outcome }
    }

    /// Changes the work's own error, and leaves what blocks say.
    pub fn map_inner<F>(self, map: impl Fn(E) -> F) -> BlockError<F> {
        self.map_with(&map)
    }

    fn map_with<F>(self, map: &dyn Fn(E) -> F) -> BlockError<F> {
        let named = |(name, error): (&'static str, Self)| (name, error.map_with(map));
        match self {
            Self::Inner(error) => BlockError::Inner(map(error)),
            Self::Timeout { limit } => BlockError::Timeout { limit },
            Self::Open { retry_in } => BlockError::Open { retry_in },
            Self::NoRoute { key, known } => BlockError::NoRoute { key, known },
            Self::BudgetExceeded(refused) => BlockError::BudgetExceeded(refused),
            Self::Exhausted { attempts, last } => {
                BlockError::Exhausted { attempts, last: Box::new(last.map_with(map)) }
            }
            Self::AllFailed { last, before } => BlockError::AllFailed {
                last: Box::new(last.map_with(map)),
                before: before.into_iter().map(named).collect(),
            },
            Self::Panicked { branch, message } => BlockError::Panicked { branch, message },
            Self::NotUndone { cause, failed } => BlockError::NotUndone {
                cause: Box::new(cause.map_with(map)),
                failed: failed.into_iter().map(named).collect(),
            },
        }
    }

    /// Returns the work's own error that stands last in it, where there is one.
    ///
    /// ```
    /// use tta_runtime::block::BlockError;
    ///
    /// let exhausted = BlockError::Exhausted { attempts: 3, last: Box::new(BlockError::Inner("busy")) };
    /// assert_eq!(exhausted.inner(), Some(&"busy"));
    /// ```
    pub fn inner(&self) -> Option<&E> {
        match self {
            Self::Inner(error) => Some(error),
            Self::Exhausted { last: error, .. } | Self::AllFailed { last: error, .. } => error.inner(),
            Self::NotUndone { cause, .. } => cause.inner(),
            Self::Timeout { .. }
            | Self::Open { .. }
            | Self::NoRoute { .. }
            | Self::BudgetExceeded(_)
            | Self::Panicked { .. } => None,
        }
    }

    /// Returns what stands in the span attribute `error.type`: the type of the work's own error, or what a block says.
    pub(super) fn type_name(&self) -> String {
        match self.meaning().type_name {
            "" => short_name::<E>(),
            name => name.to_owned(),
        }
    }

    /// Returns the outcome of a part that ended in it.
    pub(super) fn outcome(&self) -> Outcome {
        self.meaning().outcome
    }
}

impl<E> From<E> for BlockError<E> {
    fn from(error: E) -> Self {
        Self::Inner(error)
    }
}

impl<E: Display> Display for BlockError<E> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let list = |errors: &[(&'static str, Self)]| {
            errors.iter().map(|(name, error)| format!("{name}: {error}")).collect::<Vec<_>>().join("; ")
        };
        match self {
            Self::Inner(error) => error.fmt(formatter),
            Self::Timeout { limit } => write!(formatter, "no output within {limit:?}"),
            Self::Open { retry_in } => write!(formatter, "the circuit breaker is open; try again in {retry_in:?}"),
            Self::NoRoute { key, known } => write!(formatter, "no route `{key}`; known are {}", known.join(", ")),
            Self::BudgetExceeded(refused) => refused.fmt(formatter),
            Self::Exhausted { attempts: 1, .. } => write!(formatter, "gave up after 1 attempt"),
            Self::Exhausted { attempts, .. } => write!(formatter, "gave up after {attempts} attempts"),
            Self::AllFailed { before, .. } => {
                write!(formatter, "the last fallback failed, too, after {}", list(before))
            }
            Self::Panicked { branch, message } => write!(formatter, "branch {branch} panicked: {message}"),
            Self::NotUndone { failed, .. } => {
                write!(formatter, "a step failed, and others could not be undone: {}", list(failed))
            }
        }
    }
}

impl<E: Display> ReportsTimeout for BlockError<E> {
    fn is_timeout(&self) -> bool {
        match self {
            Self::Timeout { .. } => true,
            Self::Exhausted { last: cause, .. }
            | Self::AllFailed { last: cause, .. }
            | Self::NotUndone { cause, .. } => cause.is_timeout(),
            Self::Inner(_)
            | Self::Open { .. }
            | Self::NoRoute { .. }
            | Self::BudgetExceeded(_)
            | Self::Panicked { .. } => false,
        }
    }
}

impl<E: Error + 'static> Error for BlockError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // Its text is the work's error's, so what caused that one comes next; a timeout shows that it is one.
            Self::Inner(error) if is_timeout(error) => Some(error),
            Self::Inner(error) => error.source(),
            Self::Timeout { .. } => Some(&TimedOut),
            Self::Exhausted { last, .. } | Self::AllFailed { last, .. } => Some(&**last),
            Self::NotUndone { cause, .. } => Some(&**cause),
            Self::Open { .. } | Self::NoRoute { .. } | Self::BudgetExceeded(_) | Self::Panicked { .. } => None,
        }
    }
}
