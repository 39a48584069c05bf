//! A semicolon is missing in an async function.

#[annotated]
async fn double(number: u32) -> u32 {
    let twice = number * 2
    twice
}
