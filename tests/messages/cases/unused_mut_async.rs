//! A `mut` that an async function does not need is denied.
#![deny(unused_mut)]

#[annotated]
async fn run(mut number: u32) -> u32 {
    number
}
