//! The body returns another type than the signature.

#[annotated]
fn count() -> u32 {
    "three"
}
