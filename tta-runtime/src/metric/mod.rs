//! The numbers themselves: cells that calls add to and snapshots read.

mod budget;
mod call_cell;
mod counter;
mod exemplar;
mod family;
mod gauge;
mod histogram;
mod lanes;
mod lease;
mod rate;
mod series;
mod sketch;
mod stopwatch;

pub(crate) use budget::Budget;
pub(crate) use call_cell::{CallCell, CallCounts};
pub(crate) use counter::Counter;
pub(crate) use exemplar::Exemplar;
pub(crate) use family::Family;
pub(crate) use gauge::Gauge;
pub(crate) use histogram::{Histogram, HistogramCounts};
pub(crate) use rate::Rate;
pub(crate) use series::{Cell, Cells, Series};
pub(crate) use sketch::Sketch;
pub(crate) use stopwatch::Stopwatch;
