//! A boxed future has another output.

#[annotated]
fn count() -> std::pin::Pin<Box<dyn Future<Output = u32>>> {
    Box::pin(async { "three" })
}
