//! The lanes that no thread holds.

use super::sync::{Mutex, lock};

/// A lane that a thread may add to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lane(usize);

impl Lane {
    /// The lane of all threads without an exclusive one.
    pub(super) const SHARED: Self = Self(0);

    pub(super) fn index(self) -> usize {
        self.0
    }

    pub(super) fn is_exclusive(self) -> bool {
        self.0 != Self::SHARED.0
    }
}

/// The free lanes. The lock orders the writes of the last holder before the reads of the next one.
pub(super) struct FreeLanes(Mutex<Vec<Lane>>);

impl FreeLanes {
    /// Returns all lanes of so many but the shared one.
    pub(super) fn of(count: usize) -> Self {
        Self(Mutex::new((1..count).map(Lane).collect()))
    }

    /// Takes a lane: the shared one if no other is left.
    pub(super) fn take(&self) -> Lane {
        lock(&self.0).pop().unwrap_or(Lane::SHARED)
    }

    /// Gives a lane back, whose holder adds to it no more.
    pub(super) fn give_back(&self, lane: Lane) {
        if lane.is_exclusive() {
            lock(&self.0).push(lane);
        }
    }
}
