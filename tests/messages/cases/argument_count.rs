//! A call has too few arguments.

fn add(left: u32, right: u32) -> u32 {
    left + right
}

#[annotated]
fn double(number: u32) -> u32 {
    add(number)
}
