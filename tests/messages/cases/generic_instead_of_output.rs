//! A generic output is given as a concrete type.

#[annotated]
fn same<T>(value: T) -> T {
    1
}
