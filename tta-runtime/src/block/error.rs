//! The error of blocks: the error of the work, or a failure of a block itself.

use std::error::Error;
use std::fmt::{Display, Formatter};
use std::time::Duration;

use crate::agent_run::RunStopped;
use crate::call::classification::error_name::short_name;
use crate::call::classification::passed_on::{PassedOn, PassesOn};
use crate::call::classification::timeout::{TimedOut, is_known};
use crate::llm::budget::BudgetExceeded;
use crate::outcome::Outcome;

/// Why a block did not return an output: its work failed, or a block itself did.
///
/// Nested blocks share this one error type, with the error of the innermost work in [`Inner`](Self::Inner).
///
/// An annotated function that returns it has the outcome `timeout` if a time limit of a block ended the work, or if the work's
/// error is a timeout itself: one that implements [`Error`], or dereferences to one, as `anyhow::Error` does. Its `error_type` is
/// the type of the work's error, if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlockError<E> {
    /// The work failed.
    Inner(E),
    /// The work did not end within its time limit, and was dropped.
    Timeout {
        /// The limit, with the grace period.
        limit: Duration,
    },
    /// A circuit breaker rejected the call.
    Open {
        /// The time until the circuit breaker may admit a call.
        retry_in: Duration,
    },
    /// A router has no route for the key, and no default route.
    NoRoute {
        /// The key.
        key: String,
        /// The names of the router's routes.
        known: Vec<String>,
    },
    /// A budget has less left than the work may cost; the work did not start.
    BudgetExceeded(BudgetExceeded),
    /// A loop guard stopped the run; the work did not start.
    RunStopped(RunStopped),
    /// All attempts of a retry failed, or no further attempt was possible.
    Exhausted {
        /// The number of attempts made, the first included.
        attempts: u32,
        /// The error of the last attempt.
        last: Box<BlockError<E>>,
    },
    /// The work and all its fallbacks failed.
    AllFailed {
        /// The error of the last fallback.
        last: Box<BlockError<E>>,
        /// The errors before it, with the names of the work and the fallbacks.
        before: Vec<(&'static str, BlockError<E>)>,
    },
    /// A branch of a parallel block panicked. Its siblings were cancelled, or ran to their end with `collect_all`.
    Panicked {
        /// The index of the branch, from 0.
        branch: usize,
        /// The message of the panic, or `no message` if its payload is not text.
        message: String,
    },
    /// The block needs tokio's timers, and runs outside of a tokio runtime, or in one without them (`enable_time`).
    NoTimer,
    /// The call waited for the output of another call for the same key, which failed; see
    /// [`Cache::on_error`](crate::block::Cache::on_error).
    LeaderFailed {
        /// The number of calls that failed one after the other.
        attempts: u32,
    },
    /// A step of a saga failed, and some of the compensations failed, too.
    NotUndone {
        /// The error of the step.
        cause: Box<BlockError<E>>,
        /// The errors of the compensations, with the names of their steps, in the order in which they ran.
        failed: Vec<(&'static str, BlockError<E>)>,
    },
}

/// The span attribute `error.type` and the outcome of each variant.
struct Meaning {
    /// The value of `error.type`; empty for [`BlockError::Inner`], whose error's type name is the value.
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
            Self::RunStopped(_) => ("RunStopped", Outcome::Failure),
            Self::Exhausted { .. } => ("Exhausted", Outcome::Failure),
            Self::AllFailed { .. } => ("AllFailed", Outcome::Failure),
            Self::Panicked { .. } => ("Panicked", Outcome::Failure),
            Self::NoTimer => ("NoTimer", Outcome::Failure),
            Self::LeaderFailed { .. } => ("LeaderFailed", Outcome::Failure),
            Self::NotUndone { .. } => ("NotUndone", Outcome::Failure),
        };
        Meaning { type_name, outcome }
    }

    /// Maps the error of the work, and keeps the failures of blocks.
    ///
    /// ```
    /// use tta_runtime::block::BlockError;
    ///
    /// let exhausted = BlockError::Exhausted { attempts: 3, last: Box::new(BlockError::Inner(503)) };
    /// assert_eq!(exhausted.map_inner(|status| status / 100).inner(), Some(&5));
    /// ```
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
            Self::RunStopped(stopped) => BlockError::RunStopped(stopped),
            Self::Exhausted { attempts, last } => {
                BlockError::Exhausted { attempts, last: Box::new(last.map_with(map)) }
            }
            Self::AllFailed { last, before } => BlockError::AllFailed {
                last: Box::new(last.map_with(map)),
                before: before.into_iter().map(named).collect(),
            },
            Self::Panicked { branch, message } => BlockError::Panicked { branch, message },
            Self::NoTimer => BlockError::NoTimer,
            Self::LeaderFailed { attempts } => BlockError::LeaderFailed { attempts },
            Self::NotUndone { cause, failed } => BlockError::NotUndone {
                cause: Box::new(cause.map_with(map)),
                failed: failed.into_iter().map(named).collect(),
            },
        }
    }

    /// Returns the last error of the work, or `None` if a block failed without one.
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
            | Self::RunStopped(_)
            | Self::NoTimer
            | Self::LeaderFailed { .. }
            | Self::Panicked { .. } => None,
        }
    }

    /// Returns the value of the span attribute `error.type`.
    pub(super) fn type_name(&self) -> String {
        match self.meaning().type_name {
            "" => short_name::<E>(),
            name => name.to_owned(),
        }
    }

    /// Returns the outcome of a block call that ended with this error.
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
            Self::NoRoute { key, known } => {
                write!(formatter, "no route for the key `{key}`; known routes: {}", known.join(", "))
            }
            Self::BudgetExceeded(refused) => refused.fmt(formatter),
            Self::RunStopped(stopped) => stopped.fmt(formatter),
            Self::Exhausted { attempts: 1, .. } => write!(formatter, "gave up after 1 attempt"),
            Self::Exhausted { attempts, .. } => write!(formatter, "gave up after {attempts} attempts"),
            Self::AllFailed { before, .. } => {
                write!(formatter, "all fallbacks failed; errors before the last: {}", list(before))
            }
            Self::Panicked { branch, message } => write!(formatter, "branch {branch} panicked: {message}"),
            Self::NoTimer => {
                write!(formatter, "no timers here: run the block inside a tokio runtime, built with `enable_time`")
            }
            Self::LeaderFailed { attempts: 1 } => write!(formatter, "the call that this one waited for failed"),
            Self::LeaderFailed { attempts } => {
                write!(formatter, "the {attempts} calls that this one waited for failed")
            }
            Self::NotUndone { failed, .. } => {
                write!(formatter, "a step failed, and compensations failed: {}", list(failed))
            }
        }
    }
}

impl<E> PassesOn for BlockError<E> {
    type Inner = E;

    fn passed_on(&self) -> PassedOn<'_, E> {
        match self {
            Self::Inner(error) => PassedOn::Inner(error),
            Self::Timeout { .. } => PassedOn::Timeout,
            Self::Exhausted { last: cause, .. }
            | Self::AllFailed { last: cause, .. }
            | Self::NotUndone { cause, .. } => cause.passed_on(),
            Self::Open { .. }
            | Self::NoRoute { .. }
            | Self::BudgetExceeded(_)
            | Self::RunStopped(_)
            | Self::NoTimer
            | Self::LeaderFailed { .. }
            | Self::Panicked { .. } => PassedOn::Other,
        }
    }
}

impl<E: Error + 'static> Error for BlockError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // `Display` already shows the work's error, so its source comes next. A timeout error is itself the source,
            // so that the chain shows it.
            Self::Inner(error) if is_known(error) => Some(error),
            Self::Inner(error) => error.source(),
            Self::Timeout { .. } => Some(&TimedOut),
            Self::Exhausted { last, .. } | Self::AllFailed { last, .. } => Some(&**last),
            Self::NotUndone { cause, .. } => Some(&**cause),
            Self::Open { .. }
            | Self::NoRoute { .. }
            | Self::BudgetExceeded(_)
            | Self::RunStopped(_)
            | Self::NoTimer
            | Self::LeaderFailed { .. }
            | Self::Panicked { .. } => None,
        }
    }
}
