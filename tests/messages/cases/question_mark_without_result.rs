//! `?` in a function without a `Result`.

#[annotated]
fn parse(text: &str) -> u8 {
    text.parse::<u8>()?
}
