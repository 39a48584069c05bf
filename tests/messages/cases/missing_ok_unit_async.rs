//! The final `Ok(())` of an async function is missing.

#[annotated]
async fn run(text: &str) -> Result<(), std::num::ParseIntError> {
    text.parse::<u8>()?;
}
