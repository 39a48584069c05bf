//! A reference to an owned argument is returned.

#[annotated]
fn trim(text: String) -> &'static str {
    text.trim()
}
