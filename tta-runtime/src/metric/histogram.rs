//! Histograms of durations and amounts, with Prometheus' buckets.

use std::sync::{Arc, OnceLock};

use super::exemplar::{Exemplar, Exemplars, Sampled};
use super::grid::{Grid, OF_NANOS, OF_ONES};
use super::lanes::Lanes;
use super::sketch::{ExponentialCounts, Sketch, keeps_exponential_counts};
use crate::clock::ClockAnchor;

/// Counts observations by bucket.
pub(crate) struct Histogram {
    bounds: Arc<Bounds>,
    /// Observations from before exponential buckets were wanted.
    early: Lanes,
    exemplars: Exemplars,
    /// Observations since then.
    late: OnceLock<Box<Late>>,
}

/// Observations in both kinds of buckets.
struct Late {
    lanes: Lanes,
    sketch: Sketch,
}

/// A reading of a histogram.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HistogramCounts {
    pub(crate) bounds: Arc<Bounds>,
    /// Counts per bucket, not cumulative. One more than there are bounds: the last bucket is above all of them.
    pub(crate) counts: Vec<u64>,
    /// The sum in the unit of the cells: nanoseconds, or whole units.
    pub(crate) sum: u64,
    /// The same in exponential buckets, if they are wanted.
    pub(crate) exponential: Option<ExponentialCounts>,
}

impl HistogramCounts {
    /// Adds the counts of a histogram with the same bounds.
    pub(super) fn add(&mut self, other: &Self) {
        let exponential = (self.exponential.is_some() || other.exponential.is_some()).then(|| {
            let mut sum = self.in_exponential_buckets();
            sum.add(&other.in_exponential_buckets());
            sum
        });
        self.counts.iter_mut().zip(&other.counts).for_each(|(sum, n)| *sum += n);
        self.sum = self.sum.wrapping_add(other.sum);
        self.exponential = exponential;
    }

    /// Returns the exponential buckets. If they were not wanted at this reading, the bounds of the other ones stand in for the observations.
    fn in_exponential_buckets(&self) -> ExponentialCounts {
        self.exponential.clone().unwrap_or_else(|| self.bounds.exponential(&self.counts, self.sum, None))
    }

    /// Returns the counts with exponential buckets.
    pub(super) fn in_both_kinds(self) -> Self {
        Self { exponential: Some(self.in_exponential_buckets()), ..self }
    }

    /// Returns what was observed since an earlier reading.
    pub(super) fn since(&self, earlier: &Self) -> Self {
        let since = |(now, earlier): (&u64, &u64)| now.saturating_sub(*earlier);
        Self {
            bounds: Arc::clone(&self.bounds),
            counts: self.counts.iter().zip(&earlier.counts).map(since).collect(),
            sum: self.sum.wrapping_sub(earlier.sum),
            exponential: self.exponential.as_ref().map(|now| now.since(&earlier.in_exponential_buckets())),
        }
    }
}

const SUM: usize = 0;
const BUCKETS: usize = 1;

impl Histogram {
    pub(crate) fn new(bounds: &Arc<Bounds>) -> Self {
        let early = Lanes::new(BUCKETS + bounds.buckets());
        Self { bounds: Arc::clone(bounds), early, exemplars: Exemplars::new(), late: OnceLock::new() }
    }

    pub(crate) fn observe(&self, n: u64) {
        if keeps_exponential_counts() {
            self.observe_late(n);
        } else {
            self.early.add_both([(BUCKETS + self.bounds.bucket(n), 1), (SUM, n)]);
        }
    }

    fn observe_late(&self, n: u64) {
        let late = self.late.get_or_init(|| {
            let lanes = Lanes::new(BUCKETS + self.bounds.buckets());
            Box::new(Late { lanes, sketch: Sketch::new(self.bounds.grid) })
        });
        late.lanes.add_both([(BUCKETS + self.bounds.bucket(n), 1), (SUM, n)]);
        late.sketch.observe_with_sum(n);
    }

    /// Observes a sampled call, which becomes the exemplar of its bucket.
    pub(crate) fn observe_sampled(&self, n: u64, call: Sampled) {
        self.observe(n);
        self.exemplars.put(self.bounds.bucket(n), self.bounds.buckets(), call, n);
    }

    /// Returns the latest exemplar of each bucket, dated by the anchor.
    pub(crate) fn exemplars(&self, anchor: ClockAnchor) -> Vec<Option<Exemplar>> {
        self.exemplars.read(anchor)
    }

    pub(crate) fn read(&self) -> HistogramCounts {
        if keeps_exponential_counts() { self.read_both() } else { self.with_late(self.read_of(&self.early)) }
    }

    /// Returns all observations in both kinds of buckets.
    fn read_both(&self) -> HistogramCounts {
        // Read before the others, which are counted first: the exponential buckets never have an observation more.
        let late = self.late.get().map(|late| late.sketch.read());
        let early = self.read_of(&self.early);
        let exponential = self.bounds.exponential(&early.counts, early.sum, late);
        HistogramCounts { exponential: Some(exponential), ..self.with_late(early) }
    }

    fn with_late(&self, mut early: HistogramCounts) -> HistogramCounts {
        if let Some(late) = self.late.get() {
            early.add(&self.read_of(&late.lanes));
        }
        early
    }

    fn read_of(&self, lanes: &Lanes) -> HistogramCounts {
        let counts = lanes.sums(BUCKETS..BUCKETS + self.bounds.buckets());
        HistogramCounts { bounds: Arc::clone(&self.bounds), counts, sum: lanes.sum(SUM), exponential: None }
    }
}

/// Bucket bounds in the unit of the observations, so that finding a bucket needs no floating point. All series of a metric share
/// them.
#[derive(Debug, PartialEq)]
pub(crate) struct Bounds {
    /// The bounds as declared, in the unit of the metric.
    pub(crate) declared: &'static [f64],
    cells: Box<[u64]>,
    /// The exponential buckets of the same unit.
    pub(crate) grid: &'static Grid,
}

impl Bounds {
    /// Creates bounds from declared ones; `scale` is the number of cell units in one unit of the metric: 1, or
    /// 1,000,000,000.
    pub(crate) fn new(declared: &'static [f64], scale: f64) -> Self {
        let cells = declared.iter().map(|bound| (bound * scale).round() as u64).collect();
        Self { declared, cells, grid: if scale > 1.0 { &OF_NANOS } else { &OF_ONES } }
    }

    /// Returns the number of buckets, including the one above all bounds.
    pub(crate) fn buckets(&self) -> usize {
        self.cells.len() + 1
    }

    /// Returns all observations in exponential buckets: those that were counted so, and others, of which only the bucket among these
    /// bounds is known. Such a one counts as if it were the bound of its bucket; beyond all bounds, as 3 % above the last one.
    pub(super) fn exponential(
        &self,
        early: &[u64],
        early_sum: u64,
        late: Option<ExponentialCounts>,
    ) -> ExponentialCounts {
        // More than the width of a bucket above, and so in another one than the last bound.
        let beyond = self.cells.last().map_or(1, |bound| bound.saturating_add(bound / 32 + 1));
        let stand_ins = self.cells.iter().copied().chain([beyond]);
        let mut counts = ExponentialCounts::of(self.grid, stand_ins.zip(early.iter().copied()), early_sum);
        if let Some(late) = late {
            counts.add(&late);
        }
        counts
    }

    /// Returns the bucket of an observation. A bound is inclusive, by Prometheus' `le`.
    #[inline]
    pub(crate) fn bucket(&self, n: u64) -> usize {
        self.cells.iter().take_while(|&&bound| bound < n).count()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Bounds, Histogram, HistogramCounts};
    use crate::metric::{ExponentialCounts, Sketch};

    #[test]
    fn a_bound_belongs_to_the_bucket_below_it() {
        let bounds = Arc::new(Bounds::new(&[0.001, 0.1], 1e9));
        let histogram = Histogram::new(&bounds);
        for nanoseconds in [0, 1_000_000, 1_000_001, 100_000_000, 100_000_001] {
            histogram.observe(nanoseconds);
        }
        let expected = HistogramCounts { bounds, counts: vec![2, 2, 1], sum: 202_000_002, exponential: None };
        assert_eq!(histogram.read(), expected);
    }

    #[test]
    fn what_was_observed_before_exponential_buckets_were_wanted_counts_there_at_the_bound_of_its_bucket() {
        let histogram = Histogram::new(&Arc::new(Bounds::new(&[2.0, 8.0], 1.0)));
        for n in [1, 3, 4, 100] {
            histogram.observe(n);
        }
        let early = histogram.read_both();
        for n in [1, 5, 9] {
            histogram.observe_late(n);
        }
        let sketch = |observed: &[u64], sum| {
            let sketch = Sketch::new(histogram.bounds.grid);
            for n in observed {
                sketch.observe(*n);
            }
            Some(ExponentialCounts { sum, ..sketch.read() })
        };
        let counts = |counts: [u64; 3], sum, exponential| HistogramCounts {
            bounds: Arc::clone(&histogram.bounds),
            counts: counts.into(),
            sum,
            exponential,
        };
        assert_eq!(early, counts([1, 2, 1], 108, sketch(&[2, 8, 8, 9], 108)));
        assert_eq!(histogram.read_both(), counts([2, 3, 2], 123, sketch(&[2, 8, 8, 9, 1, 5, 9], 123)));
    }

    #[test]
    fn a_reading_without_exponential_buckets_has_those_of_its_bounds_once_others_have_them() {
        let histogram = Histogram::new(&Arc::new(Bounds::new(&[2.0, 8.0], 1.0)));
        for n in [1, 3, 100] {
            histogram.observe(n);
        }
        let early = histogram.read();
        assert_eq!(early.exponential, None);
        for n in [4, 100] {
            histogram.observe_late(n);
        }
        let exponential = |observed: &[u64]| {
            let sketch = Sketch::new(histogram.bounds.grid);
            for n in observed {
                sketch.observe(*n);
            }
            sketch.read().buckets
        };
        let check = |counts: HistogramCounts, sum: u64, observed: &[u64]| {
            let native = counts.exponential.expect("it has both kinds");
            assert_eq!((native.buckets, native.sum, counts.sum), (exponential(observed), sum, sum));
        };
        // 2, 8 and 9 stand in for what was observed before.
        check(early.clone().in_both_kinds(), 104, &[2, 8, 9]);
        let late = histogram.read_both().since(&early);
        check(late.clone(), 104, &[4, 100]);
        let sum = |one: &HistogramCounts, other: &HistogramCounts| {
            let mut sum = one.clone();
            sum.add(other);
            sum
        };
        check(sum(&late, &early), 208, &[2, 8, 9, 4, 100]);
        check(sum(&early, &late), 208, &[2, 8, 9, 4, 100]);
        assert_eq!(sum(&early, &early).exponential, None);
    }
}
