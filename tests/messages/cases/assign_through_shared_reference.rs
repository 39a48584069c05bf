//! A value is changed through a shared reference.

#[annotated]
fn push(texts: &Vec<u32>) {
    texts.push(1);
}
