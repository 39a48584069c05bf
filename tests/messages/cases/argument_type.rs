//! A call has an argument of another type.

fn add(left: u32, right: u32) -> u32 {
    left + right
}

#[annotated]
async fn double(number: &str) -> u32 {
    add(1, number)
}
