//! A guard on a function whose error cannot be made of the guard's.

use tta_runtime::primitive;

#[derive(Debug)]
struct Refusal;

#[primitive(type = "tool", loop_guard)]
fn called(city: &str) -> Result<usize, Refusal> {
    Ok(city.len())
}

fn main() {
    let _ = called("Bergen");
}
