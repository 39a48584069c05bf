//! The type of a value in an async function is not known.

#[annotated]
async fn collect(text: &str) -> usize {
    let letters = Vec::new();
    1
}
