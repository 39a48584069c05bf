//! A value is used after it was moved.

#[annotated]
fn send(text: String) -> usize {
    drop(text);
    text.len()
}
