//! The output of an async function is a type that does not exist.

#[annotated]
async fn double(number: u32) -> Numbr {
    number
}
