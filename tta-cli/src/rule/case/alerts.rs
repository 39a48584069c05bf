//! When each alert fires, and when it stays silent.

use super::{Alerted, Fires};

mod blocks;
mod cache;
mod components;
mod cost;
mod growth;
mod service;
mod slo;
mod telemetry;
mod workflows;

/// What is expected of an alert that has no reason to fire, or not yet, or no longer.
const SILENT: Fires = &[];

/// Returns all cases.
pub fn all() -> impl Iterator<Item = &'static Alerted> {
    [
        service::CASES,
        slo::CASES,
        cost::CASES,
        workflows::CASES,
        blocks::CASES,
        cache::CASES,
        telemetry::CASES,
        growth::CASES,
        components::CASES,
    ]
    .into_iter()
    .flatten()
}
