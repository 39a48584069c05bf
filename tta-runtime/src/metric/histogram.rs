//! Durations counted into Prometheus' buckets, exactly.

use super::lanes::Lanes;

/// Counts durations by bucket.
pub(crate) struct Histogram {
    bounds: Bounds,
    lanes: Lanes,
}

/// What a histogram held when it was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HistogramCounts {
    /// Upper bounds in seconds, as they were declared.
    pub(crate) bounds: &'static [f64],
    /// Count per bucket, not cumulative; one more than bounds, the last for what lies above all of them.
    pub(crate) counts: Vec<u64>,
    pub(crate) sum_nanoseconds: u64,
}

const SUM: usize = 0;
const BUCKETS: usize = 1;

impl Histogram {
    pub(crate) fn new(bounds: &'static [f64]) -> Self {
        Self { bounds: Bounds::new(bounds), lanes: Lanes::new(BUCKETS + bounds.len() + 1) }
    }

    pub(crate) fn observe(&self, nanoseconds: u64) {
        self.lanes.add_all([(BUCKETS + self.bounds.bucket(nanoseconds), 1), (SUM, nanoseconds)]);
    }

    pub(crate) fn read(&self) -> HistogramCounts {
        HistogramCounts {
            bounds: self.bounds.seconds,
            counts: (0..self.bounds.buckets()).map(|bucket| self.lanes.sum(BUCKETS + bucket)).collect(),
            sum_nanoseconds: self.lanes.sum(SUM),
        }
    }
}

/// Bucket bounds, in the unit of the clock so that finding a bucket needs no floating point.
pub(crate) struct Bounds {
    pub(crate) seconds: &'static [f64],
    nanoseconds: Box<[u64]>,
}

impl Bounds {
    pub(crate) fn new(seconds: &'static [f64]) -> Self {
        Self { seconds, nanoseconds: seconds.iter().map(|bound| (bound * 1e9).round() as u64).collect() }
    }

    /// Returns how many buckets there are, the one above all bounds included.
    pub(crate) fn buckets(&self) -> usize {
        self.nanoseconds.len() + 1
    }

    /// Returns the bucket of a duration; a bound belongs to the bucket below it, as Prometheus' `le` says.
    #[inline]
    pub(crate) fn bucket(&self, nanoseconds: u64) -> usize {
        self.nanoseconds.iter().take_while(|&&bound| bound < nanoseconds).count()
    }
}

#[cfg(test)]
mod tests {
    use super::{Histogram, HistogramCounts};

    #[test]
    fn a_bound_belongs_to_the_bucket_below_it() {
        let histogram = Histogram::new(&[0.001, 0.1]);
        for nanoseconds in [0, 1_000_000, 1_000_001, 100_000_000, 100_000_001] {
            histogram.observe(nanoseconds);
        }
        let expected = HistogramCounts { bounds: &[0.001, 0.1], counts: vec![2, 2, 1], sum_nanoseconds: 202_000_002 };
        assert_eq!(histogram.read(), expected);
    }
}
