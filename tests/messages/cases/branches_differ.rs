//! The branches of an `if` have different types.

#[annotated]
fn sign(number: i32) -> i32 {
    if number < 0 { -1 } else { "positive" }
}
