//! The type of a value is not known.

#[annotated]
fn collect(text: &str) -> usize {
    let letters = text.chars().collect();
    letters.len()
}
