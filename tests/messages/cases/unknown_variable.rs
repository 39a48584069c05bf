//! A name does not exist.

#[annotated]
fn double(number: u32) -> u32 {
    numbr * 2
}
