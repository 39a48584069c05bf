//! The value of an `Option` is not wrapped.

#[annotated]
fn first(text: &str) -> Option<usize> {
    text.len()
}
