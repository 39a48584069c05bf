//! How long to wait before another attempt, and whether to make one.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

/// Waits that double each time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    pub(super) first: Duration,
    pub(super) longest: Duration,
}

impl Backoff {
    /// Returns what each wait is at most, without an end.
    pub(super) fn ceilings(self) -> impl Iterator<Item = Duration> + Send {
        // The crate's own jitter adds to its longest delay; ours is taken from it.
        let first = self.first.min(self.longest);
        ExponentialBuilder::new().with_min_delay(first).with_max_delay(self.longest).without_max_times().build()
    }
}

/// What is known when an attempt has failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failed {
    /// How many attempts were made.
    pub(super) attempts: u32,
    /// How many may be made.
    pub(super) most: u32,
    /// Whether another could help.
    pub(super) is_retryable: bool,
    /// How long the other side asks to be left alone.
    pub(super) asked: Option<Duration>,
    /// What the wait is at most, by the number of attempts.
    pub(super) ceiling: Duration,
    /// What any wait is at most.
    pub(super) longest: Duration,
    /// The time until the context's deadline.
    pub(super) left: Option<Duration>,
    /// At least 0 and below 1.
    pub(super) random: f64,
}

/// What comes after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another attempt, after this wait.
    AttemptAfter(Duration),
    /// None, for this reason.
    Stop(&'static str),
}

/// Decides what comes next; the budget is asked last, since it is charged when it agrees.
pub(super) fn next(failed: &Failed, budget: impl FnOnce() -> bool) -> Next {
    if !failed.is_retryable {
        return Next::Stop("not_retryable");
    }
    if failed.attempts >= failed.most {
        return Next::Stop("exhausted");
    }
    let asked = failed.asked.unwrap_or_default();
    if asked > failed.longest {
        return Next::Stop("wait_too_long");
    }
    let wait = failed.ceiling.min(failed.longest).mul_f64(failed.random.clamp(0.0, 1.0)).max(asked);
    if failed.left.is_some_and(|left| left <= wait) {
        return Next::Stop("deadline");
    }
    if budget() { Next::AttemptAfter(wait) } else { Next::Stop("budget") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Backoff, Failed, Next, next};

    const MS: Duration = Duration::from_millis(1);

    fn failed() -> Failed {
        Failed {
            attempts: 1,
            most: 3,
            is_retryable: true,
            asked: None,
            ceiling: 100 * MS,
            longest: 1_000 * MS,
            left: None,
            random: 0.5,
        }
    }

    #[test]
    fn the_first_reason_to_stop_is_the_one_that_is_told() {
        let stop = |failed: Failed, budget| next(&failed, || budget);
        assert_eq!(stop(failed(), true), Next::AttemptAfter(50 * MS));
        assert_eq!(stop(Failed { is_retryable: false, attempts: 3, ..failed() }, true), Next::Stop("not_retryable"));
        assert_eq!(stop(Failed { attempts: 3, ..failed() }, true), Next::Stop("exhausted"));
        assert_eq!(stop(Failed { asked: Some(1_001 * MS), ..failed() }, true), Next::Stop("wait_too_long"));
        assert_eq!(stop(Failed { left: Some(50 * MS), ..failed() }, true), Next::Stop("deadline"));
        assert_eq!(stop(Failed { left: Some(51 * MS), ..failed() }, true), Next::AttemptAfter(50 * MS));
        assert_eq!(stop(failed(), false), Next::Stop("budget"));
    }

    #[test]
    fn what_the_other_side_asks_for_is_waited_at_least() {
        let asked = Failed { asked: Some(700 * MS), ..failed() };
        assert_eq!(next(&asked, || true), Next::AttemptAfter(700 * MS));
    }

    #[test]
    fn a_budget_is_not_charged_for_what_does_not_come() {
        let past = Failed { left: Some(Duration::ZERO), ..failed() };
        assert_eq!(next(&past, || panic!("it was charged")), Next::Stop("deadline"));
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let ceilings = Backoff { first: 125 * MS, longest: 900 * MS }.ceilings().take(5).collect::<Vec<_>>();
        assert_eq!(ceilings, [125, 250, 500, 900, 900].map(|ms| ms * MS));
        let short = Backoff { first: 100 * MS, longest: 30 * MS }.ceilings().take(2).collect::<Vec<_>>();
        assert_eq!(short, [30 * MS, 30 * MS]);
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_the_longest(
            first in 0_u64..100_000, longest in 0_u64..100_000, place in 0_usize..64, random in 0.0_f64..1.0,
            asked in proptest::option::of(0_u64..200_000),
        ) {
            let backoff = Backoff { first: Duration::from_millis(first), longest: Duration::from_millis(longest) };
            let ceiling = backoff.ceilings().nth(place).expect("waits do not end");
            let asked = asked.map(Duration::from_millis);
            let failed = Failed { asked, ceiling, longest: backoff.longest, random, ..failed() };
            match next(&failed, || true) {
                Next::AttemptAfter(wait) => {
                    prop_assert!(wait <= backoff.longest);
                    prop_assert!(wait >= asked.unwrap_or_default());
                }
                Next::Stop(reason) => prop_assert_eq!(reason, "wait_too_long"),
            }
        }
    }
}
