//! A semicolon makes an async body return nothing.

#[annotated]
async fn count() -> u32 {
    3;
}
