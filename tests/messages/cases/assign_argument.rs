//! An argument that is not `mut` is changed.

#[annotated]
fn increment(number: u32) -> u32 {
    number += 1;
    number
}
