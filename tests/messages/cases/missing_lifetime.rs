//! The output's lifetime is not written.

#[annotated]
fn longest(left: &str, right: &str) -> &str {
    left
}
