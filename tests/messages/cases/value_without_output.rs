//! A value is returned from a function without an output.

#[annotated]
fn log(text: &str) {
    text.len()
}
