//! The value of a `Result` is not wrapped in an async function.

#[annotated]
async fn parse(text: &str) -> Result<usize, String> {
    text.len()
}
