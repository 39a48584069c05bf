//! What calls to a route took or cost of late.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::choice::RouteStatistics;

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
pub(super) struct RecentSamples {
    calls: AtomicU64,
    latest: Mutex<VecDeque<Sample>>,
}

impl RecentSamples {
    /// Notes that a call takes the route.
    pub(super) fn count_call(&self) {
        // Relaxed is enough: this counter orders no other memory.
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes what a call took or cost.
    pub(super) fn add(&self, sample: Sample) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.len() == WINDOW {
            latest.pop_front();
        }
        latest.push_back(sample);
    }

    pub(super) fn statistics(&self) -> RouteStatistics {
        let mut statistics =
            RouteStatistics { calls: self.calls.load(Ordering::Relaxed), ..RouteStatistics::default() };
        for sample in self.latest.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            match sample {
                Sample::Succeeded(value) => statistics.succeeded.add(*value),
                Sample::Failed(value) => statistics.failed.push(*value),
            }
        }
        statistics
    }
}

#[cfg(test)]
mod tests {
    use super::{RecentSamples, Sample};

    #[test]
    fn old_measurements_are_forgotten() {
        let recent = RecentSamples::default();
        assert_eq!(recent.statistics().succeeded.value(), None);
        (0..16).for_each(|_| recent.add(Sample::Succeeded(1.0)));
        (0..4).for_each(|_| recent.add(Sample::Succeeded(4.0)));
        (0..4).for_each(|_| recent.add(Sample::Failed(9.0)));
        let statistics = recent.statistics();
        assert_eq!((statistics.succeeded.value(), statistics.failed), (Some(2.0), vec![9.0; 4]));
        (0..16).for_each(|_| recent.add(Sample::Succeeded(3.0)));
        let statistics = recent.statistics();
        assert_eq!((statistics.succeeded.value(), statistics.failed), (Some(3.0), Vec::new()));
    }
}
