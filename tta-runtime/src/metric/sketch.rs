//! Observations in exponential buckets, which percentiles are read from, and exponential histograms.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::grid::{COLUMNS, Grid};
use super::lanes::Lanes;

/// Counts observations in buckets narrow enough to read percentiles from: a percentile is at most 0.6 % off.
///
/// A lane has memory for the powers of two that its observations took.
pub(crate) struct Sketch {
    grid: &'static Grid,
    lanes: OnceLock<Lanes>,
}

/// The sum of the observations, of those who want it.
const SUM: usize = COLUMNS;

/// A reading of an exponential histogram.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ExponentialCounts {
    /// The number of observations of 0.
    pub(crate) zero: u64,
    /// The other buckets with observations, by rising bounds: the upper bound is 2^(power / 64) in the unit of the metric.
    pub(crate) buckets: Vec<(i32, u64)>,
    /// The sum in the unit of the cells.
    pub(crate) sum: u64,
}

impl ExponentialCounts {
    /// Counts observations of these numbers, each with how often it was made.
    pub(super) fn of(grid: &Grid, observed: impl Iterator<Item = (u64, u64)>, sum: u64) -> Self {
        let (mut zero, mut buckets) = (0, BTreeMap::<i32, u64>::new());
        for (n, times) in observed.filter(|(_, times)| *times > 0) {
            match grid.column(n) {
                0 => zero += times,
                column => *buckets.entry(grid.power(column)).or_default() += times,
            }
        }
        Self { zero, buckets: buckets.into_iter().collect(), sum }
    }

    /// Adds the counts of the same buckets.
    pub(super) fn add(&mut self, other: &Self) {
        let mut sums: BTreeMap<i32, u64> = self.buckets.iter().copied().collect();
        for (power, n) in &other.buckets {
            *sums.entry(*power).or_default() += n;
        }
        *self = Self {
            zero: self.zero + other.zero,
            buckets: sums.into_iter().collect(),
            sum: self.sum.wrapping_add(other.sum),
        };
    }

    /// Returns what was counted since an earlier reading.
    pub(super) fn since(&self, earlier: &Self) -> Self {
        let before: BTreeMap<i32, u64> = earlier.buckets.iter().copied().collect();
        let since =
            |(power, n): &(i32, u64)| (*power, n.saturating_sub(before.get(power).copied().unwrap_or_default()));
        Self {
            zero: self.zero.saturating_sub(earlier.zero),
            buckets: self.buckets.iter().map(since).filter(|(_, n)| *n > 0).collect(),
            sum: self.sum.wrapping_sub(earlier.sum),
        }
    }
}

/// True once every histogram keeps exponential buckets beside its own.
static EVERYWHERE: AtomicBool = AtomicBool::new(false);

/// Makes every histogram count in exponential buckets, too, from now on until the process ends: their counts must not have gaps.
#[cfg(any(feature = "exporter", feature = "otlp"))]
pub(crate) fn keep_exponential_counts() {
    EVERYWHERE.store(true, Ordering::Relaxed);
}

/// Returns whether every histogram counts in exponential buckets, too.
#[inline]
pub(crate) fn keeps_exponential_counts() -> bool {
    EVERYWHERE.load(Ordering::Relaxed)
}

impl Sketch {
    pub(crate) const fn new(grid: &'static Grid) -> Self {
        Self { grid, lanes: OnceLock::new() }
    }

    #[inline]
    pub(crate) fn observe(&self, n: u64) {
        self.lanes().add(self.grid.column(n), 1);
    }

    /// Observes, and adds to the sketch's own sum.
    pub(crate) fn observe_with_sum(&self, n: u64) {
        self.lanes().add_both([(self.grid.column(n), 1), (SUM, n)]);
    }

    #[inline]
    fn lanes(&self) -> &Lanes {
        self.lanes.get_or_init(|| Lanes::new(COLUMNS + 1))
    }

    /// Returns whether nothing was ever observed.
    #[cfg(any(test, feature = "page"))]
    pub(super) fn is_empty(&self) -> bool {
        self.lanes.get().is_none()
    }

    /// Returns the observations at the given ranks, from 0 to 1, in the unit of the metric, among those of this sketch and of another one
    /// with the same grid; zero without observations.
    pub(super) fn quantiles_with<const N: usize>(&self, other: &Self, shares: [f64; N]) -> [f64; N] {
        let both = [self, other].into_iter().filter_map(|sketch| sketch.lanes.get());
        let sums = both.map(|lanes| lanes.sums(0..COLUMNS)).reduce(|mut sums, others| {
            sums.iter_mut().zip(others).for_each(|(sum, n)| *sum += n);
            sums
        });
        let Some(counts) = sums else { return [0.0; N] };
        let total: u64 = counts.iter().sum();
        shares.map(|share| self.quantile(&counts, total, share))
    }

    /// Returns the nearest-rank quantile: the middle of the bucket of the observation with that rank.
    fn quantile(&self, counts: &[u64], total: u64, share: f64) -> f64 {
        if total == 0 {
            return 0.0;
        }
        let rank = ((share * total as f64).ceil() as u64).clamp(1, total);
        let mut seen = 0;
        let position = counts.iter().position(|count| {
            seen += count;
            seen >= rank
        });
        position.map_or(0.0, |column| self.grid.middle(column))
    }

    /// Returns the observations, and the sum of those that had one.
    pub(crate) fn read(&self) -> ExponentialCounts {
        let counts = self.lanes.get().map(|lanes| lanes.sums(0..COLUMNS)).unwrap_or_default();
        let taken = counts.iter().enumerate().skip(1).filter(|(_, n)| **n > 0);
        let buckets = taken.map(|(column, n)| (self.grid.power(column), *n)).collect();
        let sum = self.lanes.get().map_or(0, |lanes| lanes.sum(SUM));
        ExponentialCounts { zero: counts.first().copied().unwrap_or_default(), buckets, sum }
    }
}

#[cfg(test)]
mod tests {
    use super::{ExponentialCounts, Sketch};
    use crate::metric::grid::{OF_NANOS, OF_ONES};

    #[test]
    fn percentiles_of_the_numbers_to_a_thousand_milliseconds() {
        let sketch = Sketch::new(&OF_NANOS);
        (1..=1_000).for_each(|n| sketch.observe(n * 1_000_000));
        let [p50, p90, p99] = sketch.quantiles_with(&Sketch::new(&OF_NANOS), [0.5, 0.9, 0.99]);
        for (have, want) in [(p50, 0.5), (p90, 0.9), (p99, 0.99)] {
            assert!((have - want).abs() / want <= 0.006, "{have} is too far from {want}");
        }
    }

    #[test]
    fn a_reading_has_the_buckets_that_were_taken() {
        let sketch = Sketch::new(&OF_ONES);
        for n in [0, 1, 2, 2, 3, 1_024] {
            sketch.observe_with_sum(n);
        }
        // 2^(101/64) is 2.99, and 2^(102/64) is 3.02.
        let buckets = vec![(0, 1), (64, 2), (102, 1), (640, 1)];
        assert_eq!(sketch.read(), ExponentialCounts { zero: 1, buckets, sum: 1_032 });
    }
}
