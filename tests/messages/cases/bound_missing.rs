//! A generic parameter lacks a bound.

#[annotated]
fn log<T>(value: T) -> String {
    value.to_string()
}
