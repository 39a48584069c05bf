//! A local that is not `mut` is changed.

#[annotated]
async fn increment() -> u32 {
    let number = 1;
    number += 1;
    number
}
