//! `?` on a `Result` in a function with an `Option`.

#[annotated]
async fn first(text: &str) -> Option<u8> {
    let first = text.parse::<u8>()?;
    Some(first)
}
