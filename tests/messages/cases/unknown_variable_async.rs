//! A name does not exist in an async function.

#[annotated]
async fn double(number: u32) -> u32 {
    numbr * 2
}
