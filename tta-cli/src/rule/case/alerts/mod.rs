//! Test cases of alerts: when each fires, and when it does not.

use crate::rule::case::row::AlertCase;

mod blocks;
mod cache;
mod components;
mod cost;
mod growth;
pub mod hazard;
mod loops;
mod service;
mod slo;
mod telemetry;
mod workflows;

/// Returns all cases.
pub fn all() -> impl Iterator<Item = &'static AlertCase> {
    [
        service::CASES,
        slo::CASES,
        cost::CASES,
        workflows::CASES,
        blocks::CASES,
        loops::CASES,
        cache::CASES,
        telemetry::CASES,
        growth::CASES,
        components::CASES,
    ]
    .into_iter()
    .flatten()
    .chain(hazard::all())
}
