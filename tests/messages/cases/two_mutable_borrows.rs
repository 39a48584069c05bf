//! A value is borrowed as mutable twice.

#[annotated]
fn swap(mut texts: Vec<u32>) {
    let left = &mut texts;
    let right = &mut texts;
    left.push(1);
    right.push(1);
}
