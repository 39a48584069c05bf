//! A closure that is not `mut` is called.

#[annotated]
fn count() -> u32 {
    let mut number = 0;
    let add = || number += 1;
    add();
    number
}
