//! `?` in a function without an output.

#[annotated]
fn parse(text: &str) {
    let _number = text.parse::<u8>()?;
}
