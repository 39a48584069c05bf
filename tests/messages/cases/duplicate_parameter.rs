//! Two parameters have one name.

#[annotated]
fn add(number: u32, number: u32) -> u32 {
    number
}
