//! The signature has a lifetime that is not declared.

#[annotated]
fn longest(left: &'a str) -> &'a str {
    left
}
