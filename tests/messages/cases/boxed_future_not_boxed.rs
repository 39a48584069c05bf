//! A future is returned without its box.

#[annotated]
fn count() -> std::pin::Pin<Box<dyn Future<Output = u32>>> {
    async { 3 }
}
