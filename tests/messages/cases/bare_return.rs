//! A `return` without a value.

#[annotated]
fn count(empty: bool) -> u32 {
    if empty {
        return;
    }
    3
}
