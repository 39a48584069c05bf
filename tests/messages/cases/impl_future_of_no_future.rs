//! A function that returns a future returns a value.

#[annotated]
fn count() -> impl Future<Output = u32> {
    3
}
