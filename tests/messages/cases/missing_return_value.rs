//! A semicolon makes the body return nothing.

#[annotated]
fn count() -> u32 {
    3;
}
