//! An argument of an async function is not used, which is denied.
#![deny(unused_variables)]

#[annotated]
async fn run(number: u32) {}
