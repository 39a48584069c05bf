//! A type with a single action needs no `action`.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

#[primitive(type = "workflow")]
fn workflow() {}

#[primitive(type = "tool")]
fn tool() {}

#[primitive(type = "router")]
fn router() {}

pub(crate) fn main() {
    workflow();
    tool();
    router();
}
