//! A `match` in an async function does not handle all values.

#[annotated]
async fn sign(number: Option<i32>) -> i32 {
    match number {
        Some(number) => number,
    }
}
