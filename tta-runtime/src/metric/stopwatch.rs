//! Stopwatches: the time that a state lasts, such as a circuit breaker being open.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::clock::Monotonic;

/// Sums up the time between starts and stops; a running interval counts up to the reading.
///
/// Several intervals may run at once, such as those of circuit breakers with the same name.
#[derive(Default)]
pub(crate) struct Stopwatch {
    /// Odd while the other two fields change.
    version: AtomicU64,
    running: AtomicI64,
    /// The value is `offset + running * now`.
    offset: AtomicI64,
}

impl Stopwatch {
    /// Starts an interval.
    #[cfg(any(feature = "blocks", test))]
    pub(crate) fn start(&self, at: Monotonic) {
        self.change(1, -(at.0 as i64));
    }

    /// Stops an interval.
    #[cfg(any(feature = "blocks", test))]
    pub(crate) fn stop(&self, at: Monotonic) {
        self.change(-1, at.0 as i64);
    }

    /// Returns the sum up to now, in nanoseconds.
    pub(crate) fn value(&self, now: Monotonic) -> u64 {
        loop {
            let before = self.version.load(Ordering::SeqCst);
            let (running, offset) = (self.running.load(Ordering::SeqCst), self.offset.load(Ordering::SeqCst));
            if before.is_multiple_of(2) && self.version.load(Ordering::SeqCst) == before {
                return offset.saturating_add(running.saturating_mul(now.0 as i64)).max(0) as u64;
            }
            std::hint::spin_loop();
        }
    }

    #[cfg(any(feature = "blocks", test))]
    fn change(&self, running: i64, offset: i64) {
        // Writers spin for each other; readers never block them.
        while self
            .version
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |version| version.is_multiple_of(2).then(|| version + 1))
            .is_err()
        {
            std::hint::spin_loop();
        }
        self.running.fetch_add(running, Ordering::SeqCst);
        self.offset.fetch_add(offset, Ordering::SeqCst);
        self.version.fetch_add(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::Stopwatch;
    use crate::clock::Monotonic;

    #[test]
    fn time_counts_while_it_runs() {
        let stopwatch = Stopwatch::default();
        assert_eq!(stopwatch.value(Monotonic(5)), 0);
        stopwatch.start(Monotonic(10));
        assert_eq!(stopwatch.value(Monotonic(14)), 4);
        stopwatch.start(Monotonic(20));
        assert_eq!(stopwatch.value(Monotonic(21)), 12);
        stopwatch.stop(Monotonic(25));
        stopwatch.stop(Monotonic(30));
        assert_eq!(stopwatch.value(Monotonic(99)), 25);
    }
}
