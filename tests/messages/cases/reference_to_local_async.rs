//! A reference to a local is returned from an async function.

#[annotated]
async fn text() -> &'static str {
    let text = String::new();
    text.as_str()
}
