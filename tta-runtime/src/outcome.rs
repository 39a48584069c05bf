//! What a finished call was: success, failure, timeout, cancelled or panicked.

/// How a call ended.
///
/// Every call that starts ends in exactly one of these; its [`as_str`](Self::as_str) is the value of the label
/// `status` and of the span attribute `execution.status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It returned, with `Ok` where it returns a `Result`, and `ok_if` held where one is given.
    Success,
    /// It returned `Err`, or `ok_if` said no.
    Failure,
    /// Its time ran out: a timeout block ended it, or its error is, or was caused by, `tokio::time::error::Elapsed`
    /// or an [`io::Error`](std::io::Error) of the kind `TimedOut`.
    Timeout,
    /// Its future was dropped before it ended.
    Cancelled,
    /// It unwound.
    Panicked,
}

impl Outcome {
    /// All outcomes, in the order of their [`index`](Self::index).
    pub const ALL: &'static [Self] = &[Self::Success, Self::Failure, Self::Timeout, Self::Cancelled, Self::Panicked];

    /// How many outcomes there are.
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

    /// Returns the outcome's place in [`ALL`](Self::ALL).
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Returns whether the outcome counts against an availability objective: failure, timeout and panicked do, and
    /// cancelled is neither good nor bad.
    #[must_use]
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Failure | Self::Timeout | Self::Panicked)
    }
}
