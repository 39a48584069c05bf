//! Custom types and actions.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

#[primitive(type = custom("simulation"), action = custom("step"))]
fn step() {}

#[primitive(type = "tool", action = custom("dry_run"))]
fn dry_run() {}

pub(crate) fn main() {
    step();
    dry_run();
}
