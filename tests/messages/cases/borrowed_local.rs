//! A reference to a local is returned with a `&`.

#[annotated]
fn numbers<'a>() -> &'a [u32] {
    let numbers = vec![1, 2];
    &numbers
}
