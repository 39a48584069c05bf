//! A reference to an owned argument of an async function is returned.

#[annotated]
async fn trim(text: String) -> &'static str {
    text.trim()
}
