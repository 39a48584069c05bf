//! A `mut` that is not needed is denied.
#![deny(unused_mut)]

#[annotated]
fn run(mut number: u32) -> u32 {
    number
}
