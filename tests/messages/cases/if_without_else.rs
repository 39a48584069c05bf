//! An `if` without `else` is the value of the body.

#[annotated]
fn sign(number: i32) -> i32 {
    if number < 0 {
        -1
    }
}
