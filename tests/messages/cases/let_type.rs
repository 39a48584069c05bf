//! A `let` has another type than its value.

#[annotated]
fn double(number: u32) -> u32 {
    let twice: u64 = number;
    2
}
