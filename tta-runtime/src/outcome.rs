//! The outcome of a finished call: success, failure, timeout, cancelled or panicked.

/// How a call ended.
///
/// Every call that starts ends in exactly one outcome. Its [`as_str`](Self::as_str) is the value of the metric label
/// `status` and of the span attribute `execution.status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// The call returned a value other than `Err`, and `ok_if` held if one is given.
    Success,
    /// The call returned `Err`, or `ok_if` did not hold.
    Failure,
    /// The call timed out: a timeout block ended it, or its error or one of the causes is a timeout.
    ///
    /// Known are the timeouts of tokio, `std::io`, reqwest, hyper, tower, tonic, sqlx and redis, whatever wraps them. The key
    /// `timeout_if` says it of others.
    Timeout,
    /// The call's future was dropped before it completed.
    Cancelled,
    /// The call panicked.
    Panicked,
}

impl Outcome {
    /// All outcomes, in the order of their [`index`](Self::index).
    pub const ALL: &'static [Self] = &[Self::Success, Self::Failure, Self::Timeout, Self::Cancelled, Self::Panicked];

    /// The number of outcomes.
    pub(crate) const COUNT: usize = Self::ALL.len();

    /// Returns the outcome as the label value that metrics and spans carry.
    ///
    /// ```
    /// assert_eq!(tta_runtime::Outcome::Cancelled.as_str(), "cancelled");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Panicked => "panicked",
        }
    }

    /// Returns the outcome's index in [`ALL`](Self::ALL).
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Returns whether the outcome counts against an availability objective: true for failure, timeout and panicked.
    ///
    /// Cancelled counts neither for nor against it.
    #[must_use]
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Failure | Self::Timeout | Self::Panicked)
    }
}
