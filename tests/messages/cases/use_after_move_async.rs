//! A value is used after it was moved in an async function.

#[annotated]
async fn send(text: String) -> usize {
    drop(text);
    text.len()
}
