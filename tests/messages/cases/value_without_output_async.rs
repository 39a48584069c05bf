//! A value is returned from an async function without an output.

#[annotated]
async fn log(text: &str) {
    text.len()
}
