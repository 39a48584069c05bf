//! A field's name is missing behind a dot.

#[annotated]
async fn double(number: Vec<u32>) -> usize {
    number.
}
