//! All cells of one metric, of any kind.

use std::sync::Arc;

#[cfg(feature = "blocks")]
use super::Cell;
use super::{Bounds, Counter, Family, Gauge, Histogram, Sampled, SeriesLimit, Stopwatch};
use crate::schema::{Kind, Metric, Unit};

/// The series of a metric, by label values.
pub(crate) struct MetricCells {
    pub(crate) metric: &'static Metric,
    pub(crate) series_limit: SeriesLimit,
    pub(crate) cells: Cells,
}

/// Cells by label values.
pub(crate) enum Cells {
    Counter(Family<Counter>),
    Gauge(Family<Gauge>),
    Histogram(Family<Histogram>),
    /// A counter of seconds, which grows with time while a state lasts.
    Stopwatch(Family<Stopwatch>),
}

impl MetricCells {
    /// Returns the cell of a label set that has a series. `None` for gauges, and for a new label set: it may belong to the
    /// overflow series, where each record is counted.
    #[cfg(feature = "blocks")]
    pub(crate) fn cell(&'static self, labels: &[&str]) -> Option<Cell> {
        match &self.cells {
            Cells::Counter(family) => family.get_existing(labels).map(Cell::Counter),
            Cells::Histogram(family) => family.get_existing(labels).map(Cell::Histogram),
            Cells::Gauge(_) | Cells::Stopwatch(_) => None,
        }
    }

    /// Returns the counter of a label set that has a series; `None` if the metric is no counter, too.
    pub(crate) fn counter(&'static self, labels: &[&str]) -> Option<&'static Counter> {
        match &self.cells {
            Cells::Counter(family) => family.get_existing(labels),
            Cells::Gauge(_) | Cells::Histogram(_) | Cells::Stopwatch(_) => None,
        }
    }

    /// Creates a metric without series, for at most `limit` label sets besides those that the program declares.
    pub(crate) fn new(metric: &'static Metric, limit: usize) -> Self {
        let cells = match metric.kind {
            Kind::Counter if metric.unit == Unit::Seconds => Cells::Stopwatch(Family::new(Stopwatch::default)),
            Kind::Counter => Cells::Counter(Family::new(Counter::new)),
            Kind::Gauge => Cells::Gauge(Family::new(Gauge::default)),
            Kind::Histogram => {
                let bounds = Arc::new(Bounds::new(metric.buckets, metric.unit.scale()));
                Cells::Histogram(Family::new(move || Histogram::new(&bounds)))
            }
        };
        Self { metric, series_limit: SeriesLimit::new(limit), cells }
    }

    /// Adds to the series of a label set: units to a counter or gauge, or an observation to a histogram. Durations are in
    /// nanoseconds. A sampled call becomes the exemplar.
    pub(crate) fn add(&self, labels: &[&str], n: u64, call: Option<Sampled>) {
        debug_assert_eq!(labels.len(), self.metric.labels.len(), "{}", self.metric.name);
        let limit = &self.series_limit;
        match (&self.cells, call) {
            (Cells::Counter(family), None) => family.get(labels, limit).add(n),
            (Cells::Counter(family), Some(call)) => family.get(labels, limit).add_sampled(n, call),
            (Cells::Histogram(family), None) => family.get(labels, limit).observe(n),
            (Cells::Histogram(family), Some(call)) => family.get(labels, limit).observe_sampled(n, call),
            (Cells::Gauge(family), _) => family.get(labels, limit).add(n as i64),
            (Cells::Stopwatch(_), _) => {}
        }
    }

    /// Returns the gauge of a label set, `None` if the metric is no gauge.
    pub(crate) fn gauge(&self, labels: &[&str]) -> Option<&Gauge> {
        debug_assert_eq!(labels.len(), self.metric.labels.len(), "{}", self.metric.name);
        match &self.cells {
            Cells::Gauge(family) => Some(family.get(labels, &self.series_limit)),
            Cells::Counter(_) | Cells::Histogram(_) | Cells::Stopwatch(_) => None,
        }
    }

    /// Returns the stopwatch of a label set, `None` if the metric is no stopwatch.
    #[cfg(feature = "blocks")]
    pub(crate) fn stopwatch(&self, labels: &[&str]) -> Option<&Stopwatch> {
        debug_assert_eq!(labels.len(), self.metric.labels.len(), "{}", self.metric.name);
        match &self.cells {
            Cells::Stopwatch(family) => Some(family.get(labels, &self.series_limit)),
            Cells::Counter(_) | Cells::Gauge(_) | Cells::Histogram(_) => None,
        }
    }

    /// Creates the series of a label set that the program declares, with the value 0.
    pub(crate) fn declare(&self, labels: &[&str]) {
        match &self.cells {
            Cells::Counter(family) => family.declare(labels),
            Cells::Gauge(family) => family.declare(labels),
            Cells::Histogram(family) => family.declare(labels),
            Cells::Stopwatch(family) => family.declare(labels),
        }
    }
}
