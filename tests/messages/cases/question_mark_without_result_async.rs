//! `?` in an async function without a `Result`.

#[annotated]
async fn parse(text: &str) -> u8 {
    text.parse::<u8>()?
}
