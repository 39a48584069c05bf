//! The body is empty, and the output is not.

#[annotated]
fn count() -> String {}
