//! A `match` does not handle all values.

#[annotated]
fn sign(number: Option<i32>) -> i32 {
    match number {
        Some(number) => number,
    }
}
