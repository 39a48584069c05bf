//! A value is changed while it is borrowed.

#[annotated]
fn push(texts: &mut Vec<u32>) -> u32 {
    let first = &texts[0];
    texts.push(1);
    *first
}
