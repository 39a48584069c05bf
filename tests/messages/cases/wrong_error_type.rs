//! The `Err` has another type than the signature.

#[annotated]
fn parse(text: &str) -> Result<u8, String> {
    if text.is_empty() {
        return Err(5);
    }
    Ok(1)
}
