//! An argument that is not `mut` is borrowed as such.

#[annotated]
fn push(texts: Vec<u32>) -> usize {
    texts.push(1);
    texts.len()
}
