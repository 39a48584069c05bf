//! A generic parameter of an async function lacks a bound.

#[annotated]
async fn log<T>(value: T) -> String {
    value.to_string()
}
