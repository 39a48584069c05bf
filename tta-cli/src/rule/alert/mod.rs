//! All alerts.

use crate::rule::row::AlertGroup;

pub mod blocks;
pub mod cache;
pub mod components;
pub mod cost;
pub mod growth;
pub mod loops;
pub mod service;
pub mod slo;
pub mod telemetry;
pub mod workflows;

/// All groups, in the order of the file.
pub static GROUPS: &[&AlertGroup] = &[
    &service::GROUP,
    &slo::GROUP,
    &cost::GROUP,
    &workflows::GROUP,
    &blocks::GROUP,
    &loops::GROUP,
    &cache::GROUP,
    &telemetry::GROUP,
    &growth::GROUP,
    &components::GROUP,
];
