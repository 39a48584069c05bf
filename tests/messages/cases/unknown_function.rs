//! A function does not exist.

#[annotated]
fn double(number: u32) -> u32 {
    twice(number)
}
