//! The exclusive lanes that no thread holds.

use super::lane::Lane;
use super::sync::{Mutex, lock};

/// The free lanes. The lock orders the writes of the last holder before the reads of the next one.
pub(super) struct FreeLanes<'a>(pub(super) Mutex<Vec<&'a Lane>>);

impl<'a> FreeLanes<'a> {
    /// Takes a lane, if one is free.
    pub(super) fn take(&self) -> Option<&'a Lane> {
        lock(&self.0).pop()
    }

    /// Gives a lane back, whose holder adds to it no more.
    pub(super) fn give_back(&self, lane: &'a Lane) {
        if lane.is_exclusive() {
            lock(&self.0).push(lane);
        }
    }
}
