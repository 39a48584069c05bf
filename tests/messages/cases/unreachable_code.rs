//! Code behind a `return` is denied.
#![deny(unreachable_code)]

#[annotated]
fn run() -> u32 {
    return 1;
    2
}
