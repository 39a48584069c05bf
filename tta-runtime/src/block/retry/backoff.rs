//! The decision after a failed attempt: another attempt after a wait, or a reason to stop.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

/// Exponential waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    pub(super) first: Duration,
    pub(super) max_wait: Duration,
}

impl Backoff {
    /// Returns the ceiling of each wait; the iterator does not end.
    pub(super) fn ceilings(self) -> impl Iterator<Item = Duration> + Send {
        // `backon` would add its jitter to the longest delay. Here the jitter scales the ceiling down.
        let first = self.first.min(self.max_wait);
        ExponentialBuilder::new().with_min_delay(first).with_max_delay(self.max_wait).without_max_times().build()
    }
}

/// The facts that decide whether to retry.
#[derive(Clone, Copy, Debug)]
pub(super) struct FailedAttempt {
    /// The number of attempts made.
    pub(super) attempts: u32,
    pub(super) max_attempts: u32,
    pub(super) is_retryable: bool,
    /// The wait that the error requests.
    pub(super) requested_wait: Option<Duration>,
    /// The ceiling of the next wait, before jitter.
    pub(super) ceiling: Duration,
    /// The limit of every wait.
    pub(super) max_wait: Duration,
    /// The time until the context's deadline; zero or less than the wait stops.
    pub(super) time_to_deadline: Option<Duration>,
    /// The share of the ceiling to wait, at least 0 and below 1.
    pub(super) jitter: f64,
}

/// The decision after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RetryDecision {
    /// Make another attempt after this wait.
    RetryAfter(Duration),
    /// Stop for this reason, a value of the label `result`.
    Stop(&'static str),
}

/// Decides what follows a failed attempt. `budget` withdraws a retry, so it is called last, and only if all else allows
/// one.
pub(super) fn decide(failed: &FailedAttempt, budget: impl FnOnce() -> bool) -> RetryDecision {
    if !failed.is_retryable {
        return RetryDecision::Stop("not_retryable");
    }
    if failed.attempts >= failed.max_attempts {
        return RetryDecision::Stop("exhausted");
    }
    let requested_wait = failed.requested_wait.unwrap_or_default();
    if requested_wait > failed.max_wait {
        return RetryDecision::Stop("wait_too_long");
    }
    let wait = failed.ceiling.min(failed.max_wait).mul_f64(failed.jitter.clamp(0.0, 1.0)).max(requested_wait);
    if failed.time_to_deadline.is_some_and(|time_to_deadline| time_to_deadline <= wait) {
        return RetryDecision::Stop("deadline");
    }
    if budget() { RetryDecision::RetryAfter(wait) } else { RetryDecision::Stop("budget") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Backoff, FailedAttempt, RetryDecision, decide};

    const MS: Duration = Duration::from_millis(1);

    fn failed() -> FailedAttempt {
        FailedAttempt {
            attempts: 1,
            max_attempts: 3,
            is_retryable: true,
            requested_wait: None,
            ceiling: 100 * MS,
            max_wait: 1_000 * MS,
            time_to_deadline: None,
            jitter: 0.5,
        }
    }

    #[test]
    fn the_first_reason_to_stop_is_returned() {
        let stop = |failed: FailedAttempt, budget| decide(&failed, || budget);
        assert_eq!(stop(failed(), true), RetryDecision::RetryAfter(50 * MS));
        assert_eq!(
            stop(FailedAttempt { is_retryable: false, attempts: 3, ..failed() }, true),
            RetryDecision::Stop("not_retryable")
        );
        assert_eq!(stop(FailedAttempt { attempts: 3, ..failed() }, true), RetryDecision::Stop("exhausted"));
        assert_eq!(
            stop(FailedAttempt { requested_wait: Some(1_001 * MS), ..failed() }, true),
            RetryDecision::Stop("wait_too_long")
        );
        assert_eq!(
            stop(FailedAttempt { time_to_deadline: Some(50 * MS), ..failed() }, true),
            RetryDecision::Stop("deadline")
        );
        assert_eq!(
            stop(FailedAttempt { time_to_deadline: Some(51 * MS), ..failed() }, true),
            RetryDecision::RetryAfter(50 * MS)
        );
        assert_eq!(stop(failed(), false), RetryDecision::Stop("budget"));
    }

    #[test]
    fn the_wait_is_at_least_the_requested_one() {
        let requested_wait = FailedAttempt { requested_wait: Some(700 * MS), ..failed() };
        assert_eq!(decide(&requested_wait, || true), RetryDecision::RetryAfter(700 * MS));
    }

    #[test]
    fn the_budget_is_not_charged_without_a_retry() {
        let past = FailedAttempt { time_to_deadline: Some(Duration::ZERO), ..failed() };
        assert_eq!(decide(&past, || panic!("it was charged")), RetryDecision::Stop("deadline"));
    }

    #[test]
    fn ceilings_double_up_to_the_longest_wait() {
        let ceilings = Backoff { first: 125 * MS, max_wait: 900 * MS }.ceilings().take(5).collect::<Vec<_>>();
        assert_eq!(ceilings, [125, 250, 500, 900, 900].map(|ms| ms * MS));
        let short = Backoff { first: 100 * MS, max_wait: 30 * MS }.ceilings().take(2).collect::<Vec<_>>();
        assert_eq!(short, [30 * MS, 30 * MS]);
    }

    proptest! {
        #[test]
        fn no_wait_exceeds_the_longest(
            first in 0_u64..100_000, max_wait in 0_u64..100_000, place in 0_usize..64, jitter in 0.0_f64..1.0,
            requested_wait in proptest::option::of(0_u64..200_000),
        ) {
            let backoff = Backoff { first: Duration::from_millis(first), max_wait: Duration::from_millis(max_wait) };
            let ceiling = backoff.ceilings().nth(place).expect("waits do not end");
            let requested_wait = requested_wait.map(Duration::from_millis);
            let failed = FailedAttempt { requested_wait, ceiling, max_wait: backoff.max_wait, jitter, ..failed() };
            match decide(&failed, || true) {
                RetryDecision::RetryAfter(wait) => {
                    prop_assert!(wait <= backoff.max_wait);
                    prop_assert!(wait >= requested_wait.unwrap_or_default());
                }
                RetryDecision::Stop(reason) => prop_assert_eq!(reason, "wait_too_long"),
            }
        }
    }
}
