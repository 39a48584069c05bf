//! The signature has a type that does not exist.

#[annotated]
fn double(number: Numbr) -> u32 {
    2
}
