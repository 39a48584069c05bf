//! The health of one Redis server: down after five failures in a row, until a probe succeeds.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The number of failures in a row after which a server is down.
const MAX_FAILURES: u32 = 5;

/// The delay before the first probe of a server that is down; it doubles with each relapse.
const FIRST_PROBE_DELAY: Duration = Duration::from_millis(100);

/// The maximum number of doublings of the delay.
const MAX_DOUBLINGS: u32 = 5;

/// The health of one server.
#[derive(Debug, Default)]
pub(super) struct Health {
    failures: AtomicU32,
    is_down: AtomicBool,
    /// The number of successful probes since the last reply to a call.
    relapses: AtomicU32,
    /// The key of the last failed request, which the next probe reads.
    suspect: Mutex<String>,
}

impl Health {
    pub(super) fn is_down(&self) -> bool {
        self.is_down.load(Ordering::Relaxed)
    }

    /// Returns whether the server is up, and has replied to a call since it was last down.
    pub(super) fn is_healthy(&self) -> bool {
        !self.is_down() && self.relapses.load(Ordering::Relaxed) == 0
    }

    /// Records a reply to a call, and returns whether it is the first since the server was down.
    ///
    /// A late reply does not bring a server back that is down.
    pub(super) fn succeeded(&self) -> bool {
        self.failures.store(0, Ordering::Relaxed);
        // Read before writing: mostly there is nothing to reset.
        !self.is_down() && self.relapses.load(Ordering::Relaxed) > 0 && self.relapses.swap(0, Ordering::Relaxed) > 0
    }

    /// Records a call without a reply, and returns whether it was the one that took the server down.
    pub(super) fn failed(&self, key: &str) -> bool {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if failures < MAX_FAILURES {
            return false;
        }
        key.clone_into(&mut self.suspect.lock().unwrap_or_else(PoisonError::into_inner));
        !self.is_down.swap(true, Ordering::Relaxed)
    }

    /// Records a successful probe: the server is up again.
    pub(super) fn restore(&self) {
        self.failures.store(0, Ordering::Relaxed);
        self.relapses.fetch_add(1, Ordering::Relaxed);
        self.is_down.store(false, Ordering::Relaxed);
    }

    /// Returns the key that a probe reads.
    pub(super) fn suspect(&self) -> String {
        self.suspect.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the delay before the next probe.
    pub(super) fn delay(&self) -> Duration {
        FIRST_PROBE_DELAY * 2_u32.pow(self.relapses.load(Ordering::Relaxed).min(MAX_DOUBLINGS))
    }
}

#[cfg(test)]
mod tests {
    use super::Health;

    fn fail(health: &Health, times: usize) -> Vec<bool> {
        (0..times).map(|_| health.failed("k")).collect()
    }

    #[test]
    fn the_fifth_failure_in_a_row_takes_a_server_down() {
        let health = Health::default();
        assert_eq!(fail(&health, 4), [false; 4]);
        health.succeeded();
        assert_eq!((fail(&health, 4), health.is_down()), (vec![false; 4], false));
        assert_eq!((fail(&health, 2), health.is_down()), (vec![true, false], true));
        assert_eq!(health.suspect(), "k");
    }

    #[test]
    fn only_a_probe_brings_a_server_back() {
        let health = Health::default();
        fail(&health, 5);
        assert!(!health.succeeded());
        assert!(health.is_down());
        health.restore();
        assert!(!health.is_down());
    }

    #[test]
    fn a_server_is_healthy_after_its_first_reply_to_a_call() {
        let health = Health::default();
        assert_eq!((health.is_healthy(), health.succeeded()), (true, false));
        fail(&health, 5);
        assert!(!health.is_healthy());
        health.restore();
        assert!(!health.is_healthy(), "a probe is no call");
        assert_eq!([health.succeeded(), health.succeeded()], [true, false]);
        assert!(health.is_healthy());
    }

    #[test]
    fn the_delay_doubles_with_each_relapse() {
        let health = Health::default();
        let delays: Vec<_> = (0..8)
            .map(|_| {
                fail(&health, 5);
                let delay = health.delay().as_millis();
                health.restore();
                delay
            })
            .collect();
        assert_eq!(delays, [100, 200, 400, 800, 1_600, 3_200, 3_200, 3_200]);
        health.succeeded();
        assert_eq!(health.delay().as_millis(), 100);
    }
}
