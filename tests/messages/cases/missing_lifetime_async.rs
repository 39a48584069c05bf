//! The output's lifetime of an async function is not written.

#[annotated]
async fn longest(left: &str, right: &str) -> &str {
    left
}
