//! What the log says of a backend's outage: that it begins, and that it is over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::host_log::catch_panic;

/// Whether a backend answers, and what the log says about it.
///
/// The log is the program's, and may take its time, or panic. So it is logged by a thread of its own, which is there only
/// while there is something to tell; a backend that comes and goes meanwhile is logged of once.
#[derive(Debug, Default)]
pub(super) struct OutageLog(Mutex<OutageState>);

#[derive(Debug, Default)]
struct OutageState {
    observed: Availability,
    logged: Availability,
    is_logging: bool,
}

/// Whether a backend answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Availability {
    #[default]
    Up,
    Down,
}

impl OutageLog {
    /// Notes what a backend does, and has the log logged where it does not say so.
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

    /// Returns what the log does not say yet; the teller that finds nothing ends.
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
