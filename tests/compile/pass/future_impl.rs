//! Functions that return `impl Future`: from a block, from a helper, and early.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use std::future::{Future, ready};
use tta_runtime::primitive;

async fn helper(text: String) -> Result<usize, std::fmt::Error> {
    ready(()).await;
    Ok(text.len())
}

#[primitive(type = "tool")]
fn through_helper(text: &str) -> impl Future<Output = Result<usize, std::fmt::Error>> + Send + use<> {
    let text = text.to_uppercase();
    helper(text)
}

#[primitive(type = "tool")]
fn borrowed<'a>(text: &'a str, other: &'a mut String) -> impl Future<Output = &'a str> + 'a {
    other.push_str(text);
    async move { &**other }
}

#[primitive(type = "tool")]
fn at_once() -> impl std::future::Future<Output = ()> {
    ready(())
}

pub(crate) fn main() {
    fn is_send(_: impl Send) {}
    let mut other = String::new();
    is_send(through_helper("a"));
    drop(borrowed("a", &mut other));
    drop(at_once());
}
