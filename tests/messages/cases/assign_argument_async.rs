//! An argument of an async function that is not `mut` is changed.

#[annotated]
async fn increment(number: u32) -> u32 {
    number += 1;
    number
}
