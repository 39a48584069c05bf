//! The checks, in the order of their findings.

mod clock;
mod costs;
mod exports;
mod instances;
mod labels;
mod log_records;
mod prices;
mod scrapes;
mod spans;
mod start;
mod stopping;
mod variables;
mod view;

use super::examined::Examined;
use super::finding::Finding;
use super::program::Program;

/// The checks of one program.
pub(super) const OF_PROGRAM: &[fn(&Program) -> Vec<Finding>] = &[
    stopping::check,
    view::check,
    start::check,
    variables::check,
    exports::check,
    spans::check,
    log_records::check,
    labels::check,
    costs::check,
    prices::check,
    clock::check,
];

/// The checks that compare programs with each other or with Prometheus.
pub(super) const OF_ALL: &[fn(&Examined) -> Vec<Finding>] = &[scrapes::check, instances::check];
