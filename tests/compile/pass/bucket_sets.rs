//! Named bucket sets and custom buckets.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

#[primitive(type = "tool", buckets = "fast")]
fn fast() {}

#[primitive(type = "tool", buckets = "default")]
fn usual() {}

#[primitive(type = "tool", buckets = "llm")]
fn slow() {}

#[primitive(type = "tool", buckets(0.001, 1, 2.5))]
fn own() {}

pub(crate) fn main() {
    fast();
    usual();
    slow();
    own();
}
