//! An expression is incomplete.

#[annotated]
fn double(number: u32) -> u32 {
    number *
}
