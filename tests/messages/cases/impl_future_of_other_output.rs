//! A returned future has another output.

#[annotated]
fn count() -> impl Future<Output = u32> {
    async { "three" }
}
