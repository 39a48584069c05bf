//! Cells: the storage of metrics, which calls add to and snapshots read.

mod call_cell;
mod call_rate;
mod counter;
mod exemplar;
mod family;
mod gauge;
mod histogram;
mod lanes;
mod lease;
mod metric_cells;
mod series_limit;
mod sketch;
mod stopwatch;

pub(crate) use call_cell::{CallCell, CallCounts};
pub(crate) use call_rate::CallRate;
pub(crate) use counter::Counter;
pub(crate) use exemplar::Exemplar;
pub(crate) use family::Family;
pub(crate) use gauge::Gauge;
pub(crate) use histogram::{Histogram, HistogramCounts};
pub(crate) use metric_cells::{Cell, Cells, MetricCells};
pub(crate) use series_limit::SeriesLimit;
pub(crate) use sketch::Sketch;
pub(crate) use stopwatch::Stopwatch;
