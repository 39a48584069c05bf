//! The output is a type that does not exist.

#[annotated]
fn double(number: u32) -> Numbr {
    number
}
