//! Plain rows of numbers, and how two of them are added up.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use foldhash::quality::RandomState;

use super::exponential::Exponential;
use super::label_set::LabelSet;
use crate::id::SpanIds;
use crate::metric::{Exemplar, HistogramCounts};
use crate::schema::Unit;

/// The series of one metric at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rows {
    pub(crate) name: Cow<'static, str>,
    pub(crate) help: Cow<'static, str>,
    pub(crate) kind: RowKind,
    /// As the Unified Code for Units of Measure writes it, empty where it is not known.
    pub(crate) unit: &'static str,
    /// True if every number is whole: a count of calls or tokens.
    pub(crate) is_whole: bool,
    pub(crate) series: Vec<Row>,
}

/// The kind of a metric's rows; a host's own metrics may also be untyped or summaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowKind {
    Counter,
    Gauge,
    /// A gauge whose series add up: of things in progress.
    Level,
    Histogram,
    Summary,
    Untyped,
}

/// One series at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) labels: LabelSet,
    pub(crate) value: Value,
    /// A sampled call that added to a counter.
    pub(crate) exemplar: Option<RowExemplar>,
}

/// A sampled call, and what it added in the exposed unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RowExemplar {
    pub(crate) span: SpanIds,
    pub(crate) value: f64,
    pub(crate) at: SystemTime,
}

impl RowExemplar {
    /// Exposes an exemplar of a metric with this unit.
    pub(crate) fn of(exemplar: Exemplar, unit: Unit) -> Self {
        let Exemplar { span, at, amount } = exemplar;
        Self { span, value: amount as f64 / unit.scale(), at }
    }
}

/// The value of a series, in the exposed unit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    Distribution(Distribution),
    Quantiles { quantiles: Vec<(f64, f64)>, count: u64, sum: f64 },
}

/// One bucket of a histogram: its upper bound, its count, which is not cumulative, and its exemplar.
pub(crate) type Bucket = (f64, u64, Option<RowExemplar>);

/// A histogram.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Distribution {
    /// The finite bounds, which rise.
    bounds: Cow<'static, [f64]>,
    /// The count of each bucket. One more than `bounds`: the last bucket is above all of them.
    counts: Vec<u64>,
    /// The exemplar of each bucket; empty if there is none.
    exemplars: Vec<Option<RowExemplar>>,
    sum: f64,
    /// The same in exponential buckets, if they are kept.
    exponential: Option<Exponential>,
}

impl Distribution {
    /// Makes the distribution of a histogram's counts, which count in the smallest part of the unit.
    pub(crate) fn of(counts: HistogramCounts, unit: Unit, exemplars: &[Option<Exemplar>]) -> Self {
        let shown = |exemplar: &Option<Exemplar>| exemplar.map(|exemplar| RowExemplar::of(exemplar, unit));
        Self {
            bounds: Cow::Borrowed(counts.bounds.declared),
            counts: counts.counts,
            exemplars: exemplars.iter().map(shown).collect(),
            sum: counts.sum as f64 / unit.scale(),
            exponential: counts.exponential.map(|counts| Exponential::of(counts, unit)),
        }
    }

    /// Makes a distribution of buckets by rising bounds; the last bound is infinite.
    pub(crate) fn of_buckets(buckets: &[Bucket], sum: f64) -> Self {
        let has_exemplars = buckets.iter().any(|(.., exemplar)| exemplar.is_some());
        let exemplars = buckets.iter().filter(|_| has_exemplars).map(|(.., exemplar)| *exemplar);
        Self {
            bounds: buckets.iter().map(|(bound, ..)| *bound).filter(|bound| bound.is_finite()).collect(),
            counts: buckets.iter().map(|(_, n, _)| *n).collect(),
            exemplars: exemplars.collect(),
            sum,
            exponential: None,
        }
    }

    /// Converts seconds to milliseconds; `convert` does so with one number.
    pub(crate) fn in_milliseconds(&self, convert: impl Fn(f64) -> f64) -> Self {
        let exemplar = |exemplar: RowExemplar| RowExemplar { value: convert(exemplar.value), ..exemplar };
        let sum = convert(self.sum);
        Self {
            bounds: self.bounds.iter().map(|bound| convert(*bound)).collect(),
            counts: self.counts.clone(),
            exemplars: self.exemplars.iter().map(|of| of.map(exemplar)).collect(),
            sum,
            exponential: self.exponential.as_ref().map(|exponential| exponential.in_milliseconds(sum)),
        }
    }

    /// Iterates over the buckets by rising bounds; the last bound is infinite.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = Bucket> {
        let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
        let exemplars = self.exemplars.iter().copied().chain(std::iter::repeat(None));
        bounds.zip(&self.counts).zip(exemplars).map(|((bound, &n), exemplar)| (bound, n, exemplar))
    }

    /// Returns the finite bounds.
    pub(crate) fn bounds(&self) -> &[f64] {
        &self.bounds
    }

    pub(crate) fn sum(&self) -> f64 {
        self.sum
    }

    pub(crate) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

#[cfg(any(feature = "exporter", feature = "otlp"))]
impl Distribution {
    /// Returns the same observations in exponential buckets, if they are kept. They have no observation that the others lack.
    pub(crate) fn exponential(&self) -> Option<&Exponential> {
        self.exponential.as_ref()
    }
}

#[cfg(feature = "otlp")]
impl Distribution {
    /// Returns the count of each bucket; the last one is above all bounds.
    pub(crate) fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Returns what was added since an earlier reading, `None` if the histogram began anew.
    fn since(&self, earlier: &Self) -> Option<Self> {
        if self.bounds != earlier.bounds || self.exponential.is_some() != earlier.exponential.is_some() {
            return None;
        }
        let counts = self.counts.iter().zip(&earlier.counts).map(|(now, earlier)| now.checked_sub(*earlier));
        let exponential = match (&self.exponential, &earlier.exponential) {
            (Some(now), Some(earlier)) => Some(now.since(earlier)?),
            _ => None,
        };
        Some(Self { counts: counts.collect::<Option<_>>()?, sum: self.sum - earlier.sum, exponential, ..self.clone() })
    }
}

#[cfg(feature = "otlp")]
impl Value {
    /// Returns what was added since an earlier reading, `None` if the series began anew.
    pub(crate) fn since(&self, earlier: &Self) -> Option<Self> {
        match (self, earlier) {
            (Self::Number(now), Self::Number(earlier)) => Some(Self::Number(now - earlier)).filter(|_| now >= earlier),
            (Self::Distribution(now), Self::Distribution(earlier)) => now.since(earlier).map(Self::Distribution),
            (Self::Number(_) | Self::Distribution(_) | Self::Quantiles { .. }, _) => None,
        }
    }
}

impl Row {
    pub(crate) fn number(labels: &[(&'static str, &'static str)], number: f64) -> Self {
        let labels = labels.iter().map(|&(name, value)| (name.into(), value.into())).collect();
        Self::new(labels, Value::Number(number))
    }

    /// Creates a row without an exemplar.
    pub(crate) fn new(labels: LabelSet, value: Value) -> Self {
        Self { labels, value, exemplar: None }
    }

    /// Adds a row of the same labels and the same kind.
    pub(crate) fn add(&mut self, other: Self) {
        self.value.add(other.value);
        self.exemplar = latest(self.exemplar, other.exemplar);
    }
}

fn latest(one: Option<RowExemplar>, other: Option<RowExemplar>) -> Option<RowExemplar> {
    // Of two at the same time, the first.
    one.into_iter().chain(other).reduce(|latest, next| if next.at > latest.at { next } else { latest })
}

impl Value {
    /// Adds another value of the same kind; values of different kinds never share labels.
    fn add(&mut self, other: Self) {
        match (self, other) {
            (Self::Number(sum), Self::Number(number)) => *sum += number,
            (Self::Distribution(sum), Self::Distribution(distribution)) => sum.add(distribution),
            (Self::Number(_) | Self::Distribution(_) | Self::Quantiles { .. }, _) => {}
        }
    }
}

impl Distribution {
    /// Adds another histogram, in the buckets whose bounds both have.
    ///
    /// The counts below such a bound are exact; below any other bound they would be guesses.
    fn add(&mut self, other: Self) {
        let exponential = match (self.exponential.take(), other.exponential.clone()) {
            (Some(mut sum), Some(other)) => {
                sum.add(other);
                Some(sum)
            }
            // Without one of them the sum would be less than the histogram.
            _ => None,
        };
        if self.bounds == other.bounds && self.exemplars.is_empty() && other.exemplars.is_empty() {
            self.counts.iter_mut().zip(other.counts).for_each(|(count, n)| *count += n);
            self.sum += other.sum;
            self.exponential = exponential;
            return;
        }
        let mut sum: Vec<Bucket> =
            self.bounds.iter().filter(|bound| other.bounds.contains(bound)).copied().map(empty).collect();
        sum.push(empty(f64::INFINITY));
        for (bound, n, exemplar) in self.buckets().chain(other.buckets()) {
            if let Some(bucket) = sum.iter_mut().find(|(have, ..)| *have >= bound) {
                bucket.1 += n;
                bucket.2 = latest(bucket.2, exemplar);
            }
        }
        *self = Self { exponential, ..Self::of_buckets(&sum, self.sum + other.sum) };
    }
}

fn empty(bound: f64) -> Bucket {
    (bound, 0, None)
}

/// Adds up rows with equal labels, in the order in which their labels first appear.
pub(crate) fn merge(rows: Vec<Row>) -> Vec<Row> {
    let mut known: HashMap<&LabelSet, usize, RandomState> =
        HashMap::with_capacity_and_hasher(rows.len(), RandomState::default());
    let place = |row| {
        let next = known.len();
        *known.entry(row).or_insert(next)
    };
    let places: Vec<usize> = rows.iter().map(|row| &row.labels).map(place).collect();
    let mut merged: Vec<Row> = Vec::with_capacity(rows.len());
    for (row, place) in rows.into_iter().zip(places) {
        match merged.get_mut(place) {
            Some(sum) => sum.add(row),
            None => merged.push(row),
        }
    }
    merged
}

/// Adds up rows with equal labels, which follow each other.
pub(crate) fn merge_sorted(rows: Vec<Row>) -> Vec<Row> {
    let mut merged: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows {
        match merged.last_mut() {
            Some(sum) if sum.labels == row.labels => sum.add(row),
            _ => merged.push(row),
        }
    }
    merged
}

/// Keeps the first of rows with equal labels: constants that two functions of one name declare do not add up.
pub(crate) fn first_of_each(mut rows: Vec<Row>) -> Vec<Row> {
    let mut seen = HashSet::new();
    rows.retain(|row| seen.insert(row.labels.clone()));
    rows
}

#[cfg(test)]
mod tests {
    use super::Distribution;

    fn distribution(buckets: &[(f64, u64)], sum: f64) -> Distribution {
        let buckets: Vec<_> = buckets.iter().map(|&(bound, n)| (bound, n, None)).collect();
        Distribution::of_buckets(&buckets, sum)
    }

    #[test]
    fn histograms_with_different_buckets_are_added_in_those_that_both_have() {
        let mut sum = distribution(&[(0.05, 1), (0.1, 2), (1.0, 4), (f64::INFINITY, 8)], 20.0);
        sum.add(distribution(&[(0.1, 16), (0.5, 32), (f64::INFINITY, 64)], 70.0));
        assert_eq!(sum, distribution(&[(0.1, 19), (f64::INFINITY, 108)], 90.0));
    }

    #[test]
    fn histograms_with_equal_buckets_keep_all_of_them() {
        let mut sum = distribution(&[(0.1, 2), (f64::INFINITY, 8)], 20.0);
        sum.add(distribution(&[(0.1, 1), (f64::INFINITY, 4)], 9.0));
        assert_eq!(sum, distribution(&[(0.1, 3), (f64::INFINITY, 12)], 29.0));
    }
}
