//! `?` on an `Option` in a function with a `Result`.

#[annotated]
fn first(text: &str) -> Result<char, String> {
    let first = text.chars().next()?;
    Ok(first)
}
