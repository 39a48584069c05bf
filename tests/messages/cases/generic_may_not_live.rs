//! A generic parameter may not live long enough.

#[annotated]
fn erase<T: std::fmt::Debug>(value: T) -> Box<dyn std::fmt::Debug> {
    Box::new(value)
}
