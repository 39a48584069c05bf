//! A method does not exist in an async function.

#[annotated]
async fn shorten(text: &str) -> usize {
    text.lenght()
}
