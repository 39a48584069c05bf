//! A `return` in an async function has another type.

#[annotated]
async fn count(empty: bool) -> u32 {
    if empty {
        return "none";
    }
    3
}
