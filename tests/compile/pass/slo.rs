//! Objectives for availability, for latency, and for both.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

#[primitive(type = "tool", slo(availability = 99.9))]
fn available() {}

#[primitive(type = "tool", slo(latency = "800ms", latency_target = 95))]
fn quick() {}

#[primitive(type = "tool", slo(latency = "2m", latency_target = 99.5, availability = 1))]
fn both() {}

pub(crate) fn main() {
    available();
    quick();
    both();
}
