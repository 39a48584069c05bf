//! A semicolon is missing between two statements.

#[annotated]
fn double(number: u32) -> u32 {
    let twice = number * 2
    twice
}
