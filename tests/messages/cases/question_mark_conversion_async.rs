//! `?` finds no conversion of the error in an async function.

struct Failure;

#[annotated]
async fn parse(text: &str) -> Result<u8, Failure> {
    let number = text.parse::<u8>()?;
    Ok(number)
}
