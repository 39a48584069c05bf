//! The log of Redis outages: that one begins, and that it is over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::host_log::catch_panic;

/// Logs the changes of a server's availability.
///
/// The log belongs to the program, and may block or panic. A thread logs, and exists only while there is a change to
/// log; several changes in the meantime are logged as one.
#[derive(Debug, Default)]
pub(super) struct OutageLog(Mutex<OutageState>);

#[derive(Debug, Default)]
struct OutageState {
    observed: Availability,
    logged: Availability,
    is_logging: bool,
}

/// Whether Redis replies to calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Availability {
    #[default]
    Up,
    Down,
}

impl OutageLog {
    /// Records the availability, and starts a thread to log it if the log does not have it yet.
    pub(super) fn note(self: &Arc<Self>, observed: Availability) {
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
            catch_panic(|| log(change));
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn log(change: Availability) {
    match change {
        Availability::Down => {
            tracing::warn!(target: "tta::cache", "the cache's Redis does not answer: calls go on without it");
        }
        Availability::Up => tracing::info!(target: "tta::cache", "the cache's Redis answers again"),
    }
}
