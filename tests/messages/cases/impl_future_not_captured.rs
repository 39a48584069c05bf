//! A returned future captures a lifetime that `use<>` excludes.

#[annotated]
fn count(text: &str) -> impl Future<Output = usize> + use<> {
    async move { text.len() }
}
