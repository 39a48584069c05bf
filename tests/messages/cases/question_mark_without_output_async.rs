//! `?` in an async function without an output.

#[annotated]
async fn parse(text: &str) {
    let _number = text.parse::<u8>()?;
}
