//! Calls per second over the last minute.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::Monotonic;

const WINDOW_SECONDS: u64 = 60;
const SLOTS: usize = 64;

/// The rate of ended calls over the last minute.
///
/// For each second in which calls end, a mark stores how many calls had ended before it. The first call of a second writes
/// the mark; every other call only compares the second with the latest mark.
pub(crate) struct CallRate {
    latest: AtomicU64,
    marks: [SecondMark; SLOTS],
}

struct SecondMark {
    second: AtomicU64,
    ended_before: AtomicU64,
}

impl CallRate {
    pub(crate) const fn new() -> Self {
        Self {
            latest: AtomicU64::new(0),
            marks: [const { SecondMark { second: AtomicU64::new(0), ended_before: AtomicU64::new(0) } }; SLOTS],
        }
    }

    /// Records that a call ends at this time. `ended_before` counts the calls that ended before; it runs once per second.
    #[inline]
    pub(crate) fn record(&self, at: Monotonic, ended_before: impl FnOnce() -> u64) {
        let second = stamp(at);
        if self.latest.load(Ordering::Relaxed) < second && self.latest.fetch_max(second, Ordering::Relaxed) < second {
            self.mark(second, ended_before());
        }
    }

    #[cold]
    fn mark(&self, second: u64, ended_before: u64) {
        if let Some(mark) = self.marks.get(second as usize % SLOTS) {
            // Release: a reader that sees the new second also sees its count.
            mark.ended_before.store(ended_before, Ordering::Release);
            mark.second.store(second, Ordering::Release);
        }
    }

    /// Returns the calls per second over the last 60 s, or since the clock's origin if that is shorter. `ended` is the
    /// number of all calls that ended.
    pub(crate) fn per_second(&self, now: Monotonic, ended: u64) -> f64 {
        let this = stamp(now);
        let in_window = |mark: &&SecondMark| {
            let second = mark.second.load(Ordering::Acquire);
            second <= this && second > this.saturating_sub(WINDOW_SECONDS)
        };
        let first = self.marks.iter().filter(in_window).map(|mark| mark.ended_before.load(Ordering::Acquire)).min();
        let events = first.map_or(0, |before| ended.saturating_sub(before));
        events as f64 / this.min(WINDOW_SECONDS) as f64
    }
}

/// Returns the second, counted from 1: zero means that a mark was never written.
fn stamp(at: Monotonic) -> u64 {
    at.0 / 1_000_000_000 + 1
}

#[cfg(test)]
mod tests {
    use super::CallRate;
    use crate::clock::Monotonic;

    #[test]
    fn only_the_last_minute_counts() {
        let rate = CallRate::new();
        let at = |second: u64| Monotonic(second * 1_000_000_000);
        (0..600).for_each(|n| rate.record(at(n / 10), || n));
        let per_second = |second| rate.per_second(at(second), 600);
        assert_eq!([59, 89, 200].map(per_second), [10.0, 5.0, 0.0]);
    }
}
