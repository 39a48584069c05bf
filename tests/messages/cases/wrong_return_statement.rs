//! A `return` has another type.

#[annotated]
fn count(empty: bool) -> u32 {
    if empty {
        return "none";
    }
    3
}
