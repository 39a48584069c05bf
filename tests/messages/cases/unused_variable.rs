//! A variable is not used, which is denied.
#![deny(unused_variables)]

#[annotated]
fn run() {
    let number = 1;
}
