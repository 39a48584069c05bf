//! A returned future borrows a local.

#[annotated]
fn count() -> impl Future<Output = usize> {
    let text = String::new();
    async { text.len() }
}
