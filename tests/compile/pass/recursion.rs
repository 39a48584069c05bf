//! A function that calls itself.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use std::pin::Pin;
use tta_runtime::primitive;

#[primitive(type = "tool")]
fn factorial(number: u64) -> u64 {
    if number < 2 { 1 } else { number * factorial(number - 1) }
}

#[primitive(type = "tool")]
fn later(number: u64) -> Pin<Box<dyn std::future::Future<Output = u64> + Send>> {
    Box::pin(async move { if number < 2 { 1 } else { number * later(number - 1).await } })
}

pub(crate) fn main() {
    assert_eq!(factorial(5), 120);
    drop(later(5));
}
