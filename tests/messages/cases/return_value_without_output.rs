//! A `return` has a value, and the function no output.

#[annotated]
fn log(text: &str) {
    return text.len();
}
