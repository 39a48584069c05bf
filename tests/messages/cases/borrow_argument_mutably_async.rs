//! An argument of an async function that is not `mut` is borrowed as such.

#[annotated]
async fn push(texts: Vec<u32>) -> usize {
    texts.push(1);
    texts.len()
}
