//! A `return` has a value, and the async function no output.

#[annotated]
async fn log(text: &str) {
    return text.len();
}
