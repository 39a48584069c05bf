//! A method does not exist.

#[annotated]
fn shorten(text: &str) -> usize {
    text.lenght()
}
