//! Other attributes above and below.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::primitive;

/// Has documentation.
#[cfg(not(any()))]
#[inline]
#[primitive(type = "tool")]
#[must_use]
#[allow(clippy::unnecessary_wraps)]
fn above_and_below() -> Option<u8> {
    Some(5)
}

#[tracing::instrument]
#[primitive(type = "tool")]
async fn instrumented_above(text: &str) -> Result<usize, String> {
    Ok(text.len())
}

#[primitive(type = "tool")]
#[tracing::instrument(skip_all)]
async fn instrumented_below(text: &str) -> Result<usize, String> {
    Ok(text.len())
}

#[primitive(type = "tool")]
#[deprecated = "use another"]
#[cold]
#[inline(never)]
fn old() {}

#[cfg(any())]
#[primitive(type = "tool")]
fn missing() {}

pub(crate) fn main() {
    assert_eq!(above_and_below(), Some(5));
    drop(instrumented_above("a"));
    drop(instrumented_below("a"));
    #[allow(deprecated)]
    old();
}
