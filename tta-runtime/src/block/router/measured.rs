//! What calls to a route took or cost of late.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::choice::Known;

/// A mean is over this many calls at most, so that it follows what changes.
const WINDOW: usize = 16;

/// What one call took or cost.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sample {
    Succeeded(f64),
    Failed(f64),
}

/// The latest measurements of a route.
#[derive(Debug, Default)]
pub(super) struct Measured {
    taken: AtomicU64,
    latest: Mutex<VecDeque<Sample>>,
}

impl Measured {
    /// Notes that a call takes the route.
    pub(super) fn take(&self) {
        // Relaxed is enough: this counter orders no other memory.
        self.taken.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes what a call took or cost.
    pub(super) fn note(&self, sample: Sample) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.len() == WINDOW {
            latest.pop_front();
        }
        latest.push_back(sample);
    }

    pub(super) fn known(&self) -> Known {
        let mut known = Known { taken: self.taken.load(Ordering::Relaxed), ..Known::default() };
        for sample in self.latest.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            match sample {
                Sample::Succeeded(value) => known.succeeded.add(*value),
                Sample::Failed(value) => known.failed.push(*value),
            }
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::{Measured, Sample};

    #[test]
    fn old_measurements_are_forgotten() {
        let measured = Measured::default();
        assert_eq!(measured.known().succeeded.value(), None);
        (0..16).for_each(|_| measured.note(Sample::Succeeded(1.0)));
        (0..4).for_each(|_| measured.note(Sample::Succeeded(4.0)));
        (0..4).for_each(|_| measured.note(Sample::Failed(9.0)));
        let known = measured.known();
        assert_eq!((known.succeeded.value(), known.failed), (Some(2.0), vec![9.0; 4]));
        (0..16).for_each(|_| measured.note(Sample::Succeeded(3.0)));
        let known = measured.known();
        assert_eq!((known.succeeded.value(), known.failed), (Some(3.0), Vec::new()));
    }
}
