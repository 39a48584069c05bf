//! A reference to a local is returned.

#[annotated]
fn text() -> &'static str {
    let text = String::new();
    text.as_str()
}
