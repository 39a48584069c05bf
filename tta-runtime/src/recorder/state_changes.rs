//! The latest changes of circuit breakers' states, for whoever shows their history.

use crossbeam_queue::ArrayQueue;

use crate::clock::Monotonic;

/// A circuit breaker that went from one state to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StateChange {
    pub(crate) name: &'static str,
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    pub(crate) at: Monotonic,
}

/// Changes that nobody has taken yet. The oldest ones give way, so that a call never waits.
pub(crate) struct StateChanges(ArrayQueue<StateChange>);

/// The most changes between two readings.
const MOST: usize = 1_024;

impl StateChanges {
    pub(crate) fn new() -> Self {
        Self(ArrayQueue::new(MOST))
    }

    #[cfg(feature = "blocks")]
    pub(crate) fn add(&self, change: StateChange) {
        self.0.force_push(change);
    }

    /// Takes the changes since the latest reading, the oldest first.
    pub(crate) fn take(&self) -> impl Iterator<Item = StateChange> {
        std::iter::from_fn(|| self.0.pop()).take(MOST)
    }
}
