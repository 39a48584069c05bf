//! An unused function is still reported as unused.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

#[expect(dead_code)]
#[primitive(type = "tool")]
fn never_called() {}

#[primitive(type = "tool")]
fn with_unused(#[expect(unused_variables)] first: Box<u8>, #[expect(unused_variables)] second: &str) {}

#[primitive(type = "tool")]
#[expect(unused_variables, unused_mut)]
async fn with_unused_later(first: Box<u8>, mut second: std::sync::Arc<[u8]>) -> usize {
    std::future::ready(()).await;
    second.len()
}

pub(crate) fn main() {
    with_unused(Box::new(1), "");
    drop(with_unused_later(Box::new(1), std::sync::Arc::new([])));
}
