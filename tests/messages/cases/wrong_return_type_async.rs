//! The body of an async function returns another type.

#[annotated]
async fn count() -> u32 {
    "three"
}
