//! The value of a `Result` is not wrapped.

#[annotated]
fn parse(text: &str) -> Result<usize, String> {
    text.len()
}
