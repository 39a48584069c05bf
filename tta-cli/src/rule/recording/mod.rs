//! All recording rules.

use crate::rule::row::RecordingGroup;

pub mod budget;
pub mod cache;
pub mod circuit_breaker;
pub mod components;
pub mod cost;
pub mod day;
pub mod edges;
pub mod errors;
pub mod evaluations;
pub mod fallback;
pub mod latency;
pub mod models;
pub mod primitives;
pub mod requests;
pub mod retry;
pub mod router;
pub mod slo;
pub mod telemetry;
pub mod timeout;
pub mod tokens;
pub mod workflows;

/// All groups, in the order of the file.
pub static GROUPS: &[&RecordingGroup] = &[
    &requests::GROUP,
    &primitives::GROUP,
    &latency::GROUP,
    &errors::GROUP,
    &edges::GROUP,
    &workflows::GROUP,
    &models::GROUP,
    &evaluations::GROUP,
    &tokens::GROUP,
    &cost::GROUP,
    &budget::GROUP,
    &cache::GROUP,
    &router::GROUP,
    &timeout::GROUP,
    &retry::GROUP,
    &fallback::GROUP,
    &circuit_breaker::GROUP,
    &telemetry::GROUP,
    &slo::GROUP,
    &day::GROUP,
    &components::GROUP,
];
