//! A returned iterator captures a lifetime that `use<>` excludes.

#[annotated]
fn letters(text: &str) -> impl Iterator<Item = char> + use<> {
    text.chars()
}
