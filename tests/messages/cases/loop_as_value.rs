//! A `while` loop is the value of the body.

#[annotated]
fn wait(mut left: u32) -> u32 {
    while left > 0 {
        left -= 1;
    }
}
