//! A returned iterator has other items.

#[annotated]
fn letters(text: &str) -> impl Iterator<Item = String> {
    text.chars()
}
