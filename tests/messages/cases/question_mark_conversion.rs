//! `?` finds no conversion of the error.

struct Failure;

#[annotated]
fn parse(text: &str) -> Result<u8, Failure> {
    let number = text.parse::<u8>()?;
    Ok(number)
}
