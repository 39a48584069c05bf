//! What calls to a route took or cost of late.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::choice::Known;

/// A mean is over this many calls at most, so that it follows what changes.
const WINDOW: usize = 16;

/// The latest measurements of a route.
#[derive(Debug, Default)]
pub(super) struct Measured {
    taken: AtomicU64,
    latest: Mutex<VecDeque<f64>>,
}

impl Measured {
    /// Notes that a call takes the route.
    pub(super) fn take(&self) {
        // Relaxed is enough: this counter orders no other memory.
        self.taken.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes what a call took or cost.
    pub(super) fn note(&self, value: f64) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.len() == WINDOW {
            latest.pop_front();
        }
        latest.push_back(value);
    }

    pub(super) fn known(&self) -> Known {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let mean = (!latest.is_empty()).then(|| latest.iter().sum::<f64>() / latest.len() as f64);
        Known { taken: self.taken.load(Ordering::Relaxed), mean }
    }
}

#[cfg(test)]
mod tests {
    use super::Measured;

    #[test]
    fn old_measurements_are_forgotten() {
        let measured = Measured::default();
        assert_eq!(measured.known().mean, None);
        (0..16).for_each(|_| measured.note(1.0));
        (0..8).for_each(|_| measured.note(3.0));
        assert_eq!(measured.known().mean, Some(2.0));
    }
}
