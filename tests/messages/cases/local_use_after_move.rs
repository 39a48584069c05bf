//! A local is used after it was moved.

#[annotated]
async fn send() -> usize {
    let text = String::new();
    drop(text);
    text.len()
}
