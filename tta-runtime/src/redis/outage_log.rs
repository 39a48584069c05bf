//! The log of Redis outages: that one begins, and that it is over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::host_log::catch_panic;

/// Logs the changes of a server's availability.
///
/// The log belongs to the program, and may block or panic. A thread logs, and exists only while there is a change to
/// log; several changes in the meantime are logged as one.
pub(crate) struct OutageLog {
    state: Mutex<OutageState>,
    log: Box<dyn Fn(Availability) + Send + Sync>,
}

#[derive(Debug, Default)]
struct OutageState {
    observed: Availability,
    logged: Availability,
    is_logging: bool,
}

/// Whether Redis replies to calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Availability {
    #[default]
    Up,
    Down,
}

impl OutageLog {
    /// Makes a log in which Redis is up, and which logs changes by `log`.
    pub(crate) fn new(log: impl Fn(Availability) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), log: Box::new(log) })
    }

    /// Records the availability, and starts a thread to log it if the log does not have it yet.
    pub(crate) fn note(self: &Arc<Self>, observed: Availability) {
        let mut state = self.state();
        state.observed = observed;
        if state.is_logging || state.logged == observed {
            return;
        }
        let outage = Arc::clone(self);
        let logger = std::thread::Builder::new().name("tta-redis-log".into()).spawn(move || outage.log_changes());
        state.is_logging = logger.is_ok();
    }

    fn log_changes(&self) {
        while let Some(change) = self.next_change() {
            catch_panic(|| (self.log)(change));
        }
    }

    /// Returns the availability if the log does not have it yet; otherwise the thread ends.
    fn next_change(&self) -> Option<Availability> {
        let mut state = self.state();
        state.is_logging = state.logged != state.observed;
        state.logged = state.observed;
        state.is_logging.then_some(state.observed)
    }

    fn state(&self) -> MutexGuard<'_, OutageState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for OutageLog {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("OutageLog").field(&self.state).finish()
    }
}

/// Logs a change for those who have caches.
pub(super) fn log_outage_of_caches(change: Availability) {
    match change {
        Availability::Down => {
            tracing::warn!(target: "tta::cache", "the cache's Redis does not answer: calls go on without it");
        }
        Availability::Up => tracing::info!(target: "tta::cache", "the cache's Redis answers again"),
    }
}
