//! The final `Ok(())` is missing.

#[annotated]
fn run(text: &str) -> Result<(), std::num::ParseIntError> {
    text.parse::<u8>()?;
}
