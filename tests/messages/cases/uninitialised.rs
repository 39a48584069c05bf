//! A local is used before it has a value.

#[annotated]
fn sign(negative: bool) -> i32 {
    let sign;
    if negative {
        sign = -1;
    }
    sign
}
