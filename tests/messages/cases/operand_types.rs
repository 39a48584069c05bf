//! Two operands have different types.

#[annotated]
fn add(left: u32, right: u64) -> u32 {
    left + right
}
