//! The error of a call that a loop guard stopped.

use std::fmt::{Display, Formatter};

use crate::model::NanoUsd;

/// Why a guarded call did not begin: it would repeat earlier calls once more, or its run has reached a limit.
///
/// A function with the key `loop_guard` returns it as its own error, through `From`. Text, [`std::io::Error`], a boxed error and
/// `anyhow::Error` can be made of it; for an enum of your own write `impl From<RunStopped>`, or `#[from]` with thiserror.
///
/// The message is written so that it can be given to the model that made the call:
///
/// ```
/// use tta_runtime::RunStopped;
///
/// let stopped = RunStopped::Loop { cycle: vec!["search", "open"], times: 3 };
/// let message = "the calls of `search`, `open` were made 3 times in a row with the same arguments, and are not repeated: \
///     try something else";
/// assert_eq!(stopped.to_string(), message);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunStopped {
    /// The call would begin another repetition of the latest calls.
    Loop {
        /// The names of the repeated calls, in their order.
        cycle: Vec<&'static str>,
        /// The number of times that they were made in a row.
        times: u32,
    },
    /// The run has made all of its steps.
    Steps {
        /// The number of guarded calls that a run may make.
        limit: u32,
    },
    /// The run has cost as much as it may.
    Cost {
        /// The most that a run may cost.
        limit: NanoUsd,
        /// The cost of the model calls in the run that are priced so far.
        spent: NanoUsd,
    },
}

impl Display for RunStopped {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Loop { cycle, times } => {
                let calls = cycle.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                let subject = if cycle.len() == 1 {
                    format!("{calls} was called")
                } else {
                    format!("the calls of {calls} were made")
                };
                let (count, end) = match (times, cycle.len()) {
                    (1, 1) => ("once".to_owned(), "and is not called again"),
                    (1, _) => ("once".to_owned(), "and are not repeated"),
                    (_, 1) => (format!("{times} times in a row"), "and is not called again"),
                    (_, _) => (format!("{times} times in a row"), "and are not repeated"),
                };
                write!(formatter, "{subject} {count} with the same arguments, {end}: try something else")
            }
            Self::Steps { limit } => write!(formatter, "this run has made its {limit} steps: end it with what it has"),
            Self::Cost { limit, spent } => {
                write!(formatter, "this run has cost {spent}, of {limit} at most: end it with what it has")
            }
        }
    }
}

impl std::error::Error for RunStopped {}

impl From<RunStopped> for String {
    fn from(stopped: RunStopped) -> Self {
        stopped.to_string()
    }
}

impl From<RunStopped> for std::io::Error {
    fn from(stopped: RunStopped) -> Self {
        Self::other(stopped)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::RunStopped;
    use crate::model::NanoUsd;

    #[test]
    fn a_message_says_which_calls_and_which_limit() {
        let looped = |cycle: &[&'static str], times| RunStopped::Loop { cycle: cycle.to_vec(), times };
        let messages = [
            looped(&["search"], 1),
            looped(&["search"], 3),
            looped(&["search", "open"], 1),
            looped(&["search", "open"], 2),
            RunStopped::Steps { limit: 50 },
            RunStopped::Cost { limit: NanoUsd(500_000_000), spent: NanoUsd(512_000_000) },
        ];
        let text = messages.map(|stopped| String::from(stopped) + "\n").concat();
        expect![[r#"
            `search` was called once with the same arguments, and is not called again: try something else
            `search` was called 3 times in a row with the same arguments, and is not called again: try something else
            the calls of `search`, `open` were made once with the same arguments, and are not repeated: try something else
            the calls of `search`, `open` were made 2 times in a row with the same arguments, and are not repeated: try something else
            this run has made its 50 steps: end it with what it has
            this run has cost $0.512, of $0.50 at most: end it with what it has
        "#]]
        .assert_eq(&text);
    }
}
