//! Cells: the storage of metrics, which calls add to and snapshots read.

mod call_cell;
mod call_rate;
#[cfg(feature = "blocks")]
mod cell;
mod counter;
mod durations;
mod ended;
mod exemplar;
mod family;
mod free_lanes;
mod gauge;
pub(crate) mod grid;
mod here;
mod histogram;
mod lane;
mod lanes;
#[cfg(test)]
mod lanes_model;
mod lease;
mod metric_cells;
mod near_series;
mod series_limit;
mod sketch;
mod stopwatch;
mod sync;

pub(crate) use call_cell::{CallCell, CallCounts, CallDurations};
pub(crate) use call_rate::CallRate;
#[cfg(feature = "blocks")]
pub(crate) use cell::Cell;
pub(crate) use counter::Counter;
pub(crate) use durations::Durations;
pub(crate) use exemplar::{Exemplar, Sampled};
pub(crate) use family::{Family, Series};
pub(crate) use gauge::Gauge;
pub(crate) use histogram::{Bounds, Histogram, HistogramCounts};
pub(crate) use metric_cells::{Cells, MetricCells};
pub(crate) use near_series::NearSeries;
pub(crate) use series_limit::SeriesLimit;
#[cfg(test)]
pub(crate) use sketch::Sketch;
#[cfg(any(feature = "exporter", feature = "otlp"))]
pub(crate) use sketch::keep_exponential_counts;
pub(crate) use sketch::{ExponentialCounts, keeps_exponential_counts};
pub(crate) use stopwatch::Stopwatch;
