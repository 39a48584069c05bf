//! The durations or costs of a route's recent calls.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::choice::RouteStatistics;

/// The number of calls in a mean. It is small, so that the mean follows changes.
const WINDOW: usize = 16;

/// The duration or cost of one call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sample {
    Succeeded(f64),
    Failed(f64),
}

/// The recent samples of a route, and the number of all its calls.
#[derive(Debug, Default)]
pub(super) struct RecentSamples {
    calls: AtomicU64,
    latest: Mutex<VecDeque<Sample>>,
}

impl RecentSamples {
    /// Counts a call that takes the route.
    pub(super) fn count_call(&self) {
        // Relaxed is enough: this counter orders no other memory.
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds a sample, and removes the oldest if the window is full.
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
    fn samples_beyond_the_window_are_forgotten() {
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
