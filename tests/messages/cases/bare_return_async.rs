//! A `return` without a value in an async function.

#[annotated]
async fn count(empty: bool) -> u32 {
    if empty {
        return;
    }
    3
}
