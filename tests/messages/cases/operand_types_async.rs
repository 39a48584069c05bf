//! Two operands in an async function have different types.

#[annotated]
async fn add(left: u32, right: u64) -> u32 {
    left + right
}
