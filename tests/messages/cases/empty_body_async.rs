//! The body of an async function is empty, and the output is not.

#[annotated]
async fn count() -> String {}
